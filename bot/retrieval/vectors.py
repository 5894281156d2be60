"""The vectors of servers in memory: a matrix each, and a cache within a limit."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from storage.codecs import short_content
from storage.song_values import HeardSong, Post, StoredSong, VectorPage
from storage.songs import Songs

Value = TypeVar("Value", bound=Hashable)
Rows = slice | npt.NDArray[np.intp] | npt.NDArray[np.bool_]
"""Some of a table's rows."""

EMPTY_BYTES = 1024  # about what a matrix without songs takes
SMALLEST_BLOCK, LARGEST_BLOCK = 16, 4096  # rows; a growing server gets an eighth more at a time
HOLES_ALLOWED = 64  # or a quarter of the songs; beyond that the matrix is read anew


@dataclass(frozen=True, slots=True, eq=False)
class RowFacts:
    """What is known of songs beside their vectors, (rows,) each.

    They lie apart in memory: to compare one reads nothing of the others.

    Attributes:
        song_ids: ids of the songs.
        recordings: the same for all posts of one recording.
        poster_ids: ids of the members.
        contents: first 8 bytes of the files' hashes, 0: unknown.
        channels: numbers in `SongMatrix.channels`.
        genres: numbers in `SongMatrix.genres`.
        sure: whether the genre is.
        tempos: beats a minute, NaN: unknown.
        alive: whether the row holds a song.
    """

    song_ids: npt.NDArray[np.int64]
    recordings: npt.NDArray[np.int64]
    poster_ids: npt.NDArray[np.int64]
    contents: npt.NDArray[np.uint64]
    channels: npt.NDArray[np.int32]
    genres: npt.NDArray[np.int32]
    sure: npt.NDArray[np.bool_]
    tempos: npt.NDArray[np.float32]
    alive: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls, rows: int) -> RowFacts:
        """Allocate rows that hold nothing yet."""
        return cls(
            np.zeros(rows, np.int64), np.zeros(rows, np.int64), np.zeros(rows, np.int64),
            np.zeros(rows, np.uint64), np.zeros(rows, np.int32), np.zeros(rows, np.int32),
            np.zeros(rows, np.bool_), np.zeros(rows, np.float32), np.zeros(rows, np.bool_),
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence[RowFacts]) -> RowFacts:
        """Copy parts behind each other, at least one."""
        return cls(*map(np.concatenate, zip(*(part.columns for part in parts), strict=True)))

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays, in the order of their names."""
        return tuple(getattr(self, column.name) for column in fields(self))

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        return sum(column.nbytes for column in self.columns)

    def __len__(self) -> int:
        return len(self.song_ids)

    def __getitem__(self, rows: Rows) -> RowFacts:
        return RowFacts(*(column[rows] for column in self.columns))

    def __setitem__(self, rows: Rows, facts: RowFacts) -> None:
        for column, values in zip(self.columns, facts.columns, strict=True):
            column[rows] = values


@dataclass(frozen=True, slots=True, eq=False)
class RowBlock:
    """Rows that were allocated together.

    Attributes:
        vectors: (rows, dimensions) float32 of unit length.
        facts: what is known of the songs.
    """

    vectors: npt.NDArray[np.float32]
    facts: RowFacts

    @classmethod
    def empty(cls, rows: int, dimensions: int) -> RowBlock:
        """Allocate rows that hold nothing yet."""
        return cls(np.zeros((rows, dimensions), np.float32), RowFacts.empty(rows))

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        return self.vectors.nbytes + self.facts.nbytes

    def wipe(self, rows: Rows) -> None:
        """Overwrite rows with zeros."""
        for column in self.facts.columns:
            column[rows] = 0
        self.vectors[rows] = 0


def _numbered(numbers: dict[Value, int], values: Iterable[Value]) -> npt.NDArray[np.int32]:
    """Return the number of each value; new ones are given the next."""
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int32)


def unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scale (n, dimensions) vectors to unit length; a zero vector stays zero."""
    lengths = np.sqrt(np.vecdot(vectors, vectors))[:, np.newaxis]
    scaled = np.zeros_like(vectors)
    np.divide(vectors, lengths, out=scaled, where=lengths > 0)
    return scaled


class SongMatrix:
    """The songs of one server that one model embedded.

    Rows are only ever appended or wiped, so a search may read a snapshot in another thread.

    Attributes:
        channels: number of each channel id, as in `RowFacts`.
        genres: number of each list of genres, as in `RowFacts`.
        songs: how many songs are alive.
        nbytes: size in memory.
        wiped: whether the matrix was evicted; a search that ends now must be repeated.
    """

    def __init__(self) -> None:
        self.channels: dict[int, int] = {}
        self.genres: dict[tuple[str, ...], int] = {}
        self.songs = 0
        self.nbytes = EMPTY_BYTES
        self.wiped = False
        self._blocks: list[RowBlock] = []
        self._used: list[int] = []
        self._holes = 0

    def add(
        self,
        page: VectorPage,
        vectors: npt.NDArray[np.float32],
        *,
        exclude: Collection[int] = (),
        spare: bool = False,
    ) -> None:
        """Append songs.

        Args:
            page: the songs, none of which is here unless it is excluded.
            vectors: (n, dimensions) float32 of unit length, those of the page.
            exclude: ids of songs of the page not to add.
            spare: allocate room for more songs to come one by one.
        """
        added = np.flatnonzero(~np.isin(page.song_ids, list(exclude)))
        if len(added) == 0:
            return
        block, start = self._block_for(len(added), vectors.shape[1], spare=spare)
        rows = slice(start, start + len(added))
        self._blocks[block].vectors[rows] = vectors[added]
        self._blocks[block].facts[rows] = self._facts(page)[added]
        self._used[block] = rows.stop
        self.songs += len(added)

    def reserve(self, rows: int, dimensions: int) -> None:
        """Allocate one block for so many songs.

        It is searched faster than many.
        """
        block = RowBlock.empty(rows, dimensions)
        self._blocks.append(block)
        self._used.append(0)
        self.nbytes += block.nbytes

    def contains(self, song_id: int) -> bool:
        """Return whether a song is here and not removed."""
        return any((block.facts.song_ids == song_id).any() for block in self._blocks)

    def first_same(self, vector: npt.NDArray[np.float32], same_song: float) -> int | None:
        """Find the song stored first of the recording that is the same as one.

        A recording is compared by its first song alone: otherwise songs that are each nearly like
        the next would all become one.

        Args:
            vector: (dimensions,) of unit length.
            same_song: cosine from which two songs are the same.

        Returns:
            Its id; None: there is none.
        """
        snapshot = self.snapshot()
        if not snapshot:
            return None
        same = RowFacts.joined(
            [
                block.facts[np.flatnonzero(np.vecdot(block.vectors[:used], vector) >= same_song)]
                for block, used in snapshot
            ]
        )
        same = same[same.alive]
        firsts = [
            min(
                int(song_id)
                for block, used in snapshot
                for song_id in block.facts.song_ids[:used][
                    block.facts.recordings[:used] == recording
                ]
            )
            for recording in np.unique(same.recordings)
        ]
        return min((int(each) for each in np.intersect1d(same.song_ids, firsts)), default=None)

    def _facts(self, page: VectorPage) -> RowFacts:
        return RowFacts(
            song_ids=page.song_ids,
            recordings=page.recordings,
            poster_ids=page.poster_ids,
            contents=page.contents,
            channels=_numbered(self.channels, page.channel_ids.tolist()),
            genres=_numbered(self.genres, page.genres),
            sure=page.sure,
            tempos=page.tempos,
            alive=np.ones(len(page.song_ids), np.bool_),
        )

    def _block_for(self, count: int, dimensions: int, *, spare: bool) -> tuple[int, int]:
        """Find or allocate a block with `count` free rows.

        Return it and its first free row.
        """
        if self._blocks:
            last = len(self._blocks) - 1
            if self._used[last] + count <= len(self._blocks[last].facts):
                return last, self._used[last]
        more = min(max(SMALLEST_BLOCK, self.songs // 8), LARGEST_BLOCK) if spare else 0
        self.reserve(max(count, more), dimensions)
        return len(self._blocks) - 1, 0

    def remove(self, song_ids: Collection[int]) -> None:
        """Wipe songs; ids that are not here are ignored."""
        wanted = np.fromiter(song_ids, np.int64)
        for block in self._blocks:
            found = np.flatnonzero(np.isin(block.facts.song_ids, wanted) & block.facts.alive)
            block.wipe(found)
            self.songs -= len(found)
            self._holes += len(found)

    def wipe(self) -> None:
        """Overwrite everything; the matrix is of no use afterwards."""
        self.wiped = True
        for block in self._blocks:
            block.wipe(slice(None))

    @property
    def full_of_holes(self) -> bool:
        """Whether reading the remaining songs anew would save memory."""
        return self._holes > max(HOLES_ALLOWED, self.songs // 4)

    def snapshot(self) -> tuple[tuple[RowBlock, int], ...]:
        """Return the blocks and their numbers of rows in use."""
        return tuple(zip(self._blocks, self._used, strict=True))


@dataclass(slots=True, eq=False)
class _Entry:
    """A server's matrix.

    `changed` are songs added or removed while it was being read.
    """

    matrix: SongMatrix = field(default_factory=SongMatrix)
    reading: asyncio.Task[None] | None = None
    changed: set[int] = field(default_factory=set)

    @property
    def complete(self) -> bool:
        """Whether the matrix was read to its end."""
        return self.reading is not None and self.reading.done()


class VectorCache:
    """The vectors of one model, a matrix a server.

    The least recently asked leave first.

    A matrix is read from the database at the first search and from then on follows every change.
    The server asked last always stays, however large it is.
    """

    def __init__(self, songs: Songs, model: str, limit_bytes: int, executor: Executor) -> None:
        """Read `songs` of `model`; `executor` scales vectors off the event loop."""
        self.model = model
        self._songs = songs
        self._limit_bytes = limit_bytes
        self._executor = executor
        self._entries: OrderedDict[int, _Entry] = OrderedDict()
        self._read_lock = asyncio.Lock()  # reading several at once would outgrow the limit

    @property
    def nbytes(self) -> int:
        """Memory of all matrices."""
        return sum(entry.matrix.nbytes for entry in self._entries.values())

    async def matrix(self, guild_id: int) -> SongMatrix:
        """Return the server's matrix; read from the database when not cached.

        Raises:
            StorageError: the database could not do it.
        """
        while True:
            entry = self._entries.setdefault(guild_id, _Entry())
            if entry.reading is None:
                entry.reading = asyncio.create_task(self._read(guild_id, entry))
            await asyncio.shield(entry.reading)  # others may wait for it as well
            if self._entries.get(guild_id) is entry:  # else it was evicted meanwhile
                self._entries.move_to_end(guild_id)
                return entry.matrix

    async def first_same(self, guild_id: int, heard: HeardSong, same_song: float) -> int | None:
        """Find the song stored first that is the same as one in another encoding.

        Args:
            guild_id: the server.
            heard: the song; of another model it is the same as none.
            same_song: cosine from which two songs are the same.

        Returns:
            Its id; None: there is none.

        Raises:
            StorageError: the database could not do it.
        """
        if heard.model != self.model:
            return None
        vector = unit(np.asarray(heard.vector, np.float32)[np.newaxis])[0]
        loop = asyncio.get_running_loop()
        while True:
            matrix = await self.matrix(guild_id)
            found = await loop.run_in_executor(self._executor, matrix.first_same, vector, same_song)
            if not matrix.wiped:  # else it was evicted meanwhile
                return found

    async def _read(self, guild_id: int, entry: _Entry) -> None:
        try:
            async with self._read_lock:
                await self._read_pages(guild_id, entry)
        except BaseException:
            self._evict(guild_id, entry)
            raise
        entry.changed.clear()

    async def _read_pages(self, guild_id: int, entry: _Entry) -> None:
        loop = asyncio.get_running_loop()
        count = await self._songs.count_vectors(guild_id, self.model)
        after = 0
        while page := await self._songs.vectors(guild_id, self.model, after=after):
            vectors = await loop.run_in_executor(self._executor, unit, page.vectors)
            if self._entries.get(guild_id) is not entry:
                return
            if after == 0:
                entry.matrix.reserve(max(count, len(vectors)), vectors.shape[1])
            # A page may be older than a change that came while it was on its way.
            entry.matrix.add(page, vectors, exclude=entry.changed)
            after = int(page.song_ids[-1])
            self._evict_over_limit(spare=guild_id)

    def _evict_over_limit(self, spare: int) -> None:
        total = self.nbytes
        for guild_id, entry in list(self._entries.items()):
            if total <= self._limit_bytes:
                return
            if guild_id != spare and entry.complete:
                total -= entry.matrix.nbytes
                del self._entries[guild_id]

    def add(self, stored: StoredSong, post: Post, heard: HeardSong) -> None:
        """Add a song that was remembered.

        Does nothing where its server is not cached.
        """
        entry = self._entries.get(post.guild_id)
        if entry is None or heard.model != self.model or entry.matrix.contains(stored.song_id):
            return
        page = _page_of(stored, post, heard)
        entry.matrix.add(page, unit(page.vectors), spare=True)
        entry.changed.add(stored.song_id)
        self._after_change(post.guild_id, entry)

    def remove(self, guild_id: int, song_ids: Collection[int]) -> None:
        """Wipe songs that were forgotten: nothing of them stays in memory."""
        entry = self._entries.get(guild_id)
        if entry is None or not song_ids:
            return
        entry.matrix.remove(song_ids)
        entry.changed.update(song_ids)
        self._after_change(guild_id, entry)

    def _after_change(self, guild_id: int, entry: _Entry) -> None:
        if entry.complete:
            entry.changed.clear()
        if entry.matrix.full_of_holes:
            self._evict(guild_id, entry)
        self._evict_over_limit(spare=guild_id)

    def evict(self, guild_id: int) -> None:
        """Wipe a server's matrix; the next search reads it anew."""
        entry = self._entries.get(guild_id)
        if entry is not None:
            self._evict(guild_id, entry)

    def clear(self) -> None:
        """Wipe every server's matrix."""
        for guild_id in list(self._entries):
            self.evict(guild_id)

    def _evict(self, guild_id: int, entry: _Entry) -> None:
        if self._entries.get(guild_id) is entry:
            del self._entries[guild_id]
        entry.matrix.wipe()

    async def close(self) -> None:
        """Stop reading and release everything."""
        reading = [entry.reading for entry in self._entries.values() if entry.reading is not None]
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        self._entries.clear()


def _page_of(stored: StoredSong, post: Post, heard: HeardSong) -> VectorPage:
    traits = heard.traits
    tempo = traits.tempo_bpm
    return VectorPage(
        song_ids=np.array([stored.song_id], np.int64),
        recordings=np.array([stored.recording_id], np.int64),
        channel_ids=np.array([post.channel_id], np.int64),
        poster_ids=np.array([post.poster_id], np.int64),
        contents=np.array([short_content(post.content_hash)], np.uint64),
        tempos=np.array([np.nan if tempo is None else tempo], np.float32),
        genres=(traits.names,),
        sure=np.array([traits.genre is not None]),
        vectors=np.asarray(heard.vector, np.float32)[np.newaxis],
    )
