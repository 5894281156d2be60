"""Find the words for what went wrong: what happened, the limit, what to try."""

from __future__ import annotations

from discord.utils import escape_markdown

from bot import errors
from bot.lesson_apologies import lesson_apology
from bot.portrait_apologies import portrait_apology
from bot.services.similar_songs import ForgottenFileError, NoSongYetError, UnknownTitleError
from bot.services.songbook_values import AnotherModelError, UnknownSongError
from bot.words import Say
from ml.audio.errors import AudioError, TookTooLong, TooLarge, TooLong
from storage.errors import StorageError

MEGABYTE = 1024 * 1024

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
