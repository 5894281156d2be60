"""The habits that make one illustrator's hand: line, shading, proportions, eyes, paper."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from training.illustrator.colours import Tones

Range = tuple[float, float]
Lights = Literal["none", "band", "zigzag", "shine", "streaks"]
FringeCut = Literal["tufts", "swept", "centre", "parted", "hime"]
Blush = Literal["soft", "lines", "round"]
Nose = Literal["none", "dot", "tick", "bridge", "shadow", "lips"]
Scene = Literal[
    "bamboo", "bloom", "checks", "daubs", "dots", "dusk", "gradient", "halves", "hearts",
    "lights", "moon", "night", "paper", "plain", "rays", "scribble", "sky", "wash",
]  # fmt: skip


class Manner(Enum):
    """How a hand gives a shape its body."""

    CEL = "cel"  # one hard-edged shadow
    RETRO = "retro"  # two hard-edged shadows and hard lights
    SOFT = "soft"  # airbrushed
    OIL = "oil"  # visible brush strokes
    WATERCOLOUR = "watercolour"  # thin washes, dark at their edges
    FLAT = "flat"  # nothing but the colour
    PENCIL = "pencil"  # hatching over a loose wash
    DOTS = "dots"  # screentone
    GLOW = "glow"  # dark, with light along the edges


class Ink(Enum):
    """The colour a hand draws its lines in."""

    BLACK = "black"
    BROWN = "brown"
    VIOLET = "violet"
    TINTED = "tinted"  # a darker tone of what the line surrounds
    NONE = "none"


class Iris(Enum):
    """How a hand paints the iris."""

    GRADIENT = "gradient"  # dark above, bright below, a pupil, two lights
    JEWEL = "jewel"  # a ring, rays and many lights
    RING = "ring"  # a bright ring around a wide pupil
    PLAIN = "plain"  # one colour and one light
    TALL = "tall"  # bands of tone and one large light, as films painted it
    DISC = "disc"  # a flat disc with a slit
    BEAD = "bead"  # fills the whole eye, as in small round figures


class Edge(Enum):
    """What a hand puts around the whole figure."""

    NONE = "none"
    STICKER = "sticker"  # a white border
    CUT = "cut"  # the shadow of cut paper
    HALO = "halo"  # light from behind


@dataclass(frozen=True)
class Build:
    """Proportions, in heads."""

    chin: Range  # from the line of the eyes to the chin
    cheek: Range  # half-width of the face at the cheeks
    jaw: Range  # 0 round to 1 pointed
    eye_width: Range  # half-width
    eye_height: Range  # half-height
    eye_apart: Range  # from the axis to an eye's middle
    eye_slant: Range  # 1 droops, -1 rises


@dataclass(frozen=True)
class Line:
    """How a hand draws lines."""

    ink: Ink
    weight: Range  # in heads
    wobble: float = 0.0  # in heads
    passes: int = 1
    taper: float = 0.25  # share of the line over which it thins, at each end


@dataclass(frozen=True)
class Hand:
    """One illustrator's habits."""

    name: str
    manner: Manner
    line: Line
    build: Build
    iris: Iris
    hair: Tones
    eyes: Tones
    lash: float  # thickness of the upper lash line, in heads
    lights: Lights  # on the hair
    fringes: tuple[FringeCut, ...]
    tufts: tuple[int, int]
    strands: tuple[int, int]
    blush: Blush
    nose: Nose
    scenes: tuple[Scene, ...]
    edge: Edge = Edge.NONE
    mouth: float = 1.0  # its size, where 1 is usual
    grain: float = 0.0  # deviation of the noise, in [0, 1]
    paper: float = 0.0  # depth of the paper's tooth, in [0, 1]
    softness: float = 0.0  # blur of the whole picture, in heads
