"""The hands that draw: each a set of habits, as illustrators have them."""

from __future__ import annotations

from training.illustrator.colours import Tones
from training.illustrator.habits import Build, Edge, Hand, Ink, Iris, Line, Manner

_GROWN = Build(
    chin=(0.98, 1.1), cheek=(0.84, 0.9), jaw=(0.6, 0.95), eye_width=(0.25, 0.28),
    eye_height=(0.2, 0.25), eye_apart=(0.41, 0.45), eye_slant=(-0.7, 0.2),
)  # fmt: skip
_GIRL = Build(
    chin=(0.88, 1.0), cheek=(0.9, 0.97), jaw=(0.35, 0.75), eye_width=(0.27, 0.32),
    eye_height=(0.27, 0.34), eye_apart=(0.43, 0.48), eye_slant=(-0.4, 0.6),
)  # fmt: skip
_ADULT = Build(
    chin=(1.04, 1.16), cheek=(0.82, 0.88), jaw=(0.55, 0.9), eye_width=(0.235, 0.265),
    eye_height=(0.16, 0.2), eye_apart=(0.4, 0.44), eye_slant=(-0.8, 0.1),
)  # fmt: skip
_DOLL = Build(
    chin=(0.74, 0.82), cheek=(1.0, 1.08), jaw=(0.0, 0.2), eye_width=(0.19, 0.24),
    eye_height=(0.29, 0.36), eye_apart=(0.44, 0.52), eye_slant=(-0.1, 0.4),
)  # fmt: skip
_FILM = Build(
    chin=(1.0, 1.12), cheek=(0.86, 0.93), jaw=(0.75, 1.0), eye_width=(0.25, 0.29),
    eye_height=(0.31, 0.37), eye_apart=(0.43, 0.47), eye_slant=(-0.6, 0.3),
)  # fmt: skip

HANDS = (
    Hand(
        name="Cel", manner=Manner.CEL, build=_GIRL, iris=Iris.GRADIENT,
        line=Line(Ink.VIOLET, (0.028, 0.042)),
        hair=Tones((255, 280), (0.15, 0.31), (0.8, 0.94)),
        eyes=Tones((345, 362), (0.8, 0.95), (0.75, 0.92)), lash=0.085,
        lights="zigzag", fringes=("tufts", "swept", "centre", "parted"), tufts=(5, 8),
        strands=(3, 7), blush="lines", nose="tick",
        scenes=("plain", "gradient", "sky", "moon", "rays"),
    ),
    Hand(
        name="Airbrush", manner=Manner.SOFT, build=_GIRL, iris=Iris.JEWEL,
        line=Line(Ink.TINTED, (0.014, 0.024)),
        hair=Tones((262, 290), (0.1, 0.23), (0.9, 0.98)),
        eyes=Tones((338, 358), (0.65, 0.9), (0.82, 0.97)), lash=0.07,
        lights="band", fringes=("tufts", "centre", "parted", "hime"), tufts=(6, 11),
        strands=(8, 18), blush="soft", nose="shadow",
        scenes=("gradient", "lights", "moon", "bloom", "sky"), mouth=0.9, softness=0.006,
    ),
    Hand(
        name="Oil", manner=Manner.OIL, build=_ADULT, iris=Iris.PLAIN,
        line=Line(Ink.NONE, (0.02, 0.03)),
        hair=Tones((250, 278), (0.16, 0.33), (0.72, 0.9)),
        eyes=Tones((348, 366), (0.72, 0.92), (0.68, 0.86)), lash=0.08,
        lights="streaks", fringes=("swept", "parted", "tufts"), tufts=(4, 7),
        strands=(6, 14), blush="soft", nose="lips",
        scenes=("daubs", "dusk", "moon", "daubs"), grain=0.006, paper=0.04,
    ),
    Hand(
        name="Watercolour", manner=Manner.WATERCOLOUR, build=_GIRL, iris=Iris.GRADIENT,
        line=Line(Ink.BROWN, (0.014, 0.026), wobble=0.008),
        hair=Tones((254, 282), (0.16, 0.3), (0.82, 0.95)),
        eyes=Tones((344, 364), (0.68, 0.9), (0.76, 0.92)), lash=0.055,
        lights="none", fringes=("tufts", "centre", "swept"), tufts=(5, 9),
        strands=(4, 12), blush="soft", nose="dot",
        scenes=("wash", "wash", "paper", "bloom", "bamboo"), paper=0.07,
    ),
    Hand(
        name="Poster", manner=Manner.FLAT, build=_GROWN, iris=Iris.DISC,
        line=Line(Ink.NONE, (0.03, 0.04)),
        hair=Tones((252, 276), (0.25, 0.39), (0.76, 0.94)),
        eyes=Tones((348, 362), (0.85, 1.0), (0.78, 0.95)), lash=0.1,
        lights="shine", fringes=("hime", "swept", "parted"), tufts=(3, 6),
        strands=(0, 2), blush="round", nose="none",
        scenes=("plain", "moon", "halves", "plain", "rays", "bamboo"),
        edge=Edge.CUT, mouth=1.15,
    ),
    Hand(
        name="Pencil", manner=Manner.PENCIL, build=_GIRL, iris=Iris.PLAIN,
        line=Line(Ink.BLACK, (0.014, 0.022), wobble=0.018, passes=3, taper=0.4),
        hair=Tones((254, 282), (0.15, 0.31), (0.8, 0.94)),
        eyes=Tones((346, 364), (0.7, 0.9), (0.74, 0.9)), lash=0.06,
        lights="none", fringes=("tufts", "parted", "swept", "centre"), tufts=(5, 9),
        strands=(14, 26), blush="lines", nose="tick",
        scenes=("paper", "paper", "scribble", "wash"), grain=0.008, paper=0.07,
    ),
    Hand(
        name="Marker", manner=Manner.CEL, build=_DOLL, iris=Iris.BEAD,
        line=Line(Ink.VIOLET, (0.045, 0.065), taper=0.06),
        hair=Tones((258, 286), (0.17, 0.33), (0.86, 0.98)),
        eyes=Tones((344, 362), (0.8, 0.95), (0.78, 0.95)), lash=0.1,
        lights="shine", fringes=("hime", "tufts", "centre"), tufts=(3, 6),
        strands=(0, 3), blush="round", nose="none",
        scenes=("plain", "checks", "hearts", "plain", "halves"),
        edge=Edge.STICKER, mouth=0.85,
    ),
    Hand(
        name="Film", manner=Manner.RETRO, build=_FILM, iris=Iris.TALL,
        line=Line(Ink.BLACK, (0.022, 0.034)),
        hair=Tones((248, 274), (0.19, 0.35), (0.7, 0.88)),
        eyes=Tones((350, 366), (0.75, 0.92), (0.68, 0.85)), lash=0.09,
        lights="zigzag", fringes=("centre", "swept", "tufts"), tufts=(6, 10),
        strands=(2, 5), blush="lines", nose="bridge",
        scenes=("dusk", "moon", "sky", "gradient", "bamboo"),
        grain=0.012, softness=0.012, mouth=0.9,
    ),
    Hand(
        name="Screentone", manner=Manner.DOTS, build=_FILM, iris=Iris.RING,
        line=Line(Ink.VIOLET, (0.03, 0.046), taper=0.45),
        hair=Tones((254, 282), (0.17, 0.33), (0.84, 0.98)),
        eyes=Tones((346, 360), (0.85, 1.0), (0.8, 0.96)), lash=0.11,
        lights="streaks", fringes=("tufts", "swept", "parted"), tufts=(5, 9),
        strands=(6, 12), blush="lines", nose="tick",
        scenes=("dots", "rays", "plain", "halves"), paper=0.04,
    ),
    Hand(
        name="Moonlight", manner=Manner.GLOW, build=_GROWN, iris=Iris.JEWEL,
        line=Line(Ink.TINTED, (0.012, 0.022)),
        hair=Tones((250, 276), (0.19, 0.35), (0.7, 0.86)),
        eyes=Tones((348, 360), (0.82, 1.0), (0.85, 1.0)), lash=0.075,
        lights="band", fringes=("parted", "swept", "centre", "tufts"), tufts=(6, 11),
        strands=(10, 20), blush="soft", nose="lips",
        scenes=("moon", "night", "lights", "moon", "bamboo"),
        edge=Edge.HALO,
    ),
)  # fmt: skip
