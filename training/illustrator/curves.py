"""Curves as points: every shape of a drawing is a polyline that a path is made of at the end.

Lengths are in heads: 1 is half the width of the face, x grows to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import skia
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]  # (n, 2)

_CATMULL_ROM = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])


def spline(points: ArrayLike, *, closed: bool = False, steps: int = 6) -> Points:
    """Return a smooth line (n, 2) through the points, `steps` points to a segment."""
    knots = np.asarray(points, np.float64)
    if closed:
        padded = np.vstack([knots[-1], knots, knots[0], knots[1]])
    else:
        padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    time = np.arange(steps) / steps
    weights = np.stack([np.ones(steps), time, time**2, time**3], 1) @ _CATMULL_ROM
    quads = np.stack([padded[:-3], padded[1:-2], padded[2:-1], padded[3:]], 1)
    line = np.einsum("sk,nkd->nsd", weights, quads).reshape(-1, 2)
    return line if closed else np.vstack([line, knots[-1]])


def joined(*pieces: Points) -> Points:
    """Return the lines one after another: corners stay where they meet."""
    return np.vstack(pieces)


def mirrored(points: Points) -> Points:
    """Return the points on the other side of the axis x = 0, in reverse order."""
    return np.asarray(points)[::-1] * [-1.0, 1.0]


def ribbon(spine: Points, width: NDArray[np.float64] | float) -> Points:
    """Return the outline of a band along `spine` (n, 2), `width` wide at each of its points."""
    along = np.gradient(spine, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    aside = np.stack([-along[:, 1], along[:, 0]], 1) * (np.asarray(width) / 2)[..., None]
    return np.vstack([spine + aside, (spine - aside)[::-1]])


def profile(count: int, *knots: tuple[float, float]) -> NDArray[np.float64]:
    """Return `count` widths, interpolated between (place along the line in [0, 1], width)."""
    places, widths = zip(*knots, strict=True)
    even = np.interp(np.linspace(0, 1, count), places, widths)
    ends = even[0], even[-1]
    smooth = np.convolve(np.pad(even, 2, mode="edge"), np.ones(5) / 5, "valid")
    smooth[0], smooth[-1] = ends
    return smooth


def oval(x: float, y: float, across: float, down: float, *, steps: int = 28) -> Points:
    """Return the outline of an ellipse with these half-axes."""
    angle = np.arange(steps) * (2 * np.pi / steps)
    return np.stack([x + across * np.cos(angle), y + down * np.sin(angle)], 1)


def moved(points: Points, x: float, y: float) -> Points:
    """Return the points, or the point, moved by (x, y)."""
    return np.add(points, (x, y))


def turned(points: Points, degrees: float, about: Sequence[float] = (0, 0)) -> Points:
    """Return the points turned clockwise (as y grows downwards) about a point."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    pivot = np.asarray(about, np.float64)
    return np.asarray((points - pivot) @ matrix + pivot)


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
