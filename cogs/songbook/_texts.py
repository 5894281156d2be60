"""Options and words that several `/songbook` commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from discord import app_commands
from discord.utils import escape_markdown

from bot.discord.cog import Text, localised
from bot.i18n import Translator
from storage.song_values import Outcome, Post

Command = TypeVar("Command")


def about_channel(description: Text) -> Callable[[Command], Command]:
    """Name a command's option `channel` and say which channel is meant."""

    def declared(command: Command) -> Command:
        named = app_commands.rename(channel=localised("option-songbook-channel"))
        return named(app_commands.describe(channel=description)(command))

    return declared


OUTCOMES = {
    Outcome.REMEMBERED: "songbook-remembered",
    Outcome.KNOWN: "songbook-known",
    Outcome.REFUSED: "songbook-refused",
    Outcome.FORGOTTEN: "songbook-deleted-meanwhile",
}


def outcome_words(outcome: Outcome, post: Post, tr: Translator) -> str:
    """Say what became of a song that was to be remembered."""
    return tr(OUTCOMES[outcome], title=escape_markdown(post.title), poster=f"<@{post.poster_id}>")
