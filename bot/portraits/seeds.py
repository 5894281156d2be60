"""What a member may type as a seed, and the numbers it stands for.

Any word is a seed: `reisen`, `42`, `月のうさぎ`. Width and case do not matter. A seed followed by
`~` and a number is a variation of it, and can have variations itself: `reisen~517~20`.
"""

from __future__ import annotations

import secrets
import unicodedata
from hashlib import blake2b

MARK = "~"  # before the number of a variation
MAX_LENGTH = 200  # characters of a seed; variations of variations grow
_CHANCE = 1_000_000_000  # random seeds, short enough to be typed
_VARIATIONS = 1_000


def normalised(typed: str) -> str:
    """Return a seed as it is shown: on one line, no longer than `MAX_LENGTH`."""
    seen = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFKC", typed))
    kept = "".join(c for c in seen if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join(kept.split())[:MAX_LENGTH].rstrip() or "?"


def number_of(seed: str) -> int:
    """Return the number of a seed: itself, or a hash of its letters."""
    folded = unicodedata.normalize("NFKC", seed).casefold().strip()
    if folded.isascii() and folded.isdecimal():
        return int(folded)
    return int.from_bytes(blake2b(folded.encode(), digest_size=8).digest())


def following(seed: str, count: int) -> tuple[str, ...]:
    """Return a seed and those after it: 42, 43, 44; of a word: reisen, reisen 2, reisen 3."""
    if seed.isascii() and seed.isdecimal():
        return tuple(str(int(seed) + step) for step in range(count))
    return (seed, *(f"{seed} {step}" for step in range(2, count + 1)))


def random_seed() -> str:
    """Return a random seed."""
    return str(secrets.randbelow(_CHANCE))


def random_variations(seed: str, count: int) -> tuple[str, ...]:
    """Return random variations of a seed, all different."""
    first = secrets.randbelow(_VARIATIONS - count)
    return tuple(f"{seed}{MARK}{first + step}" for step in range(count))


def steps_of(seed: str) -> tuple[str, ...]:
    """Return the first seed of a variation and each step from there: a, a~1, a~1~5."""
    parts = seed.split(MARK)
    tail = 0
    while tail < len(parts) - 1 and _is_number(parts[-1 - tail]):
        tail += 1
    first = len(parts) - tail
    if not parts[0].strip():  # nothing before the mark: a word like any other
        return (seed,)
    return tuple(MARK.join(parts[:end]) for end in range(first, len(parts) + 1))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
