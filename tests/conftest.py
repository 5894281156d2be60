"""What tests of several rooms share: the real decoder and the shipped model, opened once."""

from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from bot.__main__ import Services, open_listening, open_services
from bot.services.listening import Listening
from bot.settings import Settings, read_settings
from tests.discord_server import server, simcord_bot

__all__ = ["server", "simcord_bot"]  # fixtures of every test that plays on Discord


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Defaults, untouched by the machine's own `.env`."""
    return read_settings(
        _env_file=None, data_dir=tmp_path_factory.mktemp("data"), torch_threads=2, health_port=0
    )


@pytest.fixture(scope="session")
def listening(settings: Settings) -> Iterator[Listening]:
    """The real decoder and the shipped model, opened once."""
    with open_listening(settings) as opened:
        yield opened


@pytest.fixture
async def services(
    settings: Settings, listening: Listening, tmp_path: Path
) -> AsyncIterator[Services]:
    """Everything the cogs are given, real, with an empty database."""
    fresh = settings.model_copy(update={"data_dir": tmp_path / "data"})
    async with open_services(fresh, listening) as opened:
        yield opened


@pytest.fixture
def logged() -> Iterator[Sequence[MutableMapping[str, Any]]]:
    """What was logged, one mapping an entry."""
    capture = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture.entries
    structlog.reset_defaults()
