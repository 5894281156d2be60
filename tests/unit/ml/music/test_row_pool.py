from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch
from torch import Tensor

from ml.music.inference import RowPool


@pytest.fixture(scope="module")
def crew() -> RowPool:
    return RowPool(2)


def doubled_and_squared(rows: Tensor) -> tuple[Tensor, Tensor]:
    return 2 * rows, rows.square()


@pytest.mark.parametrize("count", [1, 7, 16, 61])
def test_shares_come_back_in_the_order_of_their_rows(crew: RowPool, count: int) -> None:
    rows = torch.arange(3.0 * count).reshape(count, 3)
    doubled, squared = crew.joined(crew.share(doubled_and_squared, rows))
    assert torch.equal(doubled, 2 * rows)
    assert torch.equal(squared, rows.square())


def test_each_thread_keeps_to_one_core(crew: RowPool) -> None:
    torch.ones(300, 300) @ torch.ones(300, 300)  # whatever else torch has computed
    asked = [crew.begin(torch.get_num_threads) for _ in range(8)]
    assert {each.result() for each in asked} == {1}


def test_other_threads_keep_torchs_number() -> None:
    usual, meeting = torch.get_num_threads(), Barrier(2)
    crew = RowPool(2)
    for each in [crew.begin(meeting.wait) for _ in range(2)]:
        each.result()
    with ThreadPoolExecutor(1) as new:
        assert torch.get_num_threads() == new.submit(torch.get_num_threads).result() == usual


def test_no_gradients_are_kept(crew: RowPool) -> None:
    weight = torch.ones(1, requires_grad=True)
    assert not crew.begin(lambda: weight * 2).result().requires_grad


def test_an_error_reaches_whoever_waits(crew: RowPool) -> None:
    with pytest.raises(ZeroDivisionError):
        crew.begin(lambda: 1 // 0).result()
