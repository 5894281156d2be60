"""Several processes over one PostgreSQL: each server is served once, and all forget a member."""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections import Counter
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from pathlib import Path

import numpy as np
import pytest

from storage.lessons import Contributions
from storage.songs import Songs
from storage.taught_models import TaughtModels
from tests.factories import contribution
from tests.fuzz.witness import children_of
from tests.helpers.databases import Opens, postgres
from tests.helpers.postgres import PostgresServer
from tests.helpers.songs import music
from tests.wire.bot_process import NO_LIMITS, START_SECONDS, Bot, running_bot, starting_bot
from tests.wire.cdn import File
from tests.wire.discord_objects import ADMINISTRATOR, EVERYONE, Member, Message, Server
from tests.wire.lesson_steps import start_lesson
from tests.wire.loopback import Discord, loopback_discord
from tests.wire.member_request import MemberRequest, until

__all__ = ["postgres"]  # a fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]

# The whole proof takes 50 kills and up to two hours: set the variable.
KILLS = int(os.environ.get("TEST_KILLS", "5"))
SEED = int(os.environ.get("TEST_SEED", "9"))  # of the moments and of who is killed
EMPTY = File("empty.wav", b"")  # answered without any work
SHARDS = 3


def process(
    discord: Discord, folder: Path, url: str, ids: str, count: int = SHARDS
) -> AbstractAsyncContextManager[Bot]:
    """Start one of the processes without waiting for it."""
    settings = {
        "USAMIMI_DATABASE_URL": url,
        "USAMIMI_SHARD_COUNT": str(count),
        "USAMIMI_SHARD_IDS": ids,
        **NO_LIMITS,
    }
    return starting_bot(discord, folder, **settings)


async def ask(discord: Discord, server: Server) -> MemberRequest:
    return await discord.slash(server.member("alice"), server.channels[0], "genre", file=EMPTY)


async def require_one_answer_each(discord: Discord, servers: list[Server]) -> None:
    asked = [await ask(discord, server) for server in servers]
    await asyncio.gather(*(each.answer() for each in asked))
    assert [len(each.visible) for each in asked] == [1] * len(servers)


async def remember(discord: Discord, server: Server, member: Member) -> Message:
    """Post a song in a watched channel; it is remembered once the bot reacted."""
    admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
    channel = server.channels[0]
    for command, value in (("allow", {"allowed": True}), ("watch", {"channel": channel})):
        await (await discord.slash(admin, channel, f"setup {command}", **value)).answer()
    posted = await discord.post(member, channel, "", File("song.wav", music(4.0)))
    await until(lambda: bool(posted.reactions), 240, "the song to be remembered")
    return posted


async def test_two_processes_serve_all_shards_and_forget_together(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = await postgres.empty_database()
    async with loopback_discord() as discord:
        servers = [await discord.open_server(f"{n}", shard=(n % SHARDS, SHARDS)) for n in range(6)]
        async with (
            process(discord, tmp_path / "first", url, "0,2") as first,
            process(discord, tmp_path / "second", url, "1") as second,
        ):
            for bot in (first, second):
                await bot.ready()
            assert discord.requests["PUT /applications/…/commands"] == 1  # by the leader alone
            await require_one_answer_each(discord, servers)
            await require_forgotten_everywhere(discord, servers)
            await require_takeover(discord, servers, tmp_path, url, first)


async def require_forgotten_everywhere(discord: Discord, servers: list[Server]) -> None:
    """A member whose servers are served by two processes deletes everything in one of them."""
    here, there = servers[0], servers[1]
    member = here.member("reisen")
    there.members.append(member)
    await remember(discord, here, member)
    posted = await remember(discord, there, member)
    assert f"/{posted.id})" in await similar_to(discord, there, member)  # in memory from now on
    asked = await discord.slash(member, here.channels[0], "privacy delete")
    answer = await asked.answer()
    button = next(
        each["custom_id"] for row in answer.components for each in row.get("components", [])
    )
    await discord.press(member, answer, button)
    # What was deleted takes the question's place.
    await until(lambda: not answer.components, 110, "the deletion")
    assert f"/{posted.id})" not in await similar_to(discord, there, member)


async def similar_to(discord: Discord, server: Server, member: Member) -> str:
    """Have the second process compare a song with all that it knows there."""
    song = File("another.wav", music(4.0, seed=5))
    asked = await discord.slash(member, server.channels[0], "similar", file=song)
    return (await asked.answer()).words


async def require_takeover(
    discord: Discord, servers: list[Server], folder: Path, url: str, old: Bot
) -> None:
    """Start a new process for shards that an old one has: it waits, and answers come once."""
    async with process(discord, folder / "new", url, "0,2") as new:
        await until(lambda: "waiting_for_shard" in new.log, 240, "the new one to wait")
        await require_one_answer_each(discord, servers)
        assert await old.stop() == 0
        await asyncio.wait_for(new.ready(), 240)
        await require_one_answer_each(discord, servers)
        assert Counter(new.log.split())["waiting_for_shard"] == 1


async def test_another_number_of_shards_is_refused_while_a_process_runs(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = await postgres.empty_database()
    async with loopback_discord() as discord:
        await discord.open_server(shard=(0, SHARDS))
        async with process(discord, tmp_path / "first", url, "0") as first:
            await first.ready()
            async with process(discord, tmp_path / "second", url, "1", count=4) as second:
                assert await second.ended() == 2
            assert "others run with 3 shards, not 4" in second.log


async def test_a_database_killed_and_back_loses_nothing_that_was_confirmed(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = await postgres.empty_database()
    async with loopback_discord() as discord:
        server = await discord.open_server()
        settings = {"USAMIMI_DATABASE_URL": url, **NO_LIMITS}
        async with running_bot(discord, tmp_path, **settings) as bot:
            await remember(discord, server, server.member("reisen"))
            await asyncio.to_thread(postgres.kill)
            assert not (await bot.health())[0]
            asked = await ask(discord, server)
            await asked.answer()  # what needs no database goes on
            postgres.start()
            await asyncio.wait_for(bot.ready(), 60)
            await require_one_answer_each(discord, [server])
            assert await bot.stop() == 0
    async with Opens(url)() as database:
        assert len(await Songs(database).latest(server.id, [server.channels[0].id])) == 1
        await database.check()


class Processes:
    """Two processes that serve a shard each and leave lessons to a third; each can be killed."""

    NAMES = ("first", "second", "teacher")

    def __init__(self, discord: Discord, folder: Path, url: str) -> None:
        self._discord = discord
        self._folder = folder
        self._settings = {
            "USAMIMI_DATABASE_URL": url,
            "USAMIMI_SHARD_COUNT": "2",
            "USAMIMI_LEAVE_LESSONS": "true",
            "USAMIMI_MEMBER_LESSONS": "1000",
            "USAMIMI_SERVER_LESSONS": "1000",
            **NO_LIMITS,
        }
        self._stack = AsyncExitStack()
        self.alive: dict[str, Bot] = {}

    async def __aenter__(self) -> Processes:
        hurrying = asyncio.create_task(self._hurry_lessons())
        self._stack.callback(hurrying.cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _hurry_lessons(self) -> None:
        """Give lessons a share of the processor, so that they need not wait for a quiet one."""
        while True:
            with suppress(OSError, KeyError):  # it is over, or we may not
                for child in children_of(self.alive["teacher"].process.pid):
                    os.sched_setscheduler(child, os.SCHED_OTHER, os.sched_param(0))
                    os.setpriority(os.PRIO_PROCESS, child, 0)
            await asyncio.sleep(1.0)

    async def complete(self) -> None:
        """Start whoever is missing, and wait until all serve."""
        for name in set(self.NAMES) - set(self.alive):
            ids = {"first": "0", "second": "1"}.get(name)
            shards = {"USAMIMI_SHARD_IDS": ids} if ids else {}
            command = "run" if ids else "teach"
            starting = starting_bot(
                self._discord, self._folder / name, command, **shards, **self._settings
            )
            self.alive[name] = await self._stack.enter_async_context(starting)
        await asyncio.gather(*(bot.ready() for bot in self.alive.values()))

    async def kill(self, *names: str) -> None:
        """Kill some of them at once."""
        await asyncio.gather(*(self.alive.pop(name).kill() for name in names))


@pytest.mark.timeout(7_200)
async def test_killed_at_random_nothing_confirmed_is_lost_and_nothing_is_twice(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    chance, url = random.Random(SEED), await postgres.empty_database()
    async with (
        loopback_discord(judged=False) as discord,
        Processes(discord, tmp_path, url) as processes,
    ):
        servers = [await discord.open_server(f"{n}", shard=(n, 2)) for n in range(2)]
        await processes.complete()
        await contribute_songs(url, servers, processes.alive["teacher"].log)
        posted: list[Message] = []
        lessons: dict[int, list[Message]] = {server.id: [] for server in servers}
        for number in range(KILLS):
            await processes.complete()
            await require_one_answer_each(discord, servers)
            for server in servers:
                posted += await post_two(discord, server, watch=number == 0)
                await begin_lesson(discord, server, lessons[server.id])
            await asyncio.sleep(chance.uniform(0.0, 15.0))
            if chance.random() < 0.3:
                await asyncio.to_thread(postgres.kill)
                postgres.start()
                await asyncio.sleep(chance.uniform(0.0, 2.5))
            await processes.kill(*chance.sample(Processes.NAMES, chance.choice((1, 1, 2, 3))))
        await processes.complete()
        for shown in lessons.values():
            await until(lambda shown=shown: is_over(shown[-1]), 600, "the lesson's end")  # type: ignore[misc]
        confirmed = {message.id for message in posted if message.reactions}
        await require_sound(url, {message.id for message in posted}, confirmed)
        await require_one_end_each(url, lessons)
        for bot in processes.alive.values():
            assert await bot.stop() == 0
        settings = {"USAMIMI_DATABASE_URL": url, "USAMIMI_LEAVE_LESSONS": "true"}
        async with starting_bot(discord, tmp_path / "check", "check", **settings) as check:
            assert await check.ended(START_SECONDS) == 0, check.log


async def require_sound(url: str, posted: set[int], confirmed: set[int]) -> None:
    async with Opens(url)() as database:
        rows = await database.rows("SELECT message_id FROM songs")
        await database.check()
    stored = Counter(row["message_id"] for row in rows)
    assert confirmed <= set(stored) <= posted
    assert set(stored.values()) <= {1}


async def require_one_end_each(url: str, lessons: dict[int, list[Message]]) -> None:
    """Each lesson that an administrator was told of made one model, and its message says so."""
    async with Opens(url)() as database:
        for server_id, shown in lessons.items():
            numbers = list(range(1, len(shown) + 1))
            told = [re.findall(r"lesson (\d+) is done", each.words) for each in shown]
            assert told == [[str(number)] for number in numbers]
            models = await TaughtModels(database).of_server(server_id)
            assert sorted(model.number for model in models) == numbers
            assert len({model.file for model in models}) == len(models)
        states = await database.rows("SELECT state, count(*) AS jobs FROM jobs GROUP BY state")
        assert {row["state"]: row["jobs"] for row in states} == {
            "done": sum(map(len, lessons.values()))
        }
        files = await database.rows("SELECT name FROM files WHERE folder = 'models'")
        named = await TaughtModels(database).files()
        assert named <= {row["name"] for row in files}


def is_over(lesson: Message) -> bool:
    return "is done" in lesson.words


async def begin_lesson(discord: Discord, server: Server, shown: list[Message]) -> None:
    """Begin a lesson unless the one before still runs."""
    if not shown or is_over(shown[-1]):
        admin = server.member("admin", permissions=EVERYONE | ADMINISTRATOR)
        shown.append(await start_lesson(discord, admin, server.channels[0], "genre"))


async def contribute_songs(url: str, servers: list[Server], log: str) -> None:
    """Hand over songs of two genres in each server, past Discord and the decoder."""
    (model,) = set(re.findall(r"music_model=(\S+)", log))
    dice = np.random.default_rng(9)
    async with Opens(url)() as database:
        for server in servers:
            for number in range(12):
                vector = np.eye(2, 64)[number % 2] + 0.1 * dice.standard_normal(64)
                song = contribution(
                    number,
                    guild_id=server.id,
                    label=("calm tunes", "fast tunes")[number % 2],
                    artist=f"maker {number}",
                    model=model,
                    vector=(vector / np.linalg.norm(vector)).astype(np.float32),
                )
                assert await Contributions(database).add(song)


async def post_two(discord: Discord, server: Server, *, watch: bool) -> list[Message]:
    admin, channel = (
        server.member("admin", permissions=EVERYONE | ADMINISTRATOR),
        server.channels[0],
    )
    if watch:
        for command, value in (("allow", {"allowed": True}), ("watch", {"channel": channel})):
            await (await discord.slash(admin, channel, f"setup {command}", **value)).answer()
    files = [File(f"{n}.wav", music(4.0, seed=n)) for n in range(2)]
    return [await discord.post(admin, channel, "", file) for file in files]
