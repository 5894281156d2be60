"""Curves as points: every shape of a drawing is a polyline that a path is made of at the end.

Lengths are in heads: 1 is half the width of the face, x grows to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import skia
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]  # (n, 2)

_CATMULL_ROM = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])


def spline(points: ArrayLike, *, closed: bool = False, steps: int = 7) -> Points:
    """Return a smooth line (n, 2) through the points, `steps` points to a segment."""
    knots = np.asarray(points, np.float64)
    return np.asarray(_weights(len(knots), closed, steps) @ knots)


@lru_cache(maxsize=256)
def _weights(count: int, closed: bool, steps: int) -> NDArray[np.float64]:
    """Return what each of `count` knots adds to each point of a Catmull-Rom spline."""
    own = np.eye(count)
    if closed:
        padded = np.vstack([own[-1], own, own[0], own[1]])
    else:
        padded = np.vstack([2 * own[0] - own[1], own, 2 * own[-1] - own[-2]])
    time = np.arange(steps) / steps
    basis = np.stack([np.ones(steps), time, time**2, time**3], 1) @ _CATMULL_ROM
    quads = np.stack([padded[:-3], padded[1:-2], padded[2:-1], padded[3:]], 1)
    line = np.einsum("sk,nkd->nsd", basis, quads).reshape(-1, count)
    return line if closed else np.vstack([line, own[-1]])


def joined(*pieces: Points) -> Points:
    """Return the lines one after another: corners stay where they meet."""
    return np.concatenate(pieces)


def blended(one: ArrayLike, other: ArrayLike, share: float) -> Points:
    """Return points `share` of the way from `one` to `other`, knot by knot."""
    return np.asarray(one, np.float64) * (1 - share) + np.asarray(other, np.float64) * share


def ribbon(spine: Points, width: NDArray[np.float64] | float) -> Points:
    """Return the outline of a band along `spine` (n, 2), `width` wide at each of its points."""
    aside = normals(spine) * (np.asarray(width) / 2)[..., None]
    return np.concatenate([spine + aside, (spine - aside)[::-1]])


def normals(spine: Points) -> Points:
    """Return unit vectors (n, 2) to the right of the way along `spine`, as y grows downwards."""
    along = np.empty_like(spine)
    along[1:-1] = spine[2:] - spine[:-2]
    along[0], along[-1] = spine[1] - spine[0], spine[-1] - spine[-2]
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return np.stack([-along[:, 1], along[:, 0]], 1)


@lru_cache(maxsize=1024)
def profile(count: int, *knots: tuple[float, float]) -> NDArray[np.float64]:
    """Return `count` widths, interpolated between (place along the line in [0, 1], width)."""
    places, widths = zip(*knots, strict=True)
    even = np.interp(np.linspace(0, 1, count), places, widths)
    padded = np.concatenate([even[:1], even[:1], even, even[-1:], even[-1:]])
    smooth = np.stack([padded[step : step + count] for step in range(5)]).mean(0)
    smooth[0], smooth[-1] = even[0], even[-1]
    smooth.flags.writeable = False  # it is shared by all who ask for the same
    return np.asarray(smooth)


def oval(x: float, y: float, across: float, down: float, *, steps: int = 28) -> Points:
    """Return the outline of an ellipse with these half-axes."""
    return _circle(steps) * (across, down) + (x, y)


@lru_cache(maxsize=8)
def _circle(steps: int) -> Points:
    angle = np.arange(steps) * (2 * np.pi / steps)
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def moved(points: ArrayLike, x: float, y: float) -> Points:
    """Return the points, or the point, moved by (x, y)."""
    return np.add(points, (x, y))


def turned(points: ArrayLike, degrees: float, about: Sequence[float] = (0, 0)) -> Points:
    """Return the points turned clockwise (as y grows downwards) about a point."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    pivot = np.asarray(about, np.float64)
    return np.asarray((np.asarray(points, np.float64) - pivot) @ matrix + pivot)


def path(points: Points, *, closed: bool = True) -> Any:
    """Return the points as a `skia.Path`."""
    made = skia.Path()
    made.moveTo(*points[0].tolist())
    draw_to = made.lineTo  # ten times as fast as handing over a list of points
    for x, y in points[1:].tolist():
        draw_to(x, y)
    if closed:
        made.close()
    return made
