"""`/genre` and its context menu: hearing a song."""

from cogs.listening._cog import GenreCog

__all__ = ["GenreCog"]
