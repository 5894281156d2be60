"""Music2Vector's network on coarse pictures: convolutions of several lengths, pooled and joined.

As the post words it: dropout on the input; every convolution's output pooled and joined into the
feature vector; the label read from that vector joined with the last convolution. A column of a
coarse picture is a spectrum picked every 234 ms, so each convolution spans all bands and a few
columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.functional import melscale_fbanks

from ml.audio.excerpts import SAMPLE_RATE

MIDDLE_DB = -40.0  # pictures lie between -80 and 0 dB
SCALE_DB = 20.0
STACKED_SHARE = 0.4  # of what both networks answer together


@dataclass(frozen=True, slots=True)
class PictureSizes:
    """The sizes of a `PictureNetwork`, stored with its weights.

    Attributes:
        bands: height of a picture.
        filters: of each convolution.
        columns: how many columns each convolution spans, rising.
        embedding: size of the vector.
        heads: number of outputs by name.
        input_dropout: share of the bands that is hidden while training.
    """

    bands: int
    filters: int
    columns: tuple[int, ...]
    embedding: int
    heads: dict[str, int]
    input_dropout: float = 0.1

    @property
    def joined(self) -> int:
        """Size of all pools joined: the mean, the spread and the largest over time."""
        return 3 * self.filters * len(self.columns)

    @property
    def last(self) -> int:
        """Size of the last convolution's pools."""
        return 3 * self.filters


class PictureNetwork(nn.Module):
    """Genres, labels and a vector from mel pictures."""

    def __init__(self, sizes: PictureSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.input_dropout = nn.Dropout1d(sizes.input_dropout)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(sizes.bands, sizes.filters, columns) for columns in sizes.columns
        )
        self.even = nn.BatchNorm1d(sizes.joined)
        self.forget = nn.Dropout(0.4)
        self.vector = nn.Linear(sizes.joined, sizes.embedding)
        read = sizes.embedding + sizes.last
        self.heads = nn.ModuleDict(
            {
                name: nn.Sequential(nn.Dropout(0.4), nn.Linear(read, outputs))
                for name, outputs in sizes.heads.items()
            }
        )

    def pools(self, pictures: Tensor) -> Tensor:
        """Pool and join what every convolution sees.

        Args:
            pictures: (batch, bands, columns) float32 in dB, from -80 to 0.

        Returns:
            (batch, `PictureSizes.joined`).

        Raises:
            ValueError: if the pictures have another number of bands.
        """
        if pictures.ndim != 3 or pictures.shape[1] != self.sizes.bands:
            raise ValueError(f"expected (batch, {self.sizes.bands}, n), got {pictures.shape}")
        x = self.input_dropout((pictures - MIDDLE_DB) / SCALE_DB)
        x = functional.pad(x, (0, max(0, self.sizes.columns[-1] - x.shape[2])), mode="replicate")
        return torch.cat([_pooled(convolution(x)) for convolution in self.convolutions], dim=1)

    def read(self, pools: Tensor) -> dict[str, Tensor]:
        """Read pools: the outputs of each head by name, and the `vector`, (batch, n) each."""
        joined = self.forget(self.even(pools))
        vector = functional.relu(self.vector(joined))
        read = torch.cat([vector, joined[:, -self.sizes.last :]], dim=1)
        return {name: head(read) for name, head in self.heads.items()} | {"vector": vector}

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Read pictures, as `read` does their pools."""
        return self.read(self.pools(pictures))

    def answers(self, pictures: Tensor) -> dict[str, Tensor]:
        """Average what is answered to several pictures of one song: (n,) by name."""
        return {name: output.mean(dim=0) for name, output in self(pictures).items()}


def _pooled(x: Tensor) -> Tensor:
    """(batch, filters, columns) to (batch, 3 * filters)."""
    active = functional.relu(x)
    spread = active.var(dim=2, unbiased=False).add(1e-4).sqrt()
    return torch.cat([active.mean(dim=2), spread, active.amax(dim=2)], dim=1)


@dataclass(frozen=True, slots=True)
class StackedSizes:
    """The sizes of a `StackedNetwork`, stored with its weights.

    Attributes:
        bands: height of a picture.
        filters: of each convolution, the first first.
        embedding: size of the vector.
        heads: number of outputs by name.
        every: of a picture's columns one in so many is looked at, each in its turn.
        input_dropout: share of the bands that is hidden while training.
    """

    bands: int
    filters: tuple[int, ...]
    embedding: int
    heads: dict[str, int]
    every: int = 3
    input_dropout: float = 0.05

    @property
    def rows(self) -> int:
        """Height of what the last convolution sees."""
        return self.bands >> (len(self.filters) - 1)

    @property
    def joined(self) -> int:
        """Size of all pools joined."""
        return 2 * sum(self.filters) + self.rows * self.filters[-1]


class StackedNetwork(nn.Module):
    """Genres, labels and a vector by convolutions that read one another, all pooled and joined."""

    def __init__(self, sizes: StackedSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.input_dropout = nn.Dropout1d(sizes.input_dropout)
        first, *rest = sizes.filters
        # Neighbouring bands tell nearly the same: the first convolution looks at every second.
        layers = [nn.Conv2d(1, first, (5, 3), (2, 1), (2, 1), bias=False)]
        layers += [
            nn.Conv2d(read, filters, 3, padding=1, bias=False)
            for read, filters in zip(sizes.filters, rest, strict=False)
        ]
        self.convolutions = nn.ModuleList(
            nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels)) for layer in layers
        )
        self.even = nn.BatchNorm1d(sizes.joined)
        self.forget = nn.Dropout(0.4)
        self.vector = nn.Linear(sizes.joined, sizes.embedding)
        read = sizes.embedding + sizes.filters[-1]
        self.heads = nn.ModuleDict(
            {
                name: nn.Sequential(nn.Dropout(0.3), nn.Linear(read, outputs))
                for name, outputs in sizes.heads.items()
            }
        )

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Read pictures whose columns are thinned already.

        Args:
            pictures: (batch, bands, columns) float32 in dB, from -80 to 0.

        Returns:
            The outputs of each head by name, and the `vector`, (batch, n) each.

        Raises:
            ValueError: if the pictures have another number of bands.
        """
        if pictures.ndim != 3 or pictures.shape[1] != self.sizes.bands:
            raise ValueError(f"expected (batch, {self.sizes.bands}, n), got {pictures.shape}")
        x = self.input_dropout((pictures - MIDDLE_DB) / SCALE_DB).unsqueeze(1)
        least = 1 << (len(self.convolutions) - 1)
        x = functional.pad(x, (0, max(0, least - x.shape[3]), 0, 0), mode="replicate")
        pools = []
        for number, convolution in enumerate(self.convolutions):
            if number:
                x = functional.max_pool2d(x, (1, 2) if number == 1 else 2)
            x = functional.relu(convolution(x))
            pools += [x.mean(dim=(2, 3)), x.amax(dim=(2, 3))]
        joined = self.forget(self.even(torch.cat([*pools, x.mean(dim=3).flatten(1)], dim=1)))
        vector = functional.relu(self.vector(joined))
        read = torch.cat([vector, pools[-2]], dim=1)
        return {name: head(read) for name, head in self.heads.items()} | {"vector": vector}

    def answers(self, pictures: Tensor) -> dict[str, Tensor]:
        """Average what is answered to several pictures of one song: (n,) by name."""
        every = min(self.sizes.every, pictures.shape[2])
        width = pictures.shape[2] // every
        views = torch.cat([pictures[:, :, phase::every][:, :, :width] for phase in range(every)])
        return {name: output.mean(dim=0) for name, output in self(views).items()}


def answers_together(
    coarse: PictureNetwork, stacked: StackedNetwork, pictures: Tensor
) -> dict[str, Tensor]:
    """Weigh what both networks answer to several pictures of one song, and join their vectors.

    Args:
        coarse: hears all pictures.
        stacked: hears every second one; its convolutions cost more.
        pictures: (phases, bands, columns) float32 in dB, from -80 to 0.

    Returns:
        (n,) by name.
    """
    return joined_answers(coarse.answers(pictures), stacked.answers(pictures[::2]))


def joined_answers(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weigh answers of both networks by head, (…, n) each; their vectors stand side by side."""
    heads = {
        name: (1 - STACKED_SHARE) * one[name] + STACKED_SHARE * other[name]
        for name in one
        if name != "vector"
    }
    return heads | {"vector": torch.cat([one["vector"], other["vector"]], dim=-1)}


BANDS = 106  # of 128 on Slaney's scale to 22,050 Hz: those below 11 kHz
FFT_SAMPLES = 1_024  # 46 ms
COLUMN_SAMPLES = 5_168  # 234 ms
PHASES = 4
RANGE_DB = 80.0
_MOST_COLUMNS = 128  # 30 s, as long as FMA's clips


def passage_pictures(passage: npt.NDArray[np.float32]) -> Tensor:
    """Turn a passage into coarse pictures.

    Args:
        passage: (samples,) float32 in [-1, 1], mono at 22 050 Hz; of longer ones the first 30 s.

    Returns:
        (4, 106, columns) float32 in dB below the loudest point, from -80 to 0; one column every
        234 ms, each picture begins a quarter of a column later.

    Raises:
        ValueError: if `passage` is not one-dimensional.
    """
    if passage.ndim != 1:
        raise ValueError(f"expected (samples,), got {passage.shape}")
    wave = torch.from_numpy(np.ascontiguousarray(passage, np.float32))
    step = COLUMN_SAMPLES // PHASES
    count = min(_MOST_COLUMNS, max(1, (len(wave) - FFT_SAMPLES) // COLUMN_SAMPLES))
    needed = (count * PHASES - 1) * step + FFT_SAMPLES
    wave = functional.pad(wave, (0, max(0, needed - len(wave))))[:needed]
    frames = wave.unfold(0, FFT_SAMPLES, step) * _window()
    spectrum = torch.view_as_real(torch.fft.rfft(frames)).square()
    mel = (spectrum[..., 0] + spectrum[..., 1]) @ _filters()
    decibels: Tensor = 10 * mel.clamp(min=1e-10).log10()
    decibels = (decibels - decibels.amax()).clamp(min=-RANGE_DB)
    pictures: Tensor = decibels.unflatten(0, (count, PHASES)).permute(1, 2, 0).contiguous()
    return pictures


@lru_cache(maxsize=1)
def _window() -> Tensor:
    return torch.hann_window(FFT_SAMPLES)


@lru_cache(maxsize=1)
def _filters() -> Tensor:
    """(513, 106): the lower bands of 128 that reach to 22,050 Hz."""
    wide: Tensor = melscale_fbanks(
        FFT_SAMPLES + 1,
        0.0,
        2 * SAMPLE_RATE / 2,
        128,
        2 * SAMPLE_RATE,
        norm="slaney",
        mel_scale="slaney",
    )
    return wide[: FFT_SAMPLES // 2 + 1, :BANDS].contiguous()
