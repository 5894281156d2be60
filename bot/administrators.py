"""Who may do what, asked when it is done: what Discord shows to whom is no protection."""

from __future__ import annotations

import discord

from bot.errors import NeedsPermissions, NotAdministrator


def is_administrator(interaction: discord.Interaction) -> bool:
    """Tell whether whoever asks manages the server."""
    return interaction.permissions.manage_guild


def require_administrator(interaction: discord.Interaction) -> None:
    """Let only those through who manage the server.

    Raises:
        NotAdministrator: it is somebody else.
    """
    if not is_administrator(interaction):
        raise NotAdministrator


def require_own_permissions(
    channel: discord.abc.GuildChannel | discord.Thread, *needed: str
) -> None:
    """Make sure that the bot itself can do something in a channel.

    Args:
        channel: the channel.
        needed: permissions as Discord's API names them.

    Raises:
        NeedsPermissions: naming those it lacks.
    """
    has = channel.permissions_for(channel.guild.me)
    missing = tuple(name for name in needed if not getattr(has, name))
    if missing:
        raise NeedsPermissions(channel.id, missing)
