"""The group `/songbook`, which several cogs fill."""

from __future__ import annotations

from discord import app_commands

from bot.translation import localised


def songbook_group() -> app_commands.Group:
    """Make the group, without commands.

    Discord gives permissions to whole groups only, and members need some of these commands: so
    everybody sees all of them, and administrators' commands ask who is there when they run.
    """
    return app_commands.Group(
        name=localised("command-songbook"),
        description=localised("command-songbook.description"),
        guild_only=True,
    )
