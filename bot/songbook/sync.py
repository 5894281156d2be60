"""Find out which songs, channels and servers are gone from Discord."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

import structlog

from bot.errors import CannotFetch, Declined
from bot.lessons.service import LessonService
from bot.portraits.features import PortraitServices
from bot.songbook.ingest import Find
from bot.songbook.service import Songbook
from storage.servers import Servers
from storage.song_values import Song

log = structlog.stdlib.get_logger(__name__)

LOOK_SECONDS = 0.5  # that an answer waits for Discord to tell
TRUST_SECONDS = 600.0  # that nobody is asked again about a song
MOST_TRUSTED = 20_000  # songs


class PostCheck:
    """Looks songs up before they are shown, and forgets those that are gone."""

    def __init__(self, songbook: Songbook, now: Callable[[], float] = time.monotonic) -> None:
        """Forget in `songbook` what is gone; `now` is a clock in seconds."""
        self._songbook = songbook
        self._now = now
        self._trusted: dict[int, float] = {}  # song -> until when

    def trust_nothing(self) -> None:
        """Look everything up anew: from here on deletions may have gone unheard."""
        self._trusted.clear()

    async def forget_gone(self, songs: Sequence[Song], find: Find, until: float) -> Collection[int]:
        """Forget those of some songs that are gone; what cannot be told in time stays.

        Args:
            songs: of one server. Those that were handed to a command have no file in a message
                and are not asked about.
            find: fetches a song's message again.
            until: when to stop waiting, by the event loop's clock.

        Returns:
            The ids of the songs that were forgotten.

        Raises:
            StorageError: the database could not do it.
        """
        gone = await self._gone([song for song in songs if self._doubted(song)], find, until)
        for song in gone:
            post = song.post
            await self._songbook.forget_attachment(
                post.guild_id, post.message_id, post.attachment_id
            )
        if gone:
            log.info("gone meanwhile", songs=len(gone))
        return {song.song_id for song in gone}

    def _doubted(self, song: Song) -> bool:
        return not song.post.by_command and self._trusted.get(song.song_id, 0.0) < self._now()

    async def _gone(self, songs: Sequence[Song], find: Find, until: float) -> list[Song]:
        """Look all of them up at once."""
        seconds = until - asyncio.get_running_loop().time()
        if not songs or seconds <= 0:
            return []
        looks = {asyncio.create_task(self._is_gone(song, find)): song for song in songs}
        try:
            told, _ = await asyncio.wait(looks, timeout=seconds)
        finally:
            for look in looks:
                look.cancel()
        return [song for look, song in looks.items() if look in told and look.result()]

    async def _is_gone(self, song: Song, find: Find) -> bool:
        try:
            if await find(song.post) is None:
                return True
        except CannotFetch:
            return False
        except Declined:  # a channel that is closed to the bot stays so for a while
            pass
        self._trust(song.song_id)
        return False

    def _trust(self, song_id: int) -> None:
        if len(self._trusted) >= MOST_TRUSTED:
            self._trusted.clear()
        self._trusted[song_id] = self._now() + TRUST_SECONDS


PAUSE_SECONDS = 1.0  # between two questions to Discord: nobody waits for them


class GuildSource(Protocol):
    """What the bot can see of Discord."""

    @property
    def bot_id(self) -> int:
        """The bot's own id there."""

    def left(self, guild_id: int) -> bool:
        """Tell whether the bot is certainly not in a server; one that is down may come back."""

    def sees(self, guild_id: int, channel_id: int) -> bool:
        """Tell whether a channel or thread is in sight, without asking anybody."""

    async def is_gone(self, guild_id: int, channel_id: int) -> bool:
        """Ask Discord whether a channel is certainly no more; False where that cannot be told."""


class GuildSync:
    """Forgets servers and channels that are gone, whether the bot heard of it or not."""

    def __init__(
        self,
        songbook: Songbook,
        portrait_services: PortraitServices,
        lessons: LessonService,
        servers: Servers,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Join the parts; `sleep` waits for seconds."""
        self._songbook = songbook
        self._atelier = portrait_services
        self._lessons = lessons
        self._servers = servers
        self._sleep = sleep

    async def server_left(self, guild_id: int) -> None:
        """Forget everything about a server that is gone or sent the bot away."""
        await self._songbook.server_left(guild_id)  # rows first: files without one are swept
        await self._lessons.forget_server(guild_id)
        await self._atelier.portraits.server_left(guild_id)
        await self._atelier.icons.server_left(guild_id)

    async def catch_up(self, around: GuildSource) -> None:
        """Forget what went while nobody listened; it may be broken off and begun anew.

        A bot that comes to another's data is in none of its servers, and they are not gone.

        Raises:
            StorageError: the database could not do it.
        """
        if not await self._servers.claim_for_bot(around.bot_id):
            log.warning("the data folder is another bot's: nothing is taken for gone")
            return
        servers = channels = 0
        for guild_id in sorted(await self._servers.known()):
            if around.left(guild_id):
                await self.server_left(guild_id)
                servers += 1
            else:
                channels += await self._forget_channels(guild_id, around)
        if servers or channels:
            log.info("gone meanwhile", servers=servers, channels=channels)

    async def _forget_channels(self, guild_id: int, around: GuildSource) -> int:
        forgotten = 0
        for channel_id in sorted(await self._servers.channels(guild_id)):
            if around.sees(guild_id, channel_id):
                continue
            if await around.is_gone(guild_id, channel_id):
                await self._songbook.channel_deleted(guild_id, channel_id)
                forgotten += 1
            await self._sleep(PAUSE_SECONDS)
        return forgotten
