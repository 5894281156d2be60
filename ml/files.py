"""Write files whole or not at all, so that neither a crash nor a power cut leaves half of one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def write_atomically(file: Path, content: bytes | Callable[[Path], object]) -> None:
    """Write a file that survives a power cut once this returns.

    The content goes to a `.part` file beside it, named after the process, because several may
    write the same file. It is flushed to the disk, takes the name of the file, and is removed when
    anything fails; the folder is made where it is missing.

    Args:
        file: where to; an existing file is replaced.
        content: the bytes, or a function that writes them to the path it is given.

    Raises:
        OSError: there is no room, or no permission; what was there before stays.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        if isinstance(content, bytes):
            partial.write_bytes(content)
        else:
            content(partial)
        _flush(partial)
        partial.replace(file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _flush(file.parent)  # the new name itself is on the disk only then


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
