"""Read and write model files: safetensors with a card, nothing unpickled."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ml.files import write_atomically


def commit(folder: Path = Path(__file__).parent) -> str:
    """Name the commit that a folder's files are of.

    Args:
        folder: somewhere in a checkout; ours if left out.

    Returns:
        Its short hash, with `-dirty` when files were changed since; `unknown` outside a checkout.
    """
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - the host's git
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


Array = npt.NDArray[Any]
Model = TypeVar("Model")


class ModelFileError(Exception):
    """A file of numbers cannot be used; the message says which file and why."""

    code = "model_file"
    holds = "a model"  # what the file should hold, in the message


@dataclass(frozen=True, slots=True, eq=False)
class StoredModel:
    """What a file holds, before it becomes a model.

    Attributes:
        arrays: the numbers by name; whoever reads them may take them out.
        metadata: the facts by name, most of them JSON.
        digest: SHA-256 of the file, in hexadecimal.
    """

    arrays: dict[str, Array]
    metadata: Mapping[str, str]
    digest: str

    def fact(self, name: str) -> Any:
        """Return one of the facts that were stored as JSON.

        Raises:
            KeyError, ValueError: there is none, or it is no JSON.
        """
        return json.loads(self.metadata[name])


def save(
    file: Path, file_format: str, arrays: Mapping[str, Array], metadata: Mapping[str, str]
) -> None:
    """Write numbers and facts into one safetensors file, whole or not at all.

    Args:
        file: where to.
        file_format: what the file holds and in which version, such as `portraits-1`.
        arrays: the numbers, by name.
        metadata: the facts, by name.

    Raises:
        OSError: there is no room for it.
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    facts = {"format": file_format, **metadata}
    write_atomically(file, lambda partial: save_file(contiguous, partial, facts))


def load(
    file: Path,
    file_format: str,
    build: Callable[[StoredModel], Model],
    error: type[ModelFileError] = ModelFileError,
) -> Model:
    """Read a model: the one door through which weights come in.

    Args:
        file: what `save` wrote.
        file_format: what it must hold.
        build: makes the model of it; its own complaints become `error`.
        error: what is raised.

    Raises:
        ModelFileError: `error`, for a file that is missing, damaged or something else.
    """
    try:
        with safe_open(file, framework="numpy") as stored:
            metadata = stored.metadata() or {}
            arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        if metadata.get("format") != file_format:
            raise ValueError(f"its format is {metadata.get('format')!r}, not {file_format!r}")
        return build(StoredModel(arrays, metadata, sha256_of(file).hex()))
    except OSError as reason:
        raise error(f"{file.name} cannot be read: {reason}") from reason
    except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as reason:
        raise error(f"{file.name} does not hold {error.holds}: {reason}") from reason


def as_tuples(value: object) -> Any:
    """Turn JSON's lists, however deep, back into the tuples that were stored."""
    if isinstance(value, dict):
        return {name: as_tuples(item) for name, item in value.items()}
    return tuple(as_tuples(item) for item in value) if isinstance(value, list) else value


def sha256_of(file: Path) -> bytes:
    """Return the SHA-256 of a file.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
