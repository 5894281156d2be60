"""How genres are called."""

from __future__ import annotations

from bot.i18n import Translator
from ml.music.hearing import GENRES


def genre_name(genre: str, tr: Translator) -> str:
    """Name a shipped genre in the reader's language; one that a server taught, as it calls it."""
    return tr(f"genre-{genre}") if genre in GENRES else genre
