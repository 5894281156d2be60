"""How genres are called."""

from __future__ import annotations

from bot.i18n import Say
from ml.music.genres import GENRES


def genre_name(genre: str, say: Say) -> str:
    """Name a shipped genre in the reader's language; one that a server taught, as it calls it."""
    return say(f"genre-{genre}") if genre in GENRES else genre
