"""Where the things of a scene lie: stalks, leaves, stars, the moon.

The illustrator paints them there, and a decoder is told how far each pixel is from them, as
`FaceLayout` tells it of eyes and ears. Otherwise it would have to guess where a leaf may be, and
guesses become haze. The pose moves all of them, so they lie elsewhere in every picture.

Lengths are in heads, x to the right and y downwards from the eyes, as the body's frame. Things
that leave a picture come back at its other side (`wrapped`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.avatar.traits import OPTIONS

Number = TypeVar("Number", float, Tensor)
Points = npt.NDArray[np.float64]
_Tell = Callable[[str, Tensor, Tensor, Tensor], list[Tensor]]

TILE: Final = 5.2  # heads: more than any picture shows
MIDDLE: Final = -0.4  # heads: the height that is in the middle of pictures
LEAVES, FLAKES, STARS, LIGHTS, STREAKS = 24, 74, 54, 42, 12
PITCH: Final = 0.58  # of a pattern's shapes, in heads
ROW: Final = 0.86 * PITCH
STALK_TILE: Final = 5.5
CLOUDS: Final = ((-1.5, -0.1, 1.0), (1.5, 0.35, 1.0), (0.5, -1.95, 0.5))  # x, y, size
PUFFS: Final = tuple(
    (at, radius * (1.15 - 0.8 * abs(at)))
    for at, radius in zip(
        (-0.8, -0.48, -0.16, 0.16, 0.48, 0.8), (0.3, 0.42, 0.34, 0.44, 0.36, 0.3), strict=True
    )
)  # x and radius, in sizes of the cloud
BRANCHES: Final = ((-1, -1.9), (1, -1.55))  # side and height of blossoming branches
BRANCH: Final = ((2.4, 0.0), (1.7, 0.25), (1.1, 0.12), (0.5, -0.2))
STRIPE_LEAN: Final = 1.2 / TILE
_LEAST = 1e-3  # of a scene that is told
_SEEN = 0.03  # nearness from which on a place within a thing is known
_LEAF: Final = {"bamboo": 2.2, "blossom": 1.0, "maple": 1.7}  # times `thing_size`
_FLAKE: Final = {"moon": 0.32, "snow": 0.55}
MOONS: Final = 4  # colours of a moon; the number of her fringe, modulo this, decides which
RED_MOON: Final = 3  # the one that lunacy sees
WHITE_BACKDROPS: Final = ("pencil", "manga", "ink")  # styles that leave a plain backdrop white
PLAIN_PARTS: Final = ("disc", "fade", "halves", "whole", "halves")  # of a plain one, by her fringe
CLOUD_DRIFT, BRANCH_SWAY = 0.3, 0.35  # heads that wind and a nod move clouds and branches by
# x, and how far the wind moves it; y, and how far a nod does; radius.
_ORBS: Final = {
    "plain": (0.1, 0.15, -0.3, 0.0, 1.75),
    "dusk": (0.0, 1.1, -0.3, 0.6, 0.82),
    "moon": (0.0, 0.5, -0.75, 0.3, 1.42),
}


@dataclass(frozen=True, slots=True, eq=False)
class TextureCoordinates:
    """Where each pixel is within a texture, which spans -1 to 1, and of which kinds it is.

    Attributes:
        u, v: (n, side, side), to the right and down.
        kinds: (n, kinds), how much of each.
    """

    u: Tensor
    v: Tensor
    kinds: Tensor


def spread(count: int) -> Points:
    """Return things spread evenly over a tile.

    Their places are Roberts' R2 sequence, which leaves neither rows nor clumps.

    Returns:
        (count, 4): x and y in [0, TILE); size, as a share from 0 to 1; turn in radians.
    """
    number = np.arange(1, count + 1)[:, None]
    shares = number * [0.7548776662, 0.5698402910, 0.6180339887, 0.4142135624] % 1.0
    return shares * [TILE, TILE, 1.0, 2 * math.pi]


def wrapped(length: Number, tile: float = TILE) -> Number:
    """Return the same place in the tile around 0."""
    return (length + tile / 2) % tile - tile / 2


def shift(wind: Number, zoom: Number, light: Number, nod: Number) -> tuple[Number, Number]:
    """Return how far the pose moves the things of a scene."""
    return 1.3 * wind + 5.0 * (zoom - 1.04), 0.7 * light + 1.1 * nod


def orb(scene: str, wind: Number, nod: Number) -> tuple[Number, Number, float]:
    """Return middle and radius of what shines behind her, or of a plain backdrop's disc."""
    x, blown, y, nodded, radius = _ORBS[scene]
    return x + blown * wind, y + nodded * nod, radius


def stalks() -> Points:
    """Return bamboo, the farther before the nearer.

    Returns:
        (15, 6): depth 0 to 1, x at the upper end of a tile, lean to its lower end, width, distance
        of knots, place of the first.
    """
    rows = []
    for number, depth in enumerate((0.3, 0.6, 1.0)):
        for stalk, (_, _, share, turn) in enumerate(spread(15)[5 * number : 5 * number + 5]):
            x = -2.2 + 1.1 * stalk + 0.25 * math.sin(turn) + 0.37 * number
            wide = 0.1 + 0.12 * depth * (0.7 + 0.5 * share)
            rows.append((depth, x, 0.15 * math.cos(turn), wide, 0.6 + 0.3 * share, 0.5 * share))
    return np.array(rows)


def flowers(nod: float = 0.0) -> Points:
    """Return the flowers of both branches, (22, 4): x, y, size in heads, turn in radians."""
    rows = []
    for number, (_, _, share, turn) in enumerate(spread(22)):
        side, high = BRANCHES[number % 2]
        at = 0.6 + 2.4 * (number // 2) / 10
        piece = min(int(at), len(BRANCH) - 2)
        (x1, y1), (x2, y2) = BRANCH[piece : piece + 2]
        x, y = x1 + (at - piece) * (x2 - x1), y1 + (at - piece) * (y2 - y1)
        x, y = x + 0.22 * math.cos(turn), y + 0.22 * math.sin(turn)
        rows.append((side * x, high + y + BRANCH_SWAY * nod, 0.12 + 0.08 * share, turn))
    return np.array(rows)


def scene_planes(kinds: Tensor, pose: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Tell every pixel where it is as seen from the things of its picture's scene.

    Args:
        kinds: (n, scenes), how much of each scene there is.
        pose: (n, 4), wind, zoom, light and nod.
        x: (n, side, side), places in the body's frame.
        y: the same.

    Returns:
        (n, PLANES, side, side). Maps of things that are not in a picture's scene are 0.
    """
    planes = x.new_zeros(len(x), PLANES, *x.shape[1:])
    at = 0
    for scenes, count, tell in _TOLD:
        for scene in scenes:
            weights = kinds[:, OPTIONS["scene"].index(scene)]
            for row in torch.nonzero(weights.abs() > _LEAST)[:, 0].tolist():
                told = torch.stack(tell(scene, pose[row], x[row], y[row]))
                planes[row, at : at + count] += weights[row] * told
        at += count
    return planes


def _nearest(
    things: Points, dx: Tensor, dy: Tensor, distance: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return places as seen from the nearest thing, turned as it is, and which that is."""
    nearest = distance.argmin(0, keepdim=True)
    turn = _tensor(things[:, 3])[nearest[0]]
    dx, dy = dx.gather(0, nearest)[0], dy.gather(0, nearest)[0]
    cos, sin = turn.cos(), turn.sin()
    return dx * cos + dy * sin, dy * cos - dx * sin, nearest[0]


def _from(things: Points, pose: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return where each place (side, side) is as seen from each thing, (things, side, side)."""
    along, down = shift(*pose.unbind())
    own_x, own_y = (_tensor(things[:, at])[:, None, None] for at in (0, 1))
    return wrapped(x - along - own_x), wrapped(y - MIDDLE - down - own_y)


def _leaves(scene: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    things = spread(LEAVES)
    dx, dy = _from(things, pose, x, y)
    if scene == "bamboo":  # its blades hang
        things = things * [1, 1, 1, 0]
        dy = dy - 0.2
    u, v, which = _nearest(things, dx, dy, dx.square() + dy.square())
    share = _tensor(things[:, 2])[which]
    size = _LEAF[scene] * thing_size(share)
    near = torch.exp(-((u.square() + v.square()) / (1.3 * size).square()).square())
    return [near, near * u / size, near * v / size, near * (2 * share - 1)]


def _flakes(scene: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    things = spread(FLAKES if scene == "snow" else STARS)
    dx, dy = _from(things, pose, x, y)
    squares = dx.square() + dy.square()
    size = _FLAKE[scene] * thing_size(_tensor(things[:, 2])[:, None, None])
    nearest: Tensor = (squares / size.square()).amin(0)
    return [torch.exp(-0.7 * nearest), torch.exp(-0.1 * nearest)]


def _lights(_: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    things = spread(LIGHTS)
    dx, dy = _from(things, pose, x, y)
    radius = light_radius(_tensor(things[:, 2]))[:, None, None]
    outside = (dx.square() + dy.square() + 1e-6).sqrt() - radius
    edge, which = outside.min(0)
    inside, turn = torch.sigmoid(-40 * edge), _tensor(things[:, 3])[which]
    return [torch.tanh(-8 * edge), inside * turn.cos(), inside * turn.sin()]


def thing_size(share: Number) -> Number:
    """Return the size of a leaf, flake or star, in heads, by its share of `spread`."""
    return 0.07 + 0.06 * share


def light_radius(share: Number) -> Number:
    """Return the radius of a light, in heads, by its share of `spread`."""
    return 0.1 + 0.24 * share


def _stalks(_: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    along, _down = shift(*pose.unbind())
    shown = {depth: torch.zeros_like(x) for depth in (0.3, 0.6, 1.0)}
    across, knots = torch.zeros_like(x), torch.zeros_like(x)
    for depth, at, lean, wide, step, first in stalks().tolist():
        lower = (y - MIDDLE) / TILE + 0.5
        u = 2 * wrapped(x - at - depth * along - lean * lower, STALK_TILE) / wide
        inside = torch.sigmoid(15 * wide * (1 - u.abs()))
        knot = torch.exp(-(wrapped(y - MIDDLE - first, step) / 0.05).square())
        shown[depth] = torch.maximum(shown[depth], inside)
        across = torch.where(u.abs() < 1, u, across)
        knots = torch.where(u.abs() < 1, knot, knots)
    return [*shown.values(), across, knots]


def _orb(scene: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    middle_x, middle_y, radius = orb(scene, pose[0], pose[3])
    dx, dy = x - middle_x, y - middle_y
    within = radius - (dx.square() + dy.square() + 1e-6).sqrt()
    inside = torch.sigmoid(20 * within)
    return [
        torch.tanh(8 * within), torch.tanh(2 * within),
        inside * dx / radius, inside * dy / radius,
    ]  # fmt: skip


def _pattern(_: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    along, down = shift(*pose.unbind())
    own_x, own_y = x - along, y - MIDDLE - down
    row = (own_y / ROW).round()
    u = own_x / PITCH - 0.5 * (row % 2)
    u, v = 2 * (u - u.round()), 2 * (own_y / ROW - row)
    near = torch.exp(-((u.square() + v.square()) / 0.6).square())
    stripe = torch.sin(2 * math.pi * (own_x + STRIPE_LEAN * own_y) / PITCH)
    return [near, near * u, near * v, torch.tanh(4 * stripe)]


def _clouds(_: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    outside = torch.full_like(x, 9.0)
    for middle_x, middle_y, size in CLOUDS:
        dx = (x - middle_x - CLOUD_DRIFT * pose[0]) / size
        dy = (y - middle_y - CLOUD_DRIFT * pose[3]) / size
        base = (((dx / 0.95).square() + ((dy - 0.1) / 0.2).square() + 1e-6).sqrt() - 1) * 0.2
        outside = torch.minimum(outside, size * base)
        for at, radius in PUFFS:
            puff = ((dx - at).square() + (dy + 0.5 * radius).square() + 1e-6).sqrt() - radius
            outside = torch.minimum(outside, size * puff)
    return [torch.tanh(-8 * outside), torch.tanh(-2 * outside)]


def _streaks(_: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    dx, dy = _from(spread(STREAKS), pose, x, y)
    flat = torch.exp(-(dx / 0.8).square().square() - (dy / 0.07).square())
    return [flat.amax(0)]


def _blossom(_: str, pose: Tensor, x: Tensor, y: Tensor) -> list[Tensor]:
    things = flowers()
    own_y = y - BRANCH_SWAY * pose[3]
    dx, dy = (place - _tensor(things[:, at])[:, None, None] for at, place in enumerate((x, own_y)))
    u, v, which = _nearest(things, dx, dy, dx.square() + dy.square())
    size = _tensor(things[:, 2])[which]
    near = torch.exp(-((u.square() + v.square()) / (1.2 * size).square()).square())
    beside = torch.full_like(x, 9.0)
    for side, high in BRANCHES:
        for (x1, y1), (x2, y2) in itertools.pairwise(BRANCH):
            dx, dy, way_x, way_y = side * x - x1, own_y - high - y1, x2 - x1, y2 - y1
            share = ((dx * way_x + dy * way_y) / (way_x**2 + way_y**2)).clamp(0, 1)
            off = (dx - share * way_x).square() + (dy - share * way_y).square()
            beside = torch.minimum(beside, off)
    return [near, near * u / size, near * v / size, torch.exp(-beside / 0.06**2)]


def _tensor(numbers: Points) -> Tensor:
    return torch.from_numpy(numbers.astype(np.float32))


_TOLD: Final[tuple[tuple[tuple[str, ...], int, _Tell], ...]] = (
    (("bamboo", "blossom", "maple"), 4, _leaves),
    (("snow", "moon"), 2, _flakes),
    (("lights",), 3, _lights),
    (("bamboo",), 5, _stalks),
    (("plain", "dusk", "moon"), 4, _orb),
    (("pattern",), 4, _pattern),
    (("sky",), 2, _clouds),
    (("dusk",), 1, _streaks),
    (("blossom",), 4, _blossom),
)
PLANES: Final = sum(count for _, count, _ in _TOLD)


def _first_plane(tell: _Tell) -> int:
    """Return where the maps of one kind of things begin."""
    at = [each for _, _, each in _TOLD].index(tell)
    return sum(count for _, count, _ in _TOLD[:at])


# The texture of each kind of things, its first map, and how far it reaches, in the units there.
_TEXTURED: Final = (
    ("leaf", _first_plane(_leaves), 1.7),
    ("mark", _first_plane(_pattern), 0.8),
    ("flower", _first_plane(_blossom), 1.5),
)


def moon_kinds(fringes: Tensor, moods: Tensor) -> Tensor:
    """Return how much of each colour a moon has, (n, MOONS).

    Args:
        fringes: (n, fringes), which decide of what colour it is.
        moods: (n, moods); of lunacy it is red.
    """
    lunatic = moods[:, [OPTIONS["mood"].index("lunatic")]]
    usual = torch.stack([fringes[:, first::MOONS].sum(1) for first in range(MOONS)], 1)
    return functional.pad(lunatic, (RED_MOON, MOONS - 1 - RED_MOON)) + usual * (1 - lunatic)


def plain_parts(scenes: Tensor, fringes: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
    """Return how much of a plain disc, and of a half of another colour, there is, each (n, 1).

    Args:
        scenes: (n, scenes), how much of each scene there is.
        fringes: (n, fringes), which decide how a plain backdrop is parted.
        styles: (n, styles), some of which leave it white but for the disc.
    """
    plain = scenes[:, [OPTIONS["scene"].index("plain")]]
    white = styles[:, [OPTIONS["style"].index(name) for name in WHITE_BACKDROPS]].sum(1, True)
    parted = {
        part: fringes[:, [part == other for other in PLAIN_PARTS]].sum(1, True)
        for part in PLAIN_PARTS
    }
    disc = white * (1 - parted["whole"]) + (1 - white) * parted["disc"]
    return plain * disc, plain * (1 - white) * parted["halves"]


def orb_coordinates(
    scenes: Tensor, moons: Tensor, disc: Tensor, wind: Tensor, nod: Tensor, x: Tensor, y: Tensor
) -> TextureCoordinates:
    """Return where each pixel is within what shines behind her, or within a plain disc.

    Args:
        scenes: (n, scenes), how much of each scene there is.
        moons: (n, MOONS), of `moon_kinds`.
        disc: (n, 1), how much of a plain disc there is.
        wind: (n, 1, 1), as `nod`.
        nod: of her head.
        x: (n, side, side), places in the body's frame.
        y: the same.
    """
    shown = torch.stack([scenes[:, OPTIONS["scene"].index(name)] for name in _ORBS], 1)
    table = shown @ torch.tensor(list(_ORBS.values()), device=x.device)
    at_x, blown, at_y, nodded, radius = table.T[..., None, None]
    radius = 1.1 * radius.clamp(min=0.1)
    return TextureCoordinates(
        (x - at_x - blown * wind) / radius,
        (y - at_y - nodded * nod) / radius,
        torch.cat([disc, shown[:, 1:2], shown[:, 2:] * moons], 1),
    )


def texture_coordinates(
    planes: Tensor, scenes: Tensor, ornaments: Tensor
) -> dict[str, list[TextureCoordinates]]:
    """Return where each pixel is within the texture of the leaf, mark or flower next to it.

    Args:
        planes: (n, PLANES, side, side), what `scene_planes` told.
        scenes: (n, scenes), how much of each scene there is.
        ornaments: (n, ornaments), which decide what a pattern shows.
    """
    weights = {name: scenes[:, [at]] for at, name in enumerate(OPTIONS["scene"])}
    kinds = {
        "leaf": torch.cat([weights[name] for name in ("bamboo", "blossom", "maple")], 1),
        "mark": weights["pattern"] * ornaments,
        "flower": weights["blossom"],
    }
    found = {}
    for name, at, reach in _TEXTURED:
        near, across, down = planes[:, at], planes[:, at + 1], planes[:, at + 2]
        # Where nothing is near, the place is none in the texture.
        away = torch.where(near > _SEEN, 0.0, 9.0)
        scale = reach * near.clamp(min=_SEEN)
        found[name] = [TextureCoordinates(across / scale + away, down / scale, kinds[name])]
    return found
