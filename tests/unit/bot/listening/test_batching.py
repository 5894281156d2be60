"""Requests that arrive together share a batch, and none waits for another's mistake."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.listening.service import Batcher


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as one:
        yield one


class Kitchen:
    """Doubles numbers; remembers its batches; works only while the door is open."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.busy = threading.Event()
        self.door = threading.Event()
        self.door.set()

    def double(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.busy.set()
        self.door.wait(timeout=10)
        if -1 in numbers:
            raise ValueError("-1")
        return [2 * number for number in numbers]


async def test_everyone_gets_the_result_of_their_own_item(executor: ThreadPoolExecutor) -> None:
    batcher = Batcher(Kitchen().double, executor, limit=3)
    assert await asyncio.gather(*map(batcher.submit, range(7))) == [0, 2, 4, 6, 8, 10, 12]


async def test_what_arrives_while_a_batch_runs_shares_the_next_one(
    executor: ThreadPoolExecutor,
) -> None:
    kitchen = Kitchen()
    batcher = Batcher(kitchen.double, executor, limit=8)
    kitchen.door.clear()
    first = asyncio.create_task(batcher.submit(1))
    await asyncio.to_thread(kitchen.busy.wait, 10)
    others = [asyncio.create_task(batcher.submit(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    kitchen.door.set()
    await asyncio.gather(first, *others)
    assert kitchen.batches == [[1], [2, 3, 4]]


async def test_a_batch_is_never_larger_than_allowed(executor: ThreadPoolExecutor) -> None:
    kitchen = Kitchen()
    batcher = Batcher(kitchen.double, executor, limit=2)
    await asyncio.gather(*map(batcher.submit, range(5)))
    assert max(map(len, kitchen.batches)) == 2


async def test_a_failing_batch_tells_its_members_and_the_next_one_works(
    executor: ThreadPoolExecutor,
) -> None:
    batcher = Batcher(Kitchen().double, executor, limit=1)
    with pytest.raises(ValueError, match="-1"):
        await batcher.submit(-1)
    assert await batcher.submit(4) == 8


async def test_whoever_gives_up_while_waiting_costs_no_work(executor: ThreadPoolExecutor) -> None:
    kitchen = Kitchen()
    kitchen.door.clear()
    batcher = Batcher(kitchen.double, executor, limit=1)
    first = asyncio.create_task(batcher.submit(1))
    quitter = asyncio.create_task(batcher.submit(2))
    await asyncio.sleep(0)
    quitter.cancel()
    kitchen.door.set()
    assert await first == 2
    await asyncio.gather(quitter, return_exceptions=True)
    assert [2] not in kitchen.batches
