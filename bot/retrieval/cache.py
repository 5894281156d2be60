"""An LRU cache of the matrices of servers, within a limit of memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from bot.retrieval.index import SongMatrix, unit
from storage.codecs import short_content
from storage.song_values import HeardSong, Post, VectorPage
from storage.songs import Songs


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

    def add(self, song_id: int, post: Post, heard: HeardSong) -> None:
        """Add a song that was remembered.

        Does nothing where its server is not cached.
        """
        entry = self._entries.get(post.guild_id)
        if entry is None or heard.model != self.model or entry.matrix.contains(song_id):
            return
        page = _page_of(song_id, post, heard)
        entry.matrix.add(page, unit(page.vectors), spare=True)
        entry.changed.add(song_id)
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


def _page_of(song_id: int, post: Post, heard: HeardSong) -> VectorPage:
    tempo = heard.traits.tempo_bpm
    return VectorPage(
        song_ids=np.array([song_id], np.int64),
        channel_ids=np.array([post.channel_id], np.int64),
        poster_ids=np.array([post.poster_id], np.int64),
        contents=np.array([short_content(post.content_hash)], np.uint64),
        tempos=np.array([np.nan if tempo is None else tempo], np.float32),
        genres=(heard.traits.genre,),
        vectors=np.asarray(heard.vector, np.float32)[np.newaxis],
    )
