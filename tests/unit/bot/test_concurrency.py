from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from bot.concurrency import open_executors


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_a_search_keeps_torch_to_its_own_thread_and_no_other_work_notices() -> None:
    with open_executors(1) as executors, ThreadPoolExecutor(1) as later:
        searches = executors.search
        assert searches.submit(torch.get_num_threads).result() == 1
        assert torch.get_num_threads() == 2
        assert later.submit(torch.get_num_threads).result() == 2
        assert searches.submit(torch.get_num_threads).result() == 1
