"""Portraits go with the answers they are in.

Raw events only: they come for messages of any age, whether in memory or not.
"""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.cog import Cog
from bot.front_desk import FrontDesk
from bot.services.atelier import Atelier
from storage.portrait_values import DIRECT_MESSAGES


class AvatarDepartures(Cog):
    """Forgets what Discord says is gone."""

    def __init__(self, desk: FrontDesk, atelier: Atelier) -> None:
        """Join the desk and the services."""
        super().__init__(desk)
        self._portraits = atelier.portraits

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Forget the portraits of a deleted answer."""
        place = payload.guild_id or DIRECT_MESSAGES
        await self._portraits.messages_deleted(place, [payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Forget the portraits of many answers deleted at once."""
        place = payload.guild_id or DIRECT_MESSAGES
        await self._portraits.messages_deleted(place, sorted(payload.message_ids))
