"""The teacher: musicnn's tagger, in float32, and its answers for each clip."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.transforms import MelSpectrogram

from ml.audio.excerpts import SAMPLE_RATE
from training.music.clips import Clip, whole

_FOOTER_BYTES = 48
_DTYPE, _SHAPE, _OFFSET, _SIZE = 1, 2, 4, 5  # fields of BundleEntryProto
_FLOAT = 1  # tensorflow.DT_FLOAT

Array = npt.NDArray[np.float32]


def read_bundle(folder: Path, prefix: str = "") -> dict[str, Array]:
    """Read all float tensors of a checkpoint.

    Args:
        folder: where the checkpoint's files lie.
        prefix: their common name, empty in musicnn's packages.

    Returns:
        Each tensor by name, in the shape it was saved in.

    Raises:
        OSError: a file is missing.
        ValueError: the index is not an uncompressed table.
    """
    table = (folder / f"{prefix}.index").read_bytes()
    data = (folder / f"{prefix}.data-00000-of-00001").read_bytes()
    tensors = {}
    for name, value in _entries(table):
        entry = dict(_fields(value))
        if name and entry.get(_DTYPE) == _FLOAT:
            tensors[name.decode()] = _tensor(entry, data)
    return tensors


def _tensor(entry: dict[int, int | bytes], data: bytes) -> Array:
    offset, size, shape = entry.get(_OFFSET, 0), entry.get(_SIZE, 0), entry.get(_SHAPE, b"")
    assert isinstance(offset, int)
    assert isinstance(size, int)
    assert isinstance(shape, bytes)
    sides = [dict(_fields(side)).get(1, 0) for _, side in _fields(shape) if isinstance(side, bytes)]
    flat = np.frombuffer(data[offset : offset + size], dtype="<f4")
    return flat.reshape([int(side) for side in sides]).copy()


def _entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    footer = table[-_FOOTER_BYTES:]
    _, at = _varint(footer, 0)  # the meta index, which we do not need: its offset
    _, at = _varint(footer, at)  # and its size
    for _, handle in _block(table, footer[at:]):
        yield from _block(table, handle)


def _block(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    start, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    if table[start + size] != 0:
        raise ValueError("the checkpoint's index is compressed")
    block = table[start : start + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    end = size - 4 * (restarts + 1)
    key, at = b"", 0
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + fresh]
        yield key, block[at + fresh : at + fresh + length]
        at += fresh + length


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Walk a protocol buffer: the number and value of each field."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
        elif kind == 2:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        elif kind == 5:
            at += 4  # a checksum
        else:
            raise ValueError(f"unexpected wire type {kind} in the checkpoint's index")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


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


PATCH_SECONDS = 3
MOST_PATCHES = 10  # of a song; the teacher is slow


@dataclass(frozen=True, slots=True, eq=False)
class TeacherTargets:
    """What the teacher says of one clip.

    Attributes:
        patches: (n,) which of the clip's three-second patches it heard.
        embeddings: (n, 200) float32.
        tags: (n, 50) float32 logits.
    """

    patches: Tensor
    embeddings: Tensor
    tags: Tensor

    def of(self, chosen: Tensor) -> TeacherTargets:
        """Return what was said of some of the patches."""
        return TeacherTargets(self.patches[chosen], self.embeddings[chosen], self.tags[chosen])

    @staticmethod
    def nothing() -> TeacherTargets:
        """Return what stands for a clip that the teacher did not hear."""
        return TeacherTargets(torch.zeros(1), torch.zeros(1, EMBEDDING), torch.zeros(1, TAGS))


def teach(
    clips: Sequence[Clip],
    checkpoint: Path,
    cache: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[int, TeacherTargets]:
    """Ask the teacher about every clip that is a recording.

    Args:
        clips: the clips; pictures are left out.
        checkpoint: musicnn's folder `MSD_musicnn`.
        cache: where answers are kept.
        progress: told the index of each clip as it begins.

    Returns:
        The answers by index into `clips`.
    """
    teacher: Teacher | None = None
    answers = {}
    for index, clip in enumerate(clips):
        progress(index)
        if clip.path is None:
            continue
        kept = kept_at(cache, clip.path)
        if not kept.exists():
            teacher = teacher or Teacher(checkpoint)
            _ask(teacher, clip.path, kept)
        with np.load(kept) as stored:
            answers[index] = TeacherTargets(
                torch.from_numpy(stored["patches"]).long(),
                torch.from_numpy(stored["embeddings"]).float(),
                torch.from_numpy(stored["tags"]).float(),
            )
    return answers


def centred(answers: Mapping[int, TeacherTargets]) -> dict[int, TeacherTargets]:
    """Move the teacher's embeddings so that each of their numbers has mean 0 and spread 1."""
    if not answers:
        return {}
    everything = torch.cat([teaching.embeddings for teaching in answers.values()])
    mean, spread = everything.mean(0), everything.std(0, unbiased=False).clamp(min=1e-3)
    return {
        index: replace(teaching, embeddings=(teaching.embeddings - mean) / spread)
        for index, teaching in answers.items()
    }


def kept_at(cache: Path, path: Path) -> Path:
    """Say where the answer about a file is kept."""
    key = hashlib.sha256(f"{path.resolve()} {path.stat().st_size}".encode()).hexdigest()
    return cache / "teacher" / f"{key[:24]}.npz"


def _ask(teacher: Teacher, path: Path, kept: Path) -> None:
    wave = whole(path)
    length = PATCH_SECONDS * SAMPLE_RATE
    count = max(1, len(wave) // length)
    patches = np.arange(0, count, max(1, -(-count // MOST_PATCHES)))
    heard = np.zeros((len(patches), PATCH_SAMPLES), np.float32)
    for row, patch in enumerate(patches):
        piece = soxr.resample(
            wave[patch * length : (patch + 1) * length], SAMPLE_RATE, TEACHER_RATE
        )
        heard[row, : len(piece)] = piece[:PATCH_SAMPLES]
    embeddings, tags = teacher(torch.from_numpy(heard))
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, patches=patches, embeddings=embeddings.half().numpy(), tags=tags.half().numpy())
