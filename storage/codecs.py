"""How values are written into columns, and read back."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from storage.errors import VectorMismatchError

# A list of ids as one bound parameter, `id_list(ids)`, so that a statement's text does not depend
# on how many there are. PostgreSQL has `= ANY(...)` for this; it is spelled only here.
ID_LIST = "(SELECT value FROM json_each(?))"

# The same for texts, `json.dumps(texts)`.
TEXT_LIST = "(SELECT CAST(value AS TEXT) FROM json_each(?))"

_FLOATS = np.dtype("<f4")
# Katakana stand 0x60 above the hiragana of the same sound; people type either for a title.
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)} | {ord("_"): " "}


def id_list(ids: Iterable[int]) -> str:
    """Encode ids for the parameter of `ID_LIST`."""
    return json.dumps(list(ids))


def milliseconds(moment: datetime) -> int:
    """Encode a moment as milliseconds since 1970, in UTC.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is ambiguous")
    return round(moment.timestamp() * 1000)


def moment(stored: int) -> datetime:
    """Decode milliseconds since 1970, in UTC."""
    return datetime.fromtimestamp(stored / 1000, UTC)


def moment_or_none(stored: int | None) -> datetime | None:
    """Decode a moment that may be missing."""
    return None if stored is None else moment(stored)


def vector_bytes(vector: npt.NDArray[np.float32], model: str) -> bytes:
    """Encode a vector as float32, little-endian.

    Args:
        vector: (n,), finite.
        model: what made it, for the error.

    Raises:
        VectorMismatchError: it is not one row of finite numbers.
    """
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise VectorMismatchError(model, int(np.isfinite(vector).sum()), vector.size)
    return vector.astype(_FLOATS).tobytes()


def vector_from(blob: bytes) -> npt.NDArray[np.float32]:
    """Decode a vector: (n,) float32."""
    return np.frombuffer(blob, _FLOATS).astype(np.float32)


def vectors_from(blobs: Iterable[bytes], count: int) -> npt.NDArray[np.float32]:
    """Decode `count` vectors of one length, at least one: (count, n) float32."""
    joined = np.frombuffer(b"".join(blobs), _FLOATS).reshape(count, -1)
    return joined.astype(np.float32, copy=False)


def fold(title: str) -> str:
    """Return the form in which a title is searched: width, case and kana do not matter."""
    text = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(unicodedata.normalize("NFKC", text).translate(_TO_HIRAGANA).split())


def short_content(content_hash: bytes | None) -> int:
    """Shorten a content hash to the 8 bytes held in memory; 0 when unknown."""
    return int.from_bytes(content_hash[:8], "little") if content_hash else 0
