"""The styles: each a set of decisions that one illustrator would always make the same way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal

from ml.avatar.scenery import WHITE_BACKDROPS
from training.illustrator.colours import Tones

Range = tuple[float, float]


class Shading(StrEnum):
    """How shapes get their volume."""

    CEL = "cel"  # one shadow with a hard edge
    FILM = "film"  # two hard shadows, as on painted film
    SOFT = "soft"  # airbrush
    PAINTED = "painted"  # strokes of a broad brush
    WASH = "wash"  # watercolour
    FLAT = "flat"  # colour areas
    HATCHED = "hatched"  # pencil strokes
    DOTS = "dots"  # screentone
    BRUSH = "brush"  # ink and a thin wash beside it


class Ink(Enum):
    """The colour of lines."""

    BLACK = "black"
    BROWN = "brown"
    PLUM = "plum"
    TINTED = "tinted"  # a dark tone of what the line goes around
    NONE = "none"


class Edge(Enum):
    """What surrounds the whole figure."""

    NONE = "none"
    STICKER = "sticker"
    CUT = "cut paper"
    HALO = "halo"


@dataclass(frozen=True)
class Line:
    """The habit of lines; widths in heads."""

    ink: Ink
    outer: Range  # around the figure
    inner: Range  # within it
    taper: float = 0.3  # share of a line's length over which it thins out
    wobble: float = 0.0
    passes: int = 1


@dataclass(frozen=True)
class Build:
    """Proportions of a face, in heads."""

    chin: Range  # from the eyes down to the chin
    cheek: Range  # half-width of the face at the cheeks
    jaw: Range  # 0 a pointed, 1 a broad chin
    eye_width: Range  # half
    eye_height: Range  # half
    eye_apart: Range  # from the middle


Lids = Literal["round", "sharp", "drooping", "tall", "bean", "narrow"]
Iris = Literal["gradient", "jewel", "layered", "plain", "disc", "bead"]
Lights = Literal["one", "two", "pair", "star", "bar", "none"]
Nose = Literal["tick", "dot", "shadow", "bridge", "none"]
Shine = Literal["arc", "zigzag", "band", "streaks", "spot", "none"]


@dataclass(frozen=True)
class EyeRecipe:
    """How this illustrator builds an eye."""

    lids: tuple[Lids, ...]
    iris: Iris
    lights: Lights
    lash: float  # thickness of the upper lashes, in heads
    wing: float = 0.16  # how far they reach past the corner, in half-widths of the eye
    spikes: int = 2
    iris_width: float = 0.74  # in half-widths of the eye
    crease: bool = True
    under: float = 0.5  # strength of the lower lashes


@dataclass(frozen=True)
class Style:
    """One illustrator's way to draw."""

    name: str
    shading: Shading
    line: Line
    build: Build
    eye: EyeRecipe
    hair: Tones
    iris: Tones
    skin: Tones
    locks: tuple[int, int]  # how many locks the fringe has
    strands: int  # lines within each lock of the fringe
    shine: Shine
    nose: Nose
    shadow: Tones  # what a full shadow multiplies colours with
    backdrop: Literal["full", "pale", "dark"] = "full"
    heads_across: float = 3.95  # of the frame: fewer come nearer
    edge: Edge = Edge.NONE
    rim: float = 0.0  # strength of the light from behind
    grain: float = 0.0
    paper: float = 0.0
    blush: Literal["soft", "lines", "round"] = "soft"
    mouth: float = 1.0
    gradient: float = 0.0  # how far the hair's tips go to another tint

    @property
    def leaves_white(self) -> bool:
        """Whether backdrops stay white where nothing is painted on them."""
        return self.name in WHITE_BACKDROPS


_GIRL = Build((0.92, 1.0), (0.9, 0.96), (0.25, 0.5), (0.29, 0.33), (0.27, 0.33), (0.46, 0.5))
_SLIM = Build((0.95, 1.04), (0.84, 0.89), (0.1, 0.35), (0.28, 0.315), (0.215, 0.26), (0.44, 0.47))
_ADULT = Build((1.0, 1.1), (0.83, 0.88), (0.35, 0.6), (0.26, 0.29), (0.17, 0.205), (0.42, 0.45))
_CHIBI = Build((0.76, 0.84), (1.0, 1.06), (0.5, 0.8), (0.27, 0.31), (0.33, 0.39), (0.5, 0.54))
_FILM = Build((0.97, 1.06), (0.84, 0.9), (0.0, 0.2), (0.29, 0.325), (0.31, 0.37), (0.45, 0.49))
_CANDY = Build((0.86, 0.93), (0.95, 1.0), (0.35, 0.6), (0.33, 0.37), (0.32, 0.37), (0.5, 0.54))

_FAIR = Tones((18, 28), (0.08, 0.14), (0.98, 1.0))
_ROSY = Tones((10, 20), (0.1, 0.16), (0.98, 1.0))
_WARM = Tones((24, 34), (0.12, 0.2), (0.96, 1.0))
_RED = Tones((348, 362), (0.8, 0.95), (0.78, 0.95))

STYLES = (
    Style(
        name="cel", shading=Shading.CEL, build=_SLIM,
        line=Line(Ink.BLACK, (0.034, 0.042), (0.014, 0.019)),
        eye=EyeRecipe(("sharp", "round"), "layered", "pair", 0.085, 0.24, 2, 0.72),
        hair=Tones((252, 276), (0.2, 0.34), (0.86, 0.97)), iris=_RED, skin=_WARM,
        locks=(5, 7), strands=1, shine="arc", nose="tick",
        shadow=Tones((318, 345), (0.24, 0.36), (0.8, 0.88)), backdrop="pale", blush="lines",
    ),
    Style(
        name="airbrush", shading=Shading.SOFT, build=_GIRL,
        line=Line(Ink.TINTED, (0.018, 0.024), (0.011, 0.015)),
        eye=EyeRecipe(("round", "drooping"), "jewel", "two", 0.07, 0.16, 3, 0.78),
        hair=Tones((258, 288), (0.14, 0.26), (0.92, 1.0)),
        iris=Tones((343, 360), (0.7, 0.88), (0.85, 0.98)), skin=_ROSY,
        locks=(6, 9), strands=2, shine="band", nose="shadow",
        shadow=Tones((262, 300), (0.22, 0.34), (0.74, 0.84)), rim=0.75, gradient=0.8,
    ),
    Style(
        name="gouache", shading=Shading.PAINTED, build=_ADULT,
        line=Line(Ink.NONE, (0.02, 0.026), (0.014, 0.018)),
        eye=EyeRecipe(("narrow", "sharp"), "plain", "one", 0.075, 0.18, 0, 0.68, under=0.3),
        hair=Tones((246, 282), (0.22, 0.38), (0.74, 0.9)),
        iris=Tones((350, 366), (0.74, 0.92), (0.68, 0.86)), skin=_WARM,
        locks=(4, 6), strands=1, shine="streaks", nose="bridge",
        shadow=Tones((250, 300), (0.3, 0.46), (0.62, 0.74)), rim=0.6, paper=0.03, gradient=0.5,
    ),
    Style(
        name="watercolour", shading=Shading.WASH, build=_GIRL,
        line=Line(Ink.BROWN, (0.012, 0.018), (0.009, 0.013), wobble=0.006, taper=0.45),
        eye=EyeRecipe(("drooping", "round"), "gradient", "two", 0.052, 0.1, 2, 0.82),
        hair=Tones((250, 284), (0.17, 0.3), (0.86, 0.97)),
        iris=Tones((344, 364), (0.62, 0.82), (0.8, 0.94)), skin=_ROSY,
        locks=(5, 8), strands=1, shine="none", nose="dot",
        shadow=Tones((240, 300), (0.24, 0.38), (0.74, 0.84)), backdrop="pale", paper=0.045,
        gradient=1.0,
    ),
    Style(
        name="poster", shading=Shading.FLAT, build=_SLIM, heads_across=4.0,
        line=Line(Ink.NONE, (0.03, 0.036), (0.02, 0.026)),
        eye=EyeRecipe(("sharp", "narrow"), "disc", "bar", 0.095, 0.3, 0, 0.72, crease=False,
                      under=0.0),
        hair=Tones((252, 276), (0.3, 0.44), (0.78, 0.95)),
        iris=Tones((348, 360), (0.85, 0.98), (0.8, 0.95)), skin=_FAIR,
        locks=(4, 6), strands=0, shine="spot", nose="none",
        shadow=Tones((262, 330), (0.3, 0.42), (0.74, 0.84)), edge=Edge.CUT, blush="round",
        mouth=1.15,
    ),
    Style(
        name="pencil", shading=Shading.HATCHED, build=_GIRL,
        line=Line(Ink.BLACK, (0.016, 0.022), (0.01, 0.014), 0.45, wobble=0.011, passes=2),
        eye=EyeRecipe(("round", "sharp"), "plain", "one", 0.06, 0.16, 3, 0.74),
        hair=Tones((252, 282), (0.16, 0.28), (0.84, 0.95)),
        iris=Tones((346, 362), (0.68, 0.86), (0.78, 0.92)), skin=_FAIR,
        locks=(6, 9), strands=2, shine="none", nose="tick",
        shadow=Tones((255, 270), (0.2, 0.3), (0.6, 0.7)), paper=0.06,
        grain=0.006, blush="lines",
    ),
    Style(
        name="chibi", shading=Shading.CEL, build=_CHIBI, heads_across=4.15,
        line=Line(Ink.BLACK, (0.055, 0.068), (0.026, 0.034), 0.2),
        eye=EyeRecipe(("bean",), "bead", "one", 0.11, 0.1, 0, 0.82, crease=False, under=0.4),
        hair=Tones((254, 280), (0.22, 0.36), (0.88, 0.98)), iris=_RED, skin=_FAIR,
        locks=(4, 6), strands=0, shine="arc", nose="none",
        shadow=Tones((250, 290), (0.28, 0.4), (0.7, 0.8)), backdrop="pale", edge=Edge.STICKER,
        blush="lines", mouth=1.05,
    ),
    Style(
        name="film", shading=Shading.FILM, build=_FILM,
        line=Line(Ink.BLACK, (0.022, 0.03), (0.014, 0.02)),
        eye=EyeRecipe(("tall",), "layered", "two", 0.095, 0.26, 3, 0.76),
        hair=Tones((246, 272), (0.24, 0.38), (0.74, 0.9)),
        iris=Tones((350, 364), (0.78, 0.92), (0.7, 0.86)), skin=_WARM,
        locks=(6, 9), strands=1, shine="zigzag", nose="bridge",
        shadow=Tones((250, 320), (0.24, 0.36), (0.66, 0.76)), grain=0.016,
        blush="lines",
    ),
    Style(
        name="manga", shading=Shading.DOTS, build=_SLIM,
        line=Line(Ink.BLACK, (0.026, 0.036), (0.012, 0.018), 0.4),
        eye=EyeRecipe(("sharp", "round"), "jewel", "pair", 0.095, 0.24, 4, 0.74),
        hair=Tones((258, 272), (0.11, 0.22), (0.92, 1.0)), iris=_RED,
        skin=Tones((30, 40), (0.0, 0.04), (0.99, 1.0)),
        locks=(6, 9), strands=1, shine="zigzag", nose="tick",
        shadow=Tones((258, 275), (0.2, 0.36), (0.56, 0.68)), blush="lines",
    ),
    Style(
        name="moonlit", shading=Shading.SOFT, build=_SLIM,
        line=Line(Ink.TINTED, (0.016, 0.022), (0.01, 0.014)),
        eye=EyeRecipe(("sharp", "narrow"), "jewel", "two", 0.075, 0.22, 3, 0.74),
        hair=Tones((248, 278), (0.24, 0.4), (0.66, 0.8)),
        iris=Tones((344, 360), (0.78, 0.95), (0.85, 1.0)),
        skin=Tones((350, 375), (0.08, 0.13), (0.96, 1.0)),
        locks=(6, 9), strands=1, shine="band", nose="shadow",
        shadow=Tones((236, 266), (0.36, 0.5), (0.56, 0.66)), backdrop="dark", rim=1.0,
        edge=Edge.HALO, gradient=0.6,
    ),
    Style(
        name="candy", shading=Shading.CEL, build=_CANDY,
        line=Line(Ink.PLUM, (0.028, 0.036), (0.016, 0.022), 0.25),
        eye=EyeRecipe(("round", "drooping"), "jewel", "star", 0.085, 0.14, 3, 0.8),
        hair=Tones((268, 298), (0.17, 0.28), (0.94, 1.0)),
        iris=Tones((344, 358), (0.66, 0.84), (0.88, 1.0)), skin=_ROSY,
        locks=(5, 8), strands=0, shine="spot", nose="dot",
        shadow=Tones((285, 335), (0.16, 0.26), (0.84, 0.9)), backdrop="pale", blush="round",
        gradient=1.0, mouth=0.9,
    ),
    Style(
        name="ink", shading=Shading.BRUSH, build=_ADULT,
        line=Line(Ink.BLACK, (0.034, 0.052), (0.014, 0.024), 0.6, wobble=0.005),
        eye=EyeRecipe(("narrow", "drooping"), "plain", "one", 0.08, 0.26, 0, 0.66, under=0.2),
        hair=Tones((250, 276), (0.2, 0.32), (0.8, 0.92)),
        iris=Tones((352, 364), (0.78, 0.92), (0.72, 0.86)),
        skin=Tones((28, 36), (0.02, 0.06), (1.0, 1.0)),
        locks=(4, 7), strands=1, shine="none", nose="tick",
        shadow=Tones((245, 265), (0.1, 0.24), (0.72, 0.82)), paper=0.05,
    ),
)  # fmt: skip

STYLE_NAMES = tuple(style.name for style in STYLES)


def style_named(name: str) -> Style:
    """Return the style of this name, in whatever case.

    Raises:
        KeyError: there is no such style.
    """
    return {style.name: style for style in STYLES}[name.lower()]
