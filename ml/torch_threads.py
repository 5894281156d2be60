"""Keeping torch to one core in a thread, and in all others as it was."""

from __future__ import annotations

from threading import Lock, Thread

import torch

_one_at_a_time = Lock()  # two at once could take the other's one core for what is usual


def use_one_torch_thread() -> None:
    """Make torch's work in this thread stay in it; other threads, new ones too, notice nothing."""
    with _one_at_a_time:
        # Before the first question a thread's number is not its own.
        usual = torch.get_num_threads()
        torch.set_num_threads(1)
        # This sets two numbers: that of the calling thread, and that which new threads start with.
        # Setting the second back from elsewhere leaves the first alone.
        elsewhere = Thread(target=torch.set_num_threads, args=(usual,))
        elsewhere.start()
        elsewhere.join()
