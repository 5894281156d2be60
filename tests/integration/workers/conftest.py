"""One real worker, answering on a port of this machine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.settings import Settings, read_settings
from bot.workers.replica import Replica, open_replica, serve_plain
from tests.unit.ml.avatar.tiny import tiny_weights

SECRET = "known to both sides"


@pytest.fixture(scope="session")
def worker_settings(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What a worker's host sets: small models, so that they load at once."""
    weights = tiny_weights(tmp_path_factory.mktemp("weights") / "portraits.safetensors")
    changes = {"portrait_model": weights, "workers_secret": SECRET, "workers_port": 0}
    return read_settings(**{**dict(settings), **changes, "_env_file": None})


@pytest.fixture(scope="session")
def replica(worker_settings: Settings) -> Iterator[Replica]:
    """A worker that listens and draws."""
    with open_replica(worker_settings, listens=True, draws=True) as opened:
        yield opened


@pytest.fixture
async def worker(replica: Replica) -> AsyncIterator[web.AppRunner]:
    """The same, behind a port."""
    runner = await serve_plain(replica, "127.0.0.1", 0)
    yield runner
    await runner.cleanup()


@pytest.fixture
def shard_settings(worker_settings: Settings, worker: web.AppRunner, tmp_path: Path) -> Settings:
    """What the host of a process on Discord sets that has the worker listen and draw."""
    url = f"http://127.0.0.1:{worker.addresses[0][1]}"
    changes = {"workers_url": url, "data_dir": tmp_path / "data"}
    return read_settings(**{**dict(worker_settings), **changes, "_env_file": None})
