"""The group `/songbook`: its cogs and the options they share."""

from __future__ import annotations

from typing import Protocol

from discord import app_commands

from bot.discord.cog import Cog, localised
from bot.discord.messages import SongMessages
from bot.discord.requests import FrontDesk
from bot.listening.service import Listening
from bot.settings import Settings
from bot.songbook.forgetting import Forgetting
from bot.songbook.importing import Importing
from bot.songbook.ingest import Remembering, Watching
from bot.songbook.reembedding import Rehearing
from bot.songbook.retention import Retention
from bot.songbook.service import Songbook
from cogs.erasure._cog import SongbookDepartures
from cogs.songbook._forgetting import SongbookForgetting
from cogs.songbook._housekeeping import SongbookHousekeeping
from cogs.songbook._importing import SongbookImporting
from cogs.songbook._permissions import SongbookWishes
from cogs.songbook._views import SongbookPictures
from cogs.songbook._watching import SongbookWatching


class Parts(Protocol):
    """The services these cogs need."""

    @property
    def listening(self) -> Listening:
        """Hears songs."""

    @property
    def songbook(self) -> Songbook:
        """Keeps them."""

    @property
    def remembering(self) -> Remembering:
        """Sees a song from its message into the songbook."""

    @property
    def watching(self) -> Watching:
        """Knows the watched channels."""

    @property
    def importing(self) -> Importing:
        """Imports the history of channels."""

    @property
    def rehearing(self) -> Rehearing:
        """Hears again what older models heard."""

    @property
    def retention(self) -> Retention:
        """Forgets what is too old."""

    @property
    def settings(self) -> Settings:
        """What the host set."""


def songbook_group() -> app_commands.Group:
    """Make the group, without commands.

    Discord gives permissions to whole groups only, and members need some of these commands: so
    everybody sees all of them, and administrators' commands ask who is there when they run.
    """
    return app_commands.Group(
        name=localised("command-songbook"),
        description=localised("command-songbook.description"),
        guild_only=True,
    )


def songbook_cogs(
    desk: FrontDesk, group: app_commands.Group, messages: SongMessages, parts: Parts
) -> list[Cog]:
    """Make everything that brings songs in and lets them go, with commands in `group`."""
    content = parts.settings.message_content
    listening, remembering, songbook = parts.listening, parts.remembering, parts.songbook
    return [
        SongbookWishes(desk, group, listening, remembering, songbook),
        SongbookWatching(
            desk, group, listening, remembering, parts.watching, message_content=content
        ),
        SongbookImporting(
            desk, group, listening, remembering, parts.importing, message_content=content
        ),
        SongbookDepartures(desk, remembering, songbook, message_content=content),
        SongbookHousekeeping(
            desk,
            messages,
            parts.rehearing,
            parts.retention,
            message_content=content,
        ),
        SongbookForgetting(desk, group, Forgetting(songbook), songbook),
        SongbookPictures(desk, group, songbook, remembering),
    ]
