"""Every executor of the bot."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ml.torch_threads import use_one_torch_thread

IMAGE_THREADS = 2  # each waits for one decoding child, or screens


@dataclass(frozen=True, slots=True)
class Executors:
    """The bot's thread pools.

    Attributes:
        torch: one thread; every model runs on it.
        search: one thread that uses one core. A search takes a millisecond: split between threads,
            it would wait for the last of them to get a processor, on a machine that trains at the
            same time twenty milliseconds and more.
        images: members' pictures: decoding, screening, finding faces.
        decode: threads that wait for the children that decode songs; one more than there are
            children, so that a file too large is refused without waiting for one.
    """

    torch: ThreadPoolExecutor
    search: ThreadPoolExecutor
    images: ThreadPoolExecutor
    decode: ThreadPoolExecutor


@contextmanager
def open_executors(decoders: int) -> Iterator[Executors]:
    """Start the pools; they end with the block, after what they are running.

    Args:
        decoders: child processes that decode songs.
    """
    with ExitStack() as stack:
        yield Executors(
            torch=stack.enter_context(ThreadPoolExecutor(1, "torch")),
            search=stack.enter_context(
                ThreadPoolExecutor(1, "search", initializer=use_one_torch_thread)
            ),
            images=stack.enter_context(ThreadPoolExecutor(IMAGE_THREADS, "images")),
            decode=stack.enter_context(ThreadPoolExecutor(decoders + 1, "decode")),
        )
