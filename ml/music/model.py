"""Music2Vector: a convolutional network whose inner features are a song's vector.

As the post words it: dropout on the input; every convolution's output pooled and joined into
the feature vector; the genre read from that vector joined with the last convolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml.music.hearing import GENRES


@dataclass(frozen=True, slots=True)
class MusicDimensions:
    """The sizes of a Music2Vector, stored with its weights.

    Attributes:
        recipe: `seed` or `default`: how windows become pictures.
        bands: height of a picture.
        columns: width of a picture.
        widths: channels of each convolution.
        strides: how far each convolution steps over (height, width).
        bands_pooled: into how many bands of frequency each convolution's output is pooled.
        embedding: size of the learned summary of a song; 0 takes the joined pools' mean as
            the vector, as the post does.
        input_dropout: share of the input that is hidden while training.
        together: windows from which the genre is read at once, as many as in training: the
            spread of four windows is not that of sixty. Groups of them are averaged.
        taught: sizes of what a teacher tells of a song (embedding, tags); empty without one.
    """

    recipe: str
    bands: int
    columns: int
    widths: tuple[int, ...]
    strides: tuple[tuple[int, int], ...]
    bands_pooled: int = 1
    embedding: int = 0
    input_dropout: float = 0.2
    together: int = 4
    taught: tuple[int, ...] = ()

    @property
    def joined(self) -> int:
        """Size of the joined pools of one window."""
        return sum(self.widths) * self.bands_pooled


class ModelOutput(NamedTuple):
    """What the network says of a batch of songs.

    Attributes:
        genres: (songs, 10) logits of whole songs.
        timeline: (songs, windows, 10) logits of single windows.
        vector: (songs, n) features of whole songs, neither whitened nor normalised.
        taught: what a teacher would have said, one tensor for each of `MusicDimensions.taught`.
    """

    genres: Tensor
    timeline: Tensor
    vector: Tensor
    taught: tuple[Tensor, ...]


class Music2Vector(nn.Module):
    """Genre and vector of songs, from pictures of their windows."""

    def __init__(self, dimensions: MusicDimensions) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.input_dropout = nn.Dropout(dimensions.input_dropout)
        channels = (1, *dimensions.widths)
        self.convolutions = nn.ModuleList(
            _convolution(channels[i], channels[i + 1], stride)
            for i, stride in enumerate(dimensions.strides)
        )
        self.head: nn.Module = (
            SongHead(dimensions) if dimensions.embedding else WindowHead(dimensions)
        )

    def features(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Look at single windows.

        Args:
            pictures: (windows, bands, columns).

        Returns:
            The joined pools (windows, `MusicDimensions.joined`) and the last convolution's output,
            its height pooled to `bands_pooled` (windows, channels x bands).
        """
        x = self.input_dropout(pictures.unsqueeze(1)).contiguous(memory_format=torch.channels_last)
        pools = []
        for convolution in self.convolutions:
            x = convolution(x)
            pools.append(_pool(x, self.dimensions.bands_pooled))
        return torch.cat(pools, dim=1), pools[-1] if self.dimensions.embedding else x.flatten(1)

    def forward(self, pictures: Tensor) -> ModelOutput:
        """Hear songs.

        Args:
            pictures: (songs, windows, bands, columns), float32.

        Raises:
            ValueError: if the pictures have other sides than the model's.
        """
        songs, windows = pictures.shape[:2]
        sides = (self.dimensions.bands, self.dimensions.columns)
        if pictures.ndim != 4 or pictures.shape[2:] != sides:
            raise ValueError(f"expected (songs, windows, *{sides}), got {tuple(pictures.shape)}")
        joined, last = self.features(pictures.flatten(0, 1))
        with torch.autocast(pictures.device.type, enabled=False):  # the spread needs every digit
            heard: ModelOutput = self.head(
                joined.unflatten(0, (songs, windows)), last.float().unflatten(0, (songs, windows))
            )
        return heard


class WindowHead(nn.Module):
    """The post's: windows are classified one by one, and the song's vector is their mean."""

    def __init__(self, dimensions: MusicDimensions) -> None:
        super().__init__()
        height, width = dimensions.bands, dimensions.columns
        for down, across in dimensions.strides:
            height, width = -(-height // down), -(-width // across)
        last = dimensions.widths[-1] * height * width
        self.classify = nn.Linear(dimensions.joined + last, len(GENRES))

    def forward(self, joined: Tensor, last: Tensor) -> ModelOutput:
        """Read songs from their windows' (songs, windows, n) joined pools and last convolution."""
        timeline = self.classify(torch.cat([joined, last], dim=2))
        genres = timeline.softmax(dim=2).mean(dim=1).clamp(min=1e-8).log()
        return ModelOutput(genres, timeline, joined.mean(dim=1), ())


class SongHead(nn.Module):
    """Ours: the mean and spread of the windows' features, summed up in one learned vector."""

    def __init__(self, dimensions: MusicDimensions) -> None:
        super().__init__()
        last = dimensions.widths[-1] * dimensions.bands_pooled
        self.even = nn.BatchNorm1d(2 * dimensions.joined)
        self.forget = nn.Dropout(0.3)
        self.sum_up = nn.Linear(2 * dimensions.joined, dimensions.embedding)
        self.classify = nn.Sequential(
            nn.ReLU(), nn.Dropout(0.3), nn.Linear(dimensions.embedding + 2 * last, len(GENRES))
        )
        self.classify_window = nn.Linear(dimensions.joined, len(GENRES))
        self.taught = nn.ModuleList(
            nn.Linear(dimensions.embedding, size) for size in dimensions.taught
        )
        self._last, self._joined, self._together = last, dimensions.joined, dimensions.together

    def forward(self, joined: Tensor, last: Tensor) -> ModelOutput:
        """Read songs from their windows' (songs, windows, n) joined pools and last convolution."""
        genres, vector = self._read(_summed_up(joined, 1)[:, 0])
        groups = max(1, joined.shape[1] // self._together)
        if groups > 1 and not self.training:
            parts = _summed_up(joined, groups).flatten(0, 1)
            genres = self._read(parts)[0].unflatten(0, (-1, groups)).mean(dim=1)
        timeline = self.classify_window(self._like_means(joined))
        return ModelOutput(genres, timeline, vector, tuple(head(vector) for head in self.taught))

    def _read(self, summed_up: Tensor) -> tuple[Tensor, Tensor]:
        """Read genre and vector; the last convolution's pools are the end of the joined ones."""
        summary = self.forget(self.even(summed_up))
        vector = self.sum_up(summary)
        means, spreads = summary.split(self._joined, dim=1)
        deep = torch.cat([means[:, -self._last :], spreads[:, -self._last :]], dim=1)
        return self.classify(torch.cat([vector, deep], dim=1)), vector

    def _like_means(self, joined: Tensor) -> Tensor:
        """Bring single windows to the scale at which the songs' means are normalised."""
        mean, variance = self.even.running_mean, self.even.running_var
        assert mean is not None
        assert variance is not None
        half = slice(0, self._joined)
        scale = (variance[half] + self.even.eps).rsqrt()
        likened: Tensor = self.forget((joined - mean[half]) * scale)
        return likened


def _convolution(channels: int, out: int, stride: tuple[int, int]) -> nn.Sequential:
    tall = 5 if stride[0] > 2 else 3  # no band is stepped over
    return nn.Sequential(
        nn.Conv2d(channels, out, (tall, 3), stride, padding=(tall // 2, 1), bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(),
    )


def _pool(x: Tensor, bands: int) -> Tensor:
    """(n, channels, height, width) to (n, channels x bands): the mean over time and in bands."""
    in_bands: Tensor = x.mean(dim=3, dtype=torch.float32).unflatten(2, (bands, -1)).mean(dim=3)
    return in_bands.flatten(1)


def _summed_up(joined: Tensor, groups: int) -> Tensor:
    """The mean and spread of windows in groups, each of which reaches over the whole song.

    Args:
        joined: (songs, windows, n).
        groups: how many; at most as many as there are windows.

    Returns:
        (songs, groups, 2n). The spread is the standard deviation, smooth at zero so that one
        window is allowed.
    """
    group_of = torch.arange(joined.shape[1], device=joined.device) % groups
    members = functional.one_hot(group_of, groups).to(joined.dtype).T
    shares = members / members.sum(dim=1, keepdim=True)  # (groups, windows): all at one stroke
    means = shares @ joined
    variances = shares @ (joined - means[:, group_of]).square()
    return torch.cat([means, (variances + 1e-4).sqrt()], dim=2)
