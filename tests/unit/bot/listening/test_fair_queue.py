"""A flood in one lane waits for itself; another lane's request comes next."""

import asyncio

import pytest

from bot.listening.admission import FairQueue


async def run(turns: FairQueue, lane: str, name: str, done: list[str]) -> None:
    async with turns.turn(lane):
        await asyncio.sleep(0)
        done.append(name)


async def test_a_newcomer_waits_for_one_turn_of_a_flood_only() -> None:
    turns, done = FairQueue(1), list[str]()
    async with turns.turn("flood"):
        flood = [asyncio.create_task(run(turns, "flood", f"flood {n}", done)) for n in range(9)]
        await asyncio.sleep(0)
        newcomer = asyncio.create_task(run(turns, "quiet", "quiet", done))
        await asyncio.sleep(0)
    await asyncio.gather(*flood, newcomer)
    assert done[0] == "quiet"


async def test_lanes_alternate_and_each_keeps_its_order() -> None:
    turns, done = FairQueue(1), list[str]()
    names = [f"{lane}{number}" for lane in "ab" for number in range(3)]
    await asyncio.gather(*(run(turns, name[0], name, done) for name in names))
    assert done == ["a0", "b0", "a1", "b1", "a2", "b2"]


async def test_no_more_than_allowed_are_inside() -> None:
    turns, inside, most = FairQueue(2), 0, 0

    async def work(lane: int) -> None:
        nonlocal inside, most
        async with turns.turn(lane):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work(number % 3) for number in range(12)))
    assert (most, inside, turns.waiting) == (2, 0, 0)


async def test_background_work_waits_behind_whoever_is_waited_for() -> None:
    turns, done = FairQueue(1), list[str]()

    async def work(lane: str, name: str, *, background: bool) -> None:
        async with turns.turn(lane, background=background):
            done.append(name)

    async with turns.turn("import", background=True):
        tasks = [asyncio.create_task(work("import", "song", background=True)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks += [asyncio.create_task(work("flood", "asked", background=False)) for _ in range(3)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert done == ["asked"] * 3 + ["song"] * 3


async def test_background_work_fills_what_nobody_else_uses() -> None:
    turns, leave = FairQueue(2), asyncio.Event()

    async def work() -> None:
        async with turns.turn("import", background=True):
            await leave.wait()

    tasks = [asyncio.create_task(work()) for _ in range(3)]
    await asyncio.sleep(0)
    assert turns.waiting == 1
    leave.set()
    await asyncio.gather(*tasks)
    assert turns.waiting == 0


async def test_whoever_gives_up_while_waiting_costs_nobody_a_turn() -> None:
    turns, done = FairQueue(1), list[str]()
    async with turns.turn("a"):
        given_up = asyncio.create_task(run(turns, "b", "b", done))
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert turns.waiting == 0
    await run(turns, "c", "c", done)
    assert done == ["c"]


async def test_all_who_give_up_in_the_same_moment_leave_the_turn_to_those_who_come() -> None:
    turns, done = FairQueue(1), list[str]()
    both = [asyncio.create_task(run(turns, lane, lane, done)) for lane in "ab"]
    await asyncio.sleep(0)
    for task in both:
        task.cancel()
    await asyncio.gather(*both, return_exceptions=True)
    await asyncio.wait_for(run(turns, "c", "c", done), 1)
    assert (done, turns.waiting) == (["c"], 0)


async def test_a_turn_given_to_somebody_who_gives_up_goes_on_to_the_next() -> None:
    turns, done = FairQueue(1), list[str]()
    async with turns.turn("a"):
        given_up = asyncio.create_task(run(turns, "b", "b", done))
        await asyncio.sleep(0)
    given_up.cancel()  # it was let in a moment ago and does not know yet
    with pytest.raises(asyncio.CancelledError):
        await given_up
    await asyncio.wait_for(run(turns, "c", "c", done), 1)
    assert done == ["c"]


async def test_a_second_request_is_not_kept_waiting_by_ever_new_lanes() -> None:
    turns, done, tasks = FairQueue(1), list[str](), list[asyncio.Task[None]]()
    async with turns.turn("a"):
        tasks.append(asyncio.create_task(run(turns, "a", "second", done)))
        await asyncio.sleep(0)
        for number in range(40):
            tasks.append(asyncio.create_task(arrive(turns, number, done)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert done.index("second") < 20


async def arrive(turns: FairQueue, number: int, done: list[str]) -> None:
    while len(done) < number - 1:  # noqa: ASYNC110 - one new lane after each turn
        await asyncio.sleep(0)
    await run(turns, f"new {number}", f"new {number}", done)
