"""A VAE of either recipe, whole: pictures to latents and back."""

from __future__ import annotations

from torch import Tensor, nn

from ml.avatar.conditioned import ConditionedDecoder, FourfoldUpscaler, Sizes
from ml.avatar.features import features
from ml.avatar.image_tensors import resized
from ml.avatar.networks import (
    Decoder,
    Encoder,
    PortraitDimensions,
    SeedDecoder,
    SeedEncoder,
    Upscaler,
)


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

    def finish(self, pictures: Tensor) -> Tensor:
        """Bring (n, 3, core, core) to (n, 3, side, side)."""
        picture: Tensor = self.upscaler(pictures)
        return picture


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

    def finish(self, pictures: Tensor) -> Tensor:
        """Leave the picture as it is."""
        return pictures


def build(dimensions: PortraitDimensions) -> DefaultVae | SeedVae:
    """Build the untrained VAE of these dimensions."""
    return SeedVae(dimensions) if dimensions.recipe == "seed" else DefaultVae(dimensions)
