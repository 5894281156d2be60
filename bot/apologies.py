"""Find the words for what went wrong: what happened, the limit, what to try."""

from __future__ import annotations

from bot.errors import (
    FileGone,
    NotAdministrator,
    NothingToHear,
    RememberingNotAllowed,
    Stopping,
    TooBusy,
)
from bot.words import Say
from ml.audio.errors import AudioError, TookTooLong, TooLarge, TooLong

MEGABYTE = 1024 * 1024


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
        case TooBusy():
            return say("apology-too-busy", waiting=error.waiting)
        case NothingToHear():
            return say("apology-nothing-to-hear", command=say("command-genre"))
        case FileGone():
            return say("apology-gone")
        case RememberingNotAllowed():
            return say("apology-not-allowed")
        case NotAdministrator():
            return say("apology-not-administrator")
        case Stopping():
            return say("apology-stopping")
    return None


def unexpected(reference: str, say: Say) -> str:
    """Apologise for what nobody foresaw, with the code under which the log has it."""
    return say("apology-unexpected", reference=reference)


def _minutes(seconds: float, say: Say) -> str:
    """Round up: a song of 10:20 is over a limit of 10 minutes, and must read so."""
    return say("minutes", minutes=max(1, int(-(-seconds // 60))))
