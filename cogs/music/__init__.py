"""`/genre` and its context menu: hearing a song."""

from cogs.music._cog import Music

__all__ = ["Music"]
