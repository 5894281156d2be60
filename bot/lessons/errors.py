"""Everything that can keep members from contributing, teaching and choosing models.

LessonError
├── ContributionError   something handed over cannot be kept
│   ├── KnownAlready        the server has it
│   ├── NoFace              no face that could be learned from; carries why
│   ├── NoGenreName         what was typed is not the name of a genre
│   ├── TooMuchGiven        the member handed over as much as the host allows
│   └── HearingGone         the song that was heard is out of mind
├── TeachingError       a lesson cannot be started
│   ├── TooLittleToLearn    less was handed over than it takes
│   ├── NoLessonsLeft       as many today as the host allows
│   ├── LessonQueueFull     as many wait as the host allows
│   ├── AlreadyTeaching     one of its kind is under way in this server
│   └── NoPortraitLessons   there is no portrait model to begin from
└── ModelChoiceError    a model cannot be chosen
    ├── NoSuchModel         it was deleted, or never was
    ├── ModelDamaged        its file is missing or not what it was
    ├── OtherEar            it reads the vectors of an ear that no longer listens
    └── NothingBefore       nothing served before
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import BotError


class LessonError(BotError):
    """Anything below."""


class ContributionError(LessonError):
    """Something handed over cannot be kept."""


class KnownAlready(ContributionError):
    """The server has this song or picture already."""

    code = "known_already"


class NoFace(ContributionError):
    """No face to learn from; `refused` counts why: a code -> how many faces or pictures."""

    code = "no_face"

    def __init__(self, refused: Mapping[str, int]) -> None:
        super().__init__(str(dict(refused)))
        self.refused = refused


class NoGenreName(ContributionError):
    """What was typed is empty, or longer than `limit` characters."""

    code = "no_genre_name"

    def __init__(self, limit: int) -> None:
        super().__init__(f"at most {limit} characters")
        self.limit = limit


class TooMuchGiven(ContributionError):
    """The member handed over `limit` songs or crops in this server."""

    code = "too_much_given"

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} given")
        self.limit = limit


class HearingGone(ContributionError):
    """The song was heard long ago, or before a restart, and is out of mind."""

    code = "hearing_gone"


class TeachingError(LessonError):
    """A lesson cannot be started."""


class TooLittleToLearn(TeachingError):
    """Less was handed over than a lesson takes; the report says what is missing."""

    code = "too_little_to_learn"


class NoLessonsLeft(TeachingError):
    """`limit` lessons were started today, by the member or by everybody in the server."""

    code = "no_lessons_left"

    def __init__(self, limit: int, *, everybody: bool) -> None:
        super().__init__(f"{limit} lessons {'in the server' if everybody else 'by the member'}")
        self.limit = limit
        self.everybody = everybody


class LessonQueueFull(TeachingError):
    """`waiting` lessons wait."""

    code = "lesson_queue_full"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} lessons are waiting")
        self.waiting = waiting


class AlreadyTeaching(TeachingError):
    """A lesson of this kind is under way in the server."""

    code = "already_teaching"


class NoPortraitLessons(TeachingError):
    """There is no portrait model to begin from."""

    code = "no_portrait_lessons"


class ModelChoiceError(LessonError):
    """A model cannot be chosen."""


class NoSuchModel(ModelChoiceError):
    """It was deleted, or never was."""

    code = "no_such_model"


class ModelDamaged(ModelChoiceError):
    """The file of model `number` is missing, or not what it was."""

    code = "model_damaged"

    def __init__(self, number: int) -> None:
        super().__init__(f"model {number}")
        self.number = number


class OtherMusicModel(ModelChoiceError):
    """Model `number` reads the vectors of an ear that no longer listens."""

    code = "other_music_model"

    def __init__(self, number: int) -> None:
        super().__init__(f"model {number}")
        self.number = number


class NothingBefore(ModelChoiceError):
    """What is shipped serves already, and nothing served before."""

    code = "nothing_before"
