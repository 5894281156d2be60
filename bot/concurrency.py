"""Every executor of the bot."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

IMAGE_THREADS = 2  # each waits for one decoding child, or screens


@dataclass(frozen=True, slots=True)
class Executors:
    """The bot's thread pools.

    Attributes:
        torch: one thread; every model runs on it.
        search: one thread for similarity search, which is numpy on one core.
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
            search=stack.enter_context(ThreadPoolExecutor(1, "search")),
            images=stack.enter_context(ThreadPoolExecutor(IMAGE_THREADS, "images")),
            decode=stack.enter_context(ThreadPoolExecutor(decoders + 1, "decode")),
        )
