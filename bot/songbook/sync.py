"""Find and delete what is gone from Discord, and what is older than the host allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import CannotFetchError, DeclinedError
from bot.privacy.erasure import ErasureService
from bot.sharding import ALL_SHARDS, Shards
from bot.songbook.ingest import Find
from bot.songbook.service import Songbook
from bot.songbook.values import ReadableChannels
from storage.database import Database
from storage.erasure import Erasure
from storage.lessons import Jobs
from storage.song_values import Post, Song
from storage.songs import Songs

log = structlog.stdlib.get_logger(__name__)

LOOK_SECONDS = 0.5  # that an answer waits for Discord
TRUST_SECONDS = 600.0  # that a song found is not looked up again
TRUSTED_SONGS = 20_000  # at most


class PostCheck:
    """Looks songs up before they are shown; forgets those that are gone."""

    def __init__(self, songbook: Songbook, now: Callable[[], float] = time.monotonic) -> None:
        """Forget in `songbook` what is gone; `now` is a clock in seconds."""
        self._songbook = songbook
        self._now = now
        self._trusted: dict[int, float] = {}  # song -> until when

    def trust_nothing(self) -> None:
        """Look everything up anew: from here on deletions may have gone unheard."""
        self._trusted.clear()

    async def forget_gone(
        self, songs: Sequence[Song], find: Find, deadline: float
    ) -> Collection[int]:
        """Forget those of some songs that are gone.

        What cannot be found out in time stays.

        Args:
            songs: of one server. Those that were handed to a command have no file in a message
                and are not asked about.
            find: fetches a song's message again.
            deadline: when to stop waiting, by the event loop's clock.

        Returns:
            The ids of the songs that were forgotten.

        Raises:
            StorageError: the database could not do it.
        """
        gone = await self._gone([song for song in songs if self._doubted(song)], find, deadline)
        for song in gone:
            post = song.post
            await self._songbook.forget_attachment(
                post.guild_id, post.message_id, post.attachment_id
            )
        if gone:
            log.info("songs_gone", songs=len(gone))
        return {song.song_id for song in gone}

    def _doubted(self, song: Song) -> bool:
        return not song.post.by_command and self._trusted.get(song.song_id, 0.0) < self._now()

    async def _gone(self, songs: Sequence[Song], find: Find, deadline: float) -> list[Song]:
        """Look all of them up at once."""
        seconds = deadline - asyncio.get_running_loop().time()
        if not songs or seconds <= 0:
            return []
        looks = {asyncio.create_task(self._is_gone(song, find)): song for song in songs}
        try:
            done, _ = await asyncio.wait(looks, timeout=seconds)
        finally:
            for look in looks:
                look.cancel()
        return [song for look, song in looks.items() if look in done and look.result()]

    async def _is_gone(self, song: Song, find: Find) -> bool:
        try:
            if await find(song.post) is None:
                return True
        except CannotFetchError:
            return False
        except DeclinedError:  # a channel that is closed to the bot stays so for a while
            pass
        self._trust(song.song_id)
        return False

    def _trust(self, song_id: int) -> None:
        if len(self._trusted) >= TRUSTED_SONGS:
            self._trusted.clear()
        self._trusted[song_id] = self._now() + TRUST_SECONDS


class RepeatCheck:
    """Finds out whether a song that was just posted had been posted before."""

    def __init__(self, songs: Songs, post_check: PostCheck) -> None:
        """Look in `songs`; `post_check` finds out which of them are no longer posted."""
        self._songs = songs
        self._post_check = post_check

    async def first_post(self, post: Post, reach: ReadableChannels, find: Find) -> Song | None:
        """Return the first post of a song that comes again, once in each channel.

        Args:
            post: the post just remembered.
            reach: channels that everyone can read who reads the post's.
            find: fetches a song's message again.

        Returns:
            The song first posted; None where it is new, or its repetition was told before.

        Raises:
            StorageError: the database could not do it.
        """
        where = (post.guild_id, post.message_id, post.attachment_id)
        deadline = asyncio.get_running_loop().time() + LOOK_SECONDS
        while first := await self._songs.first_post(*where, reach.channels):
            if not await self._post_check.forget_gone([first], find, deadline):
                # Noted before it is told: told twice would be worse than not told.
                return first if await self._songs.mark_told(*where) else None
        return None


PAUSE_SECONDS = 1.0  # between two questions to Discord: nobody waits for them
# As many servers as this at once leave by a mistake (a wrong number of shards, another account)
# sooner than by their own wish.
FEWEST_REFUSED = 3
SHARE_REFUSED = 0.05


class GuildSource(Protocol):
    """What the bot can see of Discord."""

    @property
    def bot_id(self) -> int:
        """The bot's own id there."""

    def left(self, guild_id: int) -> bool:
        """Return whether the bot is certainly not in a server.

        One that is down may come back.
        """

    def sees(self, guild_id: int, channel_id: int) -> bool:
        """Return whether a channel or thread is in sight, without asking anybody."""

    async def is_gone(self, guild_id: int, channel_id: int) -> bool:
        """Ask Discord whether a channel was deleted.

        False where it does not tell.
        """


def too_many_left(left: int, stored: int) -> bool:
    """Return whether so many of the stored servers are gone that a mistake is likelier."""
    return left >= FEWEST_REFUSED and left > SHARE_REFUSED * stored


class GuildSync:
    """Erases servers and channels that went while the bot was not listening."""

    def __init__(
        self,
        erasure: ErasureService,
        stored: Erasure,
        shards: Shards = ALL_SHARDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Erase by `erasure` what `stored` lists of the servers of `shards`, and Discord lacks."""
        self._erasure = erasure
        self._stored = stored
        self._shards = shards
        self._sleep = sleep

    async def catch_up(self, source: GuildSource) -> None:
        """Erase what is gone; it may be interrupted and started again.

        A bot that comes to another's data is in none of its servers, and they are not gone. Nor
        are those that other shards serve, nor very many at once.

        Raises:
            StorageError: the database could not do it.
        """
        if not await self._stored.claim_for_bot(source.bot_id):
            log.warning("guild_sync_refused", reason="the data folder is another bot's")
            return
        stored = [each for each in sorted(await self._stored.guilds()) if self._shards.owns(each)]
        left = [guild_id for guild_id in stored if source.left(guild_id)]
        erased = await self._erase_guilds(left, len(stored))
        channels = 0
        for guild_id in stored:
            if guild_id not in left:
                channels += await self._erase_channels(guild_id, source)
        if erased or channels:
            log.info("guilds_synced", guilds=erased, channels=channels)

    async def _erase_guilds(self, left: Sequence[int], stored: int) -> int:
        """Erase the servers that the bot left, unless they are suspiciously many."""
        if too_many_left(len(left), stored):
            log.error(
                "guild_sync_refused",
                reason="very many servers are gone at once; if that is right, stop the bot and "
                "run `python -m bot forget-departed`",
                gone=len(left),
                stored=stored,
            )
            return 0
        for guild_id in left:
            await self._erasure.erase_guild(guild_id)
        return len(left)

    async def _erase_channels(self, guild_id: int, source: GuildSource) -> int:
        erased = 0
        for channel_id in sorted(await self._stored.channels(guild_id)):
            if source.sees(guild_id, channel_id):
                continue
            if await source.is_gone(guild_id, channel_id):
                await self._erasure.erase_channel(guild_id, channel_id)
                erased += 1
            await self._sleep(PAUSE_SECONDS)
        return erased


KEEP_LESSONS = timedelta(days=30)  # after they ended; what they made stays


class Retention:
    """Deletes songs and ended lessons that are older than the host allows."""

    def __init__(
        self,
        songbook: Songbook,
        database: Database,
        keep_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Store songs for `keep_days` (0: as long as their messages); `now` is a clock."""
        self._songbook = songbook
        self._database = database
        self._jobs = Jobs(database, now)
        self._keep_days = keep_days
        self._now = now

    async def sweep(self) -> int:
        """Delete what is too old; return how many songs that were.

        Raises:
            StorageError: the database could not do it.
        """
        forgotten = 0
        if self._keep_days:
            oldest = self._now() - timedelta(days=self._keep_days)
            forgotten = await self._songbook.forget_older_than(oldest)
            log.info("retention_swept", songs=forgotten, days=self._keep_days)
        await self._jobs.forget_older_than(KEEP_LESSONS)
        await self._database.tidy()
        return forgotten
