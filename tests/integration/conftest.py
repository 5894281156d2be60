"""The real decoder and a small music model, opened once for all integration tests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

from bot.app import open_services
from bot.concurrency import Executors, open_executors
from bot.engines import load_listening, open_sandbox
from bot.listening.service import HearsSongs, ListeningService
from bot.portraits.inference import PortraitModels, ShippedPortraitModel
from bot.services import Services
from bot.settings import Settings, read_settings
from ml.music.hearing import Hearing
from ml.music.song_checkpoint import save_song_model
from ml.sandbox.pool import Sandbox
from storage.files import DATABASE_NAME
from tests.helpers.databases import migrated_file
from tests.helpers.discord import server, simcord_bot
from tests.unit.ml.avatar.tiny import tiny_portrait_model
from tests.unit.ml.music.tiny_song_model import tiny_song_checkpoint

__all__ = ["server", "simcord_bot"]  # fixtures of every test that plays on Discord


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Defaults, untouched by the machine's own `.env`.

    One thread: two of them wait for each other at every step when a machine is busy.
    """
    music_model = tmp_path_factory.mktemp("models") / "music.safetensors"
    save_song_model(tiny_song_checkpoint(), music_model)
    return read_settings(
        _env_file=None,
        data_dir=tmp_path_factory.mktemp("data"),
        music_model=music_model,
        torch_threads=1,
        health_port=0,
        shard_count=1,  # the simulated Discord cannot be asked
    )


@pytest.fixture(scope="session", autouse=True)
def commands_translated_once() -> Iterator[None]:
    """Ask for each word of a command in thirty locales once a session, not at each bot's start."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (app_commands.Command, app_commands.ContextMenu, app_commands.Group):
            patch.setattr(kind, "get_translated_payload", _once(kind.get_translated_payload))
        yield


def _once(translated: Callable[..., Awaitable[dict[str, Any]]]) -> Callable[..., Any]:
    found: dict[str, dict[str, Any]] = {}

    async def get_translated_payload(command: Any, tree: Any, translator: Any) -> dict[str, Any]:
        plain = repr(command.to_dict(tree))  # a model without choices takes options away
        if plain not in found:
            found[plain] = await translated(command, tree, translator)
        return deepcopy(found[plain])

    return get_translated_payload


@pytest.fixture(scope="session")
def executors(settings: Settings) -> Iterator[Executors]:
    """The bot's thread pools."""
    with open_executors(settings.decoder_workers) as opened:
        yield opened


@pytest.fixture(scope="session")
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    """The children that decode songs and pictures."""
    with open_sandbox(settings) as opened:
        yield opened


class OnceHeard:
    """Hears each file once a session: the same file sounds the same each time."""

    def __init__(self, songs: HearsSongs) -> None:
        self.model = songs.model
        self.scale = songs.scale
        self.answers = songs.answers
        self._songs = songs
        self._heard: dict[bytes, Hearing] = {}

    async def hear(self, data: bytes, guild_id: int | None, *, background: bool) -> Hearing:
        """Return what was heard in the same bytes before; errors come anew."""
        if data not in self._heard:
            self._heard[data] = await self._songs.hear(data, guild_id, background=background)
        return self._heard[data]


@pytest.fixture(scope="session")
def listening(settings: Settings, executors: Executors, sandbox: Sandbox) -> ListeningService:
    """The real decoder and a small model, opened once."""
    opened = load_listening(settings, executors, sandbox)
    opened._songs = OnceHeard(opened._songs)
    return opened


@pytest.fixture(scope="session")
def shipped() -> PortraitModels:
    """A portrait model small enough for tests."""
    return ShippedPortraitModel(tiny_portrait_model())


@pytest.fixture
async def services(
    settings: Settings,
    executors: Executors,
    listening: ListeningService,
    shipped: PortraitModels,
    sandbox: Sandbox,
    tmp_path: Path,
) -> AsyncIterator[Services]:
    """Everything the cogs are given, real but for the portrait model, with an empty database."""
    fresh = settings.model_copy(update={"data_dir": tmp_path / "data"})
    await migrated_file(tmp_path / "data" / DATABASE_NAME)
    async with open_services(fresh, executors, listening, shipped, sandbox) as opened:
        yield opened
