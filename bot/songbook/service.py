"""Store and forget a server's songs, in the database and in memory alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

from bot.retrieval.vectors import VectorCache
from bot.songbook.values import ReadableChannels
from ml.music.hearing import SAME_SONG
from storage.codecs import fold
from storage.database import Database
from storage.erasure import Erased, Scope, ScopeKind
from storage.members import OptOuts
from storage.song_queries import SongStatistics, SongTitles
from storage.song_values import (
    HeardSong,
    Outcome,
    Place,
    Post,
    Remembered,
    Song,
    StoredSong,
    Title,
)
from storage.songs import Songs

SUGGESTIONS = 25  # choices that Discord shows
ID_DIGITS = 18  # more would not fit the database's numbers
SONGS_SEARCHED = 1000  # of a member's songs, the last posted, for a suggestion
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Pending:
    post: Post
    cancelled: bool = False


class PendingSongs:
    """The songs that are being fetched and decoded at this moment.

    That takes seconds. A message deleted in these seconds has no row to forget yet, and without
    this its song would be remembered for good a moment later.
    """

    def __init__(self) -> None:
        self._pending: list[_Pending] = []

    @contextmanager
    def expect(self, post: Post) -> Iterator[None]:
        """Hold a song as pending until it is stored."""
        pending = _Pending(post)
        self._pending.append(pending)
        try:
            yield
        finally:
            self._pending.remove(pending)

    def cancel(self, unwanted: Callable[[Post], bool]) -> None:
        """Prevent the pending songs that `unwanted` selects from being stored."""
        for pending in self._pending:
            pending.cancelled = pending.cancelled or unwanted(pending.post)

    def cancelled(self, post: Post) -> bool:
        """Return whether the song was cancelled since it is pending."""
        key = _key(post)
        return any(pending.cancelled and _key(pending.post) == key for pending in self._pending)

    def of_message(self, guild_id: int, message_id: int) -> tuple[Post, ...]:
        """List the pending songs of a message."""
        posts = (pending.post for pending in self._pending)
        return tuple(p for p in posts if (p.guild_id, p.message_id) == (guild_id, message_id))


def _key(post: Post) -> tuple[int, int, int]:
    """Identify the file; its content hash becomes known only on the way."""
    return post.guild_id, post.message_id, post.attachment_id


class Songbook:
    """The remembered songs of every server, each server by itself.

    Every change names its server, and reaches the database, the vectors in memory and the songs
    that are still pending: what is forgotten is forgotten in all three.

    Attributes:
        model: name and version of the model whose vectors are compared.
        pending: the songs being fetched and decoded.
        statistics: counts songs.
    """

    def __init__(
        self,
        database: Database,
        cache: VectorCache,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        same_song: float = SAME_SONG,
    ) -> None:
        """Store songs in `database` and keep `cache` in step.

        Args:
            database: holds the songs.
            cache: holds their vectors in memory.
            now: a clock with a time zone.
            same_song: cosine from which two vectors are one recording in two encodings.
        """
        self.model = cache.model
        self.pending = PendingSongs()
        self._songs = Songs(database, now)
        self._opt_outs = OptOuts(database, now)
        self.statistics = SongStatistics(database)
        self._cache = cache
        self._same_song = same_song

    async def places(self, guild_id: int) -> tuple[Place, ...]:
        """List the channels and threads that have songs."""
        return await self._songs.places(guild_id)

    # Storing

    async def remember(self, post: Post, heard: HeardSong) -> Remembered:
        """Store a song.

        Not one that is known, opted out or deleted meanwhile.

        Raises:
            StorageError: the database could not do it.
        """
        if self.pending.cancelled(post):
            return Remembered(Outcome.FORGOTTEN, None)
        same_as = await self._cache.first_same(post.guild_id, heard, self._same_song)
        if self.pending.cancelled(post):  # while it was compared
            return Remembered(Outcome.FORGOTTEN, None)
        remembered = await self._change(
            post.guild_id, self._songs.remember(post, heard, same_as=same_as)
        )
        if remembered.song_id is not None and remembered.recording_id is not None:
            self._cache.add(StoredSong(remembered.song_id, remembered.recording_id), post, heard)
        return remembered

    async def replace_embedding(
        self, song: Song, heard: HeardSong, title: str | None = None
    ) -> bool:
        """Replace what an earlier model found, and the title unless it is None.

        False when the song was forgotten meanwhile.
        """
        guild_id, song_id = song.post.guild_id, song.song_id
        same_as = await self._cache.first_same(guild_id, heard, self._same_song)
        replaced = await self._change(
            guild_id,
            self._songs.replace_embedding(guild_id, song_id, heard, title, same_as=same_as),
        )
        self._cache.remove(guild_id, (song_id,))
        if replaced is not None:
            self._cache.add(replaced, song.post, heard)
        return replaced is not None

    async def set_label(self, guild_id: int, song_id: int, contribution_id: int) -> bool:
        """Name a song after a member's contribution; False when it is no longer remembered."""
        named = await self._change(
            guild_id, self._songs.set_label(guild_id, song_id, contribution_id)
        )
        self._cache.evict(guild_id)
        return named

    async def mark_gone(self, guild_id: int, song_id: int) -> bool:
        """Hide a song whose message cannot be found again."""
        marked = await self._change(guild_id, self._songs.mark_gone(guild_id, song_id))
        self._cache.remove(guild_id, (song_id,))
        return marked

    # Forgetting; each returns how many songs were forgotten

    async def forget_song(self, guild_id: int, song_id: int) -> int:
        """Forget one song."""
        return await self._forget(guild_id, self._songs.forget_song(guild_id, song_id))

    async def forget_attachment(self, guild_id: int, message_id: int, attachment_id: int) -> int:
        """Forget one file of a message, which its poster took out."""
        key = (message_id, attachment_id)
        self._cancel(guild_id, lambda post: (post.message_id, post.attachment_id) == key)
        return await self._forget(
            guild_id, self._songs.forget_attachment(guild_id, message_id, attachment_id)
        )

    async def forget_other_attachments(
        self, guild_id: int, message_id: int, attachment_ids: Collection[int]
    ) -> int:
        """Forget the songs of a message but for these files.

        An edit left them in it.
        """
        posts = [song.post for song in await self._songs.posted_with(guild_id, message_id)]
        posts += self.pending.of_message(guild_id, message_id)
        gone = {post.attachment_id for post in posts}.difference(attachment_ids)
        return sum([await self.forget_attachment(guild_id, message_id, each) for each in gone])

    async def forget_poster(self, guild_id: int, poster_id: int) -> int:
        """Forget what a member posted so far."""
        self._cancel(guild_id, lambda post: post.poster_id == poster_id)
        return await self._forget(guild_id, self._songs.forget_poster(guild_id, poster_id))

    async def forget_channel_songs(self, guild_id: int, channel_id: int) -> int:
        """Forget the songs of a channel and its threads.

        The channel stays watched.
        """
        self._cancel(guild_id, lambda post: channel_id in (post.channel_id, post.parent_id))
        return await self._forget(guild_id, self._songs.forget_channel(guild_id, channel_id))

    async def opt_out(self, guild_id: int, member_id: int, *, forget: bool = True) -> int:
        """Never remember a member's songs again; with `forget`, forget those that are."""
        self._cancel(guild_id, lambda post: post.poster_id == member_id)
        return await self._forget(
            guild_id, self._opt_outs.opt_out(guild_id, member_id, forget=forget)
        )

    async def opt_in(self, guild_id: int, member_id: int) -> bool:
        """Take an opt-out back; False when there was none."""
        return await self._opt_outs.opt_in(guild_id, member_id)

    async def forget_older_than(self, moment: datetime) -> int:
        """Forget, in every server, what was remembered before `moment`."""
        try:
            forgotten = await self._songs.forget_older_than(moment)
        except BaseException:
            self._cache.clear()
            raise
        for guild_id in {guild_id for guild_id, _ in forgotten}:
            ids = [song_id for guild, song_id in forgotten if guild == guild_id]
            self._cache.remove(guild_id, ids)
        return len(forgotten)

    # Observes `bot.privacy.erasure`

    def before_erasure(self, scope: Scope) -> None:
        """Store none of the pending songs that are to be erased."""
        self.pending.cancel(scope.covers)

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Wipe the vectors of erased songs from memory."""
        if erased is None:
            self._cache.clear()
            return
        for guild_id, song_ids in erased.songs.items():
            self._cache.remove(guild_id, song_ids)
        for guild_id in {each.guild_id for each in erased.contributions}:
            self._cache.evict(guild_id)  # songs that were named after them
        if scope.subject is ScopeKind.GUILD:
            for guild_id in scope.ids:
                self._cache.evict(guild_id)

    def _cancel(self, guild_id: int, unwanted: Callable[[Post], bool]) -> None:
        self.pending.cancel(lambda post: post.guild_id == guild_id and unwanted(post))

    async def _forget(self, guild_id: int, change: Awaitable[tuple[int, ...]]) -> int:
        forgotten = await self._change(guild_id, change)
        self._cache.remove(guild_id, forgotten)
        return len(forgotten)

    async def _change(self, guild_id: int, change: Awaitable[T]) -> T:
        """Wait for a change.

        One that broke off may be committed, so memory is read anew.

        The cache must follow without another await: the write lock was released in this same
        step of the event loop, so nobody else's change can come in between.
        """
        try:
            return await change
        except BaseException:
            self._cache.evict(guild_id)
            raise


class RemovalTarget(Enum):
    """What kind of thing is to be forgotten."""

    SONG = "song"
    MEMBER = "member"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Named:
    """What is to be forgotten in a server.

    Attributes:
        subject: its kind.
        subject_id: id of the song, member or channel.
        name: a song's title, otherwise empty.
        owner_id: the member whose songs they are; None for a channel's.
    """

    guild_id: int
    subject: RemovalTarget
    subject_id: int
    name: str = ""
    owner_id: int | None = None


class SongRemoval:
    """Suggests songs to forget, finds them and forgets them."""

    def __init__(self, songbook: Songbook, songs: Songs, titles: SongTitles) -> None:
        """Forget in `songbook` what is found in `songs` and their `titles`."""
        self._songbook = songbook
        self._songs = songs
        self._titles = titles

    async def suggest(
        self, guild_id: int, asker_id: int, typed: str, reach: ReadableChannels | None
    ) -> tuple[Title, ...]:
        """Suggest songs by what was typed.

        The asker's own, then those within `reach`, if any.
        """
        words = fold(typed).split()
        own = await self._songs.by_poster(guild_id, asker_id, limit=SONGS_SEARCHED)
        found = {
            song.song_id: Title(song.song_id, song.post.title, asker_id)
            for song in own
            if all(word in fold(song.post.title) for word in words)
        }
        if reach is not None:
            channels = reach.channels
            others = await self._titles.matching(guild_id, typed, channels, limit=SUGGESTIONS)
            found = {title.song_id: title for title in others} | found
        return tuple(found.values())[:SUGGESTIONS]

    async def chosen_song(self, guild_id: int, choice: str) -> Song | None:
        """Find the song whose id a choice holds.

        None for what was only typed.

        The song may be anywhere in the server: the caller checks who may learn of it.
        """
        if not choice.isdecimal() or len(choice) > ID_DIGITS:
            return None
        return await self._songs.song(guild_id, int(choice))

    async def knows(self, named: Named) -> bool:
        """Return whether anything of what was named is remembered."""
        match named.subject:
            case RemovalTarget.SONG:
                return await self._songs.song(named.guild_id, named.subject_id) is not None
            case RemovalTarget.MEMBER:
                by_member = self._songs.by_poster(named.guild_id, named.subject_id, limit=1)
                return bool(await by_member)
            case RemovalTarget.CHANNEL:
                places = await self._songs.places(named.guild_id)
                return any(named.subject_id in (each.channel_id, each.parent_id) for each in places)

    async def forget(self, named: Named) -> int:
        """Forget it; return how many songs were forgotten."""
        match named.subject:
            case RemovalTarget.SONG:
                return await self._songbook.forget_song(named.guild_id, named.subject_id)
            case RemovalTarget.MEMBER:
                return await self._songbook.forget_poster(named.guild_id, named.subject_id)
            case RemovalTarget.CHANNEL:
                return await self._songbook.forget_channel_songs(named.guild_id, named.subject_id)
