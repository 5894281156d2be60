"""Hear posted songs and store them where server and poster allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from bot.errors import CannotFetch, RememberingNotAllowed, TooBusy
from bot.listening.service import ListeningService
from bot.songbook.service import Songbook
from bot.songbook.values import heard_from
from ml.music.hearing import Hearing
from storage.channels import Channels
from storage.errors import StorageError
from storage.song_values import Outcome, Post, Remembered

T = TypeVar("T")
Hear = Callable[[bytes, int | None], Awaitable[Hearing]]

SONGS_IN_FLIGHT = 6  # of those nobody waits for: two are decoded, one heard, others fetched or kept
FETCH_TRIES, FETCH_PAUSE_SECONDS = 3, 5.0  # at a file that Discord could not give
BUSY_SECONDS = 1.0  # until another try when members' songs take every place


@dataclass(frozen=True, slots=True)
class PostedSong:
    """A song as somebody posted it.

    Attributes:
        post: where and by whom.
        fetch: gets the file's bytes; raises an `AudioError` by the announced size, or `FileGone`.
    """

    post: Post
    fetch: Callable[[], Awaitable[bytes]]


class SongIngest:
    """Decides whether a song may be remembered, and sees it through."""

    def __init__(
        self,
        listening: ListeningService,
        songbook: Songbook,
        channels: Channels,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Join the parts; `sleep` waits for seconds."""
        self._listening = listening
        self._songbook = songbook
        self._channels = channels
        self._sleep = sleep
        self._turns = asyncio.Semaphore(SONGS_IN_FLIGHT)
        self._under_way: list[Post] = []

    async def allowed(self, guild_id: int) -> bool:
        """Tell whether the server lets the bot remember; one that never said so does not."""
        return await self._channels.remembering_allowed(guild_id) or False

    async def allow(self, guild_id: int, *, allowed: bool) -> None:
        """Keep what the server said; songs remembered before stay until they are forgotten."""
        await self._channels.allow_remembering(guild_id, allowed=allowed)

    async def hear(self, song: PostedSong) -> tuple[Hearing, Remembered | StorageError | None]:
        """Hear a song for somebody who asked, and remember it where that is allowed.

        Returns:
            What was heard, and what became of the song; None where remembering is not allowed,
            the error where the database could not keep it: what was heard is good all the same.

        Raises:
            AudioError, FileGone, TooBusy: it cannot be heard.
        """
        return await self._heard(song, self._listening.hear)

    async def remember(self, song: PostedSong) -> Outcome:
        """Remember a song; it is not even fetched when that is not allowed or not needed.

        Raises:
            RememberingNotAllowed: the server does not let the bot remember.
            AudioError, FileGone, TooBusy: it cannot be heard.
            StorageError: the database could not do it.
        """
        return await self._remembered(song, self._listening.hear)

    async def known(self, guild_id: int, message_id: int, attachment_id: int) -> int | None:
        """Find the song that is remembered of a message's file, if there is one."""
        songs = await self._songbook.posted_with(guild_id, message_id)
        ids = {song.post.attachment_id: song.song_id for song in songs}
        return ids.get(attachment_id)

    async def remember_in_turn(self, song: PostedSong) -> Outcome:
        """Remember a song nobody waits for: a few at a time, after those somebody waits for.

        Raises:
            RememberingNotAllowed, AudioError, FileGone, StorageError: as `remember`.
            CannotFetch: Discord failed several times.
        """
        hear = self._listening.hear_in_background
        return await self._in_turn(lambda: self._remembered(song, hear))

    async def hear_in_turn(self, song: PostedSong) -> Hearing:
        """Only hear a song nobody waits for.

        Raises:
            AudioError, FileGone: it cannot be heard.
        """

        async def listen() -> Hearing:
            return (await self._listen(song, self._listening.hear_in_background))[0]

        return await self._in_turn(listen)

    async def attachments_left(
        self, guild_id: int, message_id: int, attachment_ids: Collection[int]
    ) -> int:
        """Forget the songs of a message but for these files, which an edit left in it.

        Returns:
            How many remembered songs were forgotten; those being heard are dropped as well.
        """
        posts = [song.post for song in await self._songbook.posted_with(guild_id, message_id)]
        posts += [
            p for p in self._under_way if (p.guild_id, p.message_id) == (guild_id, message_id)
        ]
        gone = {post.attachment_id for post in posts}.difference(attachment_ids)
        forget = self._songbook.forget_attachment
        return sum([await forget(guild_id, message_id, each) for each in gone])

    async def _standing(self, post: Post) -> Outcome | None:
        """Say what becomes of a song that need not be heard for it; None: it must be heard."""
        if not await self.allowed(post.guild_id):
            raise RememberingNotAllowed
        if await self._songbook.opted_out(post.guild_id, post.poster_id):
            return Outcome.REFUSED
        if await self.known(post.guild_id, post.message_id, post.attachment_id) is not None:
            return Outcome.KNOWN
        return None

    @contextmanager
    def _expecting(self, post: Post) -> Iterator[None]:
        self._under_way.append(post)
        try:
            with self._songbook.expecting(post):
                yield
        finally:
            self._under_way.remove(post)

    async def _remembered(self, song: PostedSong, hear: Hear) -> Outcome:
        standing = await self._standing(song.post)
        if standing is not None:
            return standing
        remembered = (await self._heard(song, hear))[1]
        if remembered is None:
            raise RememberingNotAllowed
        if isinstance(remembered, StorageError):
            raise remembered
        return remembered.outcome

    async def _heard(
        self, song: PostedSong, hear: Hear
    ) -> tuple[Hearing, Remembered | StorageError | None]:
        with self._expecting(song.post):
            hearing, content = await self._listen(song, hear)
            try:
                return hearing, await self._keep(song.post, hearing, content)
            except StorageError as error:
                return hearing, error

    async def _listen(self, song: PostedSong, hear: Hear) -> tuple[Hearing, bytes]:
        """Hear a song; the second is the SHA-256 of its file, off the loop: files are large."""
        with self._listening.place(song.post.guild_id):
            data = await song.fetch()
            hearing = await hear(data, song.post.guild_id)
        return hearing, await asyncio.to_thread(lambda: sha256(data).digest())

    async def _keep(self, post: Post, hearing: Hearing, content: bytes) -> Remembered | None:
        if not await self.allowed(post.guild_id):  # asked late: hearing took its time
            return None
        post = replace(post, content_hash=content)
        return await self._songbook.remember(post, heard_from(hearing))

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        failures = 0
        async with self._turns:
            while True:
                try:
                    return await work()
                except TooBusy:
                    await self._sleep(BUSY_SECONDS)
                except CannotFetch:
                    failures += 1
                    if failures == FETCH_TRIES:
                        raise
                    await self._sleep(FETCH_PAUSE_SECONDS)


class ChannelWatch:
    """Knows which channels administrators switched on."""

    def __init__(self, channels: Channels, ingest: SongIngest) -> None:
        """Join the parts."""
        self._channels = channels
        self._remembering = ingest

    async def watch(self, guild_id: int, channel_id: int, watched_by: int) -> bool:
        """Watch a channel; False when it is watched already.

        Raises:
            RememberingNotAllowed: the server does not let the bot remember.
        """
        if not await self._remembering.allowed(guild_id):
            raise RememberingNotAllowed
        return await self._channels.watch(guild_id, channel_id, watched_by)

    async def unwatch(self, guild_id: int, channel_id: int) -> bool:
        """Stop watching a channel; False when it was not watched."""
        return await self._channels.unwatch(guild_id, channel_id)

    async def watches(self, guild_id: int, channel_ids: Collection[int]) -> bool:
        """Tell whether one of these channels, say a thread's and its parent, is watched."""
        watched = await self._channels.watched(guild_id)
        return any(each.channel_id in channel_ids for each in watched)
