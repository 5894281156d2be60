"""Slots and turns for songs: bounded, shared between servers, people before imports."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.errors import TooBusyError
from bot.listening.admission import BACKGROUND_SLOTS, Admission


def admission(slots: int = 32) -> Admission:
    return Admission(slots=slots, decoders=2)


async def test_more_songs_than_slots_are_refused() -> None:
    gate = admission(slots=1)
    async with gate.slot():
        with pytest.raises(TooBusyError) as caught:
            async with gate.slot():
                pass
    assert caught.value.waiting == 1


async def test_a_slot_is_free_again_after_a_failure() -> None:
    gate = admission(slots=1)
    with pytest.raises(ValueError, match="damaged"):
        async with gate.slot():
            raise ValueError("damaged")
    async with gate.slot():
        assert gate.in_flight == 1
    assert gate.in_flight == 0


async def test_one_server_leaves_slots_for_others_however_much_it_asks() -> None:
    gate = admission()
    async with AsyncExitStack() as stack:
        for _ in range(24):
            await stack.enter_async_context(gate.slot(1))
        with pytest.raises(TooBusyError):
            await stack.enter_async_context(gate.slot(1))
        await stack.enter_async_context(gate.slot(2))
        assert gate.in_flight == 25


async def test_background_songs_take_few_slots_and_wait_for_them() -> None:
    gate, leave, done = admission(), asyncio.Event(), list[int]()

    async def song(number: int) -> None:
        async with gate.slot(1, background=True):
            await leave.wait()
        done.append(number)

    tasks = [asyncio.create_task(song(number)) for number in range(2 * BACKGROUND_SLOTS)]
    await asyncio.sleep(0)
    assert gate.in_flight == BACKGROUND_SLOTS
    leave.set()
    await asyncio.gather(*tasks)
    assert sorted(done) == list(range(2 * BACKGROUND_SLOTS))


async def test_a_background_song_is_not_refused_but_waits_for_a_slot() -> None:
    gate = admission(slots=1)
    heard = asyncio.Event()

    async def song() -> None:
        async with gate.slot(1, background=True):
            heard.set()

    async with gate.slot(2):
        task = asyncio.create_task(song())
        await asyncio.sleep(0)
        assert not heard.is_set()
    await asyncio.wait_for(task, 1)
    assert heard.is_set()


async def test_a_background_song_that_gives_up_while_waiting_leaves_nothing_behind() -> None:
    gate = admission(slots=1)

    async def song() -> None:
        async with gate.slot(1, background=True):
            raise AssertionError

    async with gate.slot(2):
        task = asyncio.create_task(song())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert gate.in_flight == 0
