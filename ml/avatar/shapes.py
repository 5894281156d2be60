"""Lines and the places beside them, as the layout of a face needs them."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def beside_line(spine: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far along a spine (n, points, 2) places are, 0 to 1, and how far beside it."""
    way = spine[:, 1:] - spine[:, :-1]
    squares = way.square().sum(2, keepdim=True) + 1e-8
    off_a, off_b = a[:, None] - spine[:, :-1, :1], b[:, None] - spine[:, :-1, 1:]
    share = ((off_a * way[:, :, :1] + off_b * way[:, :, 1:]) / squares).clamp(0, 1)
    rest_a, rest_b = off_a - share * way[:, :, :1], off_b - share * way[:, :, 1:]
    distance = rest_a.square() + rest_b.square()
    nearest = distance.argmin(1, keepdim=True)
    crossed = off_b * way[:, :, :1] - off_a * way[:, :, 1:]
    side = crossed.gather(1, nearest).sign()
    along = (share.gather(1, nearest) + nearest) / (spine.shape[1] - 1)
    beside = side * (distance.gather(1, nearest) + 1e-10).sqrt()
    return along[:, 0], beside[:, 0]


def leaf_width(along: Tensor) -> Tensor:
    """Return half the width of an ear along it, about as the illustrator cuts it."""
    return (0.46 + 2.2 * along * (1 - along)).clamp(max=1.0) * (1 - along.pow(4))


def evenly(knots: Tensor, count: int) -> Tensor:
    """Return as many points evenly along a smooth line through knots (n, 2)."""
    line = smooth_line(knots)
    steps = (line[1:] - line[:-1]).norm(dim=1)
    gone = torch.cat([torch.zeros(1), steps.cumsum(0)]) / steps.sum()
    return along(gone, line, torch.linspace(0, 1, count))


def smooth_line(knots: Tensor, steps: int = 8) -> Tensor:
    """Return a Catmull-Rom line through knots (n, 2), so many points from one to the next."""
    places = torch.linspace(0, len(knots) - 1, steps * (len(knots) - 1) + 1)
    padded = torch.cat([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    index = places.floor().long().clamp(max=len(knots) - 2)
    t = (places - index)[:, None]
    p0, p1, p2, p3 = (padded[index + step] for step in range(4))
    line: Tensor = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )  # fmt: skip
    return line


def along(gone: Tensor, line: Tensor, wanted: Tensor) -> Tensor:
    """Return the points of a line (n, 2) where as much of it is gone as wanted.

    Args:
        gone: (n,), rising, of each point.
        line: the points.
        wanted: (m,), within what is gone.
    """
    index = torch.searchsorted(gone, wanted).clamp(1, len(gone) - 1)
    share = ((wanted - gone[index - 1]) / (gone[index] - gone[index - 1]))[:, None]
    points: Tensor = line[index - 1] + share * (line[index] - line[index - 1])
    return points


def waves(place: Tensor, *frequencies: int) -> list[Tensor]:
    """Return sine and cosine of places, by frequency; a place of 2 is once around."""
    return [
        wave(math.pi * frequency * place)
        for frequency in frequencies
        for wave in (torch.sin, torch.cos)
    ]
