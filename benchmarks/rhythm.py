"""Figures of the rhythm: tempo on annotated songs, variety and density on written breaks, time.

    python -m benchmarks.rhythm --data FOLDER [--breaks 200] [--parts tempo time] [--json FILE]

FOLDER holds GTZAN's clips with `manifest.csv`; its tempos are estimated by a jury taught on
other artists' clips (five folds), beside librosa on the same clips. Everything is measured on one
thread.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import rankdata
from sklearn.model_selection import GroupKFold

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.hearing import Rhythm
from ml.music.rhythm import analyse
from ml.music.tempo import pick_tempo
from training.music.breaks import Break, Groove, Score, make_break
from training.music.tempo import (
    WRITTEN,
    AnnotatedSong,
    annotated_lessons,
    annotated_songs,
    teach_jury,
    written_lessons,
)

Values = npt.NDArray[np.float64]

WITHIN = 0.04  # of the true tempo
OCTAVES = (1 / 3, 1 / 2, 1, 2, 3)
FOLDS = 5
RESAMPLES = 2000
BREAK_SECONDS = 30.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with the bounds of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f}, n={self.count})"


def bootstrap(measure: Callable[..., float], *columns: Values) -> Figure:
    """Measure columns of equal length, and again on rows drawn with replacement."""
    rng = np.random.default_rng(0)
    count = len(columns[0])
    draws = (rng.integers(count, size=count) for _ in range(RESAMPLES))
    low, high = np.percentile([measure(*(c[rows] for c in columns)) for rows in draws], [2.5, 97.5])
    return Figure(measure(*columns), float(low), float(high), count)


def mean(column: Values) -> float:
    """Average."""
    return float(column.mean())


def spearman(found: Values, true: Values) -> float:
    """Rank correlation."""
    return float(np.corrcoef(rankdata(found), rankdata(true))[0, 1])


def hits(found: Values, true: Values, factors: Sequence[float] = (1,)) -> Values:
    """1 where a tempo is within 4 % of the true one or of one of its multiples, else 0."""
    near = [np.abs(found / (true * factor) - 1) <= WITHIN for factor in factors]
    return np.array(np.stack(near).any(axis=0), np.float64)


# Tempo on annotated songs


def unseen_tempos(songs: Sequence[AnnotatedSong]) -> Values:
    """Estimate each song's tempo with a jury that never heard its artist."""
    lessons, written = annotated_lessons(songs), written_lessons(WRITTEN, seed=0)
    found = np.zeros(len(songs))
    artists = [song.artist for song in songs]
    for known, unseen in GroupKFold(FOLDS).split(found, groups=artists):
        jury = teach_jury(lessons.of(torch.from_numpy(known)) + written)
        with torch.inference_mode():
            votes = jury(lessons.tempograms[torch.from_numpy(unseen)])
        found[unseen] = [pick_tempo(vote).bpm for vote in votes]
    return found


def librosa_tempo(passage: npt.NDArray[np.float32]) -> float:
    """librosa.feature.tempo with its defaults."""
    return float(librosa.feature.tempo(y=passage, sr=SAMPLE_RATE)[0])


def librosa_beats(passage: npt.NDArray[np.float32]) -> float:
    """librosa.beat.beat_track with its defaults."""
    tempo, _ = librosa.beat.beat_track(y=passage, sr=SAMPLE_RATE)
    return float(np.atleast_1d(tempo)[0])


def tempo_figures(songs: Sequence[AnnotatedSong]) -> dict[str, dict[str, Figure]]:
    """Accuracy, strict and with octave errors allowed, of each estimator; logged as they come."""
    true = np.array([song.bpm for song in songs])
    estimators: dict[str, Callable[[], Values]] = {
        "usamimi, artists unseen": lambda: unseen_tempos(songs),
        "librosa.beat.beat_track": lambda: np.array([librosa_beats(s.passage) for s in songs]),
        "librosa.feature.tempo": lambda: np.array([librosa_tempo(s.passage) for s in songs]),
    }
    found = {}
    for name, estimate in estimators.items():
        tempos = estimate()
        found[name] = {
            "octaves allowed": bootstrap(mean, hits(tempos, true, OCTAVES)),
            "strict": bootstrap(mean, hits(tempos, true)),
        }
        _LOG.info("%s: %s", name, {kind: str(value) for kind, value in found[name].items()})
    return found


# Written breaks


def random_score(rng: np.random.Generator) -> Score:
    """Anything from a straight loop to a break cut in every bar, none of it in the lessons."""
    bpm = float(rng.uniform(120, 220))
    grooves: tuple[Groove, ...] = ("break", "break", "rock", "hop", "four_on_the_floor")
    return Score(
        seed=int(rng.integers(1 << 31)),
        bpm=bpm,
        bars=int(BREAK_SECONDS * bpm / 240),
        groove=grooves[rng.integers(len(grooves))],
        hats=int(rng.choice([4, 8, 8, 16, 16, 32])),
        edited=float(rng.uniform()),
        cuts=int(rng.integers(1, 6)),
        ghosts=int(rng.integers(0, 8)),
        swing=float(rng.choice([0.0, 0.0, rng.uniform(0, 0.5)])),
        backing=float(rng.uniform(0, 0.8)),
    )


def break_figures(breaks: Sequence[Break]) -> dict[str, Figure]:
    """Compare what is heard in written breaks with what was written."""
    pairs = [(analyse(b.wave), b) for b in breaks]
    heard = [(r, b) for r, b in pairs if r.tempo_bpm and r.variety is not None]
    tempo = _column(heard, lambda r, b: r.tempo_bpm or 0.0)
    true_tempo = _column(heard, lambda r, b: b.bpm)
    return {
        "breaks with a tempo and two bars (share)": bootstrap(
            mean, np.array([float(r.variety is not None) for r, _ in pairs])
        ),
        "tempo, octaves allowed": bootstrap(mean, hits(tempo, true_tempo, OCTAVES)),
        "tempo, strict": bootstrap(mean, hits(tempo, true_tempo)),
        "variety, rank correlation": bootstrap(
            spearman,
            _column(heard, lambda r, b: r.variety or 0.0),
            _column(heard, lambda r, b: b.variety),
        ),
        "onsets a second, rank correlation": bootstrap(
            spearman,
            _column(heard, lambda r, b: r.onsets_per_second),
            _column(heard, lambda r, b: len(b.onsets) * SAMPLE_RATE / b.wave.size),
        ),
        "density, rank correlation": bootstrap(
            spearman,
            _column(heard, lambda r, b: r.break_density),
            _column(heard, lambda r, b: b.density),
        ),
    }


def _column(
    heard: Sequence[tuple[Rhythm, Break]], value: Callable[[Rhythm, Break], float]
) -> Values:
    return np.array([value(rhythm, written) for rhythm, written in heard])


def reading_table(songs: Sequence[AnnotatedSong]) -> dict[str, tuple[float, float, float, int]]:
    """Give the Drill'n'Bass reading's median, 90th percentile, share above 0.5, and count."""
    kinds: dict[str, list[npt.NDArray[np.float32]]] = {
        "written: four on the floor, 128 BPM, a loop": _play("four_on_the_floor", 128, 0.0, 8),
        "written: break, 170 BPM, a loop": _play("break", 170, 0.0, 8),
        "written: break, 100 BPM, every bar cut": _play("break", 100, 1.0, 8),
        "written: break, 180 BPM, every bar cut": _play("break", 180, 1.0, 16),
    }
    for song in songs:
        kinds.setdefault(f"GTZAN: {song.genre}", []).append(song.passage)
    return {kind: _spread(passages) for kind, passages in kinds.items()}


def _play(groove: Groove, bpm: float, edited: float, hats: int) -> list[npt.NDArray[np.float32]]:
    bars = int(BREAK_SECONDS * bpm / 240)
    scores = [
        Score(seed, bpm, bars, groove, hats, edited, cuts=5, backing=0.02 * seed)
        for seed in range(30)
    ]
    return [make_break(score).wave for score in scores]


def _spread(passages: Sequence[npt.NDArray[np.float32]]) -> tuple[float, float, float, int]:
    readings = np.array([analyse(passage).drill_n_bass for passage in passages])
    middle, most = np.percentile(readings, [50, 90])
    return float(middle), float(most), float((readings > 0.5).mean()), len(readings)


# Time


def time_figures(passages: Sequence[npt.NDArray[np.float32]]) -> dict[str, float]:
    """Median milliseconds a passage, warm, one after the other, and librosa's multiple of it."""
    ours = [_milliseconds(lambda p=p: analyse(p)) for p in passages]  # type: ignore[misc]
    theirs = [_milliseconds(lambda p=p: librosa_beats(p)) for p in passages]  # type: ignore[misc]
    return {
        "usamimi, everything (ms)": float(np.median(ours)),
        "librosa.beat.beat_track (ms)": float(np.median(theirs)),
        "ratio": float(np.median(np.array(theirs) / ours)),
        "passage (s)": passages[0].size / SAMPLE_RATE,
        "passages": len(passages),
    }


def _milliseconds(call: Callable[[], object]) -> float:
    call()
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)


# The profile


def profile_figures(songs: Sequence[AnnotatedSong]) -> dict[str, Figure]:
    """Find each clip's last 14 s by the rhythm of its first 14 s alone, among all clips."""
    end = 14 * SAMPLE_RATE
    first = np.stack([analyse(song.passage[:end]).profile for song in songs])
    last = np.stack([analyse(song.passage[-end:]).profile for song in songs])
    apart = np.linalg.norm(first[:, None] - last[None], axis=2)
    found = (apart.argmin(axis=1) == np.arange(len(songs))).astype(np.float64)
    return {"rhythm profile alone, R@1": bootstrap(mean, found)}


# Report


def tempo_table(songs: Sequence[AnnotatedSong], breaks: int) -> tuple[Any, str]:
    """Measure tempo on songs."""
    found = tempo_figures(songs)
    lines = ["| tempo on GTZAN, within 4 % | octaves allowed | strict |", "| --- | --- | --- |"]
    for name, row in found.items():
        lines.append(f"| {name} | {row['octaves allowed']} | {row['strict']} |")
    return found, "\n".join(lines)


def break_table(songs: Sequence[AnnotatedSong], breaks: int) -> tuple[Any, str]:
    """Measure everything that is known of written breaks."""
    rng = np.random.default_rng(20_000)
    found = break_figures([make_break(random_score(rng)) for _ in range(breaks)])
    return found, _two_columns("written breaks", found)


def reading_figures(songs: Sequence[AnnotatedSong], breaks: int) -> tuple[Any, str]:
    """Show the distribution of the Drill'n'Bass reading."""
    found = reading_table(songs)
    lines = ["| Drill'n'Bass reading | median | 90 % below | above 0.5 | n |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for kind, (middle, most, above, count) in found.items():
        lines.append(f"| {kind} | {middle:.2f} | {most:.2f} | {above:.2f} | {count} |")
    return found, "\n".join(lines)


def profile_table(songs: Sequence[AnnotatedSong], breaks: int) -> tuple[Any, str]:
    """Measure how well the profile alone finds the same song."""
    found = profile_figures(songs)
    return found, _two_columns("same song from another part", found)


def time_table(songs: Sequence[AnnotatedSong], breaks: int) -> tuple[Any, str]:
    """Measure time on passages of 40 s."""
    twice = (np.concatenate([song.passage, song.passage]) for song in songs[:20])
    found = time_figures([passage[: 40 * SAMPLE_RATE] for passage in twice])
    rounded = {name: f"{value:.1f}" for name, value in found.items()}
    return found, _two_columns("time, one thread, warm, median", rounded)


PARTS = {
    "breaks": break_table,
    "reading": reading_figures,
    "profile": profile_table,
    "time": time_table,
    "tempo": tempo_table,
}


def _two_columns(title: str, rows: Mapping[str, object]) -> str:
    body = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join([f"| {title} | |", "| --- | --- |", *body])


def _plain(value: Any) -> Any:
    return {name: getattr(value, name) for name in ("value", "low", "high", "count")}


def main() -> None:
    """Print a table for each part, and write the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="GTZAN's clips and manifest.csv")
    parser.add_argument("--breaks", type=int, default=200, help="how many breaks are written")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    songs = annotated_songs(arguments.data)
    found = {}
    for part in arguments.parts:
        found[part], table = PARTS[part](songs, arguments.breaks)
        print(table, end="\n\n", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, default=_plain, indent=2))


if __name__ == "__main__":
    main()
