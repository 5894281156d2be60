"""One server's vectors in memory: blocks of rows that grow and shrink."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.music.coarse import Coarse, coarse_copies_pay
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
MANY = 4096  # rows; fewer are searched in no time without coarse copies, which would cost memory


@dataclass(frozen=True, slots=True, eq=False)
class RowBlock:
    """Rows that were allocated together.

    Attributes:
        vectors: (rows, dimensions) float32 of unit length.
        facts: (rows,) of `FACTS`.
        coarse: copies of the vectors, where they make the search faster.
    """

    vectors: npt.NDArray[np.float32]
    facts: npt.NDArray[np.void]
    coarse: Coarse | None

    @classmethod
    def empty(cls, rows: int, dimensions: int) -> RowBlock:
        """Allocate rows that hold nothing yet."""
        coarse = Coarse.empty(rows, dimensions) if copied_coarsely(rows) else None
        return cls(np.zeros((rows, dimensions), np.float32), np.zeros(rows, FACTS), coarse)

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        coarse = self.coarse.nbytes if self.coarse else 0
        return self.vectors.nbytes + self.facts.nbytes + coarse

    def write(
        self,
        rows: slice,
        vectors: npt.NDArray[np.float32],
        facts: npt.NDArray[np.void],
        coarse: Coarse | None = None,
    ) -> None:
        """Fill rows; coarse copies are made where they are needed and not given."""
        self.vectors[rows] = vectors
        self.facts[rows] = facts
        if self.coarse is not None:
            self.coarse.write(rows, Coarse.of(vectors) if coarse is None else coarse)

    def wipe(self, rows: slice | npt.NDArray[np.intp]) -> None:
        """Overwrite rows with zeros."""
        self.facts[rows] = np.zeros((), FACTS)
        self.vectors[rows] = 0
        if self.coarse is not None:
            self.coarse.wipe(rows)

    def cosines(self, vector: npt.NDArray[np.float32], used: int) -> npt.NDArray[np.float32]:
        """Compare the first `used` rows with a (dimensions,) vector of unit length."""
        # Row by row at the speed of memory; BLAS's matrix-vector product took three times as long.
        cosines: npt.NDArray[np.float32] = np.vecdot(self.vectors[:used], vector)
        return cosines

    def ceilings(self, vector: npt.NDArray[np.float32], used: int) -> npt.NDArray[np.float32]:
        """Tell above which values none of these cosines lies: (used,) float32."""
        if self.coarse is None:
            return self.cosines(vector, used)
        return self.coarse[:used].ceilings(vector)


def copied_coarsely(rows: int) -> bool:
    """Tell whether a block of so many rows keeps coarse copies as well."""
    return rows >= MANY and coarse_copies_pay()


OWN_BYTES = 1024  # about what an empty matrix takes
SMALLEST_BLOCK, LARGEST_BLOCK = 16, 4096  # rows; a growing server gets an eighth more at a time
HOLES_ALLOWED = 64  # or a quarter of the songs; beyond that the matrix is read anew


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a row lies."""

    block: int
    row: int


def unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scale (n, dimensions) vectors to unit length; a zero vector stays zero."""
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))[:, np.newaxis]
    scaled = np.zeros_like(vectors)
    np.divide(vectors, lengths, out=scaled, where=lengths > 0)
    return scaled


def prepared(
    vectors: npt.NDArray[np.float32], songs: int
) -> tuple[npt.NDArray[np.float32], Coarse | None]:
    """Scale vectors to unit length, and copy them coarsely if that many songs need it."""
    scaled = unit(vectors)
    return scaled, Coarse.of(scaled) if copied_coarsely(songs) else None


class SongMatrix:
    """The songs of one server that one model heard."""

    def __init__(self) -> None:
        self.channels: dict[int, int] = {}
        self.genres: dict[str | None, int] = {}
        self.songs = 0
        self.nbytes = OWN_BYTES
        self._blocks: list[RowBlock] = []
        self._used: list[int] = []
        self.wiped = False
        self._holes = 0

    def add(
        self,
        page: VectorPage,
        vectors: npt.NDArray[np.float32],
        coarse: Coarse | None = None,
        *,
        leave_out: Collection[int] = (),
        room: bool = False,
    ) -> None:
        """Add songs behind the others.

        Args:
            page: the songs, none of which is here unless it is left out.
            vectors: their vectors, of unit length.
            coarse: coarse copies of the vectors, if they were made already.
            leave_out: ids of songs of the page not to add.
            room: leave room for more songs to come one by one.
        """
        taken = np.flatnonzero(~np.isin(page.song_ids, list(leave_out)))
        if len(taken) == 0:
            return
        block, start = self._place_for(len(taken), vectors.shape[1], room=room)
        rows = slice(start, start + len(taken))
        facts = self._facts(page)[taken]
        self._blocks[block].write(rows, vectors[taken], facts, coarse[taken] if coarse else None)
        self._used[block] = rows.stop
        self.songs += len(taken)

    def reserve(self, rows: int, dimensions: int) -> None:
        """Make room for so many songs in one piece, which is read faster than many."""
        block = RowBlock.empty(rows, dimensions)
        self._blocks.append(block)
        self._used.append(0)
        self.nbytes += block.nbytes

    def holds(self, song_id: int) -> bool:
        """Tell whether a song is here."""
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

    def _place_for(self, count: int, dimensions: int, *, room: bool) -> tuple[int, int]:
        """Find or make a block with `count` free rows; gives it and its first free row."""
        if self._blocks:
            last = len(self._blocks) - 1
            if self._used[last] + count <= len(self._blocks[last].facts):
                return last, self._used[last]
        spare = min(max(SMALLEST_BLOCK, self.songs // 8), LARGEST_BLOCK) if room else 0
        self.reserve(max(count, spare), dimensions)
        return len(self._blocks) - 1, 0

    def remove(self, song_ids: Collection[int]) -> None:
        """Wipe songs; those that are not here are passed over."""
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
        """Whether so many songs were forgotten that reading the rest anew saves memory."""
        return self._holes > max(HOLES_ALLOWED, self.songs // 4)

    def snapshot(self) -> tuple[tuple[RowBlock, int], ...]:
        """Give the blocks and how many of their rows are in use now."""
        return tuple(zip(self._blocks, self._used, strict=True))

    def stands(self, slot: Slot) -> bool:
        """Tell whether the song at this place is still remembered."""
        return bool(self._blocks[slot.block].facts["alive"][slot.row])

    def vector(self, slot: Slot) -> npt.NDArray[np.float32]:
        """Copy one song's (dimensions,) float32 vector of unit length."""
        return np.array(self._blocks[slot.block].vectors[slot.row])
