"""A worker hears and draws as one process does, answers who knows the secret, and errs alike."""

import asyncio
import re
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession, web
from numpy.testing import assert_array_equal
from pydantic import SecretStr

from bot.cli import check
from bot.concurrency import Executors
from bot.engines import (
    explainer,
    load_listening,
    load_server_portraits,
    load_shipped_portraits,
    open_pools,
)
from bot.errors import StartError, TooBusyError, WorkersAwayError
from bot.i18n import translator_for
from bot.i18n.error_messages import error_message
from bot.listening.admission import Admission
from bot.listening.service import ListeningService
from bot.portraits.inference import DrawsPortraits
from bot.settings import Settings
from bot.workers import client
from bot.workers import replica as replica_module
from bot.workers.client import Workers
from bot.workers.replica import Replica, SongEndpoint, serve_plain
from ml.audio.errors import AudioError, FileTooLargeError
from ml.avatar.checkpoint import save_model
from ml.avatar.inference import PortraitModel
from ml.sandbox.pool import Sandbox
from tests.helpers.songs import silence, wav
from tests.integration.workers.conftest import SECRET
from tests.unit.ml.avatar.tiny import tiny_conditioned
from tests.wire.member_request import until

SONG = wav(8)


@pytest.fixture
def pools(shard_settings: Settings) -> Iterator[Executors]:
    with open_pools(shard_settings) as opened:
        yield opened


@pytest.fixture
def remote(shard_settings: Settings, pools: Executors, sandbox: Sandbox) -> ListeningService:
    return load_listening(shard_settings, pools, sandbox)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats and tries follow each other at once."""
    monkeypatch.setattr(client, "REPEAT_SECONDS", 0.01)
    monkeypatch.setattr(client, "BACKGROUND_SECONDS", (0.01, 0.05))


def listening_at(
    port: int, settings: Settings, pools: Executors, sandbox: Sandbox
) -> ListeningService:
    """Return what asks for workers at another port than theirs."""
    there = settings.model_copy(update={"workers_url": f"http://127.0.0.1:{port}"})
    return load_listening(there, pools, sandbox)


@asynccontextmanager
async def at_port(replica: Replica, port: int = 0) -> AsyncIterator[int]:
    runner = await serve_plain(replica, "127.0.0.1", port)
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def front(worker: web.AppRunner, dead: int) -> AsyncIterator[tuple[int, list[int]]]:
    """A port whose first connections die while they send, as a killed replica's do.

    Yields the port, and a list that grows with each connection.
    """
    seen: list[int] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(len(seen))
        if len(seen) <= dead:
            await reader.read(100)
            writer.transport.abort()
            return
        inner, out = await asyncio.open_connection(*worker.addresses[0])
        await asyncio.gather(_copied(reader, out), _copied(inner, writer))

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


async def _copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65_536):
        target.write(piece)
        await target.drain()
    target.close()


def assert_same(one: Any, other: Any) -> None:
    """Compare values field by field, arrays by all their numbers."""
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert_array_equal(one, other)
    elif hasattr(one, "__dataclass_fields__"):
        assert type(one) is type(other)
        for each in fields(one):
            assert_same(getattr(one, each.name), getattr(other, each.name))
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for name in one:
            assert_same(one[name], other[name])
    else:
        assert one == other


# Listening


async def test_a_worker_hears_exactly_what_this_process_hears(
    remote: ListeningService, listening: ListeningService
) -> None:
    assert_same(await remote.hear(SONG, 1), await listening.hear(SONG, 1))


def test_model_and_scale_are_known_before_any_worker_answers(
    remote: ListeningService, listening: ListeningService
) -> None:
    assert (remote.model, remote.scale) == (listening.model, listening.scale)


@pytest.mark.parametrize("song", [b"these are words", silence(4), b"OggS" + bytes(999)])
async def test_a_song_that_cannot_be_heard_says_why_as_in_this_process(
    remote: ListeningService, listening: ListeningService, song: bytes
) -> None:
    with pytest.raises(AudioError) as here:
        await listening.hear(song)
    with pytest.raises(AudioError) as there:
        await remote.hear(song)
    assert type(there.value) is type(here.value)
    assert vars(there.value) == vars(here.value)


async def test_a_song_that_only_the_worker_finds_too_large_is_told_its_limit(
    shard_settings: Settings, pools: Executors, sandbox: Sandbox, listening: ListeningService
) -> None:
    strict = ListeningService(listening._songs, Admission(slots=4, decoders=1), max_bytes=1000)
    async with at_port(Replica(SECRET, SongEndpoint(strict), None)) as port:
        with pytest.raises(FileTooLargeError) as caught:
            await listening_at(port, shard_settings, pools, sandbox).hear(SONG)
    assert (caught.value.size_bytes, caught.value.limit_bytes) == (len(SONG), 1000)


# Secret


async def test_whoever_does_not_know_the_secret_is_told_nothing(worker: web.AppRunner) -> None:
    host, port = worker.addresses[0]
    wrong: list[dict[str, str]] = [{}, {"Authorization": f"Bearer {SECRET}!"}]
    async with ClientSession(f"http://{host}:{port}") as session:
        for headers in wrong:
            for path in ("/hear", "/draw/latents", "/nothing"):
                async with session.post(path, data=SONG, headers=headers) as answer:
                    assert (answer.status, await answer.read()) == (401, b"")
            async with session.get("/hear", headers=headers) as answer:
                assert (answer.status, await answer.read()) == (401, b"")


async def test_members_of_a_process_with_another_secret_read_that_it_is_busy(
    shard_settings: Settings, pools: Executors, sandbox: Sandbox, impatient: None
) -> None:
    wrong = shard_settings.model_copy(update={"workers_secret": SecretStr("x" * 16)})
    with pytest.raises(WorkersAwayError, match="another secret"):
        await load_listening(wrong, pools, sandbox).hear(SONG)
    with pytest.raises(StartError, match="another secret"):
        await asyncio.to_thread(Workers.of(wrong).about, "hear")


# What fails


async def test_a_replica_that_dies_with_a_song_is_asked_once_more(
    worker: web.AppRunner,
    shard_settings: Settings,
    pools: Executors,
    sandbox: Sandbox,
    impatient: None,
) -> None:
    async with front(worker, dead=1) as (port, seen):
        heard = await listening_at(port, shard_settings, pools, sandbox).hear(SONG, 1)
    assert heard.seconds == pytest.approx(8)
    assert len(seen) == 2


async def test_after_the_repeat_members_read_kind_words(
    worker: web.AppRunner,
    shard_settings: Settings,
    pools: Executors,
    sandbox: Sandbox,
    impatient: None,
) -> None:
    async with front(worker, dead=9) as (port, seen):
        with pytest.raises(WorkersAwayError) as caught:
            await listening_at(port, shard_settings, pools, sandbox).hear(SONG, 1)
    assert len(seen) == 2
    for locale, words in (("en", "try again in a minute"), ("ja", "もう一度お試しください")):
        assert words in (error_message(caught.value, translator_for(locale)) or "")


async def test_a_worker_that_never_answers_is_given_up_at_the_deadline(
    shard_settings: Settings,
    pools: Executors,
    sandbox: Sandbox,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "WAIT_SECONDS", 0.3 - shard_settings.decoder_seconds)
    held = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(WorkersAwayError):
            await listening_at(port, shard_settings, pools, sandbox).hear(SONG, 1)
        assert len(held) == 2
        for writer in held:
            writer.close()


async def test_a_full_worker_refuses_as_one_process_does(
    shard_settings: Settings,
    pools: Executors,
    sandbox: Sandbox,
    listening: ListeningService,
    impatient: None,
) -> None:
    full = ListeningService(listening._songs, Admission(slots=1, decoders=1), max_bytes=10**8)
    async with at_port(Replica(SECRET, SongEndpoint(full), None)) as port, full.admission.slot(7):
        with pytest.raises(TooBusyError) as caught:
            await listening_at(port, shard_settings, pools, sandbox).hear(SONG, 1)
    assert caught.value.waiting == 1


async def test_a_song_that_nobody_waits_for_waits_until_a_worker_is_there(
    replica: Replica,
    worker: web.AppRunner,
    shard_settings: Settings,
    pools: Executors,
    sandbox: Sandbox,
    impatient: None,
) -> None:
    async with front(worker, dead=5) as (port, seen):
        patient = listening_at(port, shard_settings, pools, sandbox)
        assert (await patient.hear(SONG, 1, background=True)).seconds == pytest.approx(8)
    assert len(seen) == 6


async def test_a_worker_with_another_music_model_hears_nothing_for_us(
    shard_settings: Settings, pools: Executors, sandbox: Sandbox, impatient: None
) -> None:
    shipped = shard_settings.model_copy(update={"music_model": None})
    with pytest.raises(WorkersAwayError, match="another model"):
        await load_listening(shipped, pools, sandbox).hear(SONG)


async def test_the_check_asks_workers_and_compares_their_models(
    shard_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.to_thread(check.run, shard_settings, Namespace())
    found = capsys.readouterr().out
    assert re.search(r"ok +workers at hear: music2vector", found)
    assert re.search(r"ok +workers at draw: tiny-1", found)
    shipped = shard_settings.model_copy(update={"music_model": None})
    assert await asyncio.to_thread(check.run, shipped, Namespace()) == 1
    assert re.search(r"wrong +workers at hear: they have the model", capsys.readouterr().out)


# Drawing


@pytest.fixture
async def portraits(shard_settings: Settings, pools: Executors) -> DrawsPortraits:
    return load_shipped_portraits(shard_settings, pools).model_for(0).load()


async def test_a_worker_draws_exactly_what_this_process_draws(
    portraits: DrawsPortraits, worker_settings: Settings
) -> None:
    here = PortraitModel.load(worker_settings.portrait_model)

    def draw(model: DrawsPortraits) -> list[Any]:
        latents = model.latents([3, 2**64 + 5])
        pictures = model.draw(latents)
        return [
            model.name,
            dict(model.options),
            latents,
            pictures,
            model.encode(pictures),
            model.blend(latents[0], latents[1], [0.0, 0.3]),
            model.vary(latents[0], [7, 8], 0.35),
            model.morph(latents[0], latents[1], 4),
            model.enlarge(pictures[0]),
        ]

    for one, other in zip(await asyncio.to_thread(draw, portraits), draw(here), strict=True):
        assert_same(one, other)


async def test_a_servers_own_model_is_sent_along_once_and_forgotten_later(
    worker: web.AppRunner,
    replica: Replica,
    shard_settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "taught.safetensors"
    save_model(tiny_conditioned(), file)
    sent: list[int] = []
    ask = Workers.ask

    def note(self: Workers, path: str, body: bytes, *more: Any) -> Any:
        sent.append(len(body))
        return ask(self, path, body, *more)

    monkeypatch.setattr(Workers, "ask", note)
    taught, here = load_server_portraits(shard_settings)(file), PortraitModel.load(file)
    assert taught.options == here.options != {}
    size = file.stat().st_size

    def choose(model: DrawsPortraits) -> Any:
        group, names = next(iter(model.options.items()))
        return model.choose(model.latents([5])[0], 5, {group: names[1]})

    assert_same(await asyncio.to_thread(choose, taught), choose(here))
    assert [each > size for each in sent] == [False, True, False]
    portraits = replica._portraits
    assert portraits is not None
    portraits._models.clear()
    monkeypatch.setattr(replica_module, "KEPT_SECONDS", 0.01)
    await asyncio.to_thread(taught.latents, [1])
    assert [each > size for each in sent[3:]] == [False, True]
    await until(lambda: not portraits._models, 30, "the model to go")


async def test_a_worker_explains_a_portrait_as_this_process_does(
    shard_settings: Settings, worker_settings: Settings, worker: web.AppRunner
) -> None:
    there, here = explainer(shard_settings), explainer(worker_settings)
    assert there is not None
    if here is None:
        pytest.skip("the drawings are not shipped here")
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    found, expected = await asyncio.to_thread(there().explain, picture), here().explain(picture)
    assert list(found.parts) == list(expected.parts)
    for part, nearest in found.parts.items():
        for one, other in zip(nearest, expected.parts[part], strict=True):
            assert_same(one.drawing, other.drawing)
            assert one.likeness == pytest.approx(other.likeness, abs=1e-5)  # threads add otherwise
