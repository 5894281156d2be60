"""Builds and joins what portraits need, for `bot.__main__`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bot.device import device_of
from bot.errors import StartError
from bot.settings import Settings

if TYPE_CHECKING:  # importing torch takes seconds, which `health` need not wait
    from bot.portraits.drawing import PortraitInference, Screens
    from bot.portraits.explaining import Explains
    from bot.portraits.features import PortraitServices
    from bot.portraits.models import PortraitModels
    from ml.avatar.inference import PortraitModel
    from storage.database import Database

MEGABYTE = 1024 * 1024
DECODING_THREADS = 2  # each waits for one child


def load_portrait_model(settings: Settings) -> PortraitModel | None:
    """Load the portrait model; None when none was set and none came along.

    Raises:
        StartError: the device or the model cannot be used.
    """
    from ml.avatar.checkpoint import SHIPPED, PortraitModelError
    from ml.avatar.inference import PortraitModel

    device = device_of(settings)
    if settings.portrait_model is None and not SHIPPED.is_file():
        return None
    try:
        return PortraitModel.load(settings.portrait_model, device)
    except PortraitModelError as error:
        raise StartError(f"the portrait model cannot be used: {error}") from error


@contextmanager
def open_portrait_inference(
    settings: Settings, torch_executor: Executor, models: PortraitModels | None = None
) -> Iterator[PortraitInference]:
    """Open what draws.

    Args:
        settings: what the host set.
        torch_executor: the one executor that runs torch.
        models: knows the painters; None lends the one of the settings to everybody.
    """
    from bot.portraits.drawing import PortraitInference
    from bot.portraits.models import ShippedPortraitModel

    def screen() -> Screens:
        from ml.images.screening import Screen

        return Screen(settings.unsafe_above)

    if models is None:
        models = ShippedPortraitModel(torch_executor.submit(load_portrait_model, settings).result())
    with ThreadPoolExecutor(1, thread_name_prefix="screen") as screen_executor:
        yield PortraitInference(
            models,
            torch_executor=torch_executor,
            screen=screen,
            screen_executor=screen_executor,
            most_waiting=settings.waiting_portraits,
        )


@contextmanager
def open_portrait_services(
    settings: Settings, portrait_inference: PortraitInference, database: Database
) -> Iterator[PortraitServices]:
    """Join what the cogs of portraits are given."""
    from bot.portraits.explaining import ExplanationService
    from bot.portraits.features import PortraitServices
    from bot.portraits.galleries import GalleryService, ServerIconService
    from bot.portraits.morphing import MorphService
    from bot.portraits.service import PortraitService
    from bot.portraits.uploads import ImageUploads
    from ml.images.limits import PictureLimits
    from storage.icons import Icons
    from storage.portraits import Portraits as StoredPortraits

    limits = PictureLimits(
        max_bytes=settings.max_picture_mb * MEGABYTE,
        max_pixels=settings.max_picture_megapixels * 1_000_000,
    )
    with ExitStack() as stack:
        decoders = stack.enter_context(
            ThreadPoolExecutor(DECODING_THREADS, thread_name_prefix="picture")
        )
        stored = StoredPortraits(database)
        portraits = PortraitService(portrait_inference, stored)
        yield PortraitServices(
            portraits=portraits,
            morphing=MorphService(portrait_inference, portraits, stored),
            explaining=ExplanationService(portrait_inference, portraits, _explains()),
            galleries=GalleryService(stored, settings.gallery_portraits),
            member_pictures=ImageUploads(portrait_inference, limits, decoders, cut_to_face),
            icons=ServerIconService(Icons(database)),
        )


def cut_to_face(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Cut a picture (h, w, 3) to its first drawn face, as portraits are cut; without one, keep it.

    Blocking; the detector takes up to half a second.
    """
    from PIL import Image

    from ml.avatar.faces import crops_of

    faces = crops_of(Image.fromarray(picture))
    return np.array(faces[0].picture) if faces else picture


def _explains() -> Callable[[], Explains] | None:
    """Give what opens our drawings, if they came along."""
    from ml.avatar.explaining import SHIPPED, Explainer

    return Explainer.load if SHIPPED.is_file() else None
