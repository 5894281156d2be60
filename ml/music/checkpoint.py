"""Files of music models: network, calibration, vector fit and card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ml import checkpoints
from ml.music.hearing import GENRES
from ml.music.model import Music2Vector, MusicDimensions
from ml.music.vector import PartFit, VectorFit

SHIPPED = Path(__file__).parent / "weights" / "music2vector.safetensors"
_FORMAT = "music2vector-1"
_TUNING = "tuning."  # what prefixes the tensors of `Calibration` in the file
_JOINING = "joining."  # and those of `VectorFit`
_JOINING_VERSION = 1  # of how parts are joined; vectors joined otherwise are not ours to make


class MusicModelError(checkpoints.ModelFileError):
    """The weights cannot be used; the message says which file and why."""

    code = "music_model_file"
    holds = "a Music2Vector"


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What is fitted after training and turns the network's answers into honest ones.

    Attributes:
        temperature: genre logits are divided by it.
        sure: least probability of a genre that is named.
        centre: (n,) subtracted from a vector before it is whitened.
        whitening: (n, size) which turns a centred vector into one of unrelated directions.
        likeness: slope and offset which turn a cosine into the log odds that two excerpts
            belong to one song.
    """

    temperature: float
    sure: float
    centre: Tensor
    whitening: Tensor
    likeness: tuple[float, float] = (10.0, -4.0)


@dataclass(frozen=True, slots=True, eq=False)
class MusicCheckpoint:
    """A model with all that is needed to listen with it.

    Attributes:
        model: in evaluation mode.
        tuning: fitted on songs that it was not trained on.
        card: what it learned from, how, and how well it does; plain strings.
        digest: SHA-256 of the file, empty before it is saved.
        joining: how timbre, harmony and rhythm become one vector; without it the whitened
            timbre is the vector.
    """

    model: Music2Vector
    tuning: Calibration
    card: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    joining: VectorFit | None = None

    @property
    def name(self) -> str:
        """Name, version and short hash; vectors of different names are never compared.

        The hash is the file's, so that another joining or tuning is another name.
        """
        return f"music2vector-{self.card.get('version', '0')}-{self.digest[:8] or 'unsaved'}"


def save_model(checkpoint: MusicCheckpoint, file: Path) -> None:
    """Write weights, sizes, calibration and card into one safetensors file."""
    tuning = checkpoint.tuning
    tensors = dict(checkpoint.model.state_dict())
    tensors |= {f"{_TUNING}centre": tuning.centre, f"{_TUNING}whitening": tuning.whitening}
    arrays = {name: _array(tensor) for name, tensor in tensors.items()}
    metadata = {
        "genres": json.dumps(GENRES),
        "dimensions": json.dumps(asdict(checkpoint.model.dimensions)),
        "tuning": json.dumps([tuning.temperature, tuning.sure, *tuning.likeness]),
        "card": json.dumps(dict(checkpoint.card)),
    }
    if checkpoint.joining is not None:
        arrays |= _joining_arrays(checkpoint.joining)
        weights = {name: block.weight for name, block in checkpoint.joining.blocks.items()}
        metadata["joining"] = json.dumps({"version": _JOINING_VERSION, "weights": weights})
    checkpoints.save(file, _FORMAT, arrays, metadata)


def load_model(file: Path | None = None, device: str = "cpu") -> MusicCheckpoint:
    """Read a music model.

    Args:
        file: None takes the weights that are shipped.
        device: where to put the network.

    Raises:
        MusicModelError: the file is missing, damaged, or not one of ours.
    """
    build = partial(_checkpoint_from, device=device)
    return checkpoints.load(file or SHIPPED, _FORMAT, build, MusicModelError)


def _checkpoint_from(stored: checkpoints.StoredModel, device: str) -> MusicCheckpoint:
    arrays = stored.arrays
    if tuple(stored.fact("genres")) != GENRES:
        raise ValueError("it knows other genres")
    temperature, sure, slope, offset = stored.fact("tuning")
    tuning = Calibration(
        temperature,
        sure,
        torch.from_numpy(arrays.pop(f"{_TUNING}centre")).to(device),
        torch.from_numpy(arrays.pop(f"{_TUNING}whitening")).to(device),
        (slope, offset),
    )
    joining = _joining(stored.fact("joining"), arrays) if "joining" in stored.metadata else None
    model = Music2Vector(MusicDimensions(**checkpoints.as_tuples(stored.fact("dimensions"))))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return MusicCheckpoint(
        model.to(device).eval(), tuning, stored.fact("card"), stored.digest, joining
    )


def _joining_arrays(joining: VectorFit) -> dict[str, checkpoints.Array]:
    return {
        f"{_JOINING}{name}.{kind}": getattr(block, kind)
        for name, block in joining.blocks.items()
        for kind in ("centre", "projection")
    }


def _joining(described: Mapping[str, Any], arrays: dict[str, checkpoints.Array]) -> VectorFit:
    """Take what belongs to the joining out of a file's arrays."""
    if described["version"] != _JOINING_VERSION:
        raise ValueError(f"its vectors are joined in version {described['version']}")
    return VectorFit(
        {
            name: PartFit(
                arrays.pop(f"{_JOINING}{name}.centre"),
                arrays.pop(f"{_JOINING}{name}.projection"),
                float(weight),
            )
            for name, weight in described["weights"].items()
        }
    )


def _array(tensor: Tensor) -> checkpoints.Array:
    tensor = tensor.detach().cpu()
    array: checkpoints.Array = (
        tensor.to(torch.float32) if tensor.is_floating_point() else tensor
    ).numpy()
    return array
