"""A VAE of either recipe, whole: pictures to latents and back, and the file of its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ml import checkpoints
from ml.avatar.conditioned import ConditionedDecoder, FourfoldUpscaler, Sizes, StyleMarks
from ml.avatar.features import features, resized
from ml.avatar.latents import (
    FORMAT,
    SHIPPED,
    Density,
    PortraitModelError,
    TraitBank,
    name_of,
)
from ml.avatar.networks import (
    Decoder,
    Encoder,
    PortraitDimensions,
    SeedDecoder,
    SeedEncoder,
    Upscaler,
)
from ml.avatar.traits import TRAITS


class DefaultVae(nn.Module):
    """The VAE of the default recipe."""

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.encoder = Encoder(dimensions)
        conditioned = dimensions.recipe == "conditioned"
        self.decoder: ConditionedDecoder | Decoder = (
            ConditionedDecoder(dimensions) if conditioned else Decoder(dimensions)
        )
        self.upscaler: nn.Module = nn.Identity()
        if dimensions.doublings:
            sizes = Sizes(*dimensions.upscaler) if conditioned else None
            self.upscaler = FourfoldUpscaler(sizes) if sizes else Upscaler(dimensions)

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Encode (n, 3, h, w) in [-1, 1] into mean and log variance, each (n, latent)."""
        sized = resized(pictures, self.dimensions.core)
        mean, log_variance = self.encoder(sized, features(str(sized.device))(sized))
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """Decode (n, latent) into (n, 3, core, core) in [-1, 1]."""
        picture: Tensor = self.decoder(latents)
        return picture

    def enlarge(self, pictures: Tensor) -> Tensor:
        """Bring (n, 3, core, core), of which nothing is known, to (n, 3, side, side)."""
        picture: Tensor = self.upscaler(pictures)
        return picture

    def portraits(self, latents: Tensor) -> Tensor:
        """Draw (n, latent) as (n, 3, side, side) in [-1, 1]."""
        return self.finish(self.decode(latents), latents)

    def finish(self, pictures: Tensor, latents: Tensor) -> Tensor:
        """Bring what was decoded from latents, (n, 3, core, core), to (n, 3, side, side)."""
        if not isinstance(self.upscaler, FourfoldUpscaler):
            return self.enlarge(pictures)
        assert isinstance(self.decoder, ConditionedDecoder)
        marks = StyleMarks.of(self.decoder.layout, latents[:, :TRAITS], self.dimensions.side)
        finished: Tensor = self.upscaler(pictures, marks)
        return finished


class SeedVae(nn.Module):
    """The VAE of the blog: no frozen features, nothing enlarged."""

    def __init__(self, dimensions: PortraitDimensions) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.encoder, self.decoder = SeedEncoder(dimensions), SeedDecoder(dimensions)

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Encode (n, 3, h, w) in [-1, 1] into mean and log variance, each (n, latent)."""
        mean, log_variance = self.encoder(resized(pictures, self.dimensions.core))
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """Decode (n, latent) into (n, 3, core, core) in [-1, 1]."""
        picture: Tensor = self.decoder(latents)
        return picture

    def enlarge(self, pictures: Tensor) -> Tensor:
        """Leave the picture as it is."""
        return pictures

    def finish(self, pictures: Tensor, latents: Tensor) -> Tensor:
        """Leave them as they are, whatever they were decoded from."""
        return pictures

    portraits = decode  # they are as large as they get


def build(dimensions: PortraitDimensions) -> DefaultVae | SeedVae:
    """Build the untrained VAE of these dimensions."""
    return SeedVae(dimensions) if dimensions.recipe == "seed" else DefaultVae(dimensions)


_BANK = "bank"  # the array of `TraitBank`
_CROPS = "crops"  # the array of another, of a lesson's crops, that portraits are drawn from
_DENSITY = "density."  # what prefixes the arrays of `Density` in the file


@dataclass(frozen=True, slots=True, eq=False)
class PortraitCheckpoint:
    """A model with all that is needed to draw with it.

    Attributes:
        model: in evaluation mode.
        density: fitted to the encoded training pictures.
        card: what it learned from, how, and how well it does; plain strings.
        digest: SHA-256 of the file, empty before it is saved.
        choices: what can be chosen about its portraits; None: nothing.
    """

    model: DefaultVae | SeedVae
    density: Density | TraitBank
    card: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    choices: TraitBank | None = None

    @property
    def name(self) -> str:
        """Name, version and short hash; a portrait can be drawn again by the same name only."""
        return name_of(self.card, self.digest)


def save_model(checkpoint: PortraitCheckpoint, file: Path) -> PortraitCheckpoint:
    """Write weights, sizes, density and card into one file of half precision.

    Returns:
        the checkpoint as it will be read from the file.
    """
    density, bank = checkpoint.density, checkpoint.choices
    arrays = {name: _halved(tensor) for name, tensor in checkpoint.model.state_dict().items()}
    metadata = {
        "dimensions": json.dumps(asdict(checkpoint.model.dimensions)),
        "card": json.dumps(dict(checkpoint.card)),
    }
    if isinstance(density, Density):
        for name in ("shares", "means", "factors"):
            arrays[_DENSITY + name] = getattr(density, name)
        metadata["spread"] = json.dumps(density.spread)
    elif bank is None or bank is density:
        bank = density
    else:
        arrays[_CROPS] = density.rows.astype(np.float32)
    if bank is not None:
        arrays[_BANK] = bank.rows.astype(np.float16)
        metadata["options"] = json.dumps(dict(bank.options))
    checkpoints.save(file, FORMAT, arrays, metadata)
    return load_model(file)


def load_model(file: Path | None = None, device: str = "cpu") -> PortraitCheckpoint:
    """Read a portrait model.

    Args:
        file: None takes the weights that are shipped.
        device: where to put the networks.

    Raises:
        PortraitModelError: the file is missing, damaged, or not one of ours.
    """
    build_model = partial(_checkpoint_from, device=device)
    return checkpoints.load(file or SHIPPED, FORMAT, build_model, PortraitModelError)


def _checkpoint_from(stored: checkpoints.StoredModel, device: str) -> PortraitCheckpoint:
    arrays = stored.arrays
    density, bank = _density_from(stored)
    model = build(PortraitDimensions(**checkpoints.as_tuples(stored.fact("dimensions"))))
    model.load_state_dict({name: _whole(array) for name, array in arrays.items()})
    # The layout that processors convolve fastest.
    model = model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    return PortraitCheckpoint(model, density, stored.fact("card"), stored.digest, bank)


def _density_from(
    stored: checkpoints.StoredModel,
) -> tuple[Density | TraitBank, TraitBank | None]:
    """Take what portraits are drawn from, and what can be chosen, out of a file's arrays."""
    arrays, bank = stored.arrays, None
    if _BANK in arrays:
        options = {group: tuple(names) for group, names in stored.fact("options").items()}
        bank = TraitBank(arrays.pop(_BANK).astype(np.float32), options)
    if bank is not None and _CROPS in arrays:
        return TraitBank(arrays.pop(_CROPS), bank.options), bank
    if bank is not None and _DENSITY + "means" not in arrays:
        return bank, bank
    shares, means, factors = (
        arrays.pop(_DENSITY + name) for name in ("shares", "means", "factors")
    )
    return Density(shares, means, factors, stored.fact("spread")), bank


def _halved(tensor: torch.Tensor) -> checkpoints.Array:
    """Halve what is large; BatchNorm's statistics are small and must not overflow."""
    tensor = tensor.detach().cpu()
    large = tensor.is_floating_point() and tensor.dim() > 1
    array: checkpoints.Array = (tensor.half() if large else tensor).numpy()
    return array


def _whole(array: checkpoints.Array) -> torch.Tensor:
    floats = np.issubdtype(array.dtype, np.floating)
    return torch.from_numpy(array.astype(np.float32) if floats else array)
