"""Turn errors into sentences: what happened, the limit, what to try."""

from __future__ import annotations

from collections.abc import Mapping

from discord.utils import escape_markdown

from bot import errors
from bot.i18n import Translator
from bot.lessons import errors as lesson_errors
from bot.rendering.portraits import TooHeavy
from bot.songbook.similar import ForgottenFileError, NoSongYetError, UnknownTitleError
from bot.songbook.values import AnotherModelError, UnknownSongError
from ml.audio.errors import (
    AudioError,
    Damaged,
    TookTooLong,
    TooLarge,
    TooLong,
    UnknownFormat,
)
from ml.images.errors import PictureError, PictureTooLarge, TooManyPixels
from storage.errors import StorageError

MEGABYTE = 1024 * 1024
MILLION = 1_000_000

# Errors whose sentence needs no facts.
PORTRAIT_SENTENCES: dict[type[Exception], str] = {
    errors.NoPortraitModel: "error-no-portrait-model",
    errors.CannotExplain: "error-cannot-explain",
    errors.BotMayNotManage: "error-bot-may-not-manage",
    errors.IconOutOfReach: "error-icon-out-of-reach",
    errors.NoUndoLeft: "error-no-undo-left",
    errors.IconChangedSince: "error-icon-changed-since",
    TooHeavy: "error-morph-too-heavy",
}


def portrait_error_message(error: Exception, tr: Translator) -> str | None:
    """Return the sentence for an error about portraits, or None for any other."""
    match error:
        case PictureTooLarge():
            return tr(
                "error-picture-too-large",
                size=round(error.size_bytes / MEGABYTE, 1),
                limit=round(error.limit_bytes / MEGABYTE, 1),
            )
        case TooManyPixels():
            return tr(
                "error-too-many-pixels",
                pixels=round(error.pixels / MILLION, 1),
                limit=round(error.limit_pixels / MILLION, 1),
            )
        case PictureError():
            return tr(f"error-{error.code.replace('_', '-')}")
        case errors.OtherPortraitModel():
            return tr("error-other-portrait-model", model=error.model)
        case errors.PortraitGone():
            return tr("error-portrait-gone", command=tr("command-avatar"))
        case errors.NothingToMorph():
            return tr("error-nothing-to-morph", command=tr("command-morph"))
        case errors.GalleryFull():
            command = tr("command-gallery")
            return tr("error-gallery-full", limit=error.limit, command=command)
        case errors.TooManyPortraits():
            return tr("error-too-many-portraits", waiting=error.waiting)
    key = PORTRAIT_SENTENCES.get(type(error))
    return tr(key) if key else None


# Errors whose sentence needs no facts.
LESSON_SENTENCES: dict[type[Exception], str] = {
    lesson_errors.KnownAlready: "error-known-already",
    lesson_errors.HearingGone: "error-hearing-gone",
    lesson_errors.TooLittleToLearn: "error-too-little-to-learn",
    lesson_errors.AlreadyTeaching: "error-already-teaching",
    lesson_errors.NoPortraitLessons: "error-no-portrait-lessons",
    lesson_errors.NoSuchModel: "error-no-such-model",
    lesson_errors.NothingBefore: "error-nothing-before",
}
REFUSALS = {
    "no_face": "refused-no-face",
    "too_small": "refused-too-small",
    "duplicate": "refused-duplicate",
    "cut_off": "refused-cut-off",
    "older_ear": "refused-older-ear",
    "gone": "refused-gone",
}


def lesson_error_message(error: Exception, tr: Translator) -> str | None:
    """Return the sentence for an error about lessons, or None for any other."""
    match error:
        case lesson_errors.NoFace():
            return tr("error-no-face", reasons=refusals(error.refused, tr))
        case lesson_errors.NoGenreName():
            return tr("error-no-genre-name", limit=error.limit)
        case lesson_errors.TooMuchGiven():
            return tr("error-too-much-given", limit=error.limit)
        case lesson_errors.NoLessonsLeft():
            key = (
                "error-no-lessons-left-server"
                if error.everybody
                else "error-no-lessons-left-member"
            )
            return tr(key, limit=error.limit)
        case lesson_errors.LessonQueueFull():
            return tr("error-lesson-queue-full", waiting=error.waiting)
        case lesson_errors.ModelDamaged():
            return tr("error-model-damaged", number=error.number)
        case lesson_errors.OtherMusicModel():
            return tr("error-other-ear", number=error.number)
    sentence = LESSON_SENTENCES.get(type(error))
    return tr(sentence) if sentence else None


def refusals(refused: Mapping[str, int], tr: Translator) -> str:
    """Say what was left out, reason by reason."""
    comma = tr("list-comma")
    return comma.join(
        tr(REFUSALS.get(code, "refused-other"), count=count) for code, count in refused.items()
    )


# Errors whose sentence needs no facts.
SENTENCES: dict[type[Exception], str] = {
    errors.FileGone: "error-gone",
    errors.CannotFetch: "error-cannot-fetch",
    errors.MoreThanAnnounced: "error-more-than-announced",
    errors.RememberingNotAllowed: "error-not-allowed",
    errors.NotAdministrator: "error-not-administrator",
    errors.NotYours: "error-not-yours",
    errors.NeedsMessageContent: "error-needs-message-content",
    errors.AlreadyImporting: "error-already-importing",
    errors.OneAtATime: "error-one-at-a-time",
    errors.NothingToForget: "error-nothing-to-forget",
    errors.Stopping: "error-stopping",
    UnknownSongError: "error-unknown-song",
    AnotherModelError: "error-another-model",
    ForgottenFileError: "error-forgotten-file",
    NoSongYetError: "error-no-song-yet",
}
TYPED_LIMIT = 100  # characters repeated of what a member typed


def error_message(error: Exception, tr: Translator) -> str | None:
    """Return the sentence for an error we know, or None for the unexpected."""
    match error:
        case TooLarge():
            return tr(
                "error-too-large",
                size=round(error.size_bytes / MEGABYTE, 1),
                limit=round(error.limit_bytes / MEGABYTE, 1),
            )
        case TooLong():
            return tr(
                "error-too-long",
                minutes=_duration(error.seconds, tr),
                limit=_duration(error.limit_seconds, tr),
            )
        case Damaged() if error.since_seconds >= 1:
            return tr("error-damaged-since", since=_clock(error.since_seconds))
        case UnknownFormat():
            return tr("error-unknown-format", format=escape_markdown(error.format))
        case TookTooLong():
            return tr("error-took-too-long", seconds=round(error.limit_seconds))
        case AudioError():
            return tr(f"error-{error.code.replace('_', '-')}")
        case errors.TooBusy():
            return tr("error-too-busy", waiting=error.waiting)
        case errors.TooOften():
            whose = "error-server-too-often" if error.everybody else "error-too-often"
            return tr(whose, seconds=error.wait_seconds)
        case errors.NothingToHear():
            return tr("error-nothing-to-hear", command=tr("command-genre"))
        case errors.NeedsPermissions():
            return tr(
                "error-needs-permissions",
                channel=f"<#{error.channel_id}>",
                permissions=", ".join(tr(permission_key(name)) for name in error.missing),
            )
        case UnknownTitleError():
            typed = escape_markdown(error.typed[:TYPED_LIMIT])
            return tr("error-unknown-title", typed=typed)
        case StorageError():
            return tr(f"error-{error.code.replace('_', '-')}")
    key = SENTENCES.get(type(error))
    return tr(key) if key else portrait_error_message(error, tr) or lesson_error_message(error, tr)


def permission_key(name: str) -> str:
    """Give the key of a permission that Discord's API names so."""
    return f"permission-{name.replace('_', '-')}"


def unexpected_error_message(reference: str, tr: Translator) -> str:
    """Apologise for what nobody foresaw, with the code under which the log has it."""
    return tr("error-unexpected", reference=reference)


def _duration(seconds: float, tr: Translator) -> str:
    """Round up: a song of 10:20 is over a limit of 10 minutes, and must read so."""
    hours, minutes = divmod(max(1, int(-(-seconds // 60))), 60)
    parts = [tr("hours", hours=hours)] if hours else []
    if minutes or not hours:
        parts.append(tr("minutes", minutes=minutes))
    return tr("duration-space").join(parts)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes}:{seconds:02}"
