"""Laying songs out on a plane, so that what sounds alike lies together. Plain numpy.

The way of UMAP (McInnes, Healy and Melville, 2018) in its simplest form: principal components
give the first layout, then neighbours pull each other and random others push away. The same
vectors always give the same layout.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]

NEIGHBOURS = 6  # each song is pulled towards its nearest
STRANGERS = 4  # and pushed from so many others at a time
STEPS = 120
FARTHEST = 4.0  # the longest move in one step, of a layout about 10 wide
WIDE = 10.0
PIECE = 512  # rows compared at a time, so that memory stays small
BY_ORDER = 0.5  # how much of a place is its rank along the axis, as against its distance
FLAT = 1e-4  # an axis along which songs differ less shows nothing


def lay_out(vectors: Floats) -> Floats:
    """Give each song a place.

    Args:
        vectors: (n, dimensions) of unit length.

    Returns:
        (n, 2), each axis from 0 to 1; a single song lies in the middle.
    """
    places = _principal(vectors)
    if len(vectors) > NEIGHBOURS:
        places = _settled(places, _nearest(vectors))
    return _framed(places)


def _principal(vectors: Floats) -> Floats:
    """The two directions in which the songs differ most: (n, 2), about `WIDE` across."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, -1:-3:-1]
    if axes.shape[1] < 2:
        axes = np.hstack([axes, np.zeros_like(axes)])
    # An axis has no direction of its own; its largest part is made positive, so that a map
    # looks the same on every machine.
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, [0, 1]] < 0, -1, 1)
    places = centred @ axes
    return np.asarray(places * (WIDE / max(float(np.ptp(places)), 1e-6)), np.float32)


def _nearest(vectors: Floats) -> Ints:
    """The nearest songs of each: (n, NEIGHBOURS)."""
    found = np.empty((len(vectors), NEIGHBOURS), np.intp)
    for start in range(0, len(vectors), PIECE):
        rows = slice(start, start + PIECE)
        cosines = vectors[rows] @ vectors.T
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -2
        found[rows] = np.argpartition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    return found


def _settled(places: Floats, nearest: Ints) -> Floats:
    """Let neighbours pull and strangers push, less and less."""
    random = np.random.default_rng(0)
    songs = len(places)
    for step in range(STEPS):
        near = places[:, np.newaxis] - places[nearest]
        pull = -near / (1 + _squares(near))
        move = pull.sum(axis=1)
        for axis in (0, 1):  # who is pulled pulls back
            move[:, axis] -= np.bincount(nearest.ravel(), pull[..., axis].ravel(), songs)
        # The same shift for every song spares the gathering of random rows.
        for shift in random.integers(1, songs, STRANGERS):
            far = places - np.roll(places, int(shift), axis=0)
            squares = _squares(far)
            move += far / ((0.05 + squares) * (1 + squares))
        rate = 1 - step / STEPS
        places = places + rate * np.clip(move / 2, -FARTHEST, FARTHEST)
    return places


def _squares(differences: Floats) -> Floats:
    return np.asarray((differences**2).sum(axis=-1, keepdims=True), np.float32)


def _framed(places: Floats) -> Floats:
    """Stretch each axis to 0 to 1, halfway by order, so that neither crowds nor voids rule."""
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    framed = (places - low) / np.maximum(span, 1e-6)
    order = places.argsort(axis=0, kind="stable").argsort(axis=0) / max(len(places) - 1, 1)
    framed = (1 - BY_ORDER) * framed + BY_ORDER * order
    framed[:, span < FLAT] = 0.5
    return np.asarray(framed, np.float32)
