"""The loop's lag is told as somebody feels it who comes at any moment."""

import asyncio
import time

from bot.health import TICK_SECONDS, LoopLag


def test_nothing_is_known_at_first() -> None:
    assert LoopLag().quantile(0.99) == 0.0


def test_most_of_an_idle_minute_is_without_lag() -> None:
    lag = LoopLag()
    for _ in range(1_000):
        lag.note(0.001)
    assert lag.quantile(0.99) == 0.001


def test_a_long_stop_counts_for_every_moment_of_it() -> None:
    lag = LoopLag()
    for _ in range(900):
        lag.note(0.0)
    lag.note(2.0)  # one tick of 900 came late, but for a tenth of the time nothing went
    assert lag.quantile(0.95) > 0.5
    assert lag.worst_seconds == 2.0


async def test_a_loop_that_is_blocked_is_noticed() -> None:
    lag = LoopLag()
    async with lag.measuring():
        await asyncio.sleep(2 * TICK_SECONDS)
        time.sleep(0.2)  # noqa: ASYNC251 - the mistake to be found
        await asyncio.sleep(2 * TICK_SECONDS)
    assert lag.worst_seconds > 0.1
