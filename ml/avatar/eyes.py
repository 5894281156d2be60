"""Where pixels are as seen from the eyes, their lids, their irises and the brows.

Lengths are in heads, as `ml.avatar.layout` has them. Both eyes are drawn alike, the far one
narrower and mirrored.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Final

import torch
from torch import Tensor

from ml.avatar.scenery import TextureCoordinates
from ml.avatar.traits import OPTIONS, TraitValues

Line = Sequence[tuple[float, float]]

# By kind of lids, in an eye's own frame: the upper lid from the inner to the outer corner, the
# lower one back.
LIDS: Final[Mapping[str, tuple[Line, Line]]] = {
    "round": (
        [(-1.0, 0.42), (-0.82, -0.25), (-0.3, -0.9), (0.3, -0.98), (0.8, -0.55), (1.02, 0.08)],
        [(1.02, 0.08), (0.86, 0.66), (0.3, 0.98), (-0.4, 0.95), (-0.84, 0.72), (-1.0, 0.42)],
    ),
    "sharp": (
        [(-1.0, 0.55), (-0.78, 0.0), (-0.28, -0.68), (0.3, -0.9), (0.8, -0.68), (1.08, -0.2)],
        [(1.08, -0.2), (0.92, 0.5), (0.35, 0.95), (-0.35, 0.94), (-0.82, 0.76), (-1.0, 0.55)],
    ),
    "drooping": (
        [(-1.0, 0.2), (-0.82, -0.42), (-0.3, -0.94), (0.32, -0.9), (0.82, -0.4), (1.04, 0.34)],
        [(1.04, 0.34), (0.84, 0.82), (0.25, 1.0), (-0.42, 0.86), (-0.84, 0.56), (-1.0, 0.2)],
    ),
    "tall": (
        [(-0.95, 0.4), (-0.82, -0.3), (-0.36, -0.92), (0.22, -1.02), (0.74, -0.72), (1.0, -0.1)],
        [(1.0, -0.1), (0.86, 0.6), (0.35, 0.98), (-0.25, 0.98), (-0.74, 0.8), (-0.95, 0.4)],
    ),
    "bean": (
        [(-0.9, 0.3), (-0.84, -0.4), (-0.4, -0.94), (0.2, -1.0), (0.74, -0.7), (0.95, -0.05)],
        [(0.95, -0.05), (0.84, 0.66), (0.35, 1.0), (-0.3, 1.0), (-0.76, 0.8), (-0.9, 0.3)],
    ),
    "narrow": (
        [(-1.0, 0.5), (-0.76, -0.1), (-0.25, -0.72), (0.32, -0.86), (0.82, -0.5), (1.1, 0.0)],
        [(1.1, 0.0), (0.86, 0.58), (0.3, 0.92), (-0.38, 0.92), (-0.82, 0.74), (-1.0, 0.5)],
    ),
}
LIDS_MEET: Final = 0.52  # the height at which half-shut lids meet
# Across an eye: how far down a brow is, in heads, and how far a slant of 10 moves it.
BROW: Final = ((-0.86, 0.0, 1.0), (-0.2, -0.055, 0.25), (0.42, -0.06, -0.35), (1.0, 0.03, -0.5))
BROW_ABOVE: Final = 0.92, 0.155  # an eye's middle: its height this often, and heads
_LID_POINTS, _LID_SPAN = 48, (-1.1, 1.15)  # places across an eye at which lids are known
SHUT: Final = 0.1  # open by less: an eye is drawn shut


@dataclass(frozen=True, slots=True, eq=False)
class EyeFrame:
    """Where pixels (n, side, side) are as seen from one eye: u from its inner to its outer corner.

    Attributes:
        side: -1 the far one, 1 the near one.
        opened: 1 is wide awake, 0 shut.
        middle: x of its middle, in heads.
        wide: half its width, in heads.
        u, v: where pixels are, in halves of its width and height.
    """

    side: float | Tensor
    opened: Tensor
    middle: Tensor
    wide: Tensor
    u: Tensor
    v: Tensor


def eye_frames(values: TraitValues, x: Tensor, y: Tensor) -> list[EyeFrame]:
    """Return where pixels are as seen from the far eye, and from the near one."""
    yaw, apart, opened = values("yaw"), values("eye_apart"), values.many("open")
    places = (
        (-1, -apart * (1 - 0.15 * yaw) - 0.13 * yaw, 1 - 0.2 * yaw),
        (1, apart - 0.21 * yaw, 1 - 0.02 * yaw),
    )
    frames = []
    for number, (side, middle, narrow) in enumerate(places):
        wide = values("eye_width") * narrow
        u = side * (x - middle) / wide
        v = (y - 0.05 * values("nod")) / values("eye_height") + 0.16 * values("eye_slant") * u
        frames.append(EyeFrame(side, opened[:, number, None, None], middle, wide, u, v))
    return frames


def eyes_planes(values: TraitValues, x: Tensor, y: Tensor) -> list[Tensor]:
    """Return maps of where each pixel is as seen from the nearer eye."""
    gaze = values.many("gaze")
    total: list[Tensor] | None = None
    for eye in eye_frames(values, x, y):
        u, v, side = eye.u, eye.v, eye.side
        window = torch.exp(-((u / 1.7).square() + ((v + 0.3) / 1.9).square()).square())
        disc = values("iris_width") * eye.wide * values("iris_size")
        off = (gaze[:, 0, None, None] - 0.02 - 0.07 * side) * eye.wide
        in_x, in_y = (x - eye.middle - off) / disc, v - 0.05 - gaze[:, 1, None, None]
        radius = (in_x.square() + in_y.square() + 1e-4).sqrt()
        planes = [
            window, window * u, window * v, side * window,
            window * eye.opened, window * torch.tanh(4 * (1 - radius)),
            window * torch.tanh(in_x), window * torch.tanh(in_y),
            *(window * wave for wave in waves(0.5 * u, 1, 2)),
            *(window * wave for wave in waves(0.5 * v, 1, 2)),
        ]  # fmt: skip
        total = planes if total is None else [a + b for a, b in zip(total, planes, strict=True)]
    assert total is not None
    return total


def eye_places(values: TraitValues, x: Tensor, y: Tensor) -> list[TextureCoordinates]:
    """Return places within both eyes; kinds are lids, shut in two ways, and what glows."""
    lids, merry = values.many("lids"), values.many("merry")
    lunatic = values.many("mood")[:, OPTIONS["mood"].index("lunatic"), None]
    places = []
    for eye in eye_frames(values, x, y):
        opened = eye.opened[:, :, 0].clamp(0, 1)
        shut = 1 - opened
        kinds = torch.cat([lids * opened, merry * shut, (1 - merry) * shut, lunatic], 1)
        places.append(TextureCoordinates(eye.u / 1.5, eye.v / 1.5, kinds))
    return places


def brow_places(values: TraitValues, x: Tensor, y: Tensor) -> list[TextureCoordinates]:
    """Return places within both brows, which a mood lifts and slants."""
    lift = 0.92 * values("eye_height") + 0.185 + values("brow_lift") - 0.05 * values("nod")
    places = []
    for eye in eye_frames(values, x, y):
        slanted = 0.1 * values("brow_slant") * (0.3 - 0.8 * eye.u)
        places.append(
            TextureCoordinates(eye.u / 1.25, (y + lift - slanted) / 0.16, values.many("style"))
        )
    return places


def exact_eye_places(
    values: TraitValues, x: Tensor, y: Tensor
) -> dict[str, list[TextureCoordinates]]:
    """Return places within what eyes are made of, each as seen from the nearer eye.

    The iris is seen between the lids only; lashes follow the lids, however far these are open.
    """
    far, near = eye_frames(values, x, y)
    is_far = x < 0.5 * (far.middle + near.middle)
    eye = _nearer(is_far, far, near)
    upper, lower = _lids(values.many("lids"), eye.u, eye.opened)
    style, awake = values.many("style"), eye.opened >= SHUT
    lunatic = values.many("mood")[:, OPTIONS["mood"].index("lunatic"), None]
    by_lunacy = torch.cat([style * (1 - lunatic), style * lunatic], 1)
    merry = values.many("merry")
    tall = values("eye_height")
    lash, under = (eye.v - upper) * tall, (eye.v - lower) * tall
    between = awake & (eye.v > upper) & (eye.v < lower)
    in_x, in_y = _in_iris(values, eye, x, y)
    from_right = (values.many("light") > 0).float()
    lights = torch.cat([from_right, 1 - from_right], 1)
    usual = ((lights * (1 - lunatic))[:, :, None] * style[:, None]).flatten(1)
    iris = torch.cat([usual, lights * lunatic], 1)
    return {
        "iris": [_where(between, in_x / 1.1, in_y / 1.1, iris)],
        "lash": [_where(awake, (eye.u - 0.15) / 1.45, (lash + 0.05) / 0.17, by_lunacy)],
        "under_lash": [_where(awake, (eye.u - 0.05) / 1.25, (under - 0.02) / 0.12, by_lunacy)],
        "shut": [_where(~awake, eye.u / 1.4, eye.v - 0.3,
                        torch.cat([style * merry, style * (1 - merry)], 1))],
        "brow": [TextureCoordinates((eye.u - 0.07) / 1.15, _below_brow(values, eye.u, y) / 0.12,
                                    style)],
    }  # fmt: skip


def _nearer(is_far: Tensor, far: EyeFrame, near: EyeFrame) -> EyeFrame:
    """Return for each pixel where it is as seen from the eye that it is nearer to."""
    names = (field.name for field in fields(EyeFrame))
    return EyeFrame(
        **{name: torch.where(is_far, getattr(far, name), getattr(near, name)) for name in names}
    )


def _where(seen: Tensor, u: Tensor, v: Tensor, kinds: Tensor) -> TextureCoordinates:
    return TextureCoordinates(torch.where(seen, u, 9.0), v, kinds)


def _in_iris(values: TraitValues, eye: EyeFrame, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return where pixels are as seen from an iris, in its half-axes."""
    size, gaze = values("iris_size"), values.many("gaze")[:, :, None, None]
    wide = values("iris_width") * eye.wide * size
    tall = torch.minimum(1.06 * values("eye_height"), 1.6 * wide)
    tall = tall * torch.where(size < 0.9, size, 1.0)
    sink = torch.where(eye.opened > 0.7, 0.05, 0.2)
    middle_x = eye.middle + (gaze[:, 0] - 0.02 - 0.07 * eye.side) * eye.wide
    middle_y = 0.05 * values("nod") + (sink + gaze[:, 1]) * values("eye_height")
    return (x - middle_x) / wide, (y - middle_y) / tall


def _below_brow(values: TraitValues, u: Tensor, y: Tensor) -> Tensor:
    """Return how far pixels are below the middle of a brow, in heads."""
    slant = 0.1 * values("brow_slant")
    lift = BROW_ABOVE[0] * values("eye_height") + BROW_ABOVE[1] + values("brow_lift")
    middle = torch.zeros_like(u)
    for (u1, down1, moved1), (u2, down2, moved2) in itertools.pairwise(BROW):
        share = ((u - u1) / (u2 - u1)).clamp(0, 1)
        middle = middle + share * (down2 - down1 + slant * (moved2 - moved1))
    return y - 0.05 * values("nod") + lift - slant * BROW[0][2] - middle


def _lids(kinds: Tensor, u: Tensor, opened: Tensor) -> tuple[Tensor, Tensor]:
    """Return where the upper and the lower lid are at places across an eye, in its own frame."""
    tables = _lid_tables().to(u.device)
    low, high = _LID_SPAN
    place = ((u - low) / (high - low) * (_LID_POINTS - 1)).clamp(0, _LID_POINTS - 1.001)
    index = place.floor().long().flatten(1)
    share = place.flatten(1) - index
    shut, more, lower = (
        torch.lerp(table.gather(1, index), table.gather(1, index + 1), share).view_as(u)
        for table in (kinds[None, :, :, None] * tables[:, None]).sum(2)
    )
    return shut + opened * more, lower


@cache
@torch.inference_mode(False)  # the first to ask may not train; a later one may
def _lid_tables() -> Tensor:
    """Return (3, kinds, points): upper lids all shut, what opening them adds, lower lids."""
    rows: list[list[Tensor]] = [[], [], []]
    for upper, lower in LIDS.values():
        wide = torch.tensor(upper)
        shut = wide.clone()
        shut[1:-1, 1] = LIDS_MEET
        lines = [_across(line) for line in (shut, wide, torch.tensor(lower).flip(0))]
        lines[1] = lines[1] - lines[0]
        for row, line in zip(rows, lines, strict=True):
            row.append(line)
    return torch.stack([torch.stack(row) for row in rows])


def _across(knots: Tensor) -> Tensor:
    """Return the heights (points,) of a smooth line through knots, at places across an eye."""
    line = smooth_line(knots)
    wanted = torch.linspace(*_LID_SPAN, _LID_POINTS).clamp(float(line[0, 0]), float(line[-1, 0]))
    return points_along(line[:, 0].contiguous(), line, wanted)[:, 1]


# Lines, as the layout of a face needs them


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


def points_along(gone: Tensor, line: Tensor, wanted: Tensor) -> Tensor:
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
