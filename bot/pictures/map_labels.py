"""Where the titles on a map go, so that none covers another or what matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

GAP = 10.0  # px between a dot and its title
CROWD = 0.01  # part of all dots that a title may cover


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box) -> bool:
        """Tell whether the two share any of the plane."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Tell whether this one lies wholly inside the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )

    def covers(self, points: npt.NDArray[np.float32]) -> int:
        """Count the (n, 2) points inside."""
        x, y = points[:, 0], points[:, 1]
        inside = (x > self.left) & (x < self.right) & (y > self.top) & (y < self.bottom)
        return int(inside.sum())


@dataclass(frozen=True, slots=True)
class Tag:
    """A title that wants a place.

    Attributes:
        at: the middle of its dot, px.
        radius: of the dot, px.
        size: width and height of the title, px.
        needed: it is shown even where it covers dots.
    """

    at: tuple[float, float]
    radius: float
    size: tuple[float, float]
    needed: bool = False


def placed(
    tags: Sequence[Tag],
    dots: npt.NDArray[np.float32],
    kept_free: Iterable[Box],
    room: Box,
    most: int,
) -> dict[int, Box]:
    """Give the titles places, the first ones first.

    Args:
        tags: what wants a place, in the order of what matters.
        dots: (n, 2) middles of all dots, px; a title covers as few as it can.
        kept_free: what no title may cover at all.
        room: where titles may be.
        most: titles shown, the needed ones included.

    Returns:
        The places, by the number of the tag; titles without a place are left out.
    """
    taken = list(kept_free)
    found: dict[int, Box] = {}
    allowed = CROWD * len(dots)
    for number, tag in enumerate(tags):
        if len(found) == most:
            break
        free = [
            box
            for box in _around(tag)
            if box.within(room) and not any(box.touches(other) for other in taken)
        ]
        best = min(free, key=lambda box: box.covers(dots), default=None)
        if best is not None and (tag.needed or best.covers(dots) <= allowed):
            found[number] = best
            taken.append(best)
    return found


def _around(tag: Tag) -> Iterator[Box]:
    """The places beside, above and below a dot, the most readable first."""
    (x, y), (width, height) = tag.at, tag.size
    away = tag.radius + GAP
    rises = (-height / 2, -height * 0.9, -height * 0.1)
    for left in (x + away, x - away - width):
        for rise in rises:
            yield Box(left, y + rise, left + width, y + rise + height)
    for shift in (0.5, 0.2, 0.8):
        left = x - width * shift
        yield Box(left, y - away - height, left + width, y - away)
        yield Box(left, y + away, left + width, y + away + height)
