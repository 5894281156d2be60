"""The matrices of the servers asked lately, within a limit of memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from bot.retrieval.index import SongMatrix, prepared, unit
from storage.codecs import short_content
from storage.song_values import HeardSong, Post, VectorPage
from storage.songs import Songs


@dataclass(slots=True, eq=False)
class _Held:
    """A server's matrix; `changed` are songs that came or went while it was being read."""

    matrix: SongMatrix = field(default_factory=SongMatrix)
    reading: asyncio.Task[None] | None = None
    changed: set[int] = field(default_factory=set)


class VectorCache:
    """Holds what one model heard, a matrix a server; those asked longest ago leave first.

    A matrix is read from the database at the first question and from then on follows every
    change. One server is always held, however large it is.
    """

    def __init__(self, songs: Songs, model: str, limit_bytes: int, executor: Executor) -> None:
        self.model = model
        self._songs = songs
        self._limit_bytes = limit_bytes
        self._executor = executor
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._one_by_one = asyncio.Lock()  # reading several at once would outgrow the limit

    @property
    def nbytes(self) -> int:
        """Memory held by all matrices."""
        return sum(held.matrix.nbytes for held in self._held.values())

    async def matrix(self, guild_id: int) -> SongMatrix:
        """Give the server's matrix, read from the database when it is not held."""
        while True:
            held = self._held.setdefault(guild_id, _Held())
            if held.reading is None:
                held.reading = asyncio.create_task(self._read(guild_id, held))
            await asyncio.shield(held.reading)  # others may wait for it as well
            if self._held.get(guild_id) is held:  # else it was dropped meanwhile
                self._held.move_to_end(guild_id)
                return held.matrix

    async def _read(self, guild_id: int, held: _Held) -> None:
        try:
            async with self._one_by_one:
                await self._read_pages(guild_id, held)
        except BaseException:
            self._let_go(guild_id, held)
            raise
        held.changed.clear()

    async def _read_pages(self, guild_id: int, held: _Held) -> None:
        loop = asyncio.get_running_loop()
        count = await self._songs.count_vectors(guild_id, self.model)
        after = 0
        while page := await self._songs.vectors(guild_id, self.model, after=after):
            vectors, coarse = await loop.run_in_executor(
                self._executor, prepared, page.vectors, count
            )
            if self._held.get(guild_id) is not held:
                return
            if after == 0:
                held.matrix.reserve(max(count, len(vectors)), vectors.shape[1])
            # A page may be older than a change that came while it was on its way.
            held.matrix.add(page, vectors, coarse, leave_out=held.changed)
            after = int(page.song_ids[-1])
            self._make_room(keep=guild_id)

    def _make_room(self, keep: int) -> None:
        total = self.nbytes
        for guild_id, held in list(self._held.items()):
            if total <= self._limit_bytes:
                return
            if guild_id != keep and held.reading is not None and held.reading.done():
                total -= held.matrix.nbytes
                del self._held[guild_id]

    def add(self, song_id: int, post: Post, heard: HeardSong) -> None:
        """Follow a song that was remembered."""
        held = self._held.get(post.guild_id)
        if held is None or heard.model != self.model or held.matrix.holds(song_id):
            return
        page = _page_of(song_id, post, heard)
        held.matrix.add(page, unit(page.vectors), room=True)
        held.changed.add(song_id)
        self._settle(post.guild_id, held)

    def remove(self, guild_id: int, song_ids: Collection[int]) -> None:
        """Follow songs that were forgotten: nothing of them stays in memory."""
        held = self._held.get(guild_id)
        if held is None or not song_ids:
            return
        held.matrix.remove(song_ids)
        held.changed.update(song_ids)
        self._settle(guild_id, held)

    def _settle(self, guild_id: int, held: _Held) -> None:
        if held.reading is not None and held.reading.done():
            held.changed.clear()
        if held.matrix.full_of_holes:
            self._let_go(guild_id, held)
        self._make_room(keep=guild_id)

    def drop(self, guild_id: int) -> None:
        """Let go of a server; the next question reads it anew."""
        held = self._held.get(guild_id)
        if held is not None:
            self._let_go(guild_id, held)

    def drop_all(self) -> None:
        """Let go of every server."""
        for guild_id in list(self._held):
            self.drop(guild_id)

    def _let_go(self, guild_id: int, held: _Held) -> None:
        if self._held.get(guild_id) is held:
            del self._held[guild_id]
        held.matrix.wipe()

    async def close(self) -> None:
        """Stop reading and let go of everything."""
        reading = [held.reading for held in self._held.values() if held.reading is not None]
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        self._held.clear()


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
