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

from ml.music.genres import GENRES
from ml.music.model import Music2Vector, MusicDimensions
from ml.music.vector import PartFit, VectorFit

SHIPPED = Path(__file__).parent / "weights" / "music2vector.safetensors"
_FORMAT = "music2vector-1"
_TUNING = "tuning."  # what prefixes the tensors of `Calibration` in the file
_JOINING = "joining."  # and those of `VectorFit`
_JOINING_VERSION = 1  # of how parts are joined; vectors joined otherwise are not ours to make


class MusicModelError(Exception):
    """The weights cannot be used; the message says which file and why."""


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
    """Write weights, sizes, tuning and card into one safetensors file."""
    tuning = checkpoint.tuning
    tensors = {name: t.detach().cpu().contiguous() for name, t in _kept(checkpoint.model).items()}
    tensors |= {f"{_TUNING}centre": tuning.centre, f"{_TUNING}whitening": tuning.whitening}
    metadata = {
        "format": _FORMAT,
        "genres": json.dumps(GENRES),
        "dimensions": json.dumps(asdict(checkpoint.model.dimensions)),
        "tuning": json.dumps([tuning.temperature, tuning.sure, *tuning.likeness]),
        "card": json.dumps(dict(checkpoint.card)),
    }
    if checkpoint.joining is not None:
        tensors |= _joining_tensors(checkpoint.joining)
        weights = {name: block.weight for name, block in checkpoint.joining.blocks.items()}
        metadata["joining"] = json.dumps({"version": _JOINING_VERSION, "weights": weights})
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    save_file({name: t.contiguous() for name, t in tensors.items()}, partial, metadata)
    partial.replace(file)


def load_model(file: Path | None = None, device: str = "cpu") -> MusicCheckpoint:
    """Read a model: the one door through which weights come in.

    Args:
        file: None takes the weights that are shipped.
        device: where to put the network.

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
        raise MusicModelError(f"{file.name} cannot be read: {error}") from error
    except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise MusicModelError(f"{file.name} does not hold a Music2Vector: {error}") from error


def _assemble(
    metadata: Mapping[str, str], tensors: dict[str, Tensor], digest: str, device: str
) -> MusicCheckpoint:
    if metadata.get("format") != _FORMAT:
        raise ValueError(f"its format is {metadata.get('format')!r}, not {_FORMAT!r}")
    if tuple(json.loads(metadata["genres"])) != GENRES:
        raise ValueError("it knows other genres")
    temperature, sure, slope, offset = json.loads(metadata["tuning"])
    tuning = Calibration(
        temperature,
        sure,
        tensors.pop(f"{_TUNING}centre").to(device),
        tensors.pop(f"{_TUNING}whitening").to(device),
        (slope, offset),
    )
    joining = _joining(metadata["joining"], tensors) if "joining" in metadata else None
    model = Music2Vector(_dimensions(json.loads(metadata["dimensions"])))
    model.load_state_dict(tensors)
    card = json.loads(metadata["card"])
    return MusicCheckpoint(model.to(device).eval(), tuning, card, digest, joining)


def _joining_tensors(joining: VectorFit) -> dict[str, Tensor]:
    return {
        f"{_JOINING}{name}.{kind}": torch.from_numpy(getattr(block, kind)).contiguous()
        for name, block in joining.blocks.items()
        for kind in ("centre", "projection")
    }


def _joining(stored: str, tensors: dict[str, Tensor]) -> VectorFit:
    """Take what belongs to the joining out of a file's tensors."""
    described = json.loads(stored)
    if described["version"] != _JOINING_VERSION:
        raise ValueError(f"its vectors are joined in version {described['version']}")
    return VectorFit(
        {
            name: PartFit(
                tensors.pop(f"{_JOINING}{name}.centre").numpy(),
                tensors.pop(f"{_JOINING}{name}.projection").numpy(),
                float(weight),
            )
            for name, weight in described["weights"].items()
        }
    )


def _dimensions(stored: dict[str, object]) -> MusicDimensions:
    """Read sizes back: JSON has lists where we have tuples."""

    def frozen(value: object) -> object:
        return tuple(frozen(item) for item in value) if isinstance(value, list) else value

    return MusicDimensions(**{name: frozen(value) for name, value in stored.items()})  # type: ignore[arg-type]


def _kept(model: Music2Vector) -> dict[str, Tensor]:
    return {
        name: t.to(torch.float32) if t.is_floating_point() else t
        for name, t in model.state_dict().items()
    }


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
