"""`/genre` and its context menu: hearing a song."""

from cogs.listening._cog import GenreCog, HearPosted

__all__ = ["GenreCog", "HearPosted"]
