"""Music2Vector's network on coarse pictures of whole passages.

As the post words it: dropout on the input; every convolution's output pooled and joined into the
feature vector; the label read from that vector joined with the last convolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

MIDDLE_DB = -40.0  # pictures lie between -80 and 0 dB
SCALE_DB = 20.0


@dataclass(frozen=True, slots=True)
class PictureSizes:
    """The sizes of a `PictureNetwork`, stored with its weights.

    Attributes:
        bands: height of a picture.
        widths: channels of each convolution.
        strides: how far each steps over (bands, columns).
        bands_pooled: into how many bands each convolution's output is pooled.
        embedding: size of the vector.
        heads: number of outputs by name.
        input_dropout: share of the input that is hidden while training.
    """

    bands: int
    widths: tuple[int, ...]
    strides: tuple[tuple[int, int], ...]
    bands_pooled: int
    embedding: int
    heads: dict[str, int]
    input_dropout: float = 0.1

    @property
    def joined(self) -> int:
        """Size of all convolutions' pools joined: means in bands, and the spread over time."""
        return sum(self.widths) * (self.bands_pooled + 1)

    @property
    def last(self) -> int:
        """Size of the last convolution's pools."""
        return self.widths[-1] * (self.bands_pooled + 1)


class PictureNetwork(nn.Module):
    """Genres, labels and a vector from mel pictures."""

    def __init__(self, sizes: PictureSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.input_dropout = nn.Dropout(sizes.input_dropout)
        channels = (1, *sizes.widths)
        self.convolutions = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels[at], channels[at + 1], 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(channels[at + 1]),
                nn.ReLU(),
            )
            for at, stride in enumerate(sizes.strides)
        )
        self.even = nn.BatchNorm1d(sizes.joined)
        self.forget = nn.Dropout(0.4)
        self.vector = nn.Linear(sizes.joined, sizes.embedding)
        read = sizes.embedding + sizes.last
        self.heads = nn.ModuleDict(
            {name: nn.Sequential(nn.Dropout(0.3), nn.Linear(read, outputs))
             for name, outputs in sizes.heads.items()}
        )  # fmt: skip

    def features(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Pool and join what every convolution sees.

        Args:
            pictures: (batch, bands, columns) float32 in dB, from -80 to 0.

        Returns:
            The vector (batch, embedding), and that joined with the last convolution's pools.

        Raises:
            ValueError: if the pictures have another number of bands.
        """
        if pictures.ndim != 3 or pictures.shape[1] != self.sizes.bands:
            raise ValueError(f"expected (batch, {self.sizes.bands}, n), got {pictures.shape}")
        x = self.input_dropout((pictures - MIDDLE_DB) / SCALE_DB).unsqueeze(1)
        x = x.contiguous(memory_format=torch.channels_last)
        pools = []
        for convolution in self.convolutions:
            x = convolution(x)
            pools.append(_pooled(x, self.sizes.bands_pooled))
        joined = self.forget(self.even(torch.cat(pools, dim=1)))
        vector = functional.relu(self.vector(joined))
        return vector, torch.cat([vector, joined[:, -self.sizes.last :]], dim=1)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Read pictures: the outputs of each head, by name, (batch, outputs) each."""
        _, read = self.features(pictures)
        return {name: head(read) for name, head in self.heads.items()}

    def answers(self, pictures: Tensor) -> dict[str, Tensor]:
        """Average what is answered to several pictures of one song, its vector among it.

        Args:
            pictures: (pictures, bands, columns) as in `features`.

        Returns:
            (outputs,) for each head by its name, and `vector` (embedding,).
        """
        vector, read = self.features(pictures)
        outputs = {name: head(read) for name, head in self.heads.items()} | {"vector": vector}
        return {name: output.mean(dim=0) for name, output in outputs.items()}


def _pooled(x: Tensor, bands: int) -> Tensor:
    """(batch, channels, height, width) to (batch, channels * (bands + 1))."""
    over_time = x.mean(dim=3)
    means = functional.adaptive_avg_pool1d(over_time, bands)
    spread = (x - over_time.unsqueeze(3)).square().mean(dim=(2, 3)).add(1e-4).sqrt()
    return torch.cat([means.flatten(1), spread], dim=1)
