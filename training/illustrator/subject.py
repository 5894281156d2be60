"""What one drawing shows: the girl, her pose, her mood, and where she is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeVar

import numpy as np

from training.illustrator.styles import Lids, Range, Style

Kind = TypeVar("Kind", bound=Enum)


class Mood(StrEnum):
    """The expressions, each with brows, lids and mouth that belong together."""

    SMILE = "smile"
    LAUGH = "laugh"
    GRIN = "grin"
    CAT = "cat"
    WINK = "wink"
    CLOSED = "closed"
    CALM = "calm"
    POUT = "pout"
    SURPRISE = "surprise"
    SLEEPY = "sleepy"
    SHY = "shy"
    LUNATIC = "lunatic"


class Ears(StrEnum):
    """How the rabbit ears stand."""

    UPRIGHT = "upright"
    LEANING = "leaning"
    CRUMPLED = "crumpled"
    FOLDED = "folded"
    DROOPING = "drooping"
    ODD = "odd"  # one up, one folded


class Scene(StrEnum):
    """Where she is."""

    PLAIN = "plain"
    PATTERN = "pattern"
    SKY = "sky"
    DUSK = "dusk"
    MOON = "moon"
    BAMBOO = "bamboo"
    BLOSSOM = "blossom"
    MAPLE = "maple"
    SNOW = "snow"
    LIGHTS = "lights"


class Mouth(Enum):
    """The shape of a mouth."""

    LINE = "line"
    OPEN = "open"
    WIDE = "wide"
    TEETH = "teeth"
    CAT = "cat"
    ROUND = "round"
    POUT = "pout"
    WAVE = "wave"
    SMIRK = "smirk"
    SMALL = "small"


class Cut(Enum):
    """How the hair falls."""

    LONG = "long"
    FLOWING = "flowing"
    WAVY = "wavy"
    BOB = "bob"
    TAILS = "tails"


class Fringe(Enum):
    """How the fringe is cut."""

    TUFTS = "tufts"
    SWEPT = "swept"
    PARTED = "parted"
    STRAIGHT = "straight"
    POINT = "point"


class Clothes(Enum):
    """What she wears."""

    BLAZER = "blazer"
    SHIRT = "shirt"
    SAILOR = "sailor"
    KIMONO = "kimono"
    HOOD = "hood"
    SCARF = "scarf"


class Ornament(Enum):
    """What she wears in her hair."""

    NONE = "none"
    CRESCENT = "crescent"
    CARROT = "carrot"
    BOW = "bow"
    FLOWER = "flower"
    PINS = "pins"


class Gesture(Enum):
    """What her hand does, where it is seen."""

    NONE = "none"
    PEACE = "peace"
    GUN = "gun"
    FIST = "fist"
    DANGO = "dango"
    CARROT = "carrot"


@dataclass(frozen=True)
class Expression:
    """What a mood does to a face; lengths in heads unless said otherwise."""

    open: tuple[float, float]  # how far the far and the near eye are open, 1 is wide awake, 0 shut
    merry: bool  # shut eyes arch upwards, as in laughter
    brow_slant: float  # -1 worried to 1 angry
    brow_lift: float
    mouth: Mouth
    mouth_size: float
    blush: float  # 0 to 1
    iris: float  # size of the iris, 1 as usual
    glow: bool = False  # the eyes of lunacy


# Per mood: how open, merry, brow slant, brow lift, mouths, size of the mouth, blush, iris.
_MOODS: dict[Mood, tuple[float, bool, float, float, tuple[Mouth, ...], float, float, float]] = {
    Mood.SMILE: (0.97, True, -0.15, 0.02, (Mouth.LINE, Mouth.OPEN), 1.0, 0.45, 1.0),
    Mood.LAUGH: (1.0, True, -0.1, 0.06, (Mouth.WIDE, Mouth.OPEN), 1.25, 0.6, 1.0),
    Mood.GRIN: (0.9, True, 0.35, 0.02, (Mouth.TEETH,), 1.1, 0.3, 0.98),
    Mood.CAT: (0.96, True, 0.05, 0.03, (Mouth.CAT,), 1.0, 0.6, 1.0),
    Mood.WINK: (1.0, True, -0.05, 0.05, (Mouth.OPEN, Mouth.SMIRK, Mouth.CAT), 1.05, 0.5, 1.0),
    Mood.CLOSED: (0.0, True, -0.3, 0.03, (Mouth.LINE, Mouth.OPEN, Mouth.WIDE), 1.0, 0.6, 1.0),
    Mood.CALM: (0.9, False, 0.0, 0.0, (Mouth.SMALL, Mouth.LINE), 0.75, 0.15, 1.0),
    Mood.POUT: (0.84, False, 0.62, -0.03, (Mouth.POUT,), 0.9, 0.7, 0.98),
    Mood.SURPRISE: (1.12, False, -0.35, 0.14, (Mouth.ROUND,), 1.0, 0.3, 0.82),
    Mood.SLEEPY: (0.52, False, -0.45, 0.07, (Mouth.SMALL, Mouth.ROUND), 0.7, 0.3, 1.0),
    Mood.SHY: (0.88, False, -0.9, 0.04, (Mouth.WAVE, Mouth.SMALL), 0.9, 1.0, 1.0),
    Mood.LUNATIC: (1.05, False, 0.7, 0.0, (Mouth.SMIRK, Mouth.TEETH, Mouth.SMALL), 1.0, 0.0, 0.92),
}


@dataclass(frozen=True)
class Subject:
    """One sitting. She is drawn turned to the picture's left and mirrored where `facing` is 1."""

    mood: Mood
    ears: Ears
    scene: Scene
    expression: Expression
    facing: int  # -1 left, 1 right
    yaw: float  # how far the head is turned: 0 to the front, 1 to three quarters
    tilt: float  # degrees, clockwise
    nod: float  # -1 looks up, 1 looks down
    light: float  # -1 from the far side, 1 from the near side
    gaze: tuple[float, float]
    zoom: float
    wind: float  # -1 to 1
    lids: Lids
    chin: float
    cheek: float
    jaw: float
    eye_width: float
    eye_height: float
    eye_apart: float
    eye_slant: float
    ear_length: float
    ear_width: float
    ear_spread: float  # degrees
    ear_stray: tuple[float, float]  # degrees
    cut: Cut
    fringe: Fringe
    locks: int
    strands: int
    volume: float
    part: float  # where the hair parts, -1 to 1
    ahoge: bool
    clothes: Clothes
    ornament: Ornament
    gesture: Gesture


def sit(
    seed: int, style: Style, mood: Mood | None, ears: Ears | None, scene: Scene | None
) -> Subject:
    """Return what this seed shows; what is given replaces the seed's own choice and no more."""
    who, pose, feel, hear, where = (np.random.default_rng([seed, part]) for part in range(1, 6))
    mood = _either(mood, feel, Mood, (18, 11, 9, 7, 8, 5, 10, 8, 7, 7, 8, 7))
    ears = _either(ears, hear, Ears, (24, 20, 18, 16, 10, 12))
    scene = _either(scene, where, Scene, (22, 12, 10, 9, 13, 7, 8, 6, 6, 7))
    build = style.build
    yaw = 1.12 * float(pose.beta(2.2, 1.6))
    return Subject(
        mood=mood, ears=ears, scene=scene,
        expression=_express(mood, feel),
        facing=int(pose.choice([-1, 1])), yaw=yaw,
        tilt=float(np.clip(pose.normal(2.0, 7.0), -13, 15)),
        nod=float(np.clip(pose.normal(0.1, 0.4), -0.8, 0.9)),
        light=float(pose.choice([-1.0, 1.0], p=(0.65, 0.35))) * float(pose.uniform(0.6, 1.0)),
        gaze=_gaze(mood, pose),
        zoom=float(pose.uniform(0.95, 1.13)),
        wind=float(np.clip(pose.normal(0, 0.5), -1, 1)),
        lids=style.eye.lids[int(who.integers(len(style.eye.lids)))],
        chin=_within(who, build.chin), cheek=_within(who, build.cheek),
        jaw=_within(who, build.jaw), eye_width=_within(who, build.eye_width),
        eye_height=_within(who, build.eye_height), eye_apart=_within(who, build.eye_apart),
        eye_slant=float(who.normal(0, 0.35)),
        ear_length=float(hear.uniform(1.3, 1.55)), ear_width=float(hear.uniform(0.4, 0.52)),
        ear_spread=float(hear.uniform(2, 20)),
        ear_stray=(float(hear.uniform(-7, 7)), float(hear.uniform(-7, 7))),
        cut=_one_of(who, Cut, (42, 20, 16, 12, 10)),
        fringe=_one_of(who, Fringe, (34, 22, 16, 12, 16)),
        locks=int(who.integers(style.locks[0], style.locks[1] + 1)),
        strands=style.strands,
        volume=float(who.uniform(0.97, 1.07)),
        part=float(np.clip(who.normal(0, 0.35), -0.7, 0.7)),
        ahoge=bool(who.random() < 0.22),
        clothes=_one_of(who, Clothes, (36, 20, 14, 11, 9, 10)),
        ornament=_one_of(who, Ornament, (40, 14, 12, 12, 12, 10)),
        gesture=_one_of(who, Gesture, (74, 6, 6, 6, 5, 3)),
    )  # fmt: skip


def _gaze(mood: Mood, rng: np.random.Generator) -> tuple[float, float]:
    """Return where she looks, in half-eyes: mostly at us, aside where the mood asks for it."""
    x, y = float(rng.uniform(-0.14, 0.12)), float(rng.uniform(-0.04, 0.06))
    aside = {Mood.SHY: (-0.2, 0.1), Mood.POUT: (-0.16, 0.0), Mood.GRIN: (0.05, 0.02)}
    return x + aside.get(mood, (0.0, 0.0))[0], y + aside.get(mood, (0.0, 0.0))[1]


def _express(mood: Mood, rng: np.random.Generator) -> Expression:
    """Return the mood's face, never twice quite the same."""
    opened, merry, slant, lift, mouths, size, blush, iris = _MOODS[mood]
    mouth = mouths[int(rng.integers(len(mouths)))]
    both = opened * float(rng.uniform(0.96, 1.04))
    far, near = both, both
    if mood is Mood.WINK:
        far, near = (0.0, both) if rng.random() < 0.5 else (both, 0.0)
    return Expression(
        open=(far, near),
        merry=merry,
        brow_slant=slant + float(rng.normal(0, 0.1)),
        brow_lift=lift + float(rng.normal(0, 0.012)),
        mouth=mouth,
        mouth_size=size * float(rng.uniform(0.92, 1.1)),
        blush=float(np.clip(blush + rng.normal(0, 0.12), 0, 1)),
        iris=iris * float(rng.uniform(0.97, 1.03)),
        glow=mood is Mood.LUNATIC,
    )


def _either(
    given: Kind | None, rng: np.random.Generator, kinds: type[Kind], odds: tuple[int, ...]
) -> Kind:
    """Return what was given, else draw one; the generator goes on alike in both cases."""
    drawn = _one_of(rng, kinds, odds)
    return drawn if given is None else given


def _one_of(rng: np.random.Generator, kinds: type[Kind], odds: tuple[int, ...]) -> Kind:
    shares = np.array(odds) / sum(odds)
    return list(kinds)[int(rng.choice(len(odds), p=shares))]


def _within(rng: np.random.Generator, span: Range) -> float:
    return float(rng.uniform(*span))
