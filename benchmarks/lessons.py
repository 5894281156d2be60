"""How well a few songs teach a server's own genres, and how quick answers stay meanwhile.

    python -m benchmarks.lessons --music DIR [--songs 5 10 20] [--draws 5]
    python -m benchmarks.lessons --quick FILE

The first teaches three genres and asks about songs that were not taught: Drill'n'Bass (synthetic
breaks), and two from the music of Debian's packages, unpacked under DIR: the techno of Kenta Cho's
arcade shooters and the orchestral music of Warzone 2100. Every song is heard as `/genre` hears it.
Songs are drawn anew for every row; all others of the genre, 15 at most, are asked about. Strangers
are songs of other games, which should not be named as any of the three.

The second hears FILE again and again through the bot's own decoder and model, alone and while a
lesson keeps a process of its own busy, in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import statistics
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.sounds import AUDIO_SUFFIXES, SHORTEST_BYTES
from bot.concurrency import open_executors
from bot.engines import load_listening, open_sandbox
from bot.lessons import runner as lesson_runner
from bot.settings import Settings, read_settings
from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, DecodingLimits
from ml.finetuning.genre import (
    LessonSongs,
    calibrated,
    fit,
    interval,
    macro_f1,
    try_out,
)
from ml.music.genre_head import GenreHead
from ml.music.hearing import GENRES
from ml.music.song_model import SONG_PLAN, MusicModel
from training.music.breaks import Score, make_break

DRILL = "Drill'n'Bass"
SHOOTERS = ("noiz2sa", "parsec47", "rrootage", "torus-trooper", "mu-cade", "gunroar", "titanion",
            "tumiki-fighters")  # fmt: skip
TAUGHT = {"bullet-hell techno": SHOOTERS, "war orchestra": ("warzone2100",)}
STRANGERS = ("supertux", "hedgewars", "nexuiz", "frozen-bubble", "extremetuxracer", "asc")
BREAKS = 40  # synthetic songs
MOST_ASKED = 15  # unseen songs of a genre
LIMITS = DecodingLimits(max_bytes=1 << 30, max_seconds=7_200)
BUSY = ("benchmarks.busy_lesson",)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A song in numbers: its genre, who made it (a game, or the number of a break), its vector."""

    genre: str
    maker: str
    vector: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Result:
    """One lesson tried on unseen songs."""

    guesses: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    own_score: float  # what cross-validation had promised
    named: float  # share of unseen songs that /genre names by a taught genre
    named_right: float
    taken_in: float  # share of strangers that it does


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    if options.quick:
        asyncio.run(_quickness(options.quick, options.repeats))
        return
    torch.set_num_threads(options.threads)
    music_model = MusicModel.load(options.weights)
    songs = _hear_all(music_model, options.music)
    columns = ("songs a genre", "macro F1, unseen", "95 %", "cross-validated", "named", "right")
    title = f"{music_model.model}, {options.draws} draws a row"
    table = Table(*columns, "strangers named", title=title)
    for count in options.songs:
        results = [_teach(songs, music_model.model, count, draw) for draw in range(options.draws)]
        table.add_row(str(count), *_row(results))
    Console().print(table)


def _row(results: Sequence[Result]) -> tuple[str, ...]:
    guesses = np.concatenate([each.guesses for each in results])
    labels = np.concatenate([each.labels for each in results])
    low, high = interval(guesses, labels, 3)
    score = statistics.mean(macro_f1(each.guesses, each.labels, 3) for each in results)
    return (
        f"{score:.3f}",
        f"{low:.3f} to {high:.3f}",
        f"{statistics.mean(each.own_score for each in results):.3f}",
        f"{statistics.mean(each.named for each in results):.0%}",
        f"{statistics.mean(each.named_right for each in results):.0%}",
        f"{statistics.mean(each.taken_in for each in results):.0%}",
    )


def _teach(songs: Sequence[Heard], music_model: str, count: int, draw: int) -> Result:
    dice = np.random.default_rng(draw)
    genres = (DRILL, *TAUGHT)
    taught: list[Heard] = []
    asked: list[Heard] = []
    for genre in genres:
        ours = [song for song in songs if song.genre == genre]
        order = dice.permutation(len(ours))
        taught += [ours[at] for at in order[:count]]
        asked += [ours[at] for at in order[count : count + MOST_ASKED]]
    lesson = _lesson(taught, genres, music_model)
    trial = try_out(lesson)
    head = calibrated(fit(lesson), trial, lesson)
    labels = np.array([genres.index(song.genre) for song in asked])
    guesses = head.logits(*_stacked(asked)).argmax(axis=1)
    named = [_named(head, song) for song in asked]
    right = [name == song.genre for name, song in zip(named, asked, strict=True) if name]
    strangers = [song for song in songs if song.genre not in genres]
    return Result(
        guesses,
        labels,
        own_score=macro_f1(trial.logits.argmax(axis=1), lesson.labels, len(genres)),
        named=float(np.mean([name is not None for name in named])),
        named_right=float(np.mean(right)) if right else float("nan"),
        taken_in=float(np.mean([_named(head, song) is not None for song in strangers])),
    )


def _named(head: GenreHead, song: Heard) -> str | None:
    """Name a song as `/genre` would; None: by the shipped model alone."""
    likely = head.probabilities(song.vector[None], song.shares[None])[0, :-1]
    return head.genres[int(likely.argmax())] if likely.max() >= head.sure else None


def _lesson(taught: Sequence[Heard], genres: tuple[str, ...], music_model: str) -> LessonSongs:
    makers = {maker: number for number, maker in enumerate({song.maker for song in taught})}
    vectors, shares = _stacked(taught)
    return LessonSongs(
        genres=genres,
        music_model=music_model,
        vectors=vectors,
        shares=shares,
        labels=np.array([genres.index(song.genre) for song in taught]),
        makers=np.array([makers[song.maker] for song in taught]),
        known=np.zeros(len(taught), bool),
        strangers=np.zeros((0, vectors.shape[1]), np.float32),
    )


def _stacked(
    songs: Sequence[Heard],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    return np.stack([song.vector for song in songs]), np.stack([song.shares for song in songs])


def _hear_all(music_model: MusicModel, music: Path) -> list[Heard]:
    heard = [
        _heard(music_model, DRILL, f"break {number}", _break(number))
        for number in track(range(BREAKS), DRILL)
    ]
    for genre, games in {**TAUGHT, "another": STRANGERS}.items():
        for game in games:
            heard += _hear_game(music_model, genre, game, music)
    return heard


def _hear_game(music_model: MusicModel, genre: str, game: str, music: Path) -> list[Heard]:
    paths = [
        path
        for folder in sorted(music.glob(f"{game}*"))
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in AUDIO_SUFFIXES and path.stat().st_size >= SHORTEST_BYTES
    ]
    heard = []
    for path in track(paths, f"{genre}: {game}"):
        try:
            heard.append(_heard(music_model, genre, game, path))
        except AudioError:
            continue
    return heard


def _heard(music_model: MusicModel, genre: str, maker: str, song: bytes | Path) -> Heard:
    hearing = music_model.hear(read_excerpts(song, SONG_PLAN, LIMITS))
    shares = np.array([hearing.genres[each] for each in GENRES], np.float32)
    return Heard(genre, maker, hearing.vector, shares)


def _break(number: int) -> bytes:
    """Make a song of finely cut breaks, every one another, as a WAV file."""
    dice = np.random.default_rng(number)
    sound = make_break(
        Score(
            seed=number,
            bpm=float(dice.uniform(150, 200)),
            bars=int(dice.integers(24, 48)),
            hats=int(dice.choice([8, 16])),
            edited=float(dice.uniform(0.7, 1.0)),
            cuts=int(dice.integers(3, 8)),
            ghosts=int(dice.integers(3, 10)),
            swing=float(dice.uniform(0, 0.2)),
            backing=float(dice.uniform(0, 0.7)),
        )
    ).wave
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        out.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return file.getvalue()


async def _quickness(song: Path, repeats: int) -> None:
    """Hear a song in turns, alone and beside a lesson."""
    data = await asyncio.to_thread(song.read_bytes)
    with tempfile.TemporaryDirectory() as folder, open_executors(2) as executors:
        settings: Settings = read_settings(_env_file=None, data_dir=Path(folder))
        with open_sandbox(settings) as sandbox:
            listening = load_listening(settings, executors, sandbox)
            await listening.hear(data)
            quiet, beside = [], []
            for _ in range(repeats):
                quiet.append(await _seconds(listening.hear, data))
                lesson = asyncio.create_task(
                    lesson_runner.run_process(BUSY, memory_mb=4096, progress=lambda _: None)
                )
                await asyncio.sleep(2.0)  # until its process computes
                beside.append(await _seconds(listening.hear, data))
                lesson.cancel()
                await asyncio.gather(lesson, return_exceptions=True)
    table = Table(
        "/genre", "median, s", "most, s", title=f"{os.cpu_count()} cores, {repeats} times"
    )
    for name, times in (("quiet", quiet), ("while a lesson runs", beside)):
        table.add_row(name, f"{statistics.median(times):.2f}", f"{max(times):.2f}")
    table.add_row(
        "ratio of the medians", f"{statistics.median(beside) / statistics.median(quiet):.2f}"
    )
    Console().print(table)


async def _seconds(hear, data: bytes) -> float:  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    await hear(data)
    return time.perf_counter() - begun


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.lessons", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--music", type=Path, help="where Debian's packages are unpacked")
    parser.add_argument("--songs", type=int, nargs="+", default=[5, 10, 20], help="a genre")
    parser.add_argument("--draws", type=int, default=5, help="lessons a row")
    parser.add_argument("--quick", type=Path, metavar="FILE", help="time /genre on this song")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--weights", type=Path, help="instead of the shipped ones")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
