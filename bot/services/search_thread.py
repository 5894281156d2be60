"""The thread that searches run on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ml.one_core import keep_to_one_core


def open_search_thread() -> ThreadPoolExecutor:
    """Make an executor with one thread, in which torch uses no other.

    A search takes a millisecond. Split between threads, it would wait for the last of them to get
    a processor: on a machine that is training at the same time, twenty milliseconds and more.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="search", initializer=keep_to_one_core)
