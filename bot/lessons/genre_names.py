"""The names of genres as members type them, and as they are kept."""

from __future__ import annotations

import unicodedata

from bot.lessons.errors import NoGenreName
from ml.music.genres import GENRES

NAME_LIMIT = 40  # characters: it stands in pictures, in choices and above bars


def genre_from(typed: str) -> str:
    """Tidy a genre's name; one of the shipped genres becomes its key.

    Raises:
        NoGenreName: nothing is left of it, or too much.
    """
    text = unicodedata.normalize("NFKC", typed)
    kept = "".join(
        " " if each.isspace() else each
        for each in text
        if each.isspace() or unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    name = " ".join(kept.split())
    if not any(each.isalnum() for each in name) or len(name) > NAME_LIMIT:
        raise NoGenreName(NAME_LIMIT)
    key = "".join(each for each in name.casefold() if each.isalnum())
    return key if key in GENRES else name


def same_genre(name: str, known: tuple[str, ...]) -> str:
    """Give the spelling under which a server knows a genre already, or the name as it is."""
    spellings = {each.casefold(): each for each in reversed(known)}
    return spellings.get(name.casefold(), name)
