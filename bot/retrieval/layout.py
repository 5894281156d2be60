"""Lay songs out on a plane, so that similar ones lie together. Plain numpy.

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
PUSHED_FROM = 4  # and pushed from so many random others at a time
STEPS = 120
LONGEST_MOVE = 4.0  # the longest move in one step, of a layout about 10 wide
WIDTH = 10.0  # of the layout before it is framed
CHUNK = 512  # rows compared at a time, so that memory stays small
RANK_SHARE = 0.5  # of a coordinate that is its rank along the axis, the rest its distance
FLAT_SPAN = 1e-4  # an axis along which songs differ less shows nothing


def lay_out(vectors: Floats) -> Floats:
    """Return a place on the plane for each song.

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
    """Project on the two directions of most variance: (n, 2), `WIDTH` across."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, -1:-3:-1]
    if axes.shape[1] < 2:
        axes = np.hstack([axes, np.zeros_like(axes)])
    # The sign of an eigenvector is arbitrary; its largest part is made positive, so that a map
    # looks the same on every machine.
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, [0, 1]] < 0, -1, 1)
    places = centred @ axes
    return np.asarray(places * (WIDTH / max(float(np.ptp(places)), 1e-6)), np.float32)


def _nearest(vectors: Floats) -> Ints:
    """Find the nearest songs of each: (n, NEIGHBOURS)."""
    found = np.empty((len(vectors), NEIGHBOURS), np.intp)
    for start in range(0, len(vectors), CHUNK):
        rows = slice(start, start + CHUNK)
        cosines = vectors[rows] @ vectors.T
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -2
        found[rows] = np.argpartition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    return found


def _settled(places: Floats, nearest: Ints) -> Floats:
    """Let neighbours pull and random others push, less and less."""
    random = np.random.default_rng(0)
    songs = len(places)
    for step in range(STEPS):
        near = places[:, np.newaxis] - places[nearest]
        pull = -near / (1 + _squares(near))
        move = pull.sum(axis=1)
        for axis in (0, 1):  # who is pulled pulls back
            move[:, axis] -= np.bincount(nearest.ravel(), pull[..., axis].ravel(), songs)
        # The same shift for every song spares the gathering of random rows.
        for shift in random.integers(1, songs, PUSHED_FROM):
            far = places - np.roll(places, int(shift), axis=0)
            squares = _squares(far)
            move += far / ((0.05 + squares) * (1 + squares))
        rate = 1 - step / STEPS
        places = places + rate * np.clip(move / 2, -LONGEST_MOVE, LONGEST_MOVE)
    return places


def _squares(differences: Floats) -> Floats:
    return np.asarray((differences**2).sum(axis=-1, keepdims=True), np.float32)


def _framed(places: Floats) -> Floats:
    """Stretch each axis to 0 to 1.

    Halfway by order, so that neither clusters nor gaps dominate.
    """
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    framed = (places - low) / np.maximum(span, 1e-6)
    order = places.argsort(axis=0, kind="stable").argsort(axis=0) / max(len(places) - 1, 1)
    framed = (1 - RANK_SHARE) * framed + RANK_SHARE * order
    framed[:, span < FLAT_SPAN] = 0.5
    return np.asarray(framed, np.float32)
