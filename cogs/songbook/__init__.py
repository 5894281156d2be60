"""`/songbook`: how songs get into the songbook, and how they go."""

from cogs.songbook._group import songbook_group
from cogs.songbook._wishes import SongbookWishes

__all__ = ["SongbookWishes", "songbook_group"]
