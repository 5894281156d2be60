"""What tests of several rooms share: the real decoder and the shipped model, opened once."""

from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from bot.__main__ import Services, open_listening, open_services, open_torch
from bot.listening.service import ListeningService
from bot.open_atelier import open_portrait_inference
from bot.portraits.drawing import PortraitInference
from bot.portraits.models import ShippedPortraitModel
from bot.settings import Settings, read_settings
from tests.discord_server import server, simcord_bot
from tests.ml.avatar.tiny import tiny_portrait_model

__all__ = ["server", "simcord_bot"]  # fixtures of every test that plays on Discord


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Defaults, untouched by the machine's own `.env`.

    One thread: two of them wait for each other at every step when a machine is busy.
    """
    return read_settings(
        _env_file=None, data_dir=tmp_path_factory.mktemp("data"), torch_threads=1, health_port=0
    )


@pytest.fixture(scope="session")
def torch_executor() -> Iterator[Executor]:
    """The one executor that runs torch."""
    with open_torch() as executor:
        yield executor


@pytest.fixture(scope="session")
def listening(settings: Settings, torch_executor: Executor) -> Iterator[ListeningService]:
    """The real decoder and the shipped model, opened once."""
    with open_listening(settings, torch_executor) as opened:
        yield opened


@pytest.fixture(scope="session")
def portrait_inference(settings: Settings, torch_executor: Executor) -> Iterator[PortraitInference]:
    """A painter small enough for tests, and the real screen."""
    models = ShippedPortraitModel(tiny_portrait_model())
    with open_portrait_inference(settings, torch_executor, models) as opened:
        yield opened


@pytest.fixture
async def services(
    settings: Settings,
    listening: ListeningService,
    portrait_inference: PortraitInference,
    tmp_path: Path,
) -> AsyncIterator[Services]:
    """Everything the cogs are given, real but for the painter, with an empty database."""
    fresh = settings.model_copy(update={"data_dir": tmp_path / "data"})
    async with open_services(fresh, listening, portrait_inference) as opened:
        yield opened


@pytest.fixture
def logged() -> Iterator[Sequence[MutableMapping[str, Any]]]:
    """What was logged, one mapping an entry."""
    capture = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture.entries
    structlog.reset_defaults()
