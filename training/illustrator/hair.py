"""The hair around the face: the mass behind, the locks beside, the one that stands up."""

from __future__ import annotations

import numpy as np

from training.illustrator.colours import shaded
from training.illustrator.curves import Points, joined, moved, profile, ribbon, spline
from training.illustrator.fringe import CROWN
from training.illustrator.painter import Painter
from training.illustrator.subject import Subject


def draw_back(painter: Painter, subject: Subject) -> None:
    """Paint the mass of hair behind head and body."""
    colour = shaded(painter.palette.hair, 0.42)
    v, long, wave = subject.hair_volume, subject.hair_length, subject.hair_wave
    rng = painter.rng
    sides = []
    for side in (-1, 1):
        rows = np.linspace(-0.9, long, 7)
        swing = wave * np.sin(rows * 3 + rng.uniform(0, 6))
        spread = 1.16 * v + 0.14 * np.clip(rows, 0, None) + swing
        spread[0] = 0.86
        sides.append(np.stack([side * spread, rows], 1))
    ends = np.linspace(sides[0][-1, 0], sides[1][-1, 0], 10)[1:-1]
    depths = long + np.where(np.arange(8) % 2, -0.14, 0.22) + rng.normal(0, 0.05, 8)
    shape = joined(
        spline([(0, CROWN + 0.05), *sides[1]]),
        np.stack([ends[::-1], depths], 1),
        spline([*sides[0][::-1], (0, CROWN + 0.05)]),
    )
    _draw_flicks(painter, subject)
    painter.body(shape, colour, depth=0.7)
    painter.outline(shape, colour)
    for _ in range(2 + subject.strands // 4):
        x, top = rng.uniform(-1.2, 1.2), rng.uniform(-0.2, 0.5)
        strand = spline([(0.9 * x, top), (x, top + 0.5), (1.08 * x, top + 1.1)])
        painter.line(strand, colour, 0.6)


def _draw_flicks(painter: Painter, subject: Subject) -> None:
    """Paint tufts that stand out from the mass."""
    rng, colour = painter.rng, shaded(painter.palette.hair, 0.3)
    for side in (-1, 1):
        for y in rng.uniform(-0.1, min(subject.hair_length, 1.5), rng.integers(0, 4)):
            x, out, down = 1.06 * subject.hair_volume, rng.uniform(0.2, 0.42), rng.uniform(0.3, 0.6)
            spine = spline(
                [(side * x, y - 0.35), (side * (x + 0.12), y), (side * (x + out), y + down)]
            )
            widths = profile(len(spine), (0, 0.1), (0.4, 0.26), (0.8, 0.12), (1, 0))
            flick = ribbon(spine, widths)
            painter.body(flick, colour, depth=0.4)
            painter.outline(flick, colour)


def draw_ahoge(painter: Painter, subject: Subject) -> None:
    """Paint the one hair that will not lie down, if she has it today."""
    if not subject.ahoge:
        return
    side, v, hair = subject.ahoge, subject.hair_volume, painter.palette.hair
    arch = np.array([(0, 0.06), (0.03, -0.16), (0.2, -0.27), (0.36, -0.16)])
    spine = spline(moved(arch * [side, 1], 0, CROWN * v))
    lock = ribbon(spine, profile(len(spine), (0, 0.1), (0.5, 0.09), (1, 0)))
    painter.body(lock, hair, depth=0.2)
    painter.outline(lock, hair, 0.9)


def draw_locks(painter: Painter, subject: Subject) -> None:
    """Paint the locks that hang beside the face, two on either side."""
    rng = painter.rng
    long = min(subject.hair_length, 1.9) * rng.uniform(0.6, 0.95)
    for side in (-1, 1):
        near = 1 - 0.1 * max(0.0, side * subject.turn)
        for out, wide, share in ((1.04, 0.24, 1.0), (0.93, 0.15, rng.uniform(0.45, 0.75))):
            x = side * out * near * subject.hair_volume + 0.05 * subject.turn
            wave = subject.hair_wave * rng.uniform(-1, 1)
            end = max(0.5, long * share)
            inwards = side * (0.12 - 0.1 * subject.hair_wave) + wave
            middle = (x - side * 0.02 + wave, 0.45 * end)
            spine = spline([(0.9 * x, -0.7), (x, -0.1), middle, (x - inwards, end)])
            _draw_lock(painter, spine, wide, 1 + subject.strands // 8)


def _draw_lock(painter: Painter, spine: Points, wide: float, strands: int) -> None:
    hair = painter.palette.hair
    widths = profile(
        len(spine), (0, 0), (0.22, 0.75 * wide), (0.45, wide), (0.75, 0.75 * wide), (1, 0)
    )
    lock = ribbon(spine, widths)
    painter.body(lock, hair, depth=0.4, flow=90)
    painter.outline(lock, hair, 0.9)
    for shift in painter.rng.uniform(-0.3, 0.3, strands):
        painter.line(moved(spine[6:-4], shift * wide, 0), hair, 0.45)
