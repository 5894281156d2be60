"""The locks of a fringe, found in its edge, and where pixels are as seen from them.

The traits tell how far down the hair reaches at each place across the head. Where that is farthest
a lock ends, and where it is least two locks meet. Every lock is drawn alike, whatever its length
and width, so what it looks like lies in a texture. Lengths are in heads, as `ml.avatar.layout` has
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ml.avatar.scenery import TextureCoordinates
from ml.avatar.traits import FRINGE_POINTS, FRINGE_SPAN

Points = npt.NDArray[np.float32]

TILES: Final = 4  # of a texture of locks, one below the other: the inner ones', the outer ones'
SHADOW: Final = 0.055, 0.1  # heads a fringe's shadow lies off the light, and below it
OVER_LOCK: Final = 0.16  # heads from the tip of a lock to that of one that lies over the fringe
_TURN = 0.05  # heads by which an edge goes back for there to be a tip or a valley
_ABOVE = 0.6  # heads above its valleys that a lock's texture shows
_BELOW = 1.3  # lengths from its valleys to its tip that it shows
_MARGIN = 0.94  # of a tile that is read: its neighbours do not shine through
_OUTER = 0.15  # heads beyond the hair's sides that the outer locks' textures show
_NARROWED = 0.4, -0.45  # by how much locks run together up to the parting, and from which height


def locks_of(edge: Points) -> tuple[Points, Points]:
    """Find the locks of a fringe.

    Args:
        edge: (FRINGE_POINTS,), how far down the hair reaches at places across the head.

    Returns:
        The tips (n, 2) from left to right, and the valleys (n - 1, 2) between them; at least one
        tip.
    """
    turns: list[int] = []
    best, down = 0, True  # `down`: the edge is on its way to a tip
    for at in range(1, len(edge)):
        further = edge[at] > edge[best] if down else edge[at] < edge[best]
        if further:
            best = at
        elif abs(edge[at] - edge[best]) > _TURN:
            turns.append(best)
            best, down = at, not down
    if down or not turns:
        turns.append(best)
    low, high = FRINGE_SPAN
    x = low + (high - low) / (FRINGE_POINTS - 1) * np.arange(FRINGE_POINTS)
    knots = np.stack([x, edge], 1).astype(np.float32)[turns]
    return knots[::2], knots[1::2]


def below_edge(edges: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return how far places (n, side, side) are below the edges (n, FRINGE_POINTS) of fringes."""
    low, high = FRINGE_SPAN
    place = ((x - low) / (high - low) * (FRINGE_POINTS - 1)).clamp(0, FRINGE_POINTS - 1.001)
    index = place.floor().long()
    flat = index.flatten(1)
    at, after = edges.gather(1, flat), edges.gather(1, flat + 1)
    share = (place - index).flatten(1)
    return y - (at + share * (after - at)).view_as(x)


@dataclass(frozen=True, slots=True, eq=False)
class Fringes:
    """The fringes of several portraits.

    Attributes:
        tips: (n, locks, 2), padded with the last.
        knots: (n, locks + 1, 2), the valleys beside each lock, those at the ends included; what
            is padded lies far to the right.
        counts: (n,), locks.
    """

    tips: Tensor
    knots: Tensor
    counts: Tensor

    @classmethod
    def of(cls, edges: Tensor, left: Tensor, right: Tensor) -> Fringes:
        """Find them.

        Args:
            edges: (n, FRINGE_POINTS).
            left: (n,), x of the hair's side, where the outermost lock begins.
            right: the same at the other side.
        """
        edges, left, right = (each.detach() for each in (edges, left, right))
        found = [locks_of(edge) for edge in edges.cpu().numpy()]
        most = max(len(tips) for tips, _ in found)
        tips = np.zeros((len(found), most, 2), np.float32)
        knots = np.full((len(found), most + 1, 2), 99, np.float32)
        for row, (own, valleys) in enumerate(found):
            tips[row] = own[-1]
            tips[row, : len(own)] = own
            knots[row, 0] = float(left[row]), 0
            knots[row, 1 : len(own)] = valleys
            knots[row, len(own)] = float(right[row]), 0
        counts = torch.tensor([len(own) for own, _ in found], device=edges.device)
        return cls(_like(edges, tips), _like(edges, knots), counts)

    def coordinates(
        self, part: tuple[Tensor, Tensor], light: Tensor, styles: Tensor, x: Tensor, y: Tensor
    ) -> TextureCoordinates:
        """Return where pixels are within the locks.

        Args:
            part: x and y (n, 1, 1), to where the locks run up.
            light: (n, 1, 1), from which side it comes.
            styles: (n, styles).
            x: (n, side, side), places in the head's frame.
            y: the same.
        """
        narrowed, low = _NARROWED
        gone = ((low - y) / (low - part[1])).clamp(0, 1)
        x = (x - narrowed * gone * part[0]) / (1 - narrowed * gone)
        starts = self.knots[:, :, 0].clone()
        starts[:, 0] -= _OUTER
        starts.scatter_add_(1, self.counts[:, None], torch.full_like(starts[:, :1], _OUTER))
        lock = torch.searchsorted(starts, x.flatten(1).contiguous()) - 1
        within = (lock >= 0) & (lock < self.counts[:, None])
        lock = lock.clamp(min=0).minimum(self.counts[:, None] - 1)
        within, lock = within.view_as(x), lock.view_as(x)
        left, right = (self._at(self.knots, lock + step) for step in (0, 1))
        tip = self._at(self.tips, lock)
        across = 2 * (x - left[0]) / (right[0] - left[0]) - 1
        base = left[1] + 0.5 * (across + 1) * (right[1] - left[1])
        down = y - base
        long = (tip[1] - base).clamp(min=0.05)
        v = torch.where(down > 0, down / long, down / _ABOVE)
        leaning = 2 * (tip[0] - left[0]) / (right[0] - left[0]) - 1
        outward = torch.where(tip[0] > part[0], 1.0, -1.0)
        u = outward * (across - leaning * v.clamp(0, _BELOW)) / 1.6
        outer = (lock == 0) | (lock == (self.counts[:, None, None] - 1))
        tile = 2 * outer.float() + (outward * light > 0).float()
        return _tiled(u, (2 * v + 1 - _BELOW) / (1 + _BELOW), tile, TILES, within, styles)

    def over_coordinates(
        self, part: tuple[Tensor, Tensor], light: Tensor, styles: Tensor, x: Tensor, y: Tensor
    ) -> TextureCoordinates:
        """Return where pixels are within the lock that lies over the fringe, by the longest."""
        inner = torch.arange(self.tips.shape[1], device=x.device)[None]
        inner = (inner > 0) & (inner < self.counts[:, None] - 1)
        longest = torch.where(inner, self.tips[:, :, 1], -9.0).argmax(1)
        tip = self.tips[torch.arange(len(x)), longest][:, :, None, None]
        outward = torch.where(tip[:, 0] > part[0], 1.0, -1.0)
        tip_x, tip_y = tip[:, 0] + OVER_LOCK * outward, tip[:, 1] + 0.02
        root_x, root_y = tip_x + 0.5 * (part[0] - tip_x), tip_y + 0.6 * (part[1] - tip_y)
        v = (y - root_y) / (tip_y - root_y)
        middle = root_x + (tip_x - root_x) * (1.25 * v - 0.25) * v
        tile = (outward * light > 0).float().expand_as(x)
        within = inner.any(1)[:, None, None].expand_as(x)
        return _tiled(outward * (x - middle) / 0.17, (v - 0.5) / 0.6, tile, 2, within, styles)

    @staticmethod
    def _at(points: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        flat = which.flatten(1)
        x, y = (points[:, :, axis].gather(1, flat).view_as(which) for axis in (0, 1))
        return x, y


def _tiled(
    u: Tensor, v: Tensor, tile: Tensor, tiles: int, within: Tensor, styles: Tensor
) -> TextureCoordinates:
    """Return places in one of a texture's tiles, which lie below each other."""
    within = within & (v.abs() < _MARGIN)
    placed = (v.clamp(-1, 1) + 2 * tile + 1) / tiles - 1
    return TextureCoordinates(torch.where(within, u, 9.0), placed, styles)


def _like(tensor: Tensor, numbers: Points) -> Tensor:
    return torch.from_numpy(numbers).to(tensor.device)
