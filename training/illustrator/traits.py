"""What a drawing is drawn from, as the row of numbers that a generator is conditioned on."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.avatar.traits import FRINGE_POINTS, FRINGE_SPAN, TRAIT, TRAITS
from training.illustrator.cap import Cap, cap_of
from training.illustrator.colours import Palette
from training.illustrator.drawing import mix_palette
from training.illustrator.scenes import scheme_of
from training.illustrator.styles import STYLE_NAMES, STYLES, Style, style_named
from training.illustrator.subject import (
    Ears,
    Mood,
    Scene,
    Subject,
    sit,
)

_LIDS = ("round", "sharp", "drooping", "tall", "bean", "narrow")


def traits_of(
    seed: int,
    *,
    style: str | None = None,
    mood: Mood | None = None,
    ears: Ears | None = None,
    scene: Scene | None = None,
) -> NDArray[np.float32]:
    """Return the traits (TRAITS,) of `illustrate` with the same arguments, without drawing."""
    drawn = STYLES[int(np.random.default_rng([seed, 0]).integers(len(STYLES)))]
    chosen = drawn if style is None else style_named(style)
    subject = sit(seed, chosen, mood, ears, scene)
    row = np.zeros(TRAITS, np.float32)
    for name, value in _values(seed, chosen, subject).items():
        row[TRAIT[name]] = value
    return row


def _values(seed: int, style: Style, subject: Subject) -> dict[str, ArrayLike]:
    feeling = subject.expression
    lit = mix_palette(seed, style, subject)
    plain = mix_palette(seed, style, replace(subject, scene=Scene.PLAIN))
    tint = scheme_of(subject.scene, style, np.random.default_rng([seed, 11])).light
    lines = np.random.default_rng([seed, 100])
    return {
        "style": _one(STYLE_NAMES, style.name),
        "lids": _one(_LIDS, subject.lids),
        "heads_across": style.heads_across,
        "mouth_scale": style.mouth,
        "iris_width": style.eye.iris_width,
        "lines": (lines.uniform(*style.line.outer), lines.uniform(*style.line.inner)),
        "cut": _kind(subject.cut), "fringe": _kind(subject.fringe),
        "clothes": _kind(subject.clothes), "ornament": _kind(subject.ornament),
        "gesture": _kind(subject.gesture), "mood": _kind(subject.mood),
        "mouth": _kind(feeling.mouth), "ears": _kind(subject.ears),
        "scene": _kind(subject.scene),
        **{name: getattr(subject, name) for name in (
            "chin", "cheek", "jaw", "eye_width", "eye_height", "eye_apart", "locks", "strands",
            "ahoge", "part", "volume", "eye_slant", "facing", "yaw", "tilt", "nod", "light",
            "zoom", "wind", "gaze", "ear_length", "ear_width", "ear_spread", "ear_stray",
        )},
        **{name: getattr(feeling, name) for name in (
            "open", "merry", "brow_slant", "brow_lift", "mouth_size", "blush",
        )},
        "iris_size": feeling.iris,
        "fringe_edge": fringe_edge(cap_of(subject, np.random.default_rng([seed, 105]))),
        **_colours(plain), "tint": tint, "sky": lit.sky, "ground": lit.ground, "rim": lit.rim,
    }  # fmt: skip


def _colours(palette: Palette) -> dict[str, ArrayLike]:
    return {
        "hair": palette.hair, "tips": palette.hair_tips, "skin": palette.skin,
        "iris": palette.iris, "shadow": palette.shadow, "jacket": palette.jacket,
        "tie": palette.tie, "accent": palette.accent, "fur": palette.ear,
        "pink": palette.inner_ear,
    }  # fmt: skip


def fringe_edge(cap: Cap) -> NDArray[np.float64]:
    """Return how far down the hair reaches at each place across the head, in heads."""
    edge = cap.outline[cap.crown - 1 :]
    edge = np.vstack([edge, cap.outline[:1]])
    places = np.linspace(*FRINGE_SPAN, FRINGE_POINTS)
    (x1, y1), (x2, y2) = edge[:-1].T, edge[1:].T
    share = (places[:, None] - x1) / np.where(np.abs(x2 - x1) < 1e-9, 1e-9, x2 - x1)
    height = np.where((share >= 0) & (share <= 1), y1 + share * (y2 - y1), -np.inf)
    lowest = height.max(1)
    return np.where(np.isfinite(lowest), lowest, -0.4)


def _one(names: tuple[str, ...], name: str) -> NDArray[np.float32]:
    row = np.zeros(len(names), np.float32)
    row[names.index(name)] = 1
    return row


def _kind(member: Enum) -> NDArray[np.float32]:
    kinds = tuple(str(each.value) for each in type(member))
    return _one(kinds, str(member.value))
