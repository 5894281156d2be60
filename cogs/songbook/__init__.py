"""`/songbook`: how songs get into the songbook, how they are shown and how they go."""

from cogs.songbook._forgetting import SongbookForgetCog
from cogs.songbook._importing import SongbookImportCog
from cogs.songbook._remembering import (
    HousekeepingCog,
    SongbookPermissionsCog,
    SongbookWatchCog,
    songbook_group,
)
from cogs.songbook._views import SongbookViewsCog

__all__ = [
    "HousekeepingCog",
    "SongbookForgetCog",
    "SongbookImportCog",
    "SongbookPermissionsCog",
    "SongbookViewsCog",
    "SongbookWatchCog",
    "songbook_group",
]
