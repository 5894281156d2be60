"""How values and errors cross between a process and a worker; nothing is unpickled.

A message is the length of its JSON (four bytes, big-endian), the JSON, and the arrays' bytes one
after another. In the JSON an array stands as `{"$array": [its type, its shape]}`, and bytes are
arrays of `uint8`. An error is its `code` and its facts, which are its attributes.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import PortraitError, TooBusyError
from ml.audio.errors import AudioError
from ml.avatar.traits import Explanation, Nearest, Part
from ml.music.hearing import Hearing, Key, Rhythm, Timeline, Verdict

SECONDS_HEADER = "Usamimi-Seconds"  # how long whoever asks will wait
# For which music model, in which server's turn, and that nobody waits.
MODEL_HEADER, LANE_HEADER = "Usamimi-Model", "Usamimi-Lane"
BACKGROUND_HEADER = "Usamimi-Background"
SCHEME = "Bearer "  # before the secret, in the header `Authorization`
OTHER_MODEL, MODEL_NOT_HERE = 409, 410  # HTTP's status where the models of both sides differ

_LENGTH = struct.Struct("!I")
_ARRAY = "$array"  # the only key of what stands for an array
_TYPES = frozenset({"uint8", "float16", "float32", "float64", "int64"})
_MOST_JSON = 8 * 2**20  # bytes; a timeline of an hour has 100 kB


class MessageError(ValueError):
    """What came is no message of ours."""


def pack(value: object) -> bytes:
    """Write plain values, arrays and dataclasses as one message."""
    arrays: list[bytes] = []
    words = json.dumps(_plain(value, arrays)).encode()
    return b"".join([_LENGTH.pack(len(words)), words, *arrays])


def unpack(message: bytes) -> Any:
    """Read what `pack` wrote; dataclasses come as dicts, tuples as lists.

    Raises:
        MessageError: it is damaged, or nothing of ours.
    """
    try:
        (size,) = _LENGTH.unpack_from(message)
        end = _LENGTH.size + size
        if size > _MOST_JSON or end > len(message):
            raise MessageError("cut off")
        stored = json.loads(message[_LENGTH.size : end])
        pieces = _Pieces(memoryview(message)[end:])
        value = pieces.filled(stored)
    except (struct.error, ValueError, TypeError, RecursionError) as error:
        raise MessageError(str(error)) from error
    if pieces.left:
        raise MessageError("bytes that belong to nothing")
    return value


class _Pieces:
    """Hands out a message's arrays in order."""

    def __init__(self, joined: memoryview) -> None:
        self.left = joined

    def filled(self, value: Any) -> Any:
        """Put the arrays where they stand."""
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {_ARRAY}:
            return self._array(*value[_ARRAY])
        return {name: self.filled(each) for name, each in value.items()}

    def _array(self, kind: str, shape: list[int]) -> npt.NDArray[Any]:
        if kind not in _TYPES or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise MessageError(f"an array of {kind} {shape}")
        size = math.prod(shape) * np.dtype(kind).itemsize
        piece, self.left = self.left[:size], self.left[size:]
        array: npt.NDArray[Any] = np.frombuffer(piece, kind).reshape(shape).copy()
        return array


def _plain(value: object, arrays: list[bytes]) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.generic():
            return value.item()
        case Enum():
            return value.name
        case bytes():
            arrays.append(value)
            return {_ARRAY: ["uint8", [len(value)]]}
        case np.ndarray():
            arrays.append(np.ascontiguousarray(value).tobytes())
            return {_ARRAY: [str(value.dtype), list(value.shape)]}
        case Mapping():
            return {_key(name): _plain(each, arrays) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each, arrays) for each in value]
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name), arrays) for each in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot cross")


def _key(name: object) -> str:
    return name.name if isinstance(name, Enum) else str(name)


def read_hearing(stored: dict[str, Any]) -> Hearing:
    """Put together a hearing from a message.

    Raises:
        MessageError: it is something else.
    """
    try:
        key, rhythm, verdict = stored["key"], stored["rhythm"], stored["verdict"]
        found = {
            "key": key and Key(**key),
            "rhythm": rhythm and Rhythm(**_tuples(rhythm)),
            "verdict": Verdict(**_tuples(verdict)),
            "timeline": Timeline(**_tuples(stored["timeline"])),
        }
        return Hearing(**{**stored, **found})
    except (KeyError, TypeError) as error:
        raise MessageError(f"no hearing: {error}") from error


def read_explanation(stored: dict[str, Any]) -> Explanation:
    """Put together an explanation from a message.

    Raises:
        MessageError: it is something else.
    """
    try:
        parts = stored["parts"].items()
        return Explanation({Part[n]: tuple(Nearest(**near) for near in each) for n, each in parts})
    except (KeyError, TypeError, AttributeError) as error:
        raise MessageError(f"no explanation: {error}") from error


def _tuples(stored: dict[str, Any]) -> dict[str, Any]:
    return {n: tuple(each) if isinstance(each, list) else each for n, each in stored.items()}


def error_facts(error: Exception) -> dict[str, Any] | None:
    """Return an error as code and facts; None where members have no words for it."""
    if not isinstance(error, (AudioError, PortraitError, TooBusyError)):
        return None
    return {"code": error.code, "facts": vars(error)}


def read_error(stored: dict[str, Any]) -> Exception:
    """Put together an error of the same class from code and facts.

    Raises:
        MessageError: there is no such error.
    """
    code, facts = stored.get("code"), stored.get("facts")
    found = next((kind for kind in _kinds() if kind.__dict__.get("code") == code), None)
    if found is None or not isinstance(facts, dict):
        raise MessageError(f"no error of ours: {code}")
    error = found.__new__(found)
    error.args = tuple(facts.values())
    vars(error).update(facts)
    return error


def _kinds() -> Iterator[type[Exception]]:
    waiting: list[type[Exception]] = [AudioError, PortraitError, TooBusyError]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting += kind.__subclasses__()
