"""Load the models, start the decoding children and set their limits, as the settings say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from bot.concurrency import Executors
from bot.errors import StartError
from bot.listening.admission import Admission
from bot.listening.service import ListeningService
from bot.portraits.inference import ShippedPortraitModel
from bot.settings import Settings
from ml.audio.excerpts import DecodingLimits
from ml.audio.sandbox import SandboxedDecoder, song_job
from ml.avatar import checkpoint as portrait_checkpoint
from ml.avatar.explaining import SHIPPED as SHIPPED_DRAWINGS
from ml.avatar.explaining import Explainer
from ml.avatar.faces import crops_of
from ml.avatar.inference import PortraitModel
from ml.images.decoding import picture_job
from ml.images.errors import PictureLimits
from ml.music.song_checkpoint import MusicModelError
from ml.music.song_model import SONG_PLAN, MusicModel
from ml.sandbox.pool import Sandbox

MEGABYTE = 1024 * 1024  # bytes
MILLION = 1_000_000


def device_of(settings: Settings) -> str:
    """Set torch's threads; return `cpu` or `cuda`, whichever models run on.

    Raises:
        StartError: the host wants a GPU and there is none.
    """
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
    device_of(settings)
    try:
        return MusicModel.load(settings.music_model)
    except MusicModelError as error:
        raise StartError(f"the music model cannot be used: {error}") from error


def load_portrait_model(settings: Settings) -> PortraitModel | None:
    """Load the portrait model; None when none was set and none is shipped.

    Raises:
        StartError: the device or the model cannot be used.
    """
    if settings.portrait_model is None and not portrait_checkpoint.SHIPPED.is_file():
        return None
    try:
        return PortraitModel.load(settings.portrait_model, device_of(settings))
    except portrait_checkpoint.PortraitModelError as error:
        raise StartError(f"the portrait model cannot be used: {error}") from error


def load_shipped_portraits(settings: Settings, executors: Executors) -> ShippedPortraitModel:
    """Load the portrait model where torch runs, for every server that trained none.

    Raises:
        StartError: the device or the model cannot be used.
    """
    return ShippedPortraitModel(executors.torch.submit(load_portrait_model, settings).result())


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


def explainer() -> Callable[[], Explainer] | None:
    """Return what loads the drawings that portraits are compared with; None: not shipped."""
    return Explainer.load if SHIPPED_DRAWINGS.is_file() else None


def lesson_memory_mb(settings: Settings) -> int:
    """Return what a lesson may allocate, in MB; 0 (any) on a GPU, which maps all its memory."""
    return 0 if device_of(settings) == "cuda" else settings.lesson_memory_mb


def open_sandbox(settings: Settings) -> Sandbox:
    """Begin to start the children that decode songs and pictures; close it to end them."""
    jobs = (song_job(song_limits(settings), SONG_PLAN), picture_job(picture_limits(settings)))
    return Sandbox(settings.decoder_workers, jobs)


def song_decoder(settings: Settings, sandbox: Sandbox) -> SandboxedDecoder:
    """Return what decodes songs in the children of `sandbox`."""
    return SandboxedDecoder(sandbox, song_limits(settings), SONG_PLAN)


def load_listening(settings: Settings, executors: Executors, sandbox: Sandbox) -> ListeningService:
    """Load the music model; songs are decoded in the children of `sandbox`."""
    return ListeningService(
        song_decoder(settings, sandbox),
        executors.torch.submit(load_music_model, settings).result(),
        executors,
        Admission(slots=settings.waiting_songs, decoders=settings.decoder_workers),
        max_bytes=settings.max_song_mb * MEGABYTE,
    )
