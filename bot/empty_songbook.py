"""What to say where there is no song to show: what is missing, and who can do what about it."""

from __future__ import annotations

from bot.words import Say


def words_for_nothing(say: Say, *, allowed: bool, administrator: bool, narrowed: bool) -> str:
    """Find the words for a songbook that shows its asker nothing.

    Args:
        say: the reader's language.
        allowed: whether the server lets songs be remembered.
        administrator: whether the reader manages the server.
        narrowed: whether there are songs that only the reader, not everybody here, may see.
    """
    if narrowed:
        return say("empty-narrowed")
    if not allowed:
        return say("empty-not-allowed-administrator" if administrator else "empty-not-allowed")
    return say("empty-administrator" if administrator else "empty-member")
