"""Which attachments are songs, what they are called, and their bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import PurePath

import discord

from bot.errors import FileGone
from bot.services.listening import Listening

SUFFIXES = frozenset(
    {".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".flac", ".wav", ".webm", ".mp4"}
)
TITLE_LIMIT = 200  # an embed's title holds 256, after escaping


def songs_among(attachments: Sequence[discord.Attachment]) -> list[discord.Attachment]:
    """Keep what looks like a song; the decoder has the last word."""
    return [
        each
        for each in attachments
        if (each.content_type or "").startswith(("audio/", "video/"))
        or PurePath(each.filename).suffix.lower() in SUFFIXES
    ]


def title_of(attachment: discord.Attachment) -> str:
    """Return the song's title as posted, without what could deceive the eye.

    Discord strips other scripts from `filename` and keeps the name in `title`.
    Control characters and marks that turn the direction of writing are left out.
    """
    suffix = PurePath(attachment.filename).suffix
    name = attachment.title or attachment.filename.removesuffix(suffix)
    name = name.removesuffix(suffix) if suffix.lower() in SUFFIXES else name
    kept = "".join(
        " " if character.isspace() else character
        for character in name
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")
    )
    return " ".join(kept.split())[:TITLE_LIMIT] or "?"


async def fetch(attachment: discord.Attachment, listening: Listening) -> bytes:
    """Fetch the song's bytes, after a look at the announced size.

    Raises:
        TooLarge, Empty: by the announced size.
        FileGone: Discord no longer has the file.
    """
    listening.check_size(attachment.size)
    try:
        return await attachment.read()
    except (discord.NotFound, discord.Forbidden) as error:
        raise FileGone from error
