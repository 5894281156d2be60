"""How well vectors find the same song and the same soundtrack again.

    python -m benchmarks.similarity --songs DIR... --distractors DIR...

Each song gives two excerpts of thirty seconds, from its first and its second half. Asked with one,
the nearest among the other halves of all songs should be its own. Songs of one folder are one
soundtrack. Distractors take part as wrong answers only. A few songs are asked again after mp3 at
32 kbit/s, a semitone up and down, 8 % faster and slower, and in pink noise.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import librosa
import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from safetensors.torch import save_file

from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, WINDOW_SAMPLES, ExcerptPlan, Excerpts
from ml.music.checkpoint import Checkpoint, load_model
from ml.music.clips import AUDIO_SUFFIXES, SHORTEST_BYTES, whole
from ml.music.listening import Ear

EXCERPT_SECONDS = 30
SHORTEST_SECONDS = 28
WINDOWS = 60
DISTURBED = 40  # songs asked again in disguise

Sound = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Song:
    """A song's two halves as sound, and the soundtrack it belongs to."""

    name: str
    soundtrack: str
    first: Sound
    second: Sound


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    checkpoint = load_model(options.weights)
    ear = Ear(_untreated(checkpoint) if options.untreated else checkpoint)
    songs = [song for folder in options.songs for song in _songs(folder)]
    others = [song for folder in options.distractors for song in _songs(folder)]
    first, second = (
        np.stack([_vector(ear, getattr(song, part)) for song in track([*songs, *others], part)])
        for part in ("first", "second")
    )
    table = Table("measure", "value", "95 %", "songs", title=ear.model)
    count = len(songs)
    for row in (*_same_song(first, second, count), *_same_soundtrack(first, second, songs)):
        table.add_row(*row)
    for row in _cosines(first, second, count):
        table.add_row(*row)
    if options.pairs:
        _keep_pairs(first[:count], second[:count], options.pairs)
    for name, disguise in DISGUISES.items():
        asked = np.linspace(0, count - 1, min(options.disturbed, count)).astype(int)
        heard = [_vector(ear, disguise(songs[at].first)) for at in track(asked, name)]
        right = (np.stack(heard) @ first.T).argmax(axis=1) == asked
        table.add_row(f"R@1 {name}", *_share(right), str(len(asked)))
    Console().print(table)


def _untreated(checkpoint: Checkpoint) -> Checkpoint:
    """Leave the vectors as the network makes them, neither centred nor whitened."""
    size = len(checkpoint.tuning.centre)
    plain = replace(checkpoint.tuning, centre=torch.zeros(size), whitening=torch.eye(size))
    return replace(checkpoint, tuning=plain)


def _same_song(first: Vectors, second: Vectors, count: int) -> list[tuple[str, ...]]:
    """Ask with one half for the other, both ways; only the first `count` are asked."""
    right = np.arange(count)
    there = (first[:count] @ second.T).argmax(axis=1) == right
    back = (second[:count] @ first.T).argmax(axis=1) == right
    found = np.concatenate([there, back])
    return [("R@1 same song", *_share(found), f"{count} among {len(first)}")]


def _same_soundtrack(
    first: Vectors, second: Vectors, songs: Sequence[Song]
) -> list[tuple[str, ...]]:
    """Rank the other songs by the mean of their halves; right are those of the soundtrack."""
    whole_songs = first[: len(songs)] + second[: len(songs)]
    whole_songs /= np.linalg.norm(whole_songs, axis=1, keepdims=True)
    tracks = np.array([song.soundtrack for song in songs])
    precisions, averages = [], []
    for at, row in enumerate(whole_songs @ whole_songs.T):
        order = np.argsort(-row)
        hits = (tracks[order] == tracks[at])[order != at]
        if hits.sum() < 5:
            continue  # too few of its soundtrack for five right answers
        precisions.append(hits[:5].mean())
        ranks = np.flatnonzero(hits) + 1
        averages.append((np.arange(1, len(ranks) + 1) / ranks).mean())
    asked = str(len(precisions))
    return [
        ("P@5 same soundtrack", *_share(np.array(precisions)), asked),
        ("mAP same soundtrack", *_share(np.array(averages)), asked),
    ]


def _cosines(first: Vectors, second: Vectors, count: int) -> list[tuple[str, ...]]:
    cosines = first[:count] @ second[:count].T
    unrelated = cosines[~np.eye(count, dtype=bool)]
    same = np.diag(cosines)
    return [
        ("cosine unrelated, median", f"{np.median(unrelated):.3f}", "", str(count)),
        ("cosine unrelated, 99 %", f"{np.quantile(unrelated, 0.99):.3f}", "", str(count)),
        ("cosine same song, median", f"{np.median(same):.3f}", "", str(count)),
    ]


def _keep_pairs(first: Vectors, second: Vectors, file: Path) -> None:
    """Keep the cosines from which training fits what a cosine means."""
    cosines = torch.from_numpy(first @ second.T)
    strangers = ~torch.eye(len(cosines), dtype=torch.bool)
    save_file({"same": cosines.diag().clone(), "unrelated": cosines[strangers]}, file)


def _share(right: npt.NDArray[np.bool_] | npt.NDArray[np.float64]) -> tuple[str, str]:
    """Return the mean and its bootstrap interval over songs, as words."""
    dice = np.random.default_rng(0)
    means = [dice.choice(right, len(right)).mean() for _ in range(1_000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{right.mean():.3f}", f"{low:.3f} to {high:.3f}"


def _vector(ear: Ear, sound: Sound) -> Vectors:
    """Hear an excerpt as the bot would: sixty evenly spaced seconds."""
    starts = np.linspace(0, len(sound) - WINDOW_SAMPLES, WINDOWS).astype(int)
    excerpts = Excerpts(
        windows=np.stack([sound[start : start + WINDOW_SAMPLES] for start in starts]),
        starts=tuple(float(start) / SAMPLE_RATE for start in starts),
        seconds=len(sound) / SAMPLE_RATE,
        passage=np.zeros(0, np.float32),
        passage_start=0.0,
    )
    return ear.hear([excerpts])[0].vector


def _songs(folder: Path) -> list[Song]:
    songs = []
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in AUDIO_SUFFIXES]
    for path in track(paths, folder.name):
        if path.stat().st_size < SHORTEST_BYTES:
            continue
        try:
            sound = whole(path)
        except AudioError:
            continue
        if len(sound) >= SHORTEST_SECONDS * SAMPLE_RATE:
            songs.append(Song(path.stem, folder.name, *_halves(sound)))
    return songs


def _halves(sound: Sound) -> tuple[Sound, Sound]:
    """Take thirty seconds (or all) of each half, from its middle."""
    length = min(EXCERPT_SECONDS * SAMPLE_RATE, len(sound) // 2)
    starts = [max(0, len(sound) * part // 4 - length // 2) for part in (1, 3)]
    first, second = (sound[start : start + length].copy() for start in starts)
    return first, second


def _mp3(sound: Sound) -> Sound:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 32_000
        frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        out.mux(stream.encode(frame))  # PyAV cuts it into the codec's frames
        out.mux(stream.encode(None))
    plan = ExcerptPlan(windows=1, passage_seconds=3_600)
    return read_excerpts(file.getvalue(), plan).passage


def _pink_noise(sound: Sound) -> Sound:
    """Add noise ten decibels under the music."""
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    noise *= np.sqrt((sound**2).mean() / (noise**2).mean()) * 10 ** (-10 / 20)
    return (sound + noise).astype(np.float32)


def _transposed(semitones: float) -> Callable[[Sound], Sound]:
    return lambda sound: librosa.effects.pitch_shift(sound, sr=SAMPLE_RATE, n_steps=semitones)


def _hurried(speed: float) -> Callable[[Sound], Sound]:
    return lambda sound: librosa.effects.time_stretch(sound, rate=speed)


DISGUISES: dict[str, Callable[[Sound], Sound]] = {
    "mp3 32 kbit/s": _mp3,
    "a semitone up": _transposed(1.0),
    "a semitone down": _transposed(-1.0),
    "8 % faster": _hurried(1.08),
    "8 % slower": _hurried(0.92),
    "pink noise": _pink_noise,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.similarity", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--songs", type=Path, nargs="+", required=True, help="one a soundtrack")
    parser.add_argument("--distractors", type=Path, nargs="*", default=[], help="wrong answers")
    parser.add_argument("--weights", type=Path, help="instead of the shipped ones")
    parser.add_argument("--untreated", action="store_true", help="vectors before whitening")
    parser.add_argument("--pairs", type=Path, help="where to keep the cosines, for training")
    parser.add_argument("--disturbed", type=int, default=DISTURBED)
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
