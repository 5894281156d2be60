"""`/genre` and its context menu: hearing a song."""

from cogs.listening._cog import Music

__all__ = ["Music"]
