"""The words for what can go wrong with portraits, pictures and server icons."""

from __future__ import annotations

from bot import errors
from bot.pictures.morph import TooHeavy
from bot.words import Say
from ml.images.errors import PictureError, PictureTooLarge, TooManyPixels

MEGABYTE = 1024 * 1024
MILLION = 1_000_000

# Errors whose sentence needs no facts.
SENTENCES: dict[type[Exception], str] = {
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
    key = SENTENCES.get(type(error))
    return say(key) if key else None
