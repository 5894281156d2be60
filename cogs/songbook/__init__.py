"""`/songbook`: how songs get into the songbook, how they are shown and how they go."""

from cogs.songbook._finding import SongbookFindCog
from cogs.songbook._importing import SongbookForgetCog, SongbookImportCog
from cogs.songbook._remembering import (
    AllowSongbook,
    HousekeepingCog,
    RepeatNotices,
    SongbookPermissionsCog,
    SongbookWatchCog,
    WatchHere,
    setup_group,
    songbook_group,
)
from cogs.songbook._views import SongbookViewsCog, WeeklyCog, drawn_stats

__all__ = [
    "AllowSongbook",
    "HousekeepingCog",
    "RepeatNotices",
    "SongbookFindCog",
    "SongbookForgetCog",
    "SongbookImportCog",
    "SongbookPermissionsCog",
    "SongbookViewsCog",
    "SongbookWatchCog",
    "WatchHere",
    "WeeklyCog",
    "drawn_stats",
    "setup_group",
    "songbook_group",
]
