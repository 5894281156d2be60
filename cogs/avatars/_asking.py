"""Who asks, what they may, and the pictures they hand over."""

from __future__ import annotations

from collections.abc import Awaitable

import aiohttp
import discord

from bot.errors import CannotFetch, FileGone
from bot.front_desk import Request
from bot.services.portraits import Asker
from storage.portrait_values import DIRECT_MESSAGES

AVATAR_SIDE = 512  # px; a power of two, as Discord wants it


def place_of(interaction: discord.Interaction) -> int:
    """Give the id of the server, or what stands for direct messages."""
    return interaction.guild_id or DIRECT_MESSAGES


def asker_of(interaction: discord.Interaction, request: Request | None = None) -> Asker:
    """Say who asks, and which answer is theirs, once it is acknowledged."""
    message_id = request.message_id if request else None
    return Asker(place_of(interaction), interaction.user.id, message_id)


def is_own(interaction: discord.Interaction) -> bool:
    """Tell whether whoever pressed is the one the answer was given to."""
    message = interaction.message
    if message is None:
        return False
    asked = message.interaction_metadata
    return message.flags.ephemeral or (asked is not None and asked.user.id == interaction.user.id)


def is_private(interaction: discord.Interaction) -> bool:
    """Tell whether only one member sees the message that was pressed under."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def fetched(reading: Awaitable[bytes]) -> bytes:
    """Wait for a file of Discord's.

    Raises:
        FileGone: Discord no longer has the file.
        CannotFetch: Discord, or the way to it, failed just now.
    """
    try:
        return await reading
    except (discord.NotFound, discord.Forbidden) as error:
        raise FileGone from error
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        raise CannotFetch from error


async def avatar_of(member: discord.Member | discord.User) -> bytes:
    """Fetch a member's picture, the first frame of one that moves.

    Raises:
        FileGone, CannotFetch: it cannot be had.
    """
    asset = member.display_avatar.replace(size=AVATAR_SIDE, format="png")
    return await fetched(asset.read())
