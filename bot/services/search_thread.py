"""The thread that searches run on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import torch


def open_search_thread() -> ThreadPoolExecutor:
    """Make an executor with one thread, in which torch uses no other.

    A search takes a millisecond. Split between threads, it would wait for the last of them to get
    a processor: on a machine that is training at the same time, twenty milliseconds and more.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="search", initializer=_keep_to_this_thread)


def _keep_to_this_thread() -> None:
    """Make torch's work in this thread stay in it, and in other threads as it was."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    # This sets two numbers: that of the calling thread, and that which new threads start with.
    # Setting the second back from elsewhere leaves the first alone.
    elsewhere = Thread(target=torch.set_num_threads, args=(threads,))
    elsewhere.start()
    elsewhere.join()
