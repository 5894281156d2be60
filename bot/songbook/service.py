"""A server's remembered songs: store, remove and search them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from bot.retrieval.cache import VectorCache
from bot.songbook.map import SongMaps
from bot.songbook.nearest import SimilaritySearch
from bot.songbook.values import (
    Filters,
    Page,
    Query,
    ReadableChannels,
    SongbookOptions,
    SongMap,
)
from storage.database import Database
from storage.erasure import Erased, Scope, Subject
from storage.member_choices import OptOuts
from storage.song_queries import SongStatistics, SongTitles
from storage.song_values import (
    HeardSong,
    Outcome,
    Place,
    Post,
    Remembered,
    Song,
    SongStats,
    Title,
)
from storage.songs import Songs


@dataclass(slots=True, eq=False)
class _Arrival:
    post: Post
    unwanted: bool = False


class PendingSongs:
    """Remembers, as long as a song is being heard, that it was deleted meanwhile.

    Hearing takes seconds. A message deleted in these seconds leaves nothing to forget yet, and
    without this its song would be remembered for good a moment later.
    """

    def __init__(self) -> None:
        self._arrivals: list[_Arrival] = []

    @contextmanager
    def expecting(self, post: Post) -> Iterator[None]:
        """Watch over a song from before it is heard until it is remembered."""
        arrival = _Arrival(post)
        self._arrivals.append(arrival)
        try:
            yield
        finally:
            self._arrivals.remove(arrival)

    def refuse(self, unwanted: Callable[[Post], bool]) -> None:
        """Note which of the songs being heard are not to be remembered any more."""
        for arrival in self._arrivals:
            arrival.unwanted = arrival.unwanted or unwanted(arrival.post)

    def wanted(self, post: Post) -> bool:
        """Tell whether nothing spoke against the song since it was expected."""
        key = _key(post)
        return not any(arrival.unwanted and _key(arrival.post) == key for arrival in self._arrivals)


def _key(post: Post) -> tuple[int, int, int]:
    """Name the file; its content hash becomes known only on the way."""
    return post.guild_id, post.message_id, post.attachment_id


T = TypeVar("T")
ANY_SONG = Filters()


class Songbook:
    """The songs of every server, each server by itself.

    Every method names the server it is about and touches nothing of another. What a member
    sees goes through their `ReadableChannels`: the channels they can read.
    """

    def __init__(
        self,
        database: Database,
        model: str,
        executor: Executor,
        options: SongbookOptions | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep songs in `database`.

        Args:
            database: where songs are kept.
            model: name and version of the model whose vectors are compared.
            executor: runs the searches, off the event loop.
            options: how the songbook behaves.
            now: tells the time, with its zone.
        """
        self.model = model
        options = options or SongbookOptions()
        self._songs = Songs(database, now)
        self._wishes = OptOuts(database, now)
        self._titles = SongTitles(database)
        self._statistics = SongStatistics(database)
        self._shelf = VectorCache(self._songs, model, options.memory_bytes, executor)
        self._nearest = SimilaritySearch(self._songs, self._shelf, executor, options)
        self._maps = SongMaps(self._songs, self._shelf)
        self._arrivals = PendingSongs()

    @property
    def memory_bytes(self) -> int:
        """Memory the vectors take now."""
        return self._shelf.nbytes

    async def close(self) -> None:
        """Let go of all vectors in memory."""
        await self._shelf.close()

    # Finding

    async def nearest(
        self,
        guild_id: int,
        query: Query,
        reach: ReadableChannels,
        filters: Filters = ANY_SONG,
        *,
        limit: int = 5,
        page: int = 0,
    ) -> Page:
        """Find the songs of a server that sound most like the one asked about.

        Never that song itself, nor the same song in another file; each song once; a few by one
        poster on a page; only from within `reach`. Songs forgotten meanwhile are left out.

        Args:
            guild_id: the server.
            query: the song asked about.
            reach: the channels that may be answered from.
            filters: what the asker wants to hear of only.
            limit: songs a page.
            page: number of the page, from 0.

        Raises:
            AnotherModelError: the song was heard by another model.
            StorageError: the database could not do it.
        """
        return await self._nearest.nearest(guild_id, query, reach, filters, limit, page)

    async def query_about(self, guild_id: int, song_id: int, reach: ReadableChannels) -> Query:
        """Ask about a remembered song that the asker can read.

        Raises:
            UnknownSongError: there is none.
            AnotherModelError: it waits to be heard again.
        """
        return await self._nearest.query_about(guild_id, song_id, reach)

    async def song(self, guild_id: int, song_id: int, reach: ReadableChannels) -> Song | None:
        """Find a song that the asker can read."""
        song = await self._songs.song(guild_id, song_id)
        return song if song and song.post.channel_id in reach.channels else None

    async def posted_with(self, guild_id: int, message_id: int) -> tuple[Song, ...]:
        """Find the songs of one message."""
        return await self._songs.posted_with(guild_id, message_id)

    async def posted_by(
        self, guild_id: int, poster_id: int, *, offset: int = 0, limit: int = 25
    ) -> tuple[Song, ...]:
        """Page through what is kept of a member, for the member or an administrator."""
        return await self._songs.by_poster(guild_id, poster_id, offset=offset, limit=limit)

    async def latest(
        self, guild_id: int, reach: ReadableChannels, *, offset: int = 0, limit: int = 25
    ) -> tuple[Song, ...]:
        """Page through the songs within reach, the last posted first."""
        return await self._songs.latest(guild_id, reach.channels, offset=offset, limit=limit)

    async def titles(
        self, guild_id: int, typed: str, reach: ReadableChannels, *, limit: int = 25
    ) -> tuple[Title, ...]:
        """Suggest songs within reach by what was typed of their titles."""
        return await self._titles.matching(guild_id, typed, reach.channels, limit=limit)

    async def stats(self, guild_id: int, reach: ReadableChannels) -> SongStats:
        """Count the songs within reach."""
        return await self._statistics.of(guild_id, reach.channels)

    async def map(
        self,
        guild_id: int,
        reach: ReadableChannels,
        query: Query | None = None,
        *,
        marked: Collection[int] = (),
        most: int = 3000,
    ) -> SongMap:
        """Lay out the songs within reach, so that what sounds alike lies together.

        Args:
            guild_id: the server.
            reach: the channels that may be shown.
            query: a song to place among them, remembered or not.
            marked: songs that have a spot and a title however many there are.
            most: how many songs to lay out; of more, some of every time are chosen.

        Raises:
            StorageError: the database could not do it.
        """
        return await self._maps.map(guild_id, reach, query, marked, most)

    async def places(self, guild_id: int) -> tuple[Place, ...]:
        """List the channels and threads that have songs, to find out which a member can read."""
        return await self._songs.places(guild_id)

    # Keeping

    def expecting(self, post: Post) -> AbstractContextManager[None]:
        """Wrap hearing and remembering a song, so that one deleted meanwhile is not kept."""
        return self._arrivals.expecting(post)

    async def remember(self, post: Post, heard: HeardSong) -> Remembered:
        """Keep a song, unless it is kept already, its poster said no, or it was deleted.

        Raises:
            StorageError: the database could not do it.
        """
        if not self._arrivals.wanted(post):
            return Remembered(Outcome.FORGOTTEN, None)
        remembered = await self._changing(post.guild_id, self._songs.remember(post, heard))
        if remembered.outcome is Outcome.REMEMBERED and remembered.song_id is not None:
            self._shelf.add(remembered.song_id, post, heard)
        return remembered

    async def hear_again(self, song: Song, heard: HeardSong) -> bool:
        """Replace what an earlier model heard; False when the song was forgotten meanwhile."""
        guild_id = song.post.guild_id
        again = await self._changing(
            guild_id, self._songs.hear_again(guild_id, song.song_id, heard)
        )
        self._shelf.remove(guild_id, (song.song_id,))
        if again:
            self._shelf.add(song.song_id, song.post, heard)
        return again

    async def waiting_to_be_heard_again(self, after: int = 0, limit: int = 100) -> tuple[Song, ...]:
        """List songs of all servers that another model heard, in the order of their ids."""
        return await self._songs.heard_by_others(self.model, after=after, limit=limit)

    async def mark_gone(self, guild_id: int, song_id: int) -> bool:
        """Note that a song's message cannot be found again; it is not shown any more."""
        marked = await self._changing(guild_id, self._songs.mark_gone(guild_id, song_id))
        self._shelf.remove(guild_id, (song_id,))
        return marked

    # Letting go; each gives how many songs were forgotten

    async def forget_song(self, guild_id: int, song_id: int) -> int:
        """Forget one song."""
        return await self._forgetting(guild_id, self._songs.forget_song(guild_id, song_id))

    async def forget_attachment(self, guild_id: int, message_id: int, attachment_id: int) -> int:
        """Forget one file of a message, which its poster took out."""
        key = (message_id, attachment_id)
        self._refuse(guild_id, lambda post: (post.message_id, post.attachment_id) == key)
        return await self._forgetting(
            guild_id, self._songs.forget_attachment(guild_id, message_id, attachment_id)
        )

    async def forget_poster(self, guild_id: int, poster_id: int) -> int:
        """Forget what a member posted so far."""
        self._refuse(guild_id, lambda post: post.poster_id == poster_id)
        return await self._forgetting(guild_id, self._songs.forget_poster(guild_id, poster_id))

    async def forget_channel_songs(self, guild_id: int, channel_id: int) -> int:
        """Forget the songs of a channel and its threads; the channel stays watched."""
        self._refuse(guild_id, lambda post: channel_id in (post.channel_id, post.parent_id))
        return await self._forgetting(guild_id, self._songs.forget_channel(guild_id, channel_id))

    async def opt_out(self, guild_id: int, member_id: int) -> int:
        """Forget a member's songs and never remember one again."""
        self._refuse(guild_id, lambda post: post.poster_id == member_id)
        return await self._forgetting(guild_id, self._wishes.opt_out(guild_id, member_id))

    async def opt_in(self, guild_id: int, member_id: int) -> bool:
        """Take an opt-out back; False when there was none."""
        return await self._wishes.opt_in(guild_id, member_id)

    async def opted_out(self, guild_id: int, member_id: int) -> bool:
        """Tell whether the member does not want to be remembered here."""
        return await self._wishes.opted_out(guild_id, member_id)

    async def forget_older_than(self, moment: datetime) -> int:
        """Forget, in every server, what was remembered before `moment`."""
        try:
            forgotten = await self._songs.forget_older_than(moment)
        except BaseException:
            self._shelf.drop_all()
            raise
        for guild_id in {guild_id for guild_id, _ in forgotten}:
            ids = [song_id for guild, song_id in forgotten if guild == guild_id]
            self._shelf.remove(guild_id, ids)
        return len(forgotten)

    # What `bot.privacy.erasure` erases

    def before_erasure(self, scope: Scope) -> None:
        """Store none of the songs that are being heard at this moment and are to be erased."""
        self._arrivals.refuse(scope.covers)

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Remove the vectors of erased songs from memory."""
        if erased is None:
            self._shelf.drop_all()
            return
        for guild_id, song_ids in erased.songs.items():
            self._shelf.remove(guild_id, song_ids)
        if scope.subject is Subject.GUILD:
            for guild_id in scope.ids:
                self._shelf.drop(guild_id)

    def _refuse(self, guild_id: int, unwanted: Callable[[Post], bool]) -> None:
        self._arrivals.refuse(lambda post: post.guild_id == guild_id and unwanted(post))

    async def _forgetting(self, guild_id: int, change: Awaitable[tuple[int, ...]]) -> int:
        forgotten = await self._changing(guild_id, change)
        self._shelf.remove(guild_id, forgotten)
        return len(forgotten)

    async def _changing(self, guild_id: int, change: Awaitable[T]) -> T:
        """Wait for a change; one that broke off may be committed, so memory is read anew.

        The shelf must follow without another await: the lock on writing was released in this
        same step of the event loop, so nobody else's change can come in between.
        """
        try:
            return await change
        except BaseException:
            self._shelf.drop(guild_id)
            raise
