"""How members read why two songs are alike."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bot.services.songbook_values import Likeness
from bot.words import Say

PARTS = {
    "timbre": "similar-part-timbre",
    "harmony": "similar-part-harmony",
    "rhythm": "similar-part-rhythm",
}
TEMPOS = {0: "similar-tempo-same", 1: "similar-tempo-double", -1: "similar-tempo-half"}  # octaves
SAME_TEMPO = math.log2(1.04)  # octaves: as far as the ear may be wrong


def words_for_why(likeness: Likeness | None, say: Say) -> str:
    """Say what two songs have in common and what not, as far as that is known."""
    if likeness is None:
        return ""
    words = [_in_common(likeness.parts, say)]
    if unlike := [say(PARTS[name]) for name in PARTS if likeness.parts.get(name, 0.0) < 0]:
        words.append(say("similar-unlike", parts=say("list-comma").join(unlike)))
    if likeness.tempo_ratio is not None:
        words.append(say(_tempo(likeness.tempo_ratio)))
    return " · ".join(word for word in words if word)


def _in_common(parts: Mapping[str, float], say: Say) -> str:
    """Divide what is alike among its parts, the largest first; together they are 100 %."""
    alike = {name: share for name, share in parts.items() if name in PARTS and share > 0}
    if not alike:
        return ""
    whole = sum(alike.values())
    largest_first = sorted(alike, key=lambda name: -alike[name])
    words = [
        say("similar-part", part=say(PARTS[name]), percent=round(100 * alike[name] / whole))
        for name in largest_first
    ]
    return say("similar-alike", parts=say("list-comma").join(words))


def _tempo(ratio: float) -> str:
    """Choose the words for how the other's tempo stands to that of the song asked about."""
    octaves = math.log2(ratio)
    if abs(octaves - round(octaves)) > SAME_TEMPO:
        return "similar-tempo-other"
    return TEMPOS.get(round(octaves), "similar-tempo-other")
