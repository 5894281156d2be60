"""Every server belongs to exactly one shard, and only its own process touches it."""

import asyncio

import pytest

from bot.settings import read_settings
from bot.sharding import ALL_SHARDS, IDENTIFY_SECONDS, Alone, Shards, parse_shard_ids, shard_of

SERVERS = [(number << 22) + 5 for number in range(100)]


def test_each_server_is_owned_by_exactly_one_of_the_processes() -> None:
    processes = [Shards((0, 2), 4), Shards((1,), 4), Shards((3,), 4)]
    for server in SERVERS:
        assert sum(each.owns(server) for each in processes) == 1


def test_one_process_with_all_shards_owns_everything() -> None:
    assert all(ALL_SHARDS.owns(server) for server in SERVERS)


def test_a_server_is_where_discord_puts_it() -> None:
    assert shard_of(197038439483310086, 10) == (197038439483310086 >> 22) % 10


@pytest.mark.parametrize(
    ("written", "ids"),
    [("", ()), ("3", (3,)), ("0-2", (0, 1, 2)), ("0-1, 4,0", (0, 1, 4))],
)
def test_shard_numbers_are_written_as_ranges(written: str, ids: tuple[int, ...]) -> None:
    assert parse_shard_ids(written) == ids


@pytest.mark.parametrize("written", ["x", "2-1", "-1", "1-2-3"])
def test_what_is_no_range_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_shard_ids(written)


def test_settings_name_the_shards_of_a_process() -> None:
    url = "postgresql://usamimi@localhost/usamimi"
    settings = read_settings(_env_file=None, database_url=url, shard_count=8, shard_ids="0-2,7")
    assert settings.shard_numbers == (0, 1, 2, 7)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


async def test_sessions_of_one_bucket_begin_five_seconds_apart() -> None:
    clock = Clock()
    turns = Alone(clock.sleep, lambda: clock.now)
    began = []
    for _ in range(3):
        await turns.take(0)
        began.append(clock.now)
    assert began == [100.0, 100.0 + IDENTIFY_SECONDS, 100.0 + 2 * IDENTIFY_SECONDS]


async def test_other_buckets_do_not_wait() -> None:
    clock = Clock()
    turns = Alone(clock.sleep, lambda: clock.now)
    for bucket in range(4):
        await turns.take(bucket)
    assert clock.now == 100.0
