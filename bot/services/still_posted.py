"""Whether songs are still where they were posted: deletions are heard of only while listening."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog

from bot.errors import CannotFetch, Declined
from bot.services.remembering import PostedSong
from bot.services.songbook import Songbook
from storage.song_values import Post, Song

log = structlog.stdlib.get_logger(__name__)

# Finds a song in its message again; None when the message, or the file in it, is gone. Raises
# CannotFetch or a Declined where that cannot be found out now.
Find = Callable[[Post], Awaitable[PostedSong | None]]

LOOK_SECONDS = 0.5  # that an answer waits for Discord to tell
TRUST_SECONDS = 600.0  # that nobody is asked again about a song
MOST_TRUSTED = 20_000  # songs


class StillPosted:
    """Looks songs up before they are shown, and forgets those that are gone."""

    def __init__(
        self, songbook: Songbook, find: Find, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Forget in `songbook` what `find` does not find; `now` tells seconds."""
        self._songbook = songbook
        self._find = find
        self._now = now
        self._trusted: dict[int, float] = {}  # song -> until when

    def trust_nothing(self) -> None:
        """Look everything up anew: from here on deletions may have gone unheard."""
        self._trusted.clear()

    async def forget_gone(self, songs: Sequence[Song], until: float) -> Collection[int]:
        """Forget those of some songs that are gone; what cannot be told in time stays.

        Args:
            songs: of one server. Those that were handed to a command have no file in a message
                and are not asked about.
            until: when to stop waiting, by the event loop's clock.

        Returns:
            The ids of the songs that were forgotten.

        Raises:
            StorageError: the database could not do it.
        """
        gone = await self._gone([song for song in songs if self._doubted(song)], until)
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

    async def _gone(self, songs: Sequence[Song], until: float) -> list[Song]:
        """Look all of them up at once."""
        seconds = until - asyncio.get_running_loop().time()
        if not songs or seconds <= 0:
            return []
        looks = {asyncio.create_task(self._is_gone(song)): song for song in songs}
        try:
            told, _ = await asyncio.wait(looks, timeout=seconds)
        finally:
            for look in looks:
                look.cancel()
        return [song for look, song in looks.items() if look in told and look.result()]

    async def _is_gone(self, song: Song) -> bool:
        try:
            if await self._find(song.post) is None:
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
