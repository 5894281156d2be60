"""Replicas on a real Ray Serve on this machine: they hear as one process does, and may die."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.engines import load_listening, load_server_portraits, open_pools
from bot.errors import StartError, TooBusyError, WorkersAwayError
from bot.listening.service import ListeningService
from bot.settings import Settings, read_settings
from bot.workers.client import Workers
from ml.avatar.inference import PortraitModel
from ml.sandbox.pool import Sandbox
from tests.helpers.songs import wav
from tests.integration.workers.conftest import SECRET
from tests.integration.workers.test_workers import assert_same
from tests.wire.member_request import until

pytest.importorskip("ray", reason="extra `workers` is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

ROOT = Path(__file__).parents[3]
START_SECONDS = 600.0  # usually 30; Ray starts a dozen processes
# Serve kills a proxy that does not answer in 5 s: too few on a machine that runs other tests.
PATIENCE = {
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "120",
    "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "120",
}
SONG = wav(8)
MARKER = b"a member's song, which no disk may ever hold"


@dataclass(frozen=True)
class Cluster:
    """A running `python -m bot workers`, and the settings of a process on Discord that asks it."""

    process: subprocess.Popen[bytes]
    log: Path
    settings: Settings

    def processes(self, name: str) -> list[int]:
        """Return the ids of Ray's processes that are called so, of this cluster alone."""
        return [pid for pid in _living_in(self.log.parent) if name in _words(pid)]


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _living_in(home: Path) -> list[int]:
    """Return the processes that were started with this home, and all that came of them."""
    found, children, mark = [], dict[int, list[int]](), f"HOME={home}\0".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
            if mark in (entry / "environ").read_bytes():  # a replica's is written over by its name
                found.append(int(entry.name))
    for pid in found:
        found += [child for child in children.get(pid, []) if child not in found]
    return found


def _end_all(home: Path) -> None:
    for pid in _living_in(home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def cluster(
    worker_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """Two replicas that listen and one that draws, as a host starts them."""
    folder, port = tmp_path_factory.mktemp("cluster"), _free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
        "HOME": str(folder),
        "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
        "USAMIMI_WORKERS_SECRET": SECRET,
        "USAMIMI_WORKERS_PORT": str(port),
        "USAMIMI_MUSIC_MODEL": str(worker_settings.music_model),
        "USAMIMI_PORTRAIT_MODEL": str(worker_settings.portrait_model),
        "USAMIMI_TORCH_THREADS": "1",
        "USAMIMI_DECODER_WORKERS": "1",
        **PATIENCE,
    }
    log = folder / "workers.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "bot", "workers"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
    until = time.monotonic() + START_SECONDS
    while b"workers_ready" not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.5)
    changes = {"workers_url": f"http://127.0.0.1:{port}"}
    settings = read_settings(**{**dict(worker_settings), **changes, "_env_file": None})
    yield Cluster(process, log, settings)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(120)
    finally:
        _end_all(folder)
        shutil.rmtree(f"/dev/shm/usamimi-ray-{port}", ignore_errors=True)


@pytest.fixture
def remote(cluster: Cluster, sandbox: Sandbox) -> Iterator[ListeningService]:
    with open_pools(cluster.settings) as pools:
        yield load_listening(cluster.settings, pools, sandbox)


async def heard_or_kindly_refused(remote: ListeningService) -> bool:
    """Ask once; whether it was heard. Anything but kind words fails."""
    try:
        return (await remote.hear(SONG, 1)).seconds == pytest.approx(8)
    except (WorkersAwayError, TooBusyError):
        return False


async def test_replicas_hear_and_draw_exactly_what_this_process_does(
    cluster: Cluster, remote: ListeningService, listening: ListeningService
) -> None:
    expected = await listening.hear(SONG, 1)
    for found in await asyncio.gather(*(remote.hear(SONG, guild) for guild in range(6))):
        assert_same(found, expected)
    file = cluster.settings.portrait_model
    assert file is not None
    there, here = load_server_portraits(cluster.settings)(file), PortraitModel.load(file)
    latents = await asyncio.to_thread(there.latents, [1, 2])
    assert_same(latents, here.latents([1, 2]))
    assert_same(await asyncio.to_thread(there.draw, latents), here.draw(latents))


async def test_a_wrong_secret_is_refused_by_the_replica(cluster: Cluster) -> None:
    wrong = Workers(str(cluster.settings.workers_url).rstrip("/"), "x" * 16, 30.0)
    with pytest.raises(StartError, match="another secret"):
        await asyncio.to_thread(wrong.about, "hear")


async def test_when_a_replica_is_killed_members_get_an_answer_or_kind_words(
    cluster: Cluster, remote: ListeningService
) -> None:
    listening = cluster.processes("ServeReplica:songs")
    assert len(listening) == 2
    asked = [asyncio.create_task(heard_or_kindly_refused(remote)) for _ in range(8)]
    await asyncio.sleep(0.2)
    os.kill(listening[0], signal.SIGKILL)
    asked += [asyncio.create_task(heard_or_kindly_refused(remote)) for _ in range(8)]
    assert any(await asyncio.gather(*asked))  # the other replica is there
    await until(
        lambda: len(set(cluster.processes("ServeReplica:songs")) - {listening[0]}) == 2, 300, "both"
    )
    assert (await remote.hear(SONG, 1)).seconds == pytest.approx(8)


async def test_when_the_head_is_killed_members_get_an_answer_or_kind_words(
    cluster: Cluster, remote: ListeningService
) -> None:
    (head,) = cluster.processes("gcs_server")
    os.kill(head, signal.SIGKILL)
    for _ in range(5):
        await heard_or_kindly_refused(remote)
    # Ray ends the process that started the cluster; whoever supervises it starts it again.
    async with asyncio.timeout(300):
        while cluster.process.poll() is None:
            await heard_or_kindly_refused(remote)
            await asyncio.sleep(1)


FILL = """
import os, sys
import numpy as np
from contextlib import ExitStack
from pathlib import Path
from bot.workers import serving
import ray

marker = sys.argv[1].encode()
piece = np.frombuffer((marker * (16 * 2**20 // len(marker) + 1))[:16 * 2**20], np.uint8)
serving.STORE_BYTES = 80 * 2**20
with ExitStack() as stack:
    serving.start_local(stack, serving.MEMORY / "usamimi-ray-test", num_cpus=1)
    held = []
    for number in range(12):
        try:
            held.append(ray.put(piece))
        except Exception as error:  # a full store may refuse; it must not write
            print("refused", type(error).__name__)
            break
    print("put", len(held), flush=True)
    sys.stdin.readline()
"""


def test_a_full_object_store_writes_no_song_to_a_disk(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": "0" * 64,
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", FILL, MARKER.decode()],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process:
        while not (line := process.stdout.readline()).startswith("put"):
            assert line, "it ended"
        held = {file: _disk_file(file) for file in _open_files(tmp_path)}
        assert [file for file, disk in held.items() if disk and MARKER in file.read_bytes()] == []
        left = [file for file in tmp_path.rglob("*") if file.is_file()]
        assert [file for file in left if MARKER in file.read_bytes()] == []
        process.stdin.close()
        process.wait(120)


def _open_files(home: Path) -> Iterator[Path]:
    """Regular files that the processes of this home have open or have mapped."""
    for pid in _living_in(home):
        for kind in ("fd", "map_files"):
            try:
                found = list(Path(f"/proc/{pid}/{kind}").iterdir())
            except OSError:
                continue
            for file in found:
                try:
                    if stat.S_ISREG(file.stat().st_mode):
                        yield file
                except OSError:
                    continue


def _disk_file(file: Path) -> bool:
    """Whether a file lies on a file system that is not in memory, and holds data, not code."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    in_memory = {line.split()[2] for line in mounts if " - tmpfs " in line}
    device = file.stat().st_dev
    name = str(file.readlink())
    disk = f"{os.major(device)}:{os.minor(device)}" not in in_memory
    return disk and not name.startswith(("/memfd:", sys.prefix, sys.base_prefix, "/usr", "/lib"))
