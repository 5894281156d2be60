"""Turn errors into sentences: what happened, the limit, what to try."""

from __future__ import annotations

from collections.abc import Mapping

from discord.utils import escape_markdown

from bot import errors
from bot.i18n import Say
from bot.lessons import errors as lesson_errors
from bot.rendering.portraits import TooHeavy
from bot.songbook.similar import ForgottenFileError, NoSongYetError, UnknownTitleError
from bot.songbook.values import AnotherModelError, UnknownSongError
from ml.audio.errors import AudioError, TookTooLong, TooLarge, TooLong
from ml.images.errors import PictureError, PictureTooLarge, TooManyPixels
from storage.errors import StorageError

MEGABYTE = 1024 * 1024
MILLION = 1_000_000

# Errors whose sentence needs no facts.
PORTRAIT_SENTENCES: dict[type[Exception], str] = {
    errors.NoPortraitModel: "apology-no-portrait-model",
    errors.CannotExplain: "apology-cannot-explain",
    errors.BotMayNotManage: "apology-bot-may-not-manage",
    errors.IconOutOfReach: "apology-icon-out-of-reach",
    errors.NoUndoLeft: "apology-no-undo-left",
    errors.IconChangedSince: "apology-icon-changed-since",
    TooHeavy: "apology-morph-too-heavy",
}


def portrait_apology(error: Exception, say: Say) -> str | None:
    """Return the sentence for an error about portraits, or None for any other."""
    match error:
        case PictureTooLarge():
            return say(
                "apology-picture-too-large",
                size=round(error.size_bytes / MEGABYTE, 1),
                limit=round(error.limit_bytes / MEGABYTE, 1),
            )
        case TooManyPixels():
            return say(
                "apology-too-many-pixels",
                pixels=round(error.pixels / MILLION, 1),
                limit=round(error.limit_pixels / MILLION, 1),
            )
        case PictureError():
            return say(f"apology-{error.code.replace('_', '-')}")
        case errors.OtherPortraitModel():
            return say("apology-other-portrait-model", model=error.model)
        case errors.PortraitGone():
            return say("apology-portrait-gone", command=say("command-avatar"))
        case errors.NothingToMorph():
            return say("apology-nothing-to-morph", command=say("command-morph"))
        case errors.GalleryFull():
            command = say("command-gallery")
            return say("apology-gallery-full", limit=error.limit, command=command)
        case errors.TooManyPortraits():
            return say("apology-too-many-portraits", waiting=error.waiting)
    key = PORTRAIT_SENTENCES.get(type(error))
    return say(key) if key else None


# Errors whose sentence needs no facts.
LESSON_SENTENCES: dict[type[Exception], str] = {
    lesson_errors.KnownAlready: "apology-known-already",
    lesson_errors.HearingGone: "apology-hearing-gone",
    lesson_errors.TooLittleToLearn: "apology-too-little-to-learn",
    lesson_errors.AlreadyTeaching: "apology-already-teaching",
    lesson_errors.NoPortraitLessons: "apology-no-portrait-lessons",
    lesson_errors.NoSuchModel: "apology-no-such-model",
    lesson_errors.NothingBefore: "apology-nothing-before",
}
REFUSALS = {
    "no_face": "refused-no-face",
    "too_small": "refused-too-small",
    "duplicate": "refused-duplicate",
    "cut_off": "refused-cut-off",
    "older_ear": "refused-older-ear",
    "gone": "refused-gone",
}


def lesson_apology(error: Exception, say: Say) -> str | None:
    """Return the sentence for an error about lessons, or None for any other."""
    match error:
        case lesson_errors.NoFace():
            return say("apology-no-face", reasons=refusals(error.refused, say))
        case lesson_errors.NoGenreName():
            return say("apology-no-genre-name", limit=error.limit)
        case lesson_errors.TooMuchGiven():
            return say("apology-too-much-given", limit=error.limit)
        case lesson_errors.NoLessonsLeft():
            key = (
                "apology-no-lessons-left-server"
                if error.everybody
                else "apology-no-lessons-left-member"
            )
            return say(key, limit=error.limit)
        case lesson_errors.LessonQueueFull():
            return say("apology-lesson-queue-full", waiting=error.waiting)
        case lesson_errors.ModelDamaged():
            return say("apology-model-damaged", number=error.number)
        case lesson_errors.OtherEar():
            return say("apology-other-ear", number=error.number)
    sentence = LESSON_SENTENCES.get(type(error))
    return say(sentence) if sentence else None


def refusals(refused: Mapping[str, int], say: Say) -> str:
    """Say what was left out, reason by reason."""
    comma = say("list-comma")
    return comma.join(
        say(REFUSALS.get(code, "refused-other"), count=count) for code, count in refused.items()
    )


# Errors whose sentence needs no facts.
SENTENCES: dict[type[Exception], str] = {
    errors.FileGone: "apology-gone",
    errors.CannotFetch: "apology-cannot-fetch",
    errors.MoreThanAnnounced: "apology-more-than-announced",
    errors.RememberingNotAllowed: "apology-not-allowed",
    errors.NotAdministrator: "apology-not-administrator",
    errors.NotYours: "apology-not-yours",
    errors.NeedsMessageContent: "apology-needs-message-content",
    errors.AlreadyImporting: "apology-already-importing",
    errors.OneAtATime: "apology-one-at-a-time",
    errors.NothingToForget: "apology-nothing-to-forget",
    errors.Stopping: "apology-stopping",
    UnknownSongError: "apology-unknown-song",
    AnotherModelError: "apology-another-model",
    ForgottenFileError: "apology-forgotten-file",
    NoSongYetError: "apology-no-song-yet",
}
TYPED_LIMIT = 100  # characters repeated of what a member typed


def apology(error: Exception, say: Say) -> str | None:
    """Return the sentence for an error we know, or None for the unexpected."""
    match error:
        case TooLarge():
            return say(
                "apology-too-large",
                size=round(error.size_bytes / MEGABYTE, 1),
                limit=round(error.limit_bytes / MEGABYTE, 1),
            )
        case TooLong():
            return say(
                "apology-too-long",
                minutes=_minutes(error.seconds, say),
                limit=_minutes(error.limit_seconds, say),
            )
        case TookTooLong():
            return say("apology-took-too-long", seconds=round(error.limit_seconds))
        case AudioError():
            return say(f"apology-{error.code.replace('_', '-')}")
        case errors.TooBusy():
            return say("apology-too-busy", waiting=error.waiting)
        case errors.TooOften():
            whose = "apology-server-too-often" if error.everybody else "apology-too-often"
            return say(whose, seconds=error.wait_seconds)
        case errors.NothingToHear():
            return say("apology-nothing-to-hear", command=say("command-genre"))
        case errors.NeedsPermissions():
            return say(
                "apology-needs-permissions",
                channel=f"<#{error.channel_id}>",
                permissions=", ".join(say(permission_key(name)) for name in error.missing),
            )
        case UnknownTitleError():
            typed = escape_markdown(error.typed[:TYPED_LIMIT])
            return say("apology-unknown-title", typed=typed)
        case StorageError():
            return say(f"apology-{error.code.replace('_', '-')}")
    key = SENTENCES.get(type(error))
    return say(key) if key else portrait_apology(error, say) or lesson_apology(error, say)


def permission_key(name: str) -> str:
    """Give the key of a permission that Discord's API names so."""
    return f"permission-{name.replace('_', '-')}"


def unexpected(reference: str, say: Say) -> str:
    """Apologise for what nobody foresaw, with the code under which the log has it."""
    return say("apology-unexpected", reference=reference)


def _minutes(seconds: float, say: Say) -> str:
    """Round up: a song of 10:20 is over a limit of 10 minutes, and must read so."""
    return say("minutes", minutes=max(1, int(-(-seconds // 60))))
