"""musicnn's taggers, computed in torch: what 200,000 songs and their tags taught.

Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging"
(2019), ISC licence; see NOTICE. The layers and their order are theirs. The original compresses in
float16, which overflows on loud clips; here everything is float32. Most of the published filters
have no weights left: `training.music.convert_tagger` leaves them out and passes on what they add,
so that the answers are the same and the cost is a third to a tenth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.functional import melscale_fbanks

from ml.audio.excerpts import Samples

MEL_BANDS = 96  # Slaney's scale, 0 to 8 kHz
PATCH_FRAMES = 187  # of 16 ms: the three seconds that musicnn was trained on
EMBEDDING = 200
TAGS = 50

TIMBRAL_KERNELS = ((7, 38), (7, 67))  # frames, bands
TEMPORAL_FRAMES = (128, 64, 32)
MIDDLE = 64  # filters of each convolution of the middle
_MIDDLE_FRAMES = 7
_EPSILON = 1e-3  # TensorFlow's default in batch normalisation


@dataclass(frozen=True, slots=True)
class TaggerSizes:
    """How many filters each convolution of the front has; the defaults are the published ones.

    Attributes:
        timbral: one number for each of `TIMBRAL_KERNELS`.
        temporal: one number for each of `TEMPORAL_FRAMES`.
    """

    timbral: tuple[int, ...] = (204, 204)
    temporal: tuple[int, ...] = (51, 51, 51)

    @property
    def front(self) -> int:
        """Filters of the front, all together."""
        return sum(self.timbral) + sum(self.temporal)

    @property
    def pooled(self) -> int:
        """Numbers that are read from all layers together."""
        return 2 * (self.front + 3 * MIDDLE)


@dataclass(frozen=True, slots=True, eq=False)
class Tagging:
    """What a tagger found in a batch of patches.

    Attributes:
        embedding: (batch, 200), the normalised last layer before the tags.
        tags: (batch, 50) logits, in the order of `ml.music.taxonomy`'s `MSD_TAGS` or
            `MTT_TAGS`.
        pooled: (batch, `TaggerSizes.pooled`), every layer's largest and mean over time.
    """

    embedding: Tensor
    tags: Tensor
    pooled: Tensor


class Tagger(nn.Module):
    """Musicnn: timbral and temporal convolutions, three residual ones, pooled over time."""

    def __init__(self, sizes: TaggerSizes | None = None) -> None:
        super().__init__()
        self.sizes = sizes or TaggerSizes()
        front, pooled = self.sizes.front, self.sizes.pooled
        self.input_norm = _norm(1)
        self.timbral = nn.ModuleList(
            _Block(filters, (frames, bands), (frames // 2, frames // 2))
            for (frames, bands), filters in zip(TIMBRAL_KERNELS, self.sizes.timbral, strict=True)
        )
        self.temporal = nn.ModuleList(
            # TensorFlow's "same" puts the odd frame behind.
            _Block(filters, (frames, 1), ((frames - 1) // 2, frames // 2))
            for frames, filters in zip(TEMPORAL_FRAMES, self.sizes.temporal, strict=True)
        )
        self.middle = nn.ModuleList(
            _MiddleBlock(
                MIDDLE, (_MIDDLE_FRAMES, height), (_MIDDLE_FRAMES // 2, _MIDDLE_FRAMES // 2)
            )
            for height in (front + 1, MIDDLE, MIDDLE)  # one more: what left-out filters add
        )
        self.pool_norm, self.dense_norm = _norm(pooled), _norm(EMBEDDING)
        self.dense, self.tags = nn.Linear(pooled, EMBEDDING), nn.Linear(EMBEDDING, TAGS)

    def forward(self, patches: Tensor) -> Tagging:
        """Tag patches of music.

        Args:
            patches: (batch, frames, 96) compressed mel power, as from `ml.music.tagger`.

        Raises:
            ValueError: if the patches have another number of bands.
        """
        if patches.ndim != 3 or patches.shape[2] != MEL_BANDS:
            raise ValueError(f"expected (batch, frames, {MEL_BANDS}), got {tuple(patches.shape)}")
        picture = _normalised(self.input_norm, patches.unsqueeze(1))
        layers = [torch.cat([block(picture) for block in (*self.timbral, *self.temporal)], dim=1)]
        first, second, third = self.middle
        layers.append(first(functional.pad(layers[0], (0, 0, 0, 1), value=1.0)))
        layers.append(second(layers[1]) + layers[1])
        layers.append(third(layers[2]) + layers[2])
        features = torch.cat(layers, dim=1)  # (batch, filters + 3 * 64, frames)
        pooled = torch.stack([features.amax(dim=2), features.mean(dim=2)], dim=2).flatten(1)
        dense = functional.relu(self.dense(self.pool_norm(pooled)))
        embedding = self.dense_norm(dense)
        return Tagging(embedding, self.tags(embedding), pooled)


class _Block(nn.Module):
    """A convolution, rectified, normalised and then at its largest over the bands, as in musicnn.

    The largest is taken first, which gives the same and spares two passes over large maps. Where a
    filter's normalisation turns large into small, the least counts: it is the largest of the
    negated filter.
    """

    def __init__(self, filters: int, kernel: tuple[int, int], pads: tuple[int, int]) -> None:
        super().__init__()
        self.pads = pads
        self.conv = nn.Conv2d(1, filters, kernel)
        self.norm = _norm(filters)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, frames, bands) to (batch, filters, frames)."""
        sign = torch.where(self.norm.weight < 0, -1.0, 1.0)
        assert self.conv.bias is not None
        weight, bias = self.conv.weight * sign.view(-1, 1, 1, 1), self.conv.bias * sign
        padded = functional.pad(x, (0, 0, *self.pads))
        # Where every band has an output of its own, maps of one patch fit the cache, of all not.
        at_once = len(x) if weight.shape[3] > 1 else 1
        largest = [functional.conv2d(p, weight, bias).amax(dim=3) for p in padded.split(at_once)]
        found: Tensor = self.norm(functional.relu(torch.cat(largest) * sign.view(-1, 1)))
        return found


class _MiddleBlock(_Block):
    """The same where the filters span all that is below them: nothing is left to choose from."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, height, frames) to (batch, filters, frames)."""
        along_time = self.conv.weight[:, 0].transpose(1, 2)
        maps = functional.conv1d(functional.pad(x, self.pads), along_time, self.conv.bias)
        found: Tensor = self.norm(functional.relu(maps))
        return found


def _norm(channels: int) -> nn.BatchNorm1d:
    return nn.BatchNorm1d(channels, eps=_EPSILON)


def _normalised(norm: nn.BatchNorm1d, x: Tensor) -> Tensor:
    normalised: Tensor = norm(x.flatten(2))
    return normalised.view_as(x)


RATE = 16_000  # Hz
FFT_SAMPLES = 512  # 32 ms
HOP_SAMPLES = 256  # 16 ms a frame
PATCH_SAMPLES = 186 * HOP_SAMPLES  # of 187 frames, the first and the last half silent
_GAIN = 10_000.0
LEVEL_DB = -12.0  # of full scale, what a song is brought to: about as loud as records are mastered
MOST_DB = 40.0  # that a song is made louder


def levelled(waves: Samples) -> Samples:
    """Bring a song to the level that songs have: musicnn hears how loud a song is.

    Args:
        waves: (samples,) or (windows, samples) of one song.

    Returns:
        The same shape, float32; windows keep their levels beside each other. Peaks may pass 1.
    """
    power = float(np.square(waves, dtype=np.float64).mean()) if waves.size else 0.0
    gain_db = LEVEL_DB - 10 * np.log10(max(power, 1e-12))
    return waves * np.float32(10 ** (min(gain_db, MOST_DB) / 20))


def tagger_input(wave: Tensor) -> Tensor:
    """Turn mono audio into the picture that the taggers read.

    Args:
        wave: (batch, samples) float32 in [-1, 1] at 16 kHz.

    Returns:
        (batch, samples // 256 + 1, 96) float32 from 0: log10(1 + 10,000 times mel power).

    Raises:
        ValueError: if `wave` is not a batch of at least one sample each.
    """
    if wave.ndim != 2 or wave.shape[1] == 0:
        raise ValueError(f"expected (batch, samples), got {tuple(wave.shape)}")
    spectrum = torch.stft(
        wave,
        FFT_SAMPLES,
        HOP_SAMPLES,
        window=_window(),
        pad_mode="constant",
        return_complex=True,
    )
    squares = torch.view_as_real(spectrum.transpose(1, 2)).square()
    power = squares[..., 0] + squares[..., 1]
    return (power @ _filters()).mul_(_GAIN).add_(1).log10_()


@lru_cache(maxsize=1)
def _window() -> Tensor:
    return torch.hann_window(FFT_SAMPLES)


@lru_cache(maxsize=1)
def _filters() -> Tensor:
    filters: Tensor = melscale_fbanks(
        FFT_SAMPLES // 2 + 1, 0.0, RATE / 2, MEL_BANDS, RATE, norm="slaney", mel_scale="slaney"
    )
    return filters
