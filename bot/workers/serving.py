"""Workers as replicas on Ray Serve: the same answers, spread over processes and machines.

Needs `usamimi[workers]`. Ray is told nothing of Discord or the database, asks for a token at its
own ports, reports nothing home, and has its files in memory: its object store may write songs into
its folder, and no song may be on a disk.

`songs` and `portraits` are what a `serveConfigV2` of Kubernetes names.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

import ray
import structlog
from dotenv import dotenv_values
from ray import serve
from ray.serve.config import HTTPOptions
from starlette.requests import Request
from starlette.responses import Response

from bot.concurrency import configure_process
from bot.errors import StartError
from bot.logging import configure_logging
from bot.settings import PREFIX, Settings, read_settings
from bot.workers.replica import RefusedError, open_replica, shared_secret

log = structlog.stdlib.get_logger(__name__)

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory is what is wanted
STORE_BYTES = 512 * 2**20  # 20 songs of 25 MB on their way
ONGOING = 16  # requests in a replica: above this few, its own queue would not be the fair one
QUEUED = 64  # in Serve's own queue, before it refuses
THREADS = 2  # of a replica, where none are set: by Ray's OMP_NUM_THREADS torch would have one
NOT_FOR_RAY = frozenset({"USAMIMI_DATABASE_URL", "USAMIMI_WORKERS_URL"})


class Worker:
    """One replica: a `Replica` behind Serve's proxy."""

    def __init__(self, *, listens: bool, draws: bool) -> None:
        """Load the models, by the settings of the machine that this runs on."""
        configure_process()
        settings = read_settings()
        configure_logging(settings.log_level, settings.log_format)
        threads = settings.torch_threads or min(THREADS, os.cpu_count() or THREADS)
        settings = settings.model_copy(update={"torch_threads": threads})
        self._opened = ExitStack()
        opened = open_replica(settings, listens=listens, draws=draws)
        self._replica = self._opened.enter_context(opened)

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""

        async def read(most_bytes: int) -> bytes:
            if int(request.headers.get("Content-Length", most_bytes + 1)) > most_bytes:
                raise RefusedError(413)
            body: bytes = await request.body()
            return body

        prefix, path = request.scope["root_path"], request.scope["path"]
        path = path if path.startswith(prefix) else prefix + path
        reads = read if request.method == "POST" else None
        status, body = await self._replica.answer(path, request.headers, reads)
        return Response(body, status, media_type="application/octet-stream")

    def __del__(self) -> None:
        """End the children with the replica."""
        self._opened.close()


deployment = serve.deployment(
    Worker,
    max_ongoing_requests=ONGOING,
    max_queued_requests=QUEUED,
    health_check_period_s=5,
    health_check_timeout_s=10,
    graceful_shutdown_timeout_s=40,
    ray_actor_options={"num_cpus": THREADS},
    # Serve's log of requests would lie in files, with the paths asked for.
    logging_config={"enable_access_log": False},
)
songs = deployment.options(name="Songs").bind(listens=True, draws=False)
portraits = deployment.options(name="Portraits").bind(listens=False, draws=True)


def serve_on_ray(settings: Settings) -> int:
    """Start the replicas and wait until told to stop; return the exit status.

    With RAY_ADDRESS they start in the cluster there, otherwise in one on this machine.

    Raises:
        StartError: no secret or token is set, or Ray cannot be reached.
    """
    shared_secret(settings)  # before anything is started
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with ExitStack() as stack:
        _join(stack, settings)
        serve.start(
            http_options=HTTPOptions(host=settings.workers_host, port=settings.workers_port),
            logging_config={"enable_access_log": False},
        )
        stack.callback(serve.shutdown)
        actor = {"num_cpus": _cores(settings)}
        listening = deployment.options(
            name="Songs", num_replicas=settings.song_replicas, ray_actor_options=actor
        )
        serve.run(listening.bind(listens=True, draws=False), name="songs", route_prefix="/hear")
        if settings.portrait_replicas:
            gpu = {"num_gpus": 1 / settings.portrait_replicas} if settings.device == "cuda" else {}
            drawing = deployment.options(
                name="Portraits",
                num_replicas=settings.portrait_replicas,
                ray_actor_options=actor | gpu,
            )
            serve.run(
                drawing.bind(listens=False, draws=True), name="portraits", route_prefix="/draw"
            )
        log.info(
            "workers_ready",
            song_replicas=settings.song_replicas,
            portrait_replicas=settings.portrait_replicas,
        )
        stop.wait()
    return 0


def _join(stack: ExitStack, settings: Settings) -> None:
    """Connect to the cluster that is named, or start one here."""
    if os.environ.get("RAY_ADDRESS"):
        if not os.environ.get("RAY_AUTH_TOKEN") and not os.environ.get("RAY_AUTH_TOKEN_PATH"):
            raise StartError("RAY_AUTH_TOKEN is not set: a cluster lets nobody in without it")
        ray.init(log_to_driver=False)
    else:
        # Replicas here inherit the environment; their settings may lie in `.env`.
        ours = {name: value for name, value in dotenv_values().items() if name.startswith(PREFIX)}
        for name, value in ours.items():
            if value and name not in NOT_FOR_RAY:
                os.environ.setdefault(name, value)
        for name in ("DISCORD_TOKEN", *NOT_FOR_RAY):
            os.environ.pop(name, None)
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # Short: sockets lie in it, whose paths have a limit of 107 bytes. The port is ours alone.
        start_local(stack, MEMORY / f"usamimi-ray-{settings.workers_port}")


def start_local(stack: ExitStack, folder: Path, **options: object) -> None:
    """Start a cluster on this machine alone, whose files lie in memory; it ends with `stack`.

    Args:
        stack: ends it.
        folder: for its files; what a crash left in it is removed.
        options: more for `ray.init`.

    Raises:
        StartError: there is no file system in memory.
    """
    if not MEMORY.is_dir():
        raise StartError(f"{MEMORY} is missing: Ray would write songs to a disk")
    shutil.rmtree(folder, ignore_errors=True)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    ray.init(
        include_dashboard=False,
        log_to_driver=False,
        _temp_dir=str(folder),
        object_store_memory=STORE_BYTES,
        _system_config={"automatic_object_spilling_enabled": False},
        **options,
    )
    stack.callback(ray.shutdown)


def _cores(settings: Settings) -> float:
    """Return what Ray counts for a replica: no more than there are."""
    replicas = settings.song_replicas + max(1, settings.portrait_replicas)
    return min(THREADS, (os.cpu_count() or THREADS) / replicas)
