"""Memory that a process and its child both see, so that large files cross without a copy.

A confined child can open nothing, so it is made before the child starts and handed over then.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import sys
from tempfile import TemporaryFile

import numpy as np
import numpy.typing as npt


class SharedMemory:
    """The parent's side; all of it is zero at first.

    Attributes:
        bytes: (size,) uint8, which the child sees too and may change at any time if it may write.
    """

    def __init__(self, size: int) -> None:
        """Set aside `size` bytes; what is never written costs nothing."""
        self.descriptor = _descriptor(size)
        self.bytes: npt.NDArray[np.uint8] = np.frombuffer(
            mmap.mmap(self.descriptor, size), np.uint8
        )

    def handed_over(self) -> None:
        """Close the descriptor, once the child has started; the memory stays."""
        os.close(self.descriptor)


def taken_over(descriptor: int, *, writable: bool) -> memoryview:
    """Open what the parent handed over, in the child, and close the descriptor."""
    access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
    memory = mmap.mmap(descriptor, 0, access=access)
    os.close(descriptor)
    return memoryview(memory)


def _descriptor(size: int) -> int:
    if sys.platform != "linux":
        with TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
            os.ftruncate(descriptor, size)
            return descriptor
    descriptor = os.memfd_create("shared", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    # A child that made it smaller could crash its parent.
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor
