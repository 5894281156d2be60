"""One server's vectors in memory: blocks of rows that grow and shrink. Plain numpy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from storage.song_values import VectorPage

FACTS = np.dtype(
    [
        ("song_id", np.int64),
        ("poster_id", np.int64),
        ("content", np.uint64),  # the first 8 bytes of the file's hash, 0: unknown
        ("channel", np.int32),  # number in `SongMatrix.channels`
        ("genre", np.int32),  # number in `SongMatrix.genres`
        ("tempo", np.float32),  # beats a minute, NaN: unknown
        ("alive", np.bool_),
    ]
)
EMPTY_BYTES = 1024  # about what a matrix without songs takes
SMALLEST_BLOCK, LARGEST_BLOCK = 16, 4096  # rows; a growing server gets an eighth more at a time
HOLES_ALLOWED = 64  # or a quarter of the songs; beyond that the matrix is read anew


@dataclass(frozen=True, slots=True, eq=False)
class RowBlock:
    """Rows that were allocated together.

    Attributes:
        vectors: (rows, dimensions) float32 of unit length.
        facts: (rows,) of `FACTS`.
    """

    vectors: npt.NDArray[np.float32]
    facts: npt.NDArray[np.void]

    @classmethod
    def empty(cls, rows: int, dimensions: int) -> RowBlock:
        """Allocate rows that hold nothing yet."""
        return cls(np.zeros((rows, dimensions), np.float32), np.zeros(rows, FACTS))

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        return self.vectors.nbytes + self.facts.nbytes

    def wipe(self, rows: slice | npt.NDArray[np.intp]) -> None:
        """Overwrite rows with zeros."""
        self.facts[rows] = np.zeros((), FACTS)
        self.vectors[rows] = 0


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
        channels: number of each channel id, as in `FACTS`.
        genres: number of each genre, as in `FACTS`.
        songs: how many songs are alive.
        nbytes: size in memory.
        wiped: whether the matrix was evicted; a search that ends now must be repeated.
    """

    def __init__(self) -> None:
        self.channels: dict[int, int] = {}
        self.genres: dict[str | None, int] = {}
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
        return any((block.facts["song_id"] == song_id).any() for block in self._blocks)

    def _facts(self, page: VectorPage) -> npt.NDArray[np.void]:
        facts = np.zeros(len(page.song_ids), FACTS)
        facts["song_id"] = page.song_ids
        facts["poster_id"] = page.poster_ids
        facts["content"] = page.contents
        facts["tempo"] = page.tempos
        facts["alive"] = True
        channels, genres = self.channels, self.genres
        facts["channel"] = [
            channels.setdefault(channel, len(channels)) for channel in page.channel_ids.tolist()
        ]
        facts["genre"] = [genres.setdefault(genre, len(genres)) for genre in page.genres]
        return facts

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
            found = np.flatnonzero(np.isin(block.facts["song_id"], wanted) & block.facts["alive"])
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
