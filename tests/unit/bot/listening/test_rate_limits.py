"""Members and servers have so many turns a minute, and get them back one by one."""

import pytest

from bot.errors import TooOftenError
from bot.listening.admission import RateLimits

SERVER, OTHER = 1, 2


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_member_who_asks_too_often_is_told_how_long_to_wait(clock: Clock) -> None:
    limits = RateLimits(member=6, clock=clock)
    for _ in range(6):
        limits.admit(7, SERVER)
    with pytest.raises(TooOftenError) as caught:
        limits.admit(7, SERVER)
    assert (caught.value.wait_seconds, caught.value.everybody) == (10, False)


def test_after_that_wait_there_is_one_more_turn(clock: Clock) -> None:
    limits = RateLimits(member=6, clock=clock)
    for _ in range(6):
        limits.admit(7, SERVER)
    clock.seconds = 10.0
    limits.admit(7, SERVER)
    with pytest.raises(TooOftenError):
        limits.admit(7, SERVER)


def test_a_server_s_flood_stops_nobody_elsewhere(clock: Clock) -> None:
    limits = RateLimits(server=3, clock=clock)
    for member in range(3):
        limits.admit(member, SERVER)
    with pytest.raises(TooOftenError) as caught:
        limits.admit(99, SERVER)
    assert caught.value.everybody
    limits.admit(99, OTHER)


def test_what_is_refused_does_not_count(clock: Clock) -> None:
    limits = RateLimits(member=1, server=1, clock=clock)
    limits.admit(1, SERVER)
    with pytest.raises(TooOftenError):
        limits.admit(2, SERVER)
    limits.admit(2, OTHER)


def test_private_messages_count_for_the_member_alone(clock: Clock) -> None:
    limits = RateLimits(member=1, server=1, clock=clock)
    limits.admit(1, None)
    limits.admit(2, None)


def test_no_limit_is_no_limit(clock: Clock) -> None:
    limits = RateLimits(clock=clock)
    for _ in range(1_000):
        limits.admit(1, SERVER)
