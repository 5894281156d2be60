"""The teacher: musicnn's tagger, computed in float32, at training time only.

Pons and Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging"
(2019, ISC licence). Its package holds a TensorFlow checkpoint of a model that learned fifty tags
from two hundred thousand songs; here its arithmetic is repeated in torch. The original compresses
in float16, which overflows on loud clips; this does not.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.transforms import MelSpectrogram

from ml.music.tensor_bundle import Array, read_bundle

TEACHER_RATE = 16_000  # Hz
PATCH_FRAMES = 187  # 3 s of 16 ms: what the teacher was trained on
PATCH_SAMPLES = (PATCH_FRAMES - 1) * 256
EMBEDDING = 200
TAGS = 50


class Teacher(nn.Module):
    """Musicnn's "MSD" model: what it knows of three seconds of music."""

    def __init__(self, folder: Path) -> None:
        """Read the checkpoint from `folder` (musicnn's `MSD_musicnn`).

        Raises:
            OSError: the checkpoint is not there.
            KeyError: it is another model's checkpoint.
        """
        super().__init__()
        tensors = read_bundle(folder)
        self.input_norm = _norm(tensors, 0)
        self.timbral = nn.ModuleList(_Block(tensors, i, (3, 3)) for i in (0, 1))
        self.temporal = nn.ModuleList(_Block(tensors, i, (-1, -1)) for i in (2, 3, 4))
        self.middle = nn.ModuleList(_Block(tensors, i, (3, 3), turned=True) for i in (5, 6, 7))
        self.pool_norm, self.dense_norm = _norm(tensors, 9), _norm(tensors, 10)
        self.dense, self.tags = _dense(tensors, "dense"), _dense(tensors, "dense_1")
        self.eval().requires_grad_(False)

    @torch.inference_mode()
    def forward(self, wave: Tensor) -> tuple[Tensor, Tensor]:
        """Hear patches of music.

        Args:
            wave: (batch, 47616) float32 in [-1, 1], mono at 16 kHz.

        Returns:
            The embedding (batch, 200) and the logits of the tags (batch, 50).
        """
        mel = _mel(wave).transpose(1, 2)
        picture = _normalised(self.input_norm, torch.log10(10_000 * mel + 1).unsqueeze(1))
        front = [block(picture).amax(dim=3) for block in (*self.timbral, *self.temporal)]
        layers = [torch.cat(front, dim=1)]  # (batch, 561, frames)
        first, second, third = self.middle
        layers.append(first(layers[0].unsqueeze(1)).squeeze(3))
        layers.append(second(layers[1].unsqueeze(1)).squeeze(3) + layers[1])
        layers.append(third(layers[2].unsqueeze(1)).squeeze(3) + layers[2])
        features = torch.cat(layers, dim=1)  # (batch, 753, frames)
        pooled = torch.stack([features.amax(dim=2), features.mean(dim=2)], dim=2).flatten(1)
        dense = functional.relu(self.dense(self.pool_norm(pooled)))
        embedding = self.dense_norm(dense)
        return embedding, self.tags(embedding)


class _Block(nn.Module):
    """A convolution in time, rectified and then normalised, in musicnn's order."""

    def __init__(
        self, tensors: dict[str, Array], index: int, pads: tuple[int, int], turned: bool = False
    ) -> None:
        super().__init__()
        name = f"conv2d_{index}" if index else "conv2d"
        kernel = torch.from_numpy(tensors[f"{name}/kernel"]).permute(3, 2, 0, 1).contiguous()
        total = kernel.shape[2] - 1  # TensorFlow's "same": the odd one goes to the end
        self.pads = (total // 2, total - total // 2) if pads[0] < 0 else pads
        self.conv = nn.Conv2d(1, kernel.shape[0], (kernel.shape[2], kernel.shape[3]))
        self.conv.weight.data = kernel
        self.conv.bias = nn.Parameter(torch.from_numpy(tensors[f"{name}/bias"]))
        self.norm = _norm(tensors, index + 1)
        self.turned = turned

    def forward(self, x: Tensor) -> Tensor:
        if self.turned:
            x = x.transpose(2, 3)  # (batch, 1, frames, channels)
        padded = functional.pad(x, (0, 0, *self.pads))
        return _normalised(self.norm, functional.relu(self.conv(padded)))


def _normalised(norm: nn.BatchNorm1d, x: Tensor) -> Tensor:
    normalised: Tensor = norm(x.flatten(2))
    return normalised.view_as(x)


def _norm(tensors: dict[str, Array], index: int) -> nn.BatchNorm1d:
    name = f"batch_normalization_{index}" if index else "batch_normalization"
    norm = nn.BatchNorm1d(tensors[f"{name}/gamma"].size, eps=1e-3)
    state = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean"}
    state["running_var"] = "moving_variance"
    for ours, theirs in state.items():
        getattr(norm, ours).data = torch.from_numpy(tensors[f"{name}/{theirs}"])
    return norm


def _dense(tensors: dict[str, Array], name: str) -> nn.Linear:
    kernel = torch.from_numpy(tensors[f"{name}/kernel"])
    layer = nn.Linear(*kernel.shape)
    layer.weight.data = kernel.T.contiguous()
    layer.bias.data = torch.from_numpy(tensors[f"{name}/bias"])
    return layer


@lru_cache(maxsize=1)
def _transform() -> MelSpectrogram:
    return MelSpectrogram(
        sample_rate=TEACHER_RATE,
        n_fft=512,
        hop_length=256,
        n_mels=96,
        norm="slaney",
        mel_scale="slaney",
        pad_mode="constant",
    )


def _mel(wave: Tensor) -> Tensor:
    mel: Tensor = _transform()(wave)
    return mel
