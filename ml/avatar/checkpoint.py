"""Weights on disk: safetensors with their sizes and card in the metadata. Nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ml.avatar.density import Density
from ml.avatar.model import DefaultVae, SeedVae, build
from ml.avatar.networks import PortraitDimensions

SHIPPED = Path(__file__).parent / "weights" / "udonge.safetensors"
_FORMAT = "portraits-1"
_DENSITY = "density."  # what prefixes the tensors of `Density` in the file


class PortraitModelError(Exception):
    """The weights cannot be used; the message says which file and why."""


@dataclass(frozen=True, slots=True, eq=False)
class PortraitCheckpoint:
    """A model with all that is needed to draw with it.

    Attributes:
        model: in evaluation mode.
        density: fitted to the encoded training pictures.
        card: what it learned from, how, and how well it does; plain strings.
        digest: SHA-256 of the file, empty before it is saved.
    """

    model: DefaultVae | SeedVae
    density: Density
    card: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    @property
    def name(self) -> str:
        """Name, version and short hash; a portrait can be drawn again by the same name only."""
        name, version = self.card.get("name", "portraits"), self.card.get("version", "0")
        return f"{name}-{version}-{self.digest[:8] or 'unsaved'}"


def save_model(checkpoint: PortraitCheckpoint, file: Path) -> PortraitCheckpoint:
    """Write weights, sizes, density and card into one file of half precision.

    Returns:
        the checkpoint as it will be read from the file.
    """
    density = checkpoint.density
    tensors = {name: _kept(tensor) for name, tensor in checkpoint.model.state_dict().items()}
    for name in ("shares", "means", "factors"):
        tensors[_DENSITY + name] = torch.from_numpy(getattr(density, name)).contiguous()
    metadata = {
        "format": _FORMAT,
        "dimensions": json.dumps(asdict(checkpoint.model.dimensions)),
        "spread": json.dumps(density.spread),
        "card": json.dumps(dict(checkpoint.card)),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    save_file(tensors, partial, metadata)
    partial.replace(file)
    return load_model(file)


def load_model(file: Path | None = None, device: str = "cpu") -> PortraitCheckpoint:
    """Read a model: the one door through which weights come in.

    Args:
        file: None takes the weights that are shipped.
        device: where to put the networks.

    Raises:
        ModelError: the file is missing, damaged, or not one of ours.
    """
    file = file or SHIPPED
    try:
        with safe_open(file, framework="pt", device="cpu") as stored:
            metadata = stored.metadata() or {}
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        return _assemble(metadata, tensors, _digest(file), device)
    except OSError as error:
        raise PortraitModelError(f"{file.name} cannot be read: {error}") from error
    except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise PortraitModelError(f"{file.name} does not hold portraits: {error}") from error


def _assemble(
    metadata: Mapping[str, str], tensors: dict[str, Tensor], digest: str, device: str
) -> PortraitCheckpoint:
    if metadata.get("format") != _FORMAT:
        raise ValueError(f"its format is {metadata.get('format')!r}, not {_FORMAT!r}")
    shares, means, factors = (
        tensors.pop(_DENSITY + name).numpy() for name in ("shares", "means", "factors")
    )
    density = Density(shares, means, factors, json.loads(metadata["spread"]))
    model = build(_dimensions(json.loads(metadata["dimensions"])))
    model.load_state_dict({name: _whole(tensor) for name, tensor in tensors.items()})
    # The layout that processors convolve fastest.
    model = model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    return PortraitCheckpoint(model, density, json.loads(metadata["card"]), digest)


def _dimensions(stored: dict[str, object]) -> PortraitDimensions:
    """Read sizes back: JSON has lists where we have tuples."""
    frozen = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    return PortraitDimensions(**frozen)  # type: ignore[arg-type]


def _kept(tensor: Tensor) -> Tensor:
    """Halve what is large; BatchNorm's statistics are small and must not overflow."""
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() and tensor.dim() > 1 else tensor


def _whole(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
