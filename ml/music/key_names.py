"""Names of keys; by itself, so that nothing need load torch to hold one."""

from __future__ import annotations

from dataclasses import dataclass

TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MODES = ("major", "minor")
_CAMELOT_MAJOR = (8, 3, 10, 5, 12, 7, 2, 9, 4, 11, 6, 1)  # C, C#, ... B
_CAMELOT_MINOR = (5, 12, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10)


@dataclass(frozen=True, slots=True)
class Key:
    """A key and how sure it is.

    Attributes:
        tonic: one of `TONICS`.
        mode: `major` or `minor`.
        camelot: the code by which DJs mix, 1A to 12B.
        confidence: calibrated probability 0..1 that tonic and mode are both right.
    """

    tonic: str
    mode: str
    camelot: str
    confidence: float


def key_of_camelot(code: str) -> tuple[str, str]:
    """Return tonic and mode of a Camelot code, 1A to 12B."""
    minor = code.endswith("A")
    order = _CAMELOT_MINOR if minor else _CAMELOT_MAJOR
    return TONICS[order.index(int(code[:-1]))], MODES[minor]


def key_of(index: int, confidence: float) -> Key:
    """Name a key by its place among the `KEYS`."""
    mode, tonic = divmod(index, 12)
    number = (_CAMELOT_MINOR if mode else _CAMELOT_MAJOR)[tonic]
    return Key(TONICS[tonic], MODES[mode], f"{number}{'A' if mode else 'B'}", confidence)
