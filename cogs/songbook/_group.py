"""The group `/songbook`: its cogs and the options they share."""

from __future__ import annotations

from typing import Protocol

from discord import app_commands

from bot.discord.cog import Cog, localised
from bot.discord.messages import SongMessages
from bot.discord.requests import RequestGate
from bot.listening.service import ListeningService
from bot.settings import Settings
from bot.songbook.forgetting import SongRemoval
from bot.songbook.importing import ImportService
from bot.songbook.ingest import ChannelWatch, SongIngest
from bot.songbook.reembedding import Reembedding
from bot.songbook.retention import Retention
from bot.songbook.service import Songbook
from cogs.songbook._forgetting import SongbookForgetCog
from cogs.songbook._housekeeping import HousekeepingCog
from cogs.songbook._importing import SongbookImportCog
from cogs.songbook._permissions import SongbookPermissionsCog
from cogs.songbook._views import SongbookViewsCog
from cogs.songbook._watching import SongbookWatchCog


class Parts(Protocol):
    """The services these cogs need."""

    @property
    def listening(self) -> ListeningService:
        """Hears songs."""

    @property
    def songbook(self) -> Songbook:
        """Keeps them."""

    @property
    def ingest(self) -> SongIngest:
        """Sees a song from its message into the songbook."""

    @property
    def watching(self) -> ChannelWatch:
        """Knows the watched channels."""

    @property
    def importing(self) -> ImportService:
        """Imports the history of channels."""

    @property
    def reembedding(self) -> Reembedding:
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
    gate: RequestGate, group: app_commands.Group, messages: SongMessages, parts: Parts
) -> list[Cog]:
    """Make everything that brings songs in and lets them go, with commands in `group`."""
    content = parts.settings.message_content
    listening, ingest, songbook = parts.listening, parts.ingest, parts.songbook
    return [
        SongbookPermissionsCog(gate, group, listening, ingest, songbook),
        SongbookWatchCog(gate, group, listening, ingest, parts.watching, message_content=content),
        SongbookImportCog(gate, group, listening, ingest, parts.importing, message_content=content),
        HousekeepingCog(
            gate,
            messages,
            parts.reembedding,
            parts.retention,
            message_content=content,
        ),
        SongbookForgetCog(gate, group, SongRemoval(songbook), songbook),
        SongbookViewsCog(gate, group, songbook, ingest),
    ]
