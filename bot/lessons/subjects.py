"""What servers teach: genres from songs, portraits from art."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from bot.lessons.contributions import ContributionStore
from bot.lessons.errors import LessonFailedError, NoPortraitLessonsError
from bot.lessons.models import ModelCard, ServerModels
from ml.avatar.faces import Seen, fingerprint
from ml.avatar.latents import SHIPPED
from ml.files import write_atomically
from ml.finetuning.events import Done, FailureCode, PortraitCard
from ml.finetuning.genre import LessonSongs
from ml.music.genre_head import GenreHead, GenreHeadError
from ml.music.hearing import GENRES, SAME_SONG
from storage.lessons import Contribution, Kind, Matter

MIN_SONGS, MIN_GENRES = 5, 2  # songs of a genre, and genres
MIN_PICTURES = 30
GENRE_LESSON_SECONDS = 20.0  # as a rule
MAX_STRANGERS = 1000
PLAN = "lesson.json"  # written last: where it is, the rest of a lesson's folder is whole

Vectors = npt.NDArray[np.float32]
# Vectors of songs that a server's songbook remembers; only asked where Discord granted permission.
Remembered = Callable[[int], Awaitable[Vectors | None]]


@dataclass(frozen=True, slots=True)
class Missing:
    """What there is too little of.

    Attributes:
        what: `songs` of a genre, `genres` or `pictures`.
        name: the genre.
        have: how many there are.
        need: how many it takes.
    """

    what: str
    have: int
    need: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class LessonReport:
    """What there is to learn from.

    Attributes:
        kind: of the lesson.
        groups: (genre, songs) that will be taught; empty for portraits.
        givers: (member, how many of these), most first.
        count: songs or pictures that will be learned from.
        duplicates: the same thing contributed twice, left out.
        refused: other reasons for being left out -> how many.
        lacking: genres left out for want of songs.
        missing: what must be contributed before the lesson can start; empty: it can.
    """

    kind: Kind
    groups: tuple[tuple[str, int], ...]
    givers: tuple[tuple[int, int], ...]
    count: int
    duplicates: int
    refused: Mapping[str, int]
    lacking: tuple[Missing, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class LessonRun:
    """A lesson laid out in its folder.

    Attributes:
        sources: ids of the contributions it learns from.
        module: what its process runs, with its arguments.
        out: the model it writes.
        comparison: the sheet of portraits before and after that it draws, if any.
    """

    sources: frozenset[int]
    module: tuple[str, ...]
    out: Path
    comparison: Path | None = None


class LessonSubject(Protocol):
    """What can be taught."""

    seconds: float  # a lesson takes, as a rule

    async def report(self, guild_id: int) -> LessonReport:
        """Count what there is to learn from."""

    async def lay_out(self, guild_id: int, folder: Path) -> LessonRun:
        """Write what the lesson's process reads into its folder, or find it there.

        Raises:
            LessonFailedError: there is too little by now.
            OSError: the folder cannot be written.
        """

    async def examine(self, run: LessonRun, done: Done) -> ModelCard:
        """Return the card of what a lesson made.

        Raises:
            LessonFailedError: it cannot be used.
        """


# Genres


@dataclass(frozen=True, slots=True)
class _SortedSongs:
    """Songs sorted into those that are taught and those that are not."""

    taught: tuple[Contribution, ...]
    genres: tuple[str, ...]
    duplicates: int
    of_other_model: int
    lacking: tuple[Missing, ...]


class GenreLessons:
    """Teaches a server's genres from the songs contributed there."""

    seconds = GENRE_LESSON_SECONDS

    def __init__(
        self,
        contributions: ContributionStore,
        models: ServerModels,
        music_model: str,
        remembered: Remembered | None = None,
    ) -> None:
        """Join the parts.

        Args:
            contributions: what was contributed.
            models: which model serves.
            music_model: name of the model that listens now; vectors of another cannot be used.
            remembered: returns vectors that were collected by watching channels; None, which is
                the rule: nothing of that trains anything.
        """
        self._contributions = contributions
        self._models = models
        self._music_model = music_model
        self._remembered = remembered

    async def report(self, guild_id: int) -> LessonReport:
        """Count the songs contributed."""
        songs = await self._sort(guild_id)
        counts = Counter(each.label for each in songs.taught)
        givers = Counter(each.member_id for each in songs.taught)
        missing: list[Missing] = []
        if len(songs.genres) < MIN_GENRES:
            missing = [Missing("genres", len(songs.genres), MIN_GENRES), *songs.lacking]
        return LessonReport(
            kind=Kind.GENRE,
            groups=tuple(counts.most_common()),
            givers=tuple(givers.most_common()),
            count=len(songs.taught),
            duplicates=songs.duplicates,
            refused={"older_model": songs.of_other_model} if songs.of_other_model else {},
            lacking=songs.lacking,
            missing=tuple(missing),
        )

    async def lay_out(self, guild_id: int, folder: Path) -> LessonRun:
        """Write the songs, in numbers, for the lesson's process.

        Raises:
            LessonFailedError: there are too few by now.
            OSError: the folder cannot be written.
        """
        file, plan = folder / "songs.safetensors", folder / PLAN
        if not await asyncio.to_thread(plan.exists):
            sorted_songs = await self._sort(guild_id)
            if len(sorted_songs.genres) < MIN_GENRES:
                raise LessonFailedError(FailureCode.TOO_LITTLE)
            songs = await self._songs(guild_id, sorted_songs)
            sources = [each.contribution_id for each in sorted_songs.taught]
            await asyncio.to_thread(songs.save, file)
            await asyncio.to_thread(write_atomically, plan, json.dumps(sources).encode())
        sources = json.loads(await asyncio.to_thread(plan.read_text))
        out = folder / "head.safetensors"
        module = ("ml.finetuning.genre", "--songs", str(file), "--out", str(out), "--events")
        return LessonRun(frozenset(sources), module, out)

    async def examine(self, run: LessonRun, done: Done) -> ModelCard:
        """Return the card of the head, which shows that it can be read.

        Raises:
            LessonFailedError: it cannot.
        """
        try:
            head = await asyncio.to_thread(GenreHead.load, run.out)
        except GenreHeadError as error:
            raise LessonFailedError(FailureCode.DAMAGED) from error
        return head.card

    async def _sort(self, guild_id: int) -> _SortedSongs:
        given = await self._contributions.stored.of_server(guild_id, Matter.SONG)
        usable = [
            each for each in given if each.model == self._music_model and each.vector is not None
        ]
        once = await asyncio.to_thread(_without_duplicates, usable)
        counts = Counter(each.label for each in once)
        genres = tuple(sorted(name for name, count in counts.items() if count >= MIN_SONGS))
        return _SortedSongs(
            taught=tuple(each for each in once if each.label in genres),
            genres=genres,
            duplicates=len(usable) - len(once),
            of_other_model=len(given) - len(usable),
            lacking=tuple(
                Missing("songs", count, MIN_SONGS, name)
                for name, count in counts.most_common()
                if count < MIN_SONGS
            ),
        )

    async def _songs(self, guild_id: int, songs: _SortedSongs) -> LessonSongs:
        stored = self._models.stored
        serving = await stored.serving(guild_id, Kind.GENRE)
        known = await stored.sources(serving.model_id) if serving is not None else frozenset()
        vectors = np.stack([each.vector for each in songs.taught if each.vector is not None])
        strangers = await self._remembered(guild_id) if self._remembered is not None else None
        if strangers is None:
            strangers = np.zeros((0, vectors.shape[1]), np.float32)
        return LessonSongs(
            genres=songs.genres,
            music_model=self._music_model,
            vectors=vectors,
            shares=np.array(
                [[each.shares.get(genre, 0.0) for genre in GENRES] for each in songs.taught],
                np.float32,
            ),
            labels=np.array([songs.genres.index(each.label) for each in songs.taught]),
            makers=_makers(songs.taught),
            known=np.array([each.contribution_id in known for each in songs.taught]),
            strangers=strangers[:MAX_STRANGERS],
        )


def _without_duplicates(songs: Sequence[Contribution]) -> list[Contribution]:
    """Keep the last given of songs that sound the same: their giver may have changed their mind."""
    different: list[Contribution] = []
    vectors: list[Vectors] = []
    for song in reversed(songs):
        assert song.vector is not None
        if vectors and float((np.stack(vectors) @ song.vector).max()) >= SAME_SONG:
            continue
        different.append(song)
        vectors.append(song.vector)
    return different[::-1]


def _makers(songs: Sequence[Contribution]) -> npt.NDArray[np.int64]:
    """Number the artists, where they were named, and otherwise those who contributed the songs."""
    names = [each.artist.casefold() or str(each.member_id) for each in songs]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], np.int64)


# Portraits


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How portraits are taught.

    Attributes:
        minutes: that a lesson may take.
        base: the model that lessons begin from; None: the shipped one.
        device: `cpu` or `cuda`.
        steps: instead of the recipe's own number; None as a rule.
    """

    minutes: float
    base: Path | None = None
    device: str = "cpu"
    steps: int | None = None


@dataclass(slots=True)
class _SortedArt:
    """Art of which each picture is learned from once."""

    taught: list[Contribution] = field(default_factory=list)
    duplicates: int = 0
    unreadable: int = 0
    seen: Seen = field(default_factory=Seen)

    def add(self, given: Contribution, crop: bytes | None) -> None:
        """Sort one crop in; None: its file is gone."""
        try:
            with Image.open(io.BytesIO(crop or b"")) as opened:
                mark = fingerprint(opened)
        except (OSError, ValueError, SyntaxError):  # as damaged files differ
            self.unreadable += 1
            return
        if self.seen.like(mark) is not None:
            self.duplicates += 1
            return
        self.seen.add(mark, given.file)
        self.taught.append(given)


class PortraitLessons:
    """Teaches a server's portraits from the art contributed there.

    Every lesson begins from the shipped model, never from an earlier lesson: so what was taken
    back leaves no trace in later ones.
    """

    def __init__(
        self, contributions: ContributionStore, models: ServerModels, plan: TrainingPlan
    ) -> None:
        """Join the parts."""
        self._contributions = contributions
        self._models = models
        self._plan = plan
        self.seconds = 60.0 * plan.minutes

    async def report(self, guild_id: int) -> LessonReport:
        """Count the pictures contributed.

        Raises:
            NoPortraitLessonsError: there is no model to begin from.
        """
        if not await asyncio.to_thread((self._plan.base or SHIPPED).is_file):
            raise NoPortraitLessonsError
        art = await self._sort(guild_id)
        count = len(art.taught)
        missing = Missing("pictures", count, MIN_PICTURES)
        givers = Counter(each.member_id for each in art.taught)
        return LessonReport(
            kind=Kind.AVATAR,
            groups=(),
            givers=tuple(givers.most_common()),
            count=count,
            duplicates=art.duplicates,
            refused={"gone": art.unreadable} if art.unreadable else {},
            lacking=(),
            missing=(missing,) if count < MIN_PICTURES else (),
        )

    async def lay_out(self, guild_id: int, folder: Path) -> LessonRun:
        """Copy the crops for the lesson's process; a checkpoint of it stays where it is.

        Raises:
            LessonFailedError: there are too few by now.
            OSError: the folder cannot be written.
        """
        plan = folder / PLAN
        if not await asyncio.to_thread(plan.exists):
            taught = (await self._sort(guild_id)).taught
            if len(taught) < MIN_PICTURES:
                raise LessonFailedError(FailureCode.TOO_LITTLE)
            serving = await self._models.stored.serving(guild_id, Kind.AVATAR)
            before = None if serving is None else str(await self._models.path(serving))
            await self._copy(taught, folder / "pictures")
            sources = [each.contribution_id for each in taught]
            facts = json.dumps({"sources": sources, "before": before})
            await asyncio.to_thread(write_atomically, plan, facts.encode())
        facts = json.loads(await asyncio.to_thread(plan.read_text))
        before = facts["before"]
        if before is not None and not await asyncio.to_thread(Path(before).is_file):
            before = None  # deleted since
        return self._run(folder, frozenset(facts["sources"]), before)

    async def examine(self, run: LessonRun, done: Done) -> ModelCard:
        """Return the card that the process wrote once it had drawn with its model.

        Raises:
            LessonFailedError: there is none.
        """
        if not isinstance(done.card, PortraitCard):
            raise LessonFailedError(FailureCode.UNEXPECTED)
        return done.card

    def _run(self, folder: Path, sources: frozenset[int], before: str | None) -> LessonRun:
        plan, out = self._plan, folder / "portraits.safetensors"
        comparison = folder / "before-and-after.png"
        options = {
            "--pictures": folder / "pictures",
            "--out": out,
            "--comparison": comparison,
            "--before": before,
            "--base": plan.base,
            "--minutes": plan.minutes,
            "--steps": plan.steps,
            "--device": plan.device,
            "--threads": 1,
        }
        words = [
            word
            for option, value in options.items()
            if value is not None
            for word in (option, str(value))
        ]
        module = ("ml.finetuning.portraits", *words, "--resume", "--events")
        return LessonRun(sources, module, out, comparison)

    async def _sort(self, guild_id: int) -> _SortedArt:
        """Leave out near-duplicates and files that are gone or cannot be opened."""
        art = _SortedArt()
        for each in await self._contributions.stored.of_server(guild_id, Matter.ART):
            await asyncio.to_thread(art.add, each, await self._contributions.crop(each))
        return art

    async def _copy(self, taught: Sequence[Contribution], folder: Path) -> None:
        """Write the crops for the lesson's process.

        Raises:
            OSError: one is gone, or there is no room.
        """
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        await asyncio.to_thread(folder.mkdir, parents=True)
        for each in taught:
            crop = await self._contributions.crop(each)
            if crop is None:
                raise FileNotFoundError(each.file)
            await asyncio.to_thread((folder / f"{each.contribution_id}.png").write_bytes, crop)
