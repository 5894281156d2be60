"""Why two songs are alike: how sure that they belong together, and what they share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bot.services.songbook_values import Likeness, Sound


class EarLikening:
    """Likens songs by the ear's calibrated probability, and tells their parts apart.

    `timbre` is the cosine of what the network heard; `rhythm` compares the profiles of the beat
    and `tempo` the beats a minute, where both songs have one.
    """

    def __init__(self, probability: Callable[[float], float]) -> None:
        """Take from the ear how a cosine becomes the probability that two songs belong together."""
        self._probability = probability

    def __call__(self, asked: Sound, others: Sequence[Sound]) -> list[Likeness]:
        """Give one likeness for each of `others`, in their order."""
        return [self._likeness(asked, other) for other in others]

    def _likeness(self, asked: Sound, other: Sound) -> Likeness:
        cosine = _cosine(asked, other)
        parts = {"timbre": max(0.0, cosine)}
        parts |= _rhythm(asked.rhythm, other.rhythm)
        parts |= _tempo(asked.tempo_bpm, other.tempo_bpm)
        return Likeness(100 * self._probability(cosine), parts)


def _cosine(asked: Sound, other: Sound) -> float:
    length = float(np.linalg.norm(asked.vector) * np.linalg.norm(other.vector))
    return float(asked.vector @ other.vector) / length


def _rhythm(asked: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, float]:
    """1 for the same profile, falling by a factor of e with each unit of distance."""
    profiles = [np.asarray(each.get("profile") or (), np.float32) for each in (asked, other)]
    if not all(profile.any() for profile in profiles) or len({len(p) for p in profiles}) > 1:
        return {}
    return {"rhythm": math.exp(-float(np.linalg.norm(profiles[0] - profiles[1])))}


def _tempo(asked: float | None, other: float | None) -> dict[str, float]:
    """1 for the same tempo or its double, 0 for what lies furthest between two octaves."""
    if asked is None or other is None:
        return {}
    octaves = abs(math.log2(asked / other)) % 1.0
    return {"tempo": 1.0 - 2.0 * min(octaves, 1.0 - octaves)}
