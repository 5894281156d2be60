"""Genre lessons: their data, their report and their model."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.lessons.contributions import ContributionService
from bot.lessons.models import ServerModels
from bot.lessons.values import LessonFailed, LessonReport, LessonRun, Missing
from ml.finetuning.genre_head import GenreHead, LessonDataError, LessonSongs
from ml.music.genres import GENRES
from ml.music.hearing import SAME_SONG
from storage.lesson_values import Contribution, Kind, Matter

FEWEST_SONGS, FEWEST_GENRES = 5, 2
SECONDS = 20.0  # a lesson takes, as a rule
MOST_STRANGERS = 1000

Vectors = npt.NDArray[np.float32]
# Vectors of songs that a server's songbook remembers; only asked where Discord granted permission.
Remembered = Callable[[int], Awaitable[Vectors | None]]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Contributions sorted into what is taught and what is not."""

    taught: tuple[Contribution, ...]
    genres: tuple[str, ...]
    duplicates: int
    older_ear: int
    lacking: tuple[Missing, ...]


class GenreLessons:
    """Teaches a server's genres from the songs handed over there."""

    seconds = SECONDS

    def __init__(
        self,
        contributions: ContributionService,
        models: ServerModels,
        music_model: str,
        remembered: Remembered | None = None,
    ) -> None:
        """Join the parts.

        Args:
            contributions: what was handed over.
            models: which model serves.
            music_model: name of the ear that listens now; vectors of another cannot be used.
            remembered: gives vectors that were collected by watching channels; None, which is the
                rule: nothing of that trains anything.
        """
        self._contributions = contributions
        self._models = models
        self._music_model = music_model
        self._remembered = remembered

    async def report(self, guild_id: int) -> LessonReport:
        """Look over the songs handed over."""
        sorted_songs = await self._sort(guild_id)
        taught = sorted_songs.taught
        counts = Counter(each.label for each in taught)
        givers = Counter(each.member_id for each in taught)
        missing: list[Missing] = []
        if len(sorted_songs.genres) < FEWEST_GENRES:
            missing = [
                Missing("genres", len(sorted_songs.genres), FEWEST_GENRES),
                *sorted_songs.lacking,
            ]
        return LessonReport(
            kind=Kind.GENRE,
            groups=tuple(counts.most_common()),
            givers=tuple(givers.most_common()),
            count=len(taught),
            duplicates=sorted_songs.duplicates,
            refused={"older_ear": sorted_songs.older_ear} if sorted_songs.older_ear else {},
            lacking=sorted_songs.lacking,
            missing=tuple(missing),
        )

    async def lay_out(self, guild_id: int, folder: Path) -> LessonRun:
        """Write the songs, in numbers, for the lesson's process.

        Raises:
            LessonFailed: there are too few by now.
            OSError: the folder cannot be written.
        """
        file, plan = folder / "songs.safetensors", folder / "lesson.json"
        if not await asyncio.to_thread(plan.exists):
            sorted_songs = await self._sort(guild_id)
            if len(sorted_songs.genres) < FEWEST_GENRES:
                raise LessonFailed("too_little")
            songs = await self._songs(guild_id, sorted_songs)
            sources = [each.contribution_id for each in sorted_songs.taught]
            await asyncio.to_thread(_write, songs, file, plan, sources)
        kept = json.loads(await asyncio.to_thread(plan.read_text))
        out = folder / "head.safetensors"
        module = ("ml.finetuning.genre", "--songs", str(file), "--out", str(out))
        return LessonRun(frozenset(kept), module, out)

    async def examine(self, lesson: LessonRun, card: Mapping[str, Any]) -> Mapping[str, Any]:
        """Look at what came of a lesson; its process has measured it already.

        Raises:
            LessonFailed: it cannot be read.
        """
        try:
            head = await asyncio.to_thread(GenreHead.load, lesson.out)
        except LessonDataError as error:
            raise LessonFailed("damaged") from error
        return head.card

    async def _sort(self, guild_id: int) -> _Sorted:
        given = await self._contributions.of_server(guild_id, Matter.SONG)
        ours = [
            each for each in given if each.model == self._music_model and each.vector is not None
        ]
        once = await asyncio.to_thread(_each_once, ours)
        counts = Counter(each.label for each in once)
        genres = tuple(sorted(name for name, count in counts.items() if count >= FEWEST_SONGS))
        return _Sorted(
            taught=tuple(each for each in once if each.label in genres),
            genres=genres,
            duplicates=len(ours) - len(once),
            older_ear=len(given) - len(ours),
            lacking=tuple(
                Missing("songs", count, FEWEST_SONGS, name)
                for name, count in counts.most_common()
                if count < FEWEST_SONGS
            ),
        )

    async def _songs(self, guild_id: int, sorted_songs: _Sorted) -> LessonSongs:
        serving = await self._models.serving(guild_id, Kind.GENRE)
        known = await self._models.sources(serving) if serving is not None else frozenset()
        vectors = np.stack([each.vector for each in sorted_songs.taught if each.vector is not None])
        strangers = None
        if self._remembered is not None:
            strangers = await self._remembered(guild_id)
        if strangers is None:
            strangers = np.zeros((0, vectors.shape[1]), np.float32)
        return LessonSongs(
            genres=sorted_songs.genres,
            music_model=self._music_model,
            vectors=vectors,
            shares=np.array(
                [[each.shares.get(g, 0.0) for g in GENRES] for each in sorted_songs.taught],
                np.float32,
            ),
            labels=np.array([sorted_songs.genres.index(e.label) for e in sorted_songs.taught]),
            makers=_makers(sorted_songs.taught),
            known=np.array([each.contribution_id in known for each in sorted_songs.taught]),
            strangers=strangers[:MOST_STRANGERS],
        )


def _each_once(songs: Sequence[Contribution]) -> list[Contribution]:
    """Keep the last given of songs that sound the same: their giver may have changed their mind."""
    kept: list[Contribution] = []
    vectors: list[Vectors] = []
    for song in reversed(songs):
        assert song.vector is not None
        if vectors and float((np.stack(vectors) @ song.vector).max()) >= SAME_SONG:
            continue
        kept.append(song)
        vectors.append(song.vector)
    return kept[::-1]


def _makers(songs: Sequence[Contribution]) -> npt.NDArray[np.int64]:
    """Number the artists, where they were named, and otherwise those who handed songs over."""
    names = [each.artist.casefold() or str(each.member_id) for each in songs]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], np.int64)


def _write(songs: LessonSongs, file: Path, plan: Path, sources: Sequence[int]) -> None:
    """Write the plan last: where it is, the rest is whole."""
    songs.save(file)
    partial = plan.with_suffix(".part")
    partial.write_text(json.dumps(sources))
    partial.replace(plan)
