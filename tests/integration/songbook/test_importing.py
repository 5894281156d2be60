"""Importing a history, also by a process that is killed in the middle of it."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.errors import CannotFetchError, NeedsPermissionsError
from bot.services import Services
from bot.settings import Settings
from bot.songbook.importing import ImportService, PostedMessage, Progress
from bot.songbook.ingest import PostedSong
from storage.channels import Imports, ImportState
from storage.database import SqliteDatabase
from storage.songs import Songs
from tests.helpers.songs import wav
from tests.unit.storage import POST, SERVER, post

ROOT = Path(__file__).parents[3]
SONGS = 5
MANY = 24  # with what is under way when it is killed, enough for a second time
BY = 3


@dataclass
class MadeUpHistory:
    """Songs of four seconds each, every one another; a message without one after each."""

    songs: int = SONGS
    fails_at: dict[int, Exception] = field(default_factory=dict)  # each once, by message id

    @property
    def last_id(self) -> int | None:
        return 2 * self.songs << 22

    async def after(self, message_id: int | None) -> AsyncIterator[PostedMessage]:
        for number in range(1, 2 * self.songs + 1):
            if (number << 22) <= (message_id or 0):
                continue
            if number in self.fails_at:
                raise self.fails_at.pop(number)
            yield PostedMessage(number << 22, (song(number),) if number % 2 else ())


def song(number: int) -> PostedSong:
    async def fetch() -> bytes:
        return wav(4, seed=number)

    return PostedSong(post(number << 22, attachment_id=number), fetch)


def ignore(_: Progress) -> None:
    pass


@pytest.fixture
async def importing(services: Services) -> ImportService:
    await services.channels.allow_remembering(SERVER, allowed=True)
    return services.importing


async def remembered(services: Services) -> list[int]:
    songs = await services.songs.by_poster(SERVER, POST.poster_id, limit=1000)
    return sorted(song.post.message_id >> 22 for song in songs)


async def test_everything_is_remembered_and_progress_only_grows(
    services: Services, importing: ImportService
) -> None:
    seen: list[Progress] = []
    begun = await importing.start(SERVER, 10, BY)
    ended = await importing.run(begun, MadeUpHistory(), seen.append)
    assert ended.state is ImportState.DONE
    assert (ended.counts.remembered, ended.counts.messages) == (SONGS, 2 * SONGS)
    assert await remembered(services) == list(range(1, 2 * SONGS, 2))
    assert [each.counts.remembered for each in seen] == list(range(1, SONGS + 1))
    left = [each.left_seconds for each in seen if each.left_seconds is not None]
    assert left
    assert seen[-1].songs_a_minute is not None
    assert seen[-1].title is not None


async def test_when_discord_fails_it_tries_again_and_loses_nothing(
    services: Services, importing: ImportService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.songbook.importing.PAUSE_SECONDS", 0.0)
    history = MadeUpHistory(fails_at={5: CannotFetchError(), 8: CannotFetchError()})
    begun = await importing.start(SERVER, 10, BY)
    ended = await importing.run(begun, history, ignore)
    assert ended.state is ImportState.DONE
    assert await remembered(services) == list(range(1, 2 * SONGS, 2))
    assert ended.counts.messages == 2 * SONGS


async def test_it_ends_when_the_channel_is_closed_to_the_bot(
    services: Services, importing: ImportService
) -> None:
    closed = NeedsPermissionsError(10, ("view_channel",))
    begun = await importing.start(SERVER, 10, BY)
    ended = await importing.run(begun, MadeUpHistory(fails_at={4: closed}), ignore)
    assert (ended.state, ended.stopped_by) == (ImportState.FAILED, closed)
    assert await importing.resumable(SERVER) == []


async def test_it_ends_when_remembering_is_no_longer_allowed(
    services: Services, importing: ImportService
) -> None:
    await services.channels.allow_remembering(SERVER, allowed=False)
    begun = await importing.start(SERVER, 10, BY)
    ended = await importing.run(begun, MadeUpHistory(), ignore)
    assert ended.state is ImportState.FAILED
    assert await remembered(services) == []


async def test_cancelled_it_stops_soon_and_keeps_what_it_has(
    services: Services, importing: ImportService
) -> None:
    begun = await importing.start(SERVER, 10, BY)

    class Cancelled(MadeUpHistory):
        async def after(self, message_id: int | None) -> AsyncIterator[PostedMessage]:
            async for message in super().after(message_id):
                if message.message_id >> 22 == 7:
                    await importing.cancel(SERVER, begun.import_id, BY, administrator=False)
                yield message

    history = Cancelled(songs=40)
    ended = await importing.run(begun, history, ignore)
    assert ended.state is ImportState.CANCELLED
    assert len(await remembered(services)) < 40


IMPORTER = """
import asyncio, sys
from pathlib import Path
from bot.engines import load_listening, load_shipped_portraits, open_sandbox
from bot.app import open_services
from bot.concurrency import open_executors
from bot.settings import read_settings
from tests.integration.songbook.test_importing import BY, MANY, MadeUpHistory
from tests.unit.storage import SERVER

async def main(settings, executors, sandbox):
    listening = load_listening(settings, executors, sandbox)
    shipped = load_shipped_portraits(settings, executors)
    async with open_services(settings, executors, listening, shipped, sandbox) as services:
        await services.channels.allow_remembering(SERVER, allowed=True)
        begun = await services.importing.start(SERVER, 10, BY)
        show = lambda progress: print(progress.counts.messages, flush=True)
        await services.importing.run(begun, MadeUpHistory(MANY), show)

settings = read_settings(
    _env_file=None,
    data_dir=Path(sys.argv[1]),
    music_model=Path(sys.argv[2]),
    torch_threads=1,
)
with (
    open_executors(settings.decoder_workers) as executors,
    open_sandbox(settings) as sandbox,
):
    asyncio.run(main(settings, executors, sandbox))
"""


def import_in_a_child(folder: Path, music_model: Path, *, kill_after: int | None) -> None:
    """Run the real import in a process of its own and, in the middle, kill it."""
    command = [sys.executable, "-c", IMPORTER, str(folder), str(music_model)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for number, line in enumerate(child.stdout, start=1):
            if line.strip().isdigit() and number == kill_after:
                os.kill(child.pid, signal.SIGKILL)
    assert child.returncode == (0 if kill_after is None else -signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_killed_in_the_middle_and_started_again_nothing_is_lost_or_twice(
    tmp_path: Path, settings: Settings
) -> None:
    assert settings.music_model is not None
    for kill_after in (4, 3, None):
        import_in_a_child(tmp_path, settings.music_model, kill_after=kill_after)
        async with SqliteDatabase.open(tmp_path / "usamimi.db") as database:
            await database.check()
            songs = await Songs(database).by_poster(SERVER, POST.poster_id, limit=1000)
            running = await Imports(database).running()
        numbers = sorted(song.post.message_id >> 22 for song in songs)
        assert len(numbers) == len(set(numbers))
        assert len(running) == (kill_after is not None)
    assert numbers == list(range(1, 2 * MANY, 2))
