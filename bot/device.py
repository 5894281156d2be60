"""Where torch computes."""

from __future__ import annotations

from bot.errors import StartError
from bot.settings import Settings


def device_of(settings: Settings) -> str:
    """Give torch its threads, and the name of the device that models run on.

    Raises:
        StartError: the host wants a GPU and there is none.
    """
    import torch

    if settings.torch_threads:
        torch.set_num_threads(settings.torch_threads)
    available = torch.cuda.is_available()
    if settings.device == "cuda" and not available:
        raise StartError("USAMIMI_DEVICE is cuda, but torch finds no GPU here")
    return "cuda" if available and settings.device != "cpu" else "cpu"
