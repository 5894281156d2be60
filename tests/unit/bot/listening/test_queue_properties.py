"""Whatever comes, the queues keep their bounds, lose nobody and let everybody through."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest

from bot.errors import TooBusyError, TooOftenError
from bot.listening.admission import MINUTE, SHARE, Admission, FairQueue, RateLimits

pytest.importorskip("hypothesis", reason="hypothesis is not installed")
from hypothesis import given
from hypothesis import strategies as st


@given(
    slots=st.integers(1, 12),
    songs=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40),
)
def test_no_mix_of_songs_breaks_the_bounds_or_is_left_waiting(
    slots: int, songs: list[tuple[int, bool]]
) -> None:
    async def play() -> None:
        gate, held = Admission(slots=slots, decoders=2), Counter[int]()
        refused = done = 0

        async def song(guild_id: int, background: bool) -> None:
            nonlocal refused, done
            try:
                async with gate.slot(guild_id, background=background):
                    others = gate.in_flight - held[guild_id] - 1
                    held[guild_id] += 1
                    assert gate.in_flight <= slots
                    assert held[guild_id] <= max(1, SHARE * (slots - others))
                    async with gate.turns.turn(guild_id, background=background):
                        await asyncio.sleep(0)
                    held[guild_id] -= 1
                    done += 1
            except TooBusyError:
                assert not background
                refused += 1

        await asyncio.wait_for(asyncio.gather(*(song(*each) for each in songs)), 10)
        assert done + refused == len(songs)
        assert (gate.in_flight, gate.turns.waiting) == (0, 0)

    asyncio.run(play())


@given(
    concurrent=st.integers(1, 4),
    work=st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), max_size=40),
)
def test_every_turn_comes_whoever_gives_up_meanwhile(
    concurrent: int, work: list[tuple[int, bool, bool]]
) -> None:
    async def play() -> None:
        queue, running, done = FairQueue(concurrent), 0, 0

        async def one(lane: int, background: bool) -> None:
            nonlocal running, done
            async with queue.turn(lane, background=background):
                running += 1
                try:
                    assert running <= concurrent
                    await asyncio.sleep(0)
                finally:
                    running -= 1
            done += 1

        tasks = [asyncio.create_task(one(lane, background)) for lane, background, _ in work]
        await asyncio.sleep(0)
        given_up = [task for task, (_, _, gives_up) in zip(tasks, work, strict=True) if gives_up]
        given_up = [task for task in given_up if not task.done() and task.cancel()]
        outcomes = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
        assert not any(isinstance(outcome, AssertionError) for outcome in outcomes)
        assert done == len(work) - len(given_up)
        assert queue.waiting == 0
        async with asyncio.timeout(1):
            async with queue.turn(99):
                pass

    asyncio.run(play())


@given(
    a_minute=st.integers(1, 30),
    gaps=st.lists(st.floats(0.0, 30.0, allow_nan=False), min_size=1, max_size=80),
)
def test_a_member_gets_no_more_than_the_burst_and_what_came_back_since(
    a_minute: int, gaps: list[float]
) -> None:
    now = 0.0
    limits = RateLimits(member=a_minute, clock=lambda: now)
    admitted = 0
    for gap in gaps:
        now += gap
        with suppress(TooOftenError):
            limits.admit(1, None)
            admitted += 1
    assert admitted <= a_minute + now * a_minute / MINUTE + 1e-6
