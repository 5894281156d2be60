"""Where the parts of a face lie in a picture, as maps that a decoder draws upon.

A decoder that has to find out where each line goes spends itself on that and leaves lines soft.
Here the places follow from the traits in closed form, as the illustrator lays a face out, and
every pixel is told where it is as seen from the head, the eyes, the mouth, the ears and the edge of
the fringe, and from the things of the scene. Both eyes share their maps, and so do both ears: they
are drawn alike.

Lengths are in heads (half the width of a face), x to the right, y downwards. She looks to the
picture's left; `ConditionedDecoder` mirrors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.avatar import scenery
from ml.avatar.scenery import TextureCoordinates
from ml.avatar.traits import FRINGE_POINTS, FRINGE_SPAN, OPTIONS, TRAIT, TRAITS

EYES_AT = 0.625  # height of the line of the eyes in the frame, from the top
_NECK = (0.05, 0.95)  # what the head tilts about
# Where an ornament lies (x in half widths of the hair) and a hand, and how each is turned, degrees.
ORNAMENT_AT, ORNAMENT_TURN = (0.7, -0.56), 14
HAND_AT, HAND_TURN = (0.78, 1.16), -8
DOT_PITCH: Final = 0.07  # heads between dots of a screentone, whose rows run at 45 degrees
HATCH_PITCH, HATCH_SLOPE = 0.055, 0.55  # of a pencil's strokes: heads, and x for y
_MOUTH_UNIT = 0.25  # half a mouth
# Where the middle of an ear runs, in lengths of it, x away from the head; by kind of ears.
_UPRIGHT = ((0, 0), (0.02, -0.34), (0.06, -0.68), (0.1, -1.0))
_FOLDED = ((0, 0), (0.02, -0.3), (0.09, -0.58), (0.3, -0.74), (0.52, -0.58), (0.6, -0.24))
_SPINES = (
    _UPRIGHT,
    ((0, 0), (0.08, -0.34), (0.24, -0.64), (0.5, -0.84)),
    ((0, 0), (0.1, -0.26), (0.11, -0.47), (0.23, -0.68), (0.25, -0.84), (0.36, -1.0)),
    _FOLDED,
    ((0, 0.05), (0.2, -0.17), (0.47, -0.1), (0.62, 0.26), (0.6, 0.72)),
)
_CRUMPLED, _DROOPING = 2, 4  # among the kinds
_SPINE_POINTS = 11
FACE_PLANES = 69  # the first of all; the others are the scene's
FRINGE, EYES, MOUTH, EARS = 28, 31, 47, 58  # the first map of each part; the last three: nearness


# Of each texture: how many kinds it has, what is kept at each place of it, height, width.
TEXTURES: Final[Mapping[str, tuple[int, int, int, int]]] = {
    "ornament": (6, 8, 32, 32), "hand": (6, 8, 64, 40), "clothes": (6, 8, 40, 96),
    "cut": (5, 8, 64, 64), "ahoge": (1, 4, 24, 24), "mouth": (10, 8, 32, 32),
    "nose": (12, 4, 16, 16), "eyes": (9, 8, 40, 40), "brows": (12, 4, 12, 32),
    "cheeks": (12, 4, 16, 24), "leaf": (3, 4, 24, 24), "mark": (6, 4, 24, 24),
    "flower": (1, 4, 24, 24), "locks": (5, 8, 64, 32), "shine": (24, 6, 40, 64),
    "orb": (6, 4, 40, 40),
}  # fmt: skip
# Those that also hold paint, in the order in which it is laid on.
PAINTED: Final = (
    "orb", "leaf", "flower", "cut", "clothes", "mouth", "locks", "ahoge", "shine", "ornament",
    "hand",
)  # fmt: skip
PAINT_PLANES: Final = 4  # red, green, blue, opacity
# The drawing's own colours that light falls on.
_LIT: Final = ("accent", "jacket", "tie", "hair", "tips", "fur")
PALETTE: Final = 2 * (len(_LIT) + 1) + 5  # these and white, also in shadow; skin; black and basics
TEXTURE_PLANES: Final = sum(kept for _, kept, _, _ in TEXTURES.values()) + (
    PAINT_PLANES * len(PAINTED)
)


class FaceLayout(nn.Module):
    """Turns standardised traits (n, TRAITS) into maps (n, planes, side, side), the face's first.

    Attributes:
        centre, spread: (TRAITS,), what traits were standardised by.
    """

    centre: Tensor
    spread: Tensor
    _far: Tensor
    _near: Tensor
    _grid: Tensor

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        self.register_buffer("centre", torch.zeros(TRAITS))
        self.register_buffer("spread", torch.ones(TRAITS))
        far, near = _spines()
        self.register_buffer("_far", far, persistent=False)
        self.register_buffer("_near", near, persistent=False)
        line = (torch.arange(side) + 0.5) / side
        y, x = torch.meshgrid(line, line, indexing="ij")
        self.register_buffer("_grid", torch.stack([x, y])[:, None], persistent=False)

    def raw(self, traits: Tensor) -> Tensor:
        """Return traits in their own units."""
        return traits * self.spread + self.centre

    def forward(self, traits: Tensor) -> Tensor:
        """Lay a face out."""
        values = _Values(self.raw(traits))
        x, y = self._grid[0], self._grid[1]
        body_x, body_y, head_x, head_y = _frames(values, x, y)
        planes = [
            2 * x - 1 + 0 * head_x, 2 * y - 1 + 0 * head_x, 0.5 * body_x,
            0.5 * (body_y - 0.85 * (values("chin") - 1)), 0.5 * head_x, 0.5 * head_y,
            *_waves(0.5 * body_x, 1, 2), *_waves(0.5 * body_y, 1, 2),
            *_waves(0.5 * head_x, 1, 2, 4), *_waves(0.5 * head_y, 1, 2, 4),
            0.7 * head_x / values("cheek"), 0.7 * head_y / values("chin"),
            *self._fringe(values, head_x, head_y),
            *_eyes(values, head_x, head_y),
            *_mouth(values, head_x, head_y),
            *self._ears(values, head_x, head_y),
        ]  # fmt: skip
        scene = scenery.scene_planes(
            values.many("scene"),
            torch.cat([values.many(name) for name in ("wind", "zoom", "light", "nod")], 1),
            body_x, body_y,
        )  # fmt: skip
        return torch.cat([torch.stack(planes, 1), scene], 1)

    def palette(self, traits: Tensor) -> Tensor:
        """Return the colours that drawings of standardised traits mix, (n, PALETTE, 3), 0 to 1."""
        values = _Values(self.raw(traits))
        own = torch.stack([values.many(name) for name in _LIT], 1)
        lit = torch.cat([own, torch.ones_like(own[:, :1])], 1) * values.many("tint")[:, None]
        skin = values.many("skin")[:, None]
        shaded = lit * values.many("shadow")[:, None]
        basics = torch.cat([torch.zeros(1, 3), torch.eye(3)]).to(traits.device)
        return torch.cat([lit, shaded, skin, basics.expand(len(traits), -1, -1)], 1)

    def rasters(self, traits: Tensor, side: int) -> Tensor:
        """Return where a screentone's dots and a pencil's strokes lie as she looks to the left.

        Args:
            traits: (n, TRAITS), standardised.
            side: px of the pictures.

        Returns:
            (n, 2, side, side), about -1 to 1, which is in the middle of a dot or stroke.
        """
        values = _Values(self.raw(traits))
        line = (torch.arange(side, device=traits.device) + 0.5) / side
        _, _, x, y = _frames(values, line[None, None, :], line[None, :, None])
        turn = 2 * math.pi / DOT_PITCH * math.sqrt(0.5)
        dots = -0.5 * ((turn * (x + y)).cos() + (turn * (y - x)).cos())
        slope = HATCH_SLOPE * torch.where(values("light") > 0, 1.0, -1.0)
        strokes = (2 * math.pi / HATCH_PITCH * (x - slope * y)).cos()
        return torch.stack([dots, strokes], 1)

    def texture_coordinates(
        self, traits: Tensor, planes: Tensor
    ) -> dict[str, list[TextureCoordinates]]:
        """Return where each pixel is within the textures of what has a shape of its own.

        Args:
            traits: (n, TRAITS), standardised.
            planes: what `forward` made of them.

        Returns:
            By the names of `TEXTURES`; eyes, brows and cheeks are two.
        """
        values = _Values(self.raw(traits))
        body_x, body_y, x, y = _frames(values, self._grid[0], self._grid[1])
        raised = body_y - 0.85 * (values("chin") - 1)
        yaw, nod, chin = values("yaw"), values("nod"), values("chin")
        across, down = ORNAMENT_AT
        mouth_x, mouth_y = _mouth_frame(values, x, y)
        scene = values.many("scene")
        return {
            "ornament": [_turned(x - across * _temple(values) - 0.06 * yaw, y - down,
                                 ORNAMENT_TURN, 0.36, 0.36, values.many("ornament"))],
            "hand": [_turned(body_x - HAND_AT[0] - 0.1 * yaw, raised - HAND_AT[1],
                             HAND_TURN, 0.65, 1.1, values.many("gesture"))],
            "clothes": [TextureCoordinates((body_x - 0.08 * yaw) / 1.75, (raised - 1.35) / 0.55,
                                           values.many("clothes"))],
            "mouth": [TextureCoordinates(mouth_x / 1.7, mouth_y / 1.7, values.many("mouth"))],
            "nose": [TextureCoordinates((x + 0.36 * yaw) / 0.2,
                                        (y - 0.41 * chin - 0.07 * nod + 0.05) / 0.2,
                                        values.many("style"))],
            "eyes": _eye_places(values, x, y),
            "brows": _brow_places(values, x, y),
            "cheeks": _cheek_places(values, x, y),
            "locks": _lock_places(values, x, y),
            **_hair_places(values, body_x, body_y, x, y),
            **scenery.texture_coordinates(planes[:, FACE_PLANES:], scene,
                                          values.many("ornament")),
            "orb": [scenery.orb_coordinates(scene, values.many("fringe"), values("wind"), nod,
                                            body_x, body_y)],
        }  # fmt: skip

    def _fringe(self, values: _Values, x: Tensor, y: Tensor) -> list[Tensor]:
        """Return how far each pixel is below the edge of the fringe."""
        low, high = FRINGE_SPAN
        edge = values.many("fringe_edge")
        place = ((x - low) / (high - low) * (FRINGE_POINTS - 1)).clamp(0, FRINGE_POINTS - 1.001)
        index = place.floor().long()
        flat = index.flatten(1)
        at, after = edge.gather(1, flat), edge.gather(1, flat + 1)
        share = (place - index).flatten(1)
        below = y - (at + share * (after - at)).view_as(x)
        inside = torch.sigmoid(14 * (1.2 - (x - 0.03).abs()))
        return [inside * torch.tanh(9 * below), inside * torch.tanh(2 * below), inside]

    def _ears(self, values: _Values, x: Tensor, y: Tensor) -> list[Tensor]:
        # At half the side, where distances to a bent line cost a quarter; they are smooth.
        x, y = (functional.avg_pool2d(place[:, None], 2)[:, 0] for place in (x, y))
        kinds = values.many("ears")
        stray = values.many("ear_stray")
        total: list[Tensor] | None = None
        for number, (side, table) in enumerate(((-1, self._far), (1, self._near))):
            spine = (kinds @ table.flatten(1)).view(-1, _SPINE_POINTS, 2)
            planes = _ear(values, kinds, stray[:, number, None, None], spine, side, x, y)
            total = planes if total is None else [a + b for a, b in zip(total, planes, strict=True)]
        assert total is not None
        large = functional.interpolate(torch.stack(total, 1), scale_factor=2.0, mode="bilinear")
        return list(large.unbind(1))


class _Values:
    """Traits by their names, shaped to meet maps (n, side, side)."""

    def __init__(self, raw: Tensor) -> None:
        self._raw = raw

    def __call__(self, name: str) -> Tensor:
        return self._raw[:, TRAIT[name]].view(-1, 1, 1)

    def many(self, name: str) -> Tensor:
        return self._raw[:, TRAIT[name]]


def _frames(values: _Values, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return where pixels are as seen from the body, and from the tilted head."""
    unit = values("zoom") / values("heads_across")
    tilt = values("tilt")
    middle = 0.5 + (0.1 * values("yaw") + 0.004 * tilt) * unit
    high = EYES_AT + 0.35 * (0.98 - values("chin")) * unit
    body_x, body_y = (x - middle) / unit, (y - high) / unit
    return body_x, body_y, *_tilted(tilt, body_x, body_y)


def _tilted(degrees: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return places of the body's frame as seen from what is tilted about the neck."""
    angle = degrees * (math.pi / 180)
    cos, sin = angle.cos(), angle.sin()
    own_x, own_y = x - _NECK[0], y - _NECK[1]
    return own_x * cos + own_y * sin + _NECK[0], own_y * cos - own_x * sin + _NECK[1]


@dataclass(frozen=True, slots=True, eq=False)
class _Eye:
    """Where pixels (n, side, side) are as seen from one eye: u from its inner to its outer corner.

    `middle` and `wide` are its middle and half its width, in heads.
    """

    number: int  # 0 the far one, 1 the near one
    side: int
    middle: Tensor
    wide: Tensor
    u: Tensor
    v: Tensor


def _eye_frames(values: _Values, x: Tensor, y: Tensor) -> list[_Eye]:
    yaw, apart = values("yaw"), values("eye_apart")
    places = (
        (-1, -apart * (1 - 0.15 * yaw) - 0.13 * yaw, 1 - 0.2 * yaw),
        (1, apart - 0.21 * yaw, 1 - 0.02 * yaw),
    )
    frames = []
    for number, (side, middle, narrow) in enumerate(places):
        wide = values("eye_width") * narrow
        u = side * (x - middle) / wide
        v = (y - 0.05 * values("nod")) / values("eye_height") + 0.16 * values("eye_slant") * u
        frames.append(_Eye(number, side, middle, wide, u, v))
    return frames


def _eyes(values: _Values, x: Tensor, y: Tensor) -> list[Tensor]:
    gaze, opened = values.many("gaze"), values.many("open")
    total: list[Tensor] | None = None
    for eye in _eye_frames(values, x, y):
        u, v, side = eye.u, eye.v, eye.side
        window = torch.exp(-((u / 1.7).square() + ((v + 0.3) / 1.9).square()).square())
        disc = values("iris_width") * eye.wide * values("iris_size")
        off = (gaze[:, 0, None, None] - 0.02 - 0.07 * side) * eye.wide
        in_x, in_y = (x - eye.middle - off) / disc, v - 0.05 - gaze[:, 1, None, None]
        radius = (in_x.square() + in_y.square() + 1e-4).sqrt()
        planes = [
            window, window * u, window * v, side * window,
            window * opened[:, eye.number, None, None], window * torch.tanh(4 * (1 - radius)),
            window * torch.tanh(in_x), window * torch.tanh(in_y),
            *(window * wave for wave in _waves(0.5 * u, 1, 2)),
            *(window * wave for wave in _waves(0.5 * v, 1, 2)),
        ]  # fmt: skip
        total = planes if total is None else [a + b for a, b in zip(total, planes, strict=True)]
    assert total is not None
    return total


def _mouth_frame(values: _Values, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return where pixels are as seen from the mouth, in halves of it."""
    yaw, chin = values("yaw"), values("chin")
    size = _MOUTH_UNIT * values("mouth_scale") * values("mouth_size") * chin
    u = (x + 0.28 * yaw) / (size * (1 - 0.13 * yaw))
    return u, (y - 0.67 * chin - 0.05 * values("nod")) / size


def _turned(
    x: Tensor, y: Tensor, degrees: float, wide: float, high: float, kinds: Tensor
) -> TextureCoordinates:
    """Return places as seen from something that is turned, half as wide and high as given."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return TextureCoordinates((x * cos + y * sin) / wide, (y * cos - x * sin) / high, kinds)


def _eye_places(values: _Values, x: Tensor, y: Tensor) -> list[TextureCoordinates]:
    """Return places within both eyes; kinds are lids, shut in two ways, and what glows."""
    lids, merry = values.many("lids"), values.many("merry")
    lunatic = values.many("mood")[:, OPTIONS["mood"].index("lunatic"), None]
    places = []
    for eye in _eye_frames(values, x, y):
        opened = values.many("open")[:, eye.number, None].clamp(0, 1)
        shut = 1 - opened
        kinds = torch.cat([lids * opened, merry * shut, (1 - merry) * shut, lunatic], 1)
        places.append(TextureCoordinates(eye.u / 1.5, eye.v / 1.5, kinds))
    return places


def _brow_places(values: _Values, x: Tensor, y: Tensor) -> list[TextureCoordinates]:
    """Return places within both brows, which a mood lifts and slants."""
    lift = 0.92 * values("eye_height") + 0.185 + values("brow_lift") - 0.05 * values("nod")
    places = []
    for eye in _eye_frames(values, x, y):
        slanted = 0.1 * values("brow_slant") * (0.3 - 0.8 * eye.u)
        places.append(
            TextureCoordinates(eye.u / 1.25, (y + lift - slanted) / 0.16, values.many("style"))
        )
    return places


def _cheek_places(values: _Values, x: Tensor, y: Tensor) -> list[TextureCoordinates]:
    yaw, cheek, nod = values("yaw"), values("cheek"), values("nod")
    down = (y - 0.47 * values("chin") + 0.02 - 0.05 * nod) / 0.22
    style = values.many("style")
    middles = (-0.6 * cheek - 0.08 * yaw, 0.62 * cheek - 0.14 * yaw)
    return [TextureCoordinates((x - middle) / 0.32, down, style) for middle in middles]


def _temple(values: _Values) -> Tensor:
    """Return half the width of the hair over the temples."""
    return (values("cheek") + 0.13) * values("volume")


def _hair_places(
    values: _Values, body_x: Tensor, body_y: Tensor, x: Tensor, y: Tensor
) -> dict[str, list[TextureCoordinates]]:
    """Return places within the hair behind her, the stray one, and the light on the cap."""
    yaw, temple, style = values("yaw"), _temple(values), values.many("style")
    way = torch.where(values("wind") > 0, 1.0, -1.0)
    lit = (values.many("light") > 0).float()
    back_x, back_y = _tilted(0.6 * values("tilt"), body_x, body_y)
    back_x = back_x - 0.05 * yaw - _swing(values, back_y)
    return {
        "cut": [TextureCoordinates(back_x / (1.75 * temple), (back_y - 0.3) / 1.9,
                                   values.many("cut"))],
        "ahoge": [TextureCoordinates((way * (x - 0.1 * yaw) - 0.15) / 0.35,
                                     (y + 1.35 * values("volume") + 0.13) / 0.3,
                                     values.many("ahoge"))],
        "shine": [TextureCoordinates((x - 0.06 * yaw) / (1.2 * temple), (y + 0.72) / 0.75,
                                     torch.cat([style * lit, style * (1 - lit)], 1))],
    }  # fmt: skip


def _swing(values: _Values, y: Tensor) -> Tensor:
    """Return how far the wind moves the hair behind her to the side."""
    long, flowing, wavy = (values.many("cut")[:, at, None, None] for at in range(3))
    wind, way = values("wind"), torch.where(values("wind") > 0, 1.0, -1.0)
    sway = wind * (0.12 * long + 0.1 * wavy + 0.35 * flowing) + 0.55 * way * flowing
    return 0.26 * sway * (y + 0.2).clamp(min=0).pow(1.5)


def _lock_places(values: _Values, x: Tensor, y: Tensor) -> list[TextureCoordinates]:
    """Return places beside both locks that frame the face."""
    cut, yaw, temple = values.many("cut"), values("yaw"), _temple(values)
    flowing = cut[:, 1, None, None]
    sway = values("wind") * (0.12 + 0.096 * flowing) * y.clamp(min=0).square()
    roots = (-1, 0.1 - temple), (1, temple - 0.1 + 0.09 * yaw)
    return [
        TextureCoordinates(side * (x - root - 0.5 * sway) / 0.6, (y - 0.75) / 1.3, cut)
        for side, root in roots
    ]


def _mouth(values: _Values, x: Tensor, y: Tensor) -> list[Tensor]:
    u, v = _mouth_frame(values, x, y)
    window = torch.exp(-((u / 1.8).square() + (v / 1.8).square()).square())
    waves = [*_waves(0.5 * u, 1, 2), *_waves(0.5 * v, 1, 2)]
    return [window, window * u, window * v, *(window * wave for wave in waves)]


def _ear(
    values: _Values, kinds: Tensor, stray: Tensor, spine: Tensor, side: int, x: Tensor, y: Tensor
) -> list[Tensor]:
    """Return where pixels are as seen from one ear: along it, across it, within its leaf."""
    yaw = values("yaw")
    drooping, crumpled = (kinds[:, kind, None, None] for kind in (_DROOPING, _CRUMPLED))
    spread = values("ear_spread") * (1 - drooping) + stray * (1 - 0.6 * drooping)
    angle = side * spread * (math.pi / 180)
    length = values("ear_length") * (1 - 0.08 * crumpled)
    width = values("ear_width") * (1 - (0.14 if side < 0 else 0.04) * yaw) / length
    own_x, own_y = (x - (side * 0.46 + 0.07 * yaw)) / length, (y + 1.0) / length
    cos, sin = angle.cos(), angle.sin()
    a, b = side * (own_x * cos + own_y * sin), own_y * cos - own_x * sin
    along, across = _beside(spine, a.flatten(1), b.flatten(1))
    along, across = along.view_as(a), across.view_as(a)
    leaf = (across / (0.5 * width)).clamp(-4, 4)
    near = torch.exp(-(leaf / 2.2).square().square()) * torch.sigmoid(
        16 * (side * (x - 0.07 * yaw))
    )
    return [
        near, near * along, near * leaf, near * side,
        near * torch.tanh(3 * (leaf.abs() - _leaf_width(along))),
        *(near * wave for wave in _waves(along, 1, 2, 4)),
    ]  # fmt: skip


def _beside(spine: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
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


def _leaf_width(along: Tensor) -> Tensor:
    """Return half the width of an ear along it, about as the illustrator cuts it."""
    return (0.46 + 2.2 * along * (1 - along)).clamp(max=1.0) * (1 - along.pow(4))


def _waves(place: Tensor, *frequencies: int) -> list[Tensor]:
    return [
        wave(math.pi * frequency * place)
        for frequency in frequencies
        for wave in (torch.sin, torch.cos)
    ]


def _spines() -> tuple[Tensor, Tensor]:
    """Return the spines (kinds, points, 2) of far and near ears; an odd pair differs."""
    lines = torch.stack([_even(torch.tensor(spine)) for spine in _SPINES])
    far = torch.cat([lines, lines[3:4]])
    near = torch.cat([lines, lines[0:1]])
    return far, near


def _even(knots: Tensor) -> Tensor:
    """Return points evenly along a smooth line through knots."""
    places = torch.linspace(0, len(knots) - 1, 8 * (len(knots) - 1) + 1)
    padded = torch.cat([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    index = places.floor().long().clamp(max=len(knots) - 2)
    t = (places - index)[:, None]
    p0, p1, p2, p3 = (padded[index + step] for step in range(4))
    line = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )  # fmt: skip
    steps = (line[1:] - line[:-1]).norm(dim=1)
    gone = torch.cat([torch.zeros(1), steps.cumsum(0)]) / steps.sum()
    wanted = torch.linspace(0, 1, _SPINE_POINTS)
    index = torch.searchsorted(gone, wanted).clamp(1, len(gone) - 1)
    share = ((wanted - gone[index - 1]) / (gone[index] - gone[index - 1]))[:, None]
    even: Tensor = line[index - 1] + share * (line[index] - line[index - 1])
    return even
