"""What is drawn: pose, expression, ears, clothes, scene. How it is drawn is the hand's matter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import numpy as np

from training.illustrator.habits import FringeCut, Hand, Range, Scene

Kind = TypeVar("Kind", bound=Enum)
T = TypeVar("T")

EAR_ODDS = (0.27, 0.18, 0.3, 0.17, 0.08)  # crumpled ones are hers


class Lids(Enum):
    """What the eyes do."""

    OPEN = "open"
    NARROW = "narrow"
    WIDE = "wide"
    WINK = "wink"
    CLOSED = "closed"
    GLOWING = "glowing"  # the red eyes of lunacy


class Mouth(Enum):
    """What the mouth does."""

    SMILE = "smile"
    LINE = "line"
    OPEN = "open"
    GRIN = "grin"
    POUT = "pout"
    CAT = "cat"
    SMALL_O = "small o"
    SMIRK = "smirk"


class Ear(Enum):
    """How a rabbit ear stands."""

    UPRIGHT = "upright"
    LEANING = "leaning"
    CRUMPLED = "crumpled"
    FOLDED = "folded"
    FALLEN = "fallen"


class Clothes(Enum):
    """What she wears."""

    BLAZER = "blazer"
    SHIRT = "shirt"
    DRESS = "dress"
    CLOAK = "cloak"


class Season(Enum):
    """What falls through the picture."""

    NONE = "none"
    PETALS = "petals"
    LEAVES = "leaves"
    SNOW = "snow"
    FIREFLIES = "fireflies"


@dataclass(frozen=True)
class Subject:
    """One sitting; lengths in heads."""

    turn: float  # -1 looks to the picture's left, 1 to the right
    tilt: float  # degrees, clockwise
    light: float  # -1 from the left, 1 from the right
    gaze: tuple[float, float]
    lids: Lids
    winks: int  # -1 the eye on the left, 1 on the right
    brow: float  # -1 sad to 1 angry
    mouth: Mouth
    blush: float
    chin: float
    cheek: float
    jaw: float
    eye_width: float
    eye_height: float
    eye_apart: float
    eye_slant: float
    ears: tuple[Ear, Ear]
    ear_length: float
    ear_width: float
    ear_spread: float
    ear_will: tuple[float, float]  # degrees by which each strays
    buttons: bool
    fringe: FringeCut
    tufts: int
    strands: int
    hair_length: float
    hair_volume: float
    hair_wave: float
    ahoge: int  # the hair that will not lie down: -1 left, 1 right, 0 lies
    clothes: Clothes
    scene: Scene
    season: Season


def sit(rng: np.random.Generator, hand: Hand) -> Subject:
    """Return one of the many ways in which this hand may draw her."""

    def within(span: Range) -> float:
        return float(rng.uniform(*span))

    build = hand.build
    return Subject(
        turn=float(np.clip(rng.normal(0, 0.55), -1, 1)),
        tilt=float(np.clip(rng.normal(0, 4.5), -11, 11)),
        light=float(rng.choice([-1.0, 1.0])) * within((0.4, 1.0)),
        gaze=(within((-0.16, 0.16)), within((-0.08, 0.1))),
        lids=_one_of(rng, Lids, (0.68, 0.08, 0.1, 0.06, 0.01, 0.07)),
        winks=int(rng.choice([-1, 1])),
        brow=float(np.clip(rng.normal(-0.05, 0.45), -1, 1)),
        mouth=_one_of(rng, Mouth, (0.3, 0.12, 0.17, 0.09, 0.09, 0.08, 0.08, 0.07)),
        blush=within((0.0, 1.0)),
        chin=within(build.chin),
        cheek=within(build.cheek),
        jaw=within(build.jaw),
        eye_width=within(build.eye_width),
        eye_height=within(build.eye_height),
        eye_apart=within(build.eye_apart),
        eye_slant=within(build.eye_slant),
        ears=_ears(rng),
        ear_length=within((1.3, 1.62)),
        ear_width=within((0.4, 0.56)),
        ear_spread=within((-2.0, 16.0)),
        ear_will=(within((-6, 6)), within((-6, 6))),
        buttons=bool(rng.random() < 0.7),
        fringe=_any_of(rng, hand.fringes),
        tufts=int(rng.integers(hand.tufts[0], hand.tufts[1] + 1)),
        strands=int(rng.integers(hand.strands[0], hand.strands[1] + 1)),
        hair_length=within((0.9, 3.0)),
        hair_volume=within((0.95, 1.1)),
        hair_wave=within((0.02, 0.16)),
        ahoge=int(rng.choice([-1, 0, 0, 0, 0, 0, 1])),
        clothes=_one_of(rng, Clothes, (0.55, 0.17, 0.16, 0.12)),
        scene=_any_of(rng, hand.scenes),
        season=_one_of(rng, Season, (0.62, 0.12, 0.09, 0.1, 0.07)),
    )


def _any_of(rng: np.random.Generator, habits: tuple[T, ...]) -> T:
    return habits[int(rng.integers(len(habits)))]


def _one_of(rng: np.random.Generator, kinds: type[Kind], odds: tuple[float, ...]) -> Kind:
    return list(kinds)[int(rng.choice(len(odds), p=odds))]


def _ears(rng: np.random.Generator) -> tuple[Ear, Ear]:
    """Return a pair: mostly alike, sometimes one ear has its own will."""
    left = _one_of(rng, Ear, EAR_ODDS)
    right = left if rng.random() < 0.65 else _one_of(rng, Ear, EAR_ODDS)
    return left, right
