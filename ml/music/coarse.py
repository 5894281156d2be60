"""Coarse copies of vectors, which tell cheaply how near a vector can be at most.

To find the nearest of many vectors exactly, few need a close look: the coarse copies, a quarter of
the size, put a ceiling on every cosine, and a vector whose ceiling is low cannot be near. With q'
and x' for the copies of two vectors of unit length, and by Cauchy and Schwarz,

    q·x  =  q'·x' + q'·(x - x') + (q - q')·x  ≤  q'·x' + |q'| |x - x'| + |q - q'|
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import torch

Floats = npt.NDArray[np.float32]

# Digits have 7 bits. Processors without instructions for 8-bit products add them up in pairs in 16
# bits, one factor shifted by 128: (63 + 128) * 63 * 2 still fits there, 8-bit digits would not,
# and the sums would silently be wrong.
LARGEST_DIGIT = 63
ROUNDING = 1e-4  # more than float32 arithmetic loses on vectors of up to a thousand numbers


@cache
def coarse_copies_pay() -> bool:
    """Tell whether this processor multiplies bytes faster than it reads the vectors themselves.

    Without AVX-512 it takes as long: 2.2 ms for 100,000 vectors of 144 numbers, against 1.8 ms.
    And as every answer rests on these products, they are tried once before they are trusted.
    """
    fast = torch.backends.cpu.get_cpu_capability() == "AVX512"
    return fast and torch.backends.mkldnn.is_available() and _multiplies_exactly()


def _multiplies_exactly() -> bool:
    """Compare the largest products and some random ones with exact arithmetic."""
    random = np.random.default_rng(0)
    digits = random.integers(-LARGEST_DIGIT, LARGEST_DIGIT + 1, (1024, 144), np.int8)
    digits[:2] = [[LARGEST_DIGIT], [-LARGEST_DIGIT]]
    exact = digits.astype(np.float64)
    return all(np.array_equal(_products(digits, digits[i]), exact @ exact[i]) for i in range(3))


def _products(digits: npt.NDArray[np.int8], asked: npt.NDArray[np.int8]) -> npt.NDArray[np.int32]:
    """Multiply (n, dimensions) with (dimensions,): (n,) exact sums."""
    # The column must be a reshaped one: one made with `newaxis` has a stride of 0, which torch
    # takes without complaint and multiplies wrongly.
    column = torch.from_numpy(asked.reshape(-1, 1))
    products: npt.NDArray[np.int32] = torch._int_mm(torch.from_numpy(digits), column).numpy()[:, 0]
    return products


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """Coarse copies of vectors of unit length.

    Attributes:
        digits: (n, dimensions) int8, within ±`LARGEST_DIGIT`.
        steps: (n,) float32, what one digit of a copy counts.
        loosest: (1,) float32, of all that were ever copied here the largest distance between a
            copy and its vector, in steps.
    """

    digits: npt.NDArray[np.int8]
    steps: Floats
    loosest: Floats

    @classmethod
    def empty(cls, count: int, dimensions: int) -> Coarse:
        """Allocate copies of nothing."""
        digits = np.zeros((count, dimensions), np.int8)
        return cls(digits, np.zeros(count, np.float32), np.zeros(1, np.float32))

    @classmethod
    def of(cls, vectors: Floats) -> Coarse:
        """Copy (n, dimensions) vectors of unit length, or zero."""
        steps = np.abs(vectors).max(axis=1) / np.float32(LARGEST_DIGIT)
        exact = vectors / np.where(steps > 0, steps, np.float32(1))[:, np.newaxis]
        digits = np.rint(exact)
        exact -= digits
        loosest = np.sqrt(np.vecdot(exact, exact).max(keepdims=True, initial=0))
        return cls(digits.astype(np.int8), steps, loosest)

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        return self.digits.nbytes + self.steps.nbytes

    def __getitem__(self, chosen: slice | npt.NDArray[np.intp]) -> Coarse:
        """Give some of the copies; of a slice, the same memory."""
        return Coarse(self.digits[chosen], self.steps[chosen], self.loosest)

    def write(self, rows: slice, copies: Coarse) -> None:
        """Write over some of the copies."""
        self.loosest[:] = max(self.loosest[0], copies.loosest[0])
        self.digits[rows] = copies.digits
        self.steps[rows] = copies.steps

    def wipe(self, rows: slice | npt.NDArray[np.intp]) -> None:
        """Overwrite some of the copies with zeros."""
        self.digits[rows] = 0
        self.steps[rows] = 0

    def ceilings(self, vector: Floats) -> Floats:
        """Tell how near each can be at most.

        Args:
            vector: (dimensions,) of unit length.

        Returns:
            (n,) float32; no cosine of a copied vector and `vector` is higher than its ceiling.
        """
        step = float(np.abs(vector).max()) / LARGEST_DIGIT or 1.0
        copy = np.rint(vector / np.float32(step))
        off = float(np.linalg.norm(vector - np.float32(step) * copy))
        ceilings = _products(self.digits, copy.astype(np.int8)).astype(np.float32)
        ceilings *= step
        ceilings += float(self.loosest[0]) * (1 + off)  # |q'| is at most |q| + |q - q'|
        ceilings *= self.steps
        ceilings += off + ROUNDING
        return ceilings
