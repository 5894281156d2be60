"""Servers, and the channels of the songbook, that went while nobody listened."""

from cogs.erasure._cog import GuildErasureCog, SongErasureCog

__all__ = ["GuildErasureCog", "SongErasureCog"]
