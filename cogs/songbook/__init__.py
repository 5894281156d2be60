"""`/songbook`: how songs get into the songbook, and how they go."""

from cogs.songbook._group import songbook_cogs, songbook_group

__all__ = ["songbook_cogs", "songbook_group"]
