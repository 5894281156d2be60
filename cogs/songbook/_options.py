"""Options that several commands of `/songbook` have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from discord import app_commands

from bot.translation import Text, localised

Command = TypeVar("Command")


def about_channel(description: Text) -> Callable[[Command], Command]:
    """Name a command's option `channel` and say which channel is meant."""

    def declared(command: Command) -> Command:
        named = app_commands.rename(channel=localised("option-songbook-channel"))
        return named(app_commands.describe(channel=description)(command))

    return declared
