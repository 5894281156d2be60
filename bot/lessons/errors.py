"""Everything that can keep members from contributing, teaching and choosing models.

LessonError
├── ContributionError           something contributed cannot be stored
│   ├── AlreadyContributedError     the server has it
│   ├── NoFaceError                 no face that could be learned from; carries why
│   ├── GenreNameError              what was typed is not the name of a genre
│   ├── ContributionLimitError      the member contributed as much as the host allows
│   └── HearingGoneError            the song is no longer in memory
├── TeachingError               a lesson cannot be started
│   ├── TooLittleToLearnError       less was contributed than it takes
│   ├── NoLessonsLeftError          as many today as the host allows
│   ├── LessonQueueFullError        as many wait as the host allows
│   ├── AlreadyTeachingError        one of its kind is under way in this server
│   └── NoPortraitLessonsError      there is no portrait model to begin from
└── ModelChoiceError            a model cannot be chosen
    ├── NoSuchModelError            it was deleted, or never was
    ├── ModelDamagedError           its file is missing or not what it was
    ├── OtherMusicModelError        it reads the vectors of a model that no longer listens
    └── NothingBeforeError          nothing served before

LessonFailedError               a lesson came to nothing; only what failed reaches members
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import BotError


class LessonError(BotError):
    """Anything below."""


class ContributionError(LessonError):
    """Something contributed cannot be stored."""


class AlreadyContributedError(ContributionError):
    """The server has this song or picture already."""

    code = "known_already"


@dataclass(eq=False)
class NoFaceError(ContributionError):
    """No face to learn from; `refused` counts why: a code -> how many faces or pictures."""

    code = "no_face"
    refused: Mapping[str, int]


@dataclass(eq=False)
class GenreNameError(ContributionError):
    """What was typed is empty, or longer than `limit` characters."""

    code = "no_genre_name"
    limit: int


@dataclass(eq=False)
class ContributionLimitError(ContributionError):
    """The member contributed `limit` songs or crops in this server."""

    code = "too_much_given"
    limit: int


class HearingGoneError(ContributionError):
    """The song was heard long ago, or before a restart, and is no longer in memory."""

    code = "hearing_gone"


class TeachingError(LessonError):
    """A lesson cannot be started."""


class TooLittleToLearnError(TeachingError):
    """Less was contributed than a lesson takes; the report says what is missing."""

    code = "too_little_to_learn"


@dataclass(eq=False)
class NoLessonsLeftError(TeachingError):
    """`limit` lessons were started today, by the member or by everybody in the server."""

    code = "no_lessons_left"
    limit: int
    everybody: bool = field(kw_only=True)


@dataclass(eq=False)
class LessonQueueFullError(TeachingError):
    """`waiting` lessons wait."""

    code = "lesson_queue_full"
    waiting: int


class AlreadyTeachingError(TeachingError):
    """A lesson of this kind is under way in the server."""

    code = "already_teaching"


class NoPortraitLessonsError(TeachingError):
    """There is no portrait model to begin from."""

    code = "no_portrait_lessons"


class ModelChoiceError(LessonError):
    """A model cannot be chosen."""


class NoSuchModelError(ModelChoiceError):
    """It was deleted, or never was."""

    code = "no_such_model"


@dataclass(eq=False)
class ModelDamagedError(ModelChoiceError):
    """The file of model `number` is missing, or not what it was."""

    code = "model_damaged"
    number: int


@dataclass(eq=False)
class OtherMusicModelError(ModelChoiceError):
    """Model `number` reads the vectors of a music model that no longer listens."""

    code = "other_music_model"
    number: int


class NothingBeforeError(ModelChoiceError):
    """What is shipped serves already, and nothing served before."""

    code = "nothing_before"


class LessonFailedError(Exception):
    """A lesson came to nothing; `failure` is one of `ml.finetuning.events.FailureCode`."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = str(failure)
