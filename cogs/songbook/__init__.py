"""`/songbook`: how songs get into the songbook, how they are shown and how they go."""

from cogs.songbook._finding import SongbookFindCog
from cogs.songbook._forgetting import SongbookForgetCog
from cogs.songbook._importing import SongbookImportCog
from cogs.songbook._remembering import (
    HousekeepingCog,
    RepeatNotices,
    SongbookPermissionsCog,
    SongbookWatchCog,
    songbook_group,
)
from cogs.songbook._views import SongbookViewsCog, drawn_stats
from cogs.songbook._weekly import WeeklyCog

__all__ = [
    "HousekeepingCog",
    "RepeatNotices",
    "SongbookFindCog",
    "SongbookForgetCog",
    "SongbookImportCog",
    "SongbookPermissionsCog",
    "SongbookViewsCog",
    "SongbookWatchCog",
    "WeeklyCog",
    "drawn_stats",
    "songbook_group",
]
