"""Rows of a server's matrix that were allocated together: vectors, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.music.coarse import Coarse, coarse_copies_pay

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
class Block:
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
    def empty(cls, rows: int, dimensions: int) -> Block:
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
