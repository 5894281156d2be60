"""How the songbook's doings read."""

from __future__ import annotations

from discord.utils import escape_markdown

from bot.words import Say
from storage.song_values import Outcome, Post

OUTCOMES = {
    Outcome.REMEMBERED: "songbook-remembered",
    Outcome.KNOWN: "songbook-known",
    Outcome.REFUSED: "songbook-refused",
    Outcome.FORGOTTEN: "songbook-deleted-meanwhile",
}


def outcome_words(outcome: Outcome, post: Post, say: Say) -> str:
    """Say what became of a song that was to be remembered."""
    return say(OUTCOMES[outcome], title=escape_markdown(post.title), poster=f"<@{post.poster_id}>")
