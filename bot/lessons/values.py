"""What is told of lessons, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bot.lessons.queue import LessonsLeft, Standing
from storage.lesson_values import Job, JobState, Kind, TaughtModel


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
        duplicates: the same thing handed over twice, left out.
        refused: other reasons for being left out -> how many.
        lacking: genres left out for want of songs.
        missing: what must be handed over before the lesson can start; empty: it can.
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
class Prospect:
    """A report, and what surrounds it: the model that serves, lessons left, one under way."""

    report: LessonReport
    serving: TaughtModel | None
    left: LessonsLeft
    under_way: Job | None


@dataclass(frozen=True, slots=True, eq=False)
class LessonProgress:
    """How far a lesson has come, or how it ended.

    Attributes:
        job: the lesson.
        state: whether it waits or runs, and how it ended.
        standing: its place while it waits.
        step: of `steps`.
        seconds_left: None before that is known.
        curve: (step, loss by name), rising.
        sheet: the latest drawings of the same seeds, a PNG; None: none yet, or a genre lesson.
        model: what came of it.
        serving: what serves meanwhile; None: what is shipped.
        ended_by: a code of what ended it before its time.
    """

    job: Job
    state: JobState
    standing: Standing | None = None
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    curve: tuple[tuple[int, Mapping[str, float]], ...] = ()
    sheet: bytes | None = None
    model: TaughtModel | None = None
    serving: TaughtModel | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class LessonRun:
    """A lesson laid out in its folder.

    Attributes:
        sources: ids of the contributions it learns from.
        module: what its process runs, with its arguments.
        out: the model it writes.
    """

    sources: frozenset[int]
    module: tuple[str, ...]
    out: Path
    facts: Mapping[str, Any] = field(default_factory=dict)


class LessonFailed(Exception):
    """A lesson came to nothing; `reason` is a code as in `ml.finetuning.genre_events`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LessonSubject(Protocol):
    """What can be taught: genres or portraits."""

    seconds: float  # a lesson takes, as a rule

    async def report(self, guild_id: int) -> LessonReport:
        """Look over what there is to learn from."""

    async def lay_out(self, guild_id: int, folder: Path) -> LessonRun:
        """Put what the lesson's process reads into its folder, or find it there.

        Raises:
            LessonFailed: there is too little by now.
            OSError: the folder cannot be written.
        """

    async def examine(self, lesson: LessonRun, card: Mapping[str, Any]) -> Mapping[str, Any]:
        """Look at what came of a lesson; gives the card to keep, with `score` and `score_before`.

        Raises:
            LessonFailed: it cannot be used.
        """
