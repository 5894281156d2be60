"""Hear posted songs and store them where server and poster allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

import structlog

from bot.errors import CannotFetchError, DeclinedError, FileGoneError, RememberingNotAllowedError
from bot.listening.service import ListeningService
from bot.sharding import ALL_SHARDS, Shards
from bot.songbook.service import Songbook
from bot.songbook.values import heard_from
from ml.audio.errors import AudioError
from ml.music.hearing import Hearing
from storage.channels import Channels, WatchedChannel
from storage.errors import StorageError
from storage.members import OptOuts
from storage.song_values import Outcome, Post, Remembered, Song
from storage.songs import Songs

log = structlog.stdlib.get_logger(__name__)
T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]  # seconds

FETCH_TRIES, FETCH_PAUSE_SECONDS = 3, 5.0  # at a file that Discord could not give
REEMBEDDING_PAUSE_SECONDS = 1.0  # between two songs: nobody waits, and each costs Discord a request


@dataclass(frozen=True, slots=True)
class PostedSong:
    """A song as somebody posted it.

    Attributes:
        post: where and by whom.
        fetch: gets the file's bytes; raises an `AudioError` by the announced size, or
            `FileGoneError`.
    """

    post: Post
    fetch: Callable[[], Awaitable[bytes]]


# Fetches a song's message again; None when the message, or the file in it, is gone. Raises
# CannotFetchError or a DeclinedError where that cannot be found out now.
Find = Callable[[Post], Awaitable[PostedSong | None]]


class SongIngest:
    """Takes a posted song through permission, decoding and embedding into the songbook.

    Attributes:
        channels: what servers allow.
    """

    def __init__(
        self,
        listening: ListeningService,
        songbook: Songbook,
        songs: Songs,
        opt_outs: OptOuts,
        channels: Channels,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Join the parts.

        Args:
            listening: decodes and embeds.
            songbook: stores.
            songs: knows what is stored already.
            opt_outs: knows which members do not want to be remembered.
            channels: knows which servers let the bot remember.
            sleep: waits between two tries.
        """
        self._listening = listening
        self._songbook = songbook
        self._songs = songs
        self._opt_outs = opt_outs
        self.channels = channels
        self._sleep = sleep

    async def allowed(self, guild_id: int) -> bool:
        """Return whether the server lets the bot remember.

        By default it does not.
        """
        return await self.channels.remembering_allowed(guild_id) or False

    async def known(self, guild_id: int, message_id: int, attachment_id: int) -> int | None:
        """Return the id of the song remembered of a message's file.

        None: there is none.
        """
        songs = await self._songs.posted_with(guild_id, message_id)
        ids = {song.post.attachment_id: song.song_id for song in songs}
        return ids.get(attachment_id)

    async def title(self, post: Post) -> str:
        """Return a song's title as it is remembered; where it is not, that of its post."""
        for song in await self._songs.posted_with(post.guild_id, post.message_id):
            if song.post.attachment_id == post.attachment_id:
                return song.post.title
        return post.title

    async def hear(
        self, song: PostedSong, *, background: bool = False
    ) -> tuple[Hearing, Remembered | StorageError | None]:
        """Hear a song, and remember it where that is allowed.

        Args:
            song: the song.
            background: whether nobody waits for it, so that others go first.

        Returns:
            The hearing, and what became of the song; None where remembering is not allowed, the
            error where the database could not store it: the hearing is good all the same.

        Raises:
            AudioError, FileGoneError, TooBusyError: it cannot be heard.
        """
        with self._songbook.pending.expect(song.post):
            hearing, content = await self._fetch_and_hear(song, background=background)
            try:
                return hearing, await self._store(song.post, hearing, content)
            except StorageError as error:
                return hearing, error

    async def remember(self, song: PostedSong, *, background: bool = False) -> Outcome:
        """Remember a song.

        It is not even fetched when that is not allowed or not needed.

        Args:
            song: the song.
            background: whether nobody waits for it, so that others go first.

        Raises:
            RememberingNotAllowedError: the server does not let the bot remember.
            AudioError, FileGoneError, TooBusyError: it cannot be heard.
            StorageError: the database could not do it.
        """
        known = await self._outcome_without_hearing(song.post)
        if known is not None:
            return known
        remembered = (await self.hear(song, background=background))[1]
        if remembered is None:
            raise RememberingNotAllowedError
        if isinstance(remembered, StorageError):
            raise remembered
        return remembered.outcome

    async def remember_in_background(self, song: PostedSong) -> Outcome:
        """Remember a song nobody waits for; songs somebody waits for go first.

        Raises:
            RememberingNotAllowedError, AudioError, FileGoneError, StorageError: as `remember`.
            CannotFetchError: Discord failed several times.
        """
        return await self._retried(lambda: self.remember(song, background=True))

    async def hear_in_background(self, song: PostedSong) -> Hearing:
        """Hear a song nobody waits for, without storing anything.

        Raises:
            AudioError, FileGoneError: it cannot be heard.
            CannotFetchError: Discord failed several times.
        """

        async def hear() -> Hearing:
            return (await self._fetch_and_hear(song, background=True))[0]

        return await self._retried(hear)

    async def _outcome_without_hearing(self, post: Post) -> Outcome | None:
        """Return what becomes of a song that need not be heard.

        None: it must be heard.
        """
        if not await self.allowed(post.guild_id):
            raise RememberingNotAllowedError
        if await self._opt_outs.opted_out(post.guild_id, post.poster_id):
            return Outcome.REFUSED
        if await self.known(post.guild_id, post.message_id, post.attachment_id) is not None:
            return Outcome.KNOWN
        return None

    async def _fetch_and_hear(self, song: PostedSong, *, background: bool) -> tuple[Hearing, bytes]:
        """Return the hearing and the SHA-256 of the file.

        Files are large, so they are hashed in a thread.
        """
        guild_id, listening = song.post.guild_id, self._listening
        async with listening.admission.slot(guild_id, background=background):
            data = await song.fetch()
            hearing = await listening.hear(data, guild_id, background=background)
        return hearing, await asyncio.to_thread(lambda: sha256(data).digest())

    async def _store(self, post: Post, hearing: Hearing, content: bytes) -> Remembered | None:
        if not await self.allowed(post.guild_id):  # once more, as hearing took its time
            return None
        if hearing.kind != "music":
            return Remembered(Outcome.NOT_MUSIC, None)
        if hearing.too_short:
            return Remembered(Outcome.TOO_SHORT, None)
        post = replace(post, content_hash=content, title=hearing.title or post.title)
        return await self._songbook.remember(post, heard_from(hearing))

    async def _retried(self, work: Callable[[], Awaitable[T]]) -> T:
        """Try again where Discord could not give the file.

        Nobody waits for it.
        """
        for tries_left in reversed(range(FETCH_TRIES)):
            try:
                return await work()
            except CannotFetchError:
                if not tries_left:
                    raise
                await self._sleep(FETCH_PAUSE_SECONDS)
        raise AssertionError  # the last try returned or raised


class ChannelWatch:
    """The channels whose songs are remembered as they are posted.

    Attributes:
        channels: the table of those, for whoever lists or removes some.
    """

    def __init__(self, channels: Channels, ingest: SongIngest) -> None:
        """Store them in `channels`; `ingest` knows what a server allows."""
        self.channels = channels
        self._ingest = ingest

    async def watch(
        self, guild_id: int, channel_id: int, watched_by: int, *, tell_repeats: bool | None = None
    ) -> bool:
        """Watch a channel; False when it is watched already.

        Args:
            guild_id: the server.
            channel_id: the channel.
            watched_by: who switches it on.
            tell_repeats: whether members are told when a song was posted before; None leaves that
                as it is.

        Raises:
            RememberingNotAllowedError: the server does not let the bot remember.
        """
        if not await self._ingest.allowed(guild_id):
            raise RememberingNotAllowedError
        new = await self.channels.watch(guild_id, channel_id, watched_by)
        if tell_repeats is not None:
            await self.channels.tell_repeats(guild_id, channel_id, told=tell_repeats)
        return new

    async def watches(self, guild_id: int, channel_ids: Collection[int]) -> WatchedChannel | None:
        """Return the first of these channels that is watched; None: none is.

        Say, a thread's and its parent.
        """
        watched = await self.channels.watched(guild_id)
        return next((each for each in watched if each.channel_id in channel_ids), None)


@dataclass(frozen=True, slots=True)
class ReembeddingCounts:
    """Count songs that were embedded again, are gone or too short, or wait."""

    heard: int = 0
    gone: int = 0
    waiting: int = 0

    def __add__(self, other: ReembeddingCounts) -> ReembeddingCounts:
        return ReembeddingCounts(
            self.heard + other.heard, self.gone + other.gone, self.waiting + other.waiting
        )


class Reembedding:
    """Embeds songs of earlier models with the model in use.

    What is done stays done.
    """

    def __init__(
        self,
        songbook: Songbook,
        songs: Songs,
        ingest: SongIngest,
        shards: Shards = ALL_SHARDS,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Join the parts.

        Args:
            songbook: stores the new embeddings.
            songs: lists what another model embedded.
            ingest: fetches and hears.
            shards: whose servers' songs are embedded; other processes do theirs.
            sleep: waits between two songs.
        """
        self._songbook = songbook
        self._songs = songs
        self._ingest = ingest
        self._shards = shards
        self._sleep = sleep

    async def run(self, find: Find) -> ReembeddingCounts:
        """Embed every waiting song once.

        It may be broken off at any time and begun anew.

        Args:
            find: fetches a song's message again.

        Raises:
            StorageError: the database could not do it.
        """
        counts, after = ReembeddingCounts(), 0
        while songs := await self._songs.embedded_by_other_models(
            self._songbook.model, after=after
        ):
            for song in songs:
                if not self._shards.owns(song.post.guild_id):
                    continue
                counts += await self._reembed(song, find)
                await self._sleep(REEMBEDDING_PAUSE_SECONDS)
            after = songs[-1].song_id
        if counts != ReembeddingCounts():
            log.info("reembedded", heard=counts.heard, gone=counts.gone, waiting=counts.waiting)
        return counts

    async def _reembed(self, song: Song, find: Find) -> ReembeddingCounts:
        guild_id = song.post.guild_id
        if not await self._ingest.allowed(guild_id):
            return ReembeddingCounts(waiting=1)
        try:
            posted = await find(song.post)
            if posted is not None:
                hearing = await self._ingest.hear_in_background(posted)
                if hearing.kind == "music" and not hearing.too_short:
                    title = hearing.title or posted.post.title
                    heard = heard_from(hearing)
                    replaced = await self._songbook.replace_embedding(song, heard, title)
                    return ReembeddingCounts(heard=replaced)
        except FileGoneError:
            pass
        except (AudioError, CannotFetchError, DeclinedError) as error:
            log.info("reembedding_failed", song=song.song_id, reason=type(error).__name__)
            return ReembeddingCounts(waiting=1)
        return ReembeddingCounts(gone=await self._songbook.mark_gone(guild_id, song.song_id))
