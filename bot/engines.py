"""Load the models, start the decoding children and set their limits, as the settings say.

Where workers listen and draw, their clients are built instead. What needs torch imports it: a
process that has workers never loads it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from bot.concurrency import Executors, open_executors
from bot.errors import StartError
from bot.listening.admission import Admission
from bot.listening.service import ListeningService, SongInference
from bot.portraits.inference import DrawsPortraits, ShippedPortraitModel
from bot.portraits.service import Explains
from bot.settings import Settings
from ml.audio.excerpts import DecodingLimits
from ml.audio.sandbox import SandboxedDecoder, song_job
from ml.avatar import latents as portraits
from ml.avatar.faces import crops_of
from ml.images.decoding import picture_job
from ml.images.errors import PictureLimits
from ml.music.song_checkpoint import MusicModelError, MusicModelFacts, read_facts
from ml.sandbox.pool import Sandbox

if TYPE_CHECKING:
    from ml.avatar.inference import PortraitModel
    from ml.music.song_model import MusicModel

Model = TypeVar("Model")

MEGABYTE = 1024 * 1024  # bytes
MILLION = 1_000_000


def open_pools(settings: Settings) -> AbstractContextManager[Executors]:
    """Start as many threads as decode and draw here, or as wait for workers."""
    if settings.workers_url is None:
        return open_executors(settings.decoder_workers)
    from bot.workers.client import PORTRAITS_AT_ONCE, SONGS_AT_ONCE

    return open_executors(SONGS_AT_ONCE, PORTRAITS_AT_ONCE)


def device_of(settings: Settings) -> str:
    """Set torch's threads; return `cpu` or `cuda`, whichever models run on.

    Raises:
        StartError: the host wants a GPU and there is none.
    """
    if settings.workers_url is not None:  # only lessons run here, in processes of their own
        return "cuda" if settings.device == "cuda" else "cpu"
    return _torch_device(settings)


def _torch_device(settings: Settings) -> str:
    import torch

    if settings.torch_threads:
        torch.set_num_threads(settings.torch_threads)
    available = torch.cuda.is_available()
    if settings.device == "cuda" and not available:
        raise StartError("USAMIMI_DEVICE is cuda, but torch finds no GPU here")
    return "cuda" if available and settings.device != "cpu" else "cpu"


def load_music_model(settings: Settings) -> MusicModel:
    """Load the music model; it runs on the CPU, and on as many of torch's threads as are set.

    Raises:
        StartError: the device or the model cannot be used.
    """
    from ml.music.song_model import MusicModel

    _torch_device(settings)
    try:
        return MusicModel.load(settings.music_model)
    except MusicModelError as error:
        raise StartError(f"the music model cannot be used: {error}") from error


def load_portrait_model(settings: Settings) -> PortraitModel | None:
    """Load the portrait model of the settings, here; None where none is installed.

    Raises:
        StartError: the device or the model cannot be used.
    """
    return _of_settings(settings, _open_here(settings))


def load_shipped_portraits(settings: Settings, executors: Executors) -> ShippedPortraitModel:
    """Load the portrait model where torch runs, for every server that trained none.

    Raises:
        StartError: the device or the model cannot be used.
    """
    if settings.workers_url is None:
        return ShippedPortraitModel(executors.torch.submit(load_portrait_model, settings).result())
    return ShippedPortraitModel(_of_settings(settings, load_server_portraits(settings)))


def load_server_portraits(settings: Settings) -> Callable[[Path], DrawsPortraits]:
    """Return what opens the file of a portrait model that a server trained; blocking."""
    if settings.workers_url is None:
        return _open_here(settings)
    from bot.workers.client import RemotePortraits, Workers

    workers = Workers.of(settings)
    return lambda file: RemotePortraits(workers, file)


def _open_here(settings: Settings) -> Callable[[Path], PortraitModel]:
    def load(file: Path) -> PortraitModel:
        from ml.avatar.inference import PortraitModel

        return PortraitModel.load(file, _torch_device(settings))

    return load


def _of_settings(settings: Settings, load: Callable[[Path], Model]) -> Model | None:
    """Open the model that the settings name, or else the shipped one; None: not installed."""
    if settings.portrait_model is None and not portraits.SHIPPED.is_file():
        return None
    try:
        return load(settings.portrait_model or portraits.SHIPPED)
    except portraits.PortraitModelError as error:
        raise StartError(f"the portrait model cannot be used: {error}") from error


def song_limits(settings: Settings) -> DecodingLimits:
    """Return how much one song may cost."""
    return DecodingLimits(
        max_bytes=settings.max_song_mb * MEGABYTE,
        max_seconds=60.0 * settings.max_song_minutes,
        memory_bytes=settings.decoder_memory_mb * MEGABYTE,
        cpu_seconds=settings.decoder_seconds,
        wall_seconds=float(settings.decoder_seconds),
    )


def picture_limits(settings: Settings) -> PictureLimits:
    """Return how much one picture may cost."""
    return PictureLimits(
        max_bytes=settings.max_picture_mb * MEGABYTE,
        max_pixels=settings.max_picture_megapixels * MILLION,
    )


def cut_to_face(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Crop a picture (h, w, 3) to its first drawn face; return it whole when none is found.

    Blocking; the detector takes up to half a second.
    """
    faces = crops_of(Image.fromarray(picture))
    return np.array(faces[0].picture) if faces else picture


def explainer(settings: Settings) -> Callable[[], Explains] | None:
    """Return what loads the drawings that portraits are compared with; None: not shipped."""
    if settings.workers_url is not None:
        from bot.workers.client import RemoteExplainer, Workers

        workers = Workers.of(settings)
        return lambda: RemoteExplainer(workers)
    from ml.avatar.explaining import SHIPPED, Explainer

    return Explainer.load if SHIPPED.is_file() else None


def lesson_memory_mb(settings: Settings) -> int:
    """Return what a lesson may allocate, in MB; 0 (any) on a GPU, which maps all its memory."""
    return 0 if device_of(settings) == "cuda" else settings.lesson_memory_mb


def open_sandbox(settings: Settings) -> Sandbox:
    """Begin to start the children that decode songs and pictures; close it to end them.

    Where workers listen, they decode the songs.
    """
    pictures = picture_job(picture_limits(settings))
    if settings.workers_url is not None:
        return Sandbox(settings.decoder_workers, (pictures,))
    from ml.music.song_model import SONG_PLAN

    return Sandbox(settings.decoder_workers, (song_job(song_limits(settings), SONG_PLAN), pictures))


def song_decoder(settings: Settings, sandbox: Sandbox) -> SandboxedDecoder:
    """Return what decodes songs in the children of `sandbox`."""
    from ml.music.song_model import SONG_PLAN

    return SandboxedDecoder(sandbox, song_limits(settings), SONG_PLAN)


def load_listening(settings: Settings, executors: Executors, sandbox: Sandbox) -> ListeningService:
    """Load the music model, or build what asks workers.

    Args:
        settings: what the host set.
        executors: run what blocks; see `open_pools`.
        sandbox: its children decode songs.

    Raises:
        StartError: the model cannot be used.
    """
    max_bytes, slots = settings.max_song_mb * MEGABYTE, settings.waiting_songs
    if settings.workers_url is not None:
        from bot.workers.client import SONGS_AT_ONCE, RemoteSongs, Workers

        remote = RemoteSongs(Workers.of(settings), _song_facts(settings), executors.decode)
        admission = Admission(slots=slots, decoders=SONGS_AT_ONCE - 1)
        return ListeningService(remote, admission, max_bytes=max_bytes)
    songs = SongInference(
        song_decoder(settings, sandbox),
        executors.torch.submit(load_music_model, settings).result(),
        executors,
    )
    admission = Admission(slots=slots, decoders=settings.decoder_workers)
    return ListeningService(songs, admission, max_bytes=max_bytes)


def model_names(settings: Settings) -> dict[str, str | None]:
    """Return what the models that lie here are called, by what they do; torch is not needed.

    Raises:
        StartError: one cannot be used.
    """
    file = settings.portrait_model or portraits.SHIPPED
    try:
        draws = portraits.read_facts(file).name if file.is_file() else None
    except portraits.PortraitModelError as error:
        raise StartError(f"the portrait model cannot be used: {error}") from error
    return {"hear": _song_facts(settings).name, "draw": draws}


def _song_facts(settings: Settings) -> MusicModelFacts:
    try:
        return read_facts(settings.music_model)
    except MusicModelError as error:
        raise StartError(f"the music model cannot be used: {error}") from error
