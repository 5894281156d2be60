"""The music model on disk: one safetensors file with its card; nothing is unpickled.

torch is imported by what needs it: who only compares a model's vectors goes without.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from safetensors import SafetensorError, safe_open

from ml.music.heads import FamilyRule, LinearHead
from ml.music.hearing import SimilarityScale
from ml.music.vector import PartFit, VectorFit

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ml.music.picture_network import (
        PictureNetwork,
        PictureSizes,
        StackedNetwork,
        StackedSizes,
    )
    from ml.music.tagger import Tagger, TaggerSizes

SONG_WEIGHTS = Path(__file__).parent / "weights" / "music2vector2.safetensors"
_FORMAT = "music2vector-2"
_NETWORKS = ("msd", "mtt", "coarse", "stacked")

Network = TypeVar("Network", bound="nn.Module")
Read = TypeVar("Read")


class MusicModelError(Exception):
    """The weights cannot be used; the message says which file and why."""

    code = "music_model_file"


@dataclass(frozen=True, slots=True, eq=False)
class SongCheckpoint:
    """A music model with all that is needed to listen with it.

    Attributes:
        msd, mtt: musicnn's taggers.
        coarse, stacked: the networks on coarse pictures, whose answers are averaged.
        heads: linear answers by name: `genres`, `styles`, `tags`, `kinds`; and `family_genres` and
            `family_tags`, what genres and tags say of families, as little moved by pitch, tempo and
            noise as can be. Weights of before lack these two; genres and tags say it themselves.
        families: how the witnesses of a family are weighed.
        labels: FMA's labels, in the order of the coarse network's answers.
        vector: how parts become one vector.
        key: `weights` (2, channels, 12), `mode_bias` (2,), and `genre_bias` (10, 2).
        numbers: calibration by name: temperatures and thresholds.
        card: what it learned from, how, and how well it does.
        digest: SHA-256 of the file, empty before it is saved.
    """

    msd: Tagger
    mtt: Tagger
    coarse: PictureNetwork
    stacked: StackedNetwork
    heads: Mapping[str, LinearHead]
    families: FamilyRule
    labels: tuple[str, ...]
    vector: VectorFit
    key: Mapping[str, Tensor]
    numbers: Mapping[str, float]
    card: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    @property
    def name(self) -> str:
        """Name and version, as stored with every vector."""
        return _name_of(self.digest)

    @property
    def scale(self) -> SimilarityScale:
        """How its vectors are compared."""
        return _scale_of(self.vector, self.numbers)


def _name_of(digest: str) -> str:
    return f"{_FORMAT}-{digest[:8]}"


def _scale_of(vector: VectorFit, numbers: Mapping[str, float]) -> SimilarityScale:
    slope, offset = (numbers[f"likeness_{name}"] for name in ("slope", "offset"))
    return SimilarityScale(vector.stretches(), slope, offset)


@dataclass(frozen=True, slots=True)
class MusicModelFacts:
    """What is known of a music model without its networks; see `SongCheckpoint`."""

    name: str
    scale: SimilarityScale


def save_song_model(checkpoint: SongCheckpoint, path: Path) -> None:
    """Write all of it into one file; whole or not at all."""
    import torch
    from safetensors.torch import save_file

    tensors: dict[str, Tensor] = {}
    for name in _NETWORKS:
        network: nn.Module = getattr(checkpoint, name)
        tensors |= {f"{name}.{key}": value for key, value in network.state_dict().items()}
    for name, head in checkpoint.heads.items():
        arrays = _arrays(head, LinearHead)
        tensors |= {f"head.{name}.{key}": torch.from_numpy(value) for key, value in arrays}
    for name, part in checkpoint.vector.blocks.items():
        tensors[f"vector.{name}.centre"] = torch.from_numpy(part.centre)
        tensors[f"vector.{name}.projection"] = torch.from_numpy(part.projection)
    tensors |= {
        f"families.{name}": torch.from_numpy(value)
        for name, value in _arrays(checkpoint.families, FamilyRule)
    }
    tensors |= {f"key.{name}": value for name, value in checkpoint.key.items()}
    metadata = {
        "format": _FORMAT,
        "msd": json.dumps(asdict(checkpoint.msd.sizes)),
        "mtt": json.dumps(asdict(checkpoint.mtt.sizes)),
        "coarse": json.dumps(asdict(checkpoint.coarse.sizes)),
        "stacked": json.dumps(asdict(checkpoint.stacked.sizes)),
        "heads": json.dumps(list(checkpoint.heads)),
        "labels": json.dumps(list(checkpoint.labels)),
        "vector": json.dumps({n: part.weight for n, part in checkpoint.vector.blocks.items()}),
        "numbers": json.dumps(dict(checkpoint.numbers)),
        "card": json.dumps(dict(checkpoint.card)),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    save_file({key: value.contiguous() for key, value in tensors.items()}, partial, metadata)
    partial.replace(path)


def load_song_model(path: Path | None = None) -> SongCheckpoint:
    """Open the music model.

    Args:
        path: the weights; None takes those that are shipped.

    Raises:
        MusicModelError: the weights are missing, damaged or not ours.
    """
    return _read(path or SONG_WEIGHTS, "", "pt", _assembled)


def read_facts(path: Path | None = None) -> MusicModelFacts:
    """Read what a model is called and how its vectors are compared; None: the shipped one.

    Raises:
        MusicModelError: the weights are missing, damaged or not ours.
    """
    return _read(path or SONG_WEIGHTS, "vector.", "numpy", _facts)


def _read(
    path: Path,
    prefix: str,
    framework: str,
    build: Callable[[Mapping[str, Any], Mapping[str, Any], str], Read],
) -> Read:
    """Open a file and make something of its tensors, facts and digest.

    Args:
        path: the file.
        prefix: of the tensors that are wanted.
        framework: whose tensors, as safetensors names it.
        build: makes it.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with safe_open(path, framework=framework) as stored:
            metadata = stored.metadata() or {}
            if metadata.get("format") != _FORMAT:
                raise MusicModelError(f"{path.name} holds no {_FORMAT}")
            names = [name for name in stored.keys() if name.startswith(prefix)]  # noqa: SIM118
            tensors = {name: stored.get_tensor(name) for name in names}
        said = {name: json.loads(text) for name, text in metadata.items() if name != "format"}
        return build(tensors, said, digest)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise MusicModelError(f"{path.name} cannot be read: {error}") from error


def _facts(arrays: Mapping[str, Any], said: Mapping[str, Any], digest: str) -> MusicModelFacts:
    blocks = {
        name: PartFit(arrays[f"vector.{name}.centre"], arrays[f"vector.{name}.projection"], weight)
        for name, weight in said["vector"].items()
    }
    return MusicModelFacts(_name_of(digest), _scale_of(VectorFit(blocks), said["numbers"]))


def _assembled(
    tensors: Mapping[str, Tensor], said: Mapping[str, Any], digest: str
) -> SongCheckpoint:
    from ml.music.picture_network import PictureNetwork, StackedNetwork
    from ml.music.tagger import Tagger

    heads = {
        name: LinearHead(**{k: v.numpy() for k, v in _under(tensors, f"head.{name}.").items()})
        for name in said["heads"]
    }
    blocks = {
        name: PartFit(
            tensors[f"vector.{name}.centre"].numpy(),
            tensors[f"vector.{name}.projection"].numpy(),
            weight,
        )
        for name, weight in said["vector"].items()
    }
    return SongCheckpoint(
        msd=_filled(Tagger(tagger_sizes(said["msd"])), tensors, "msd"),
        mtt=_filled(Tagger(tagger_sizes(said["mtt"])), tensors, "mtt"),
        coarse=_filled(PictureNetwork(picture_sizes(said["coarse"])), tensors, "coarse"),
        stacked=_filled(StackedNetwork(stacked_sizes(said["stacked"])), tensors, "stacked"),
        heads=heads,
        families=FamilyRule(**{k: v.numpy() for k, v in _under(tensors, "families.").items()}),
        labels=tuple(said["labels"]),
        vector=VectorFit(blocks),
        key=_under(tensors, "key."),
        numbers=said["numbers"],
        card=said["card"],
        digest=digest,
    )


def tagger_sizes(stored: Mapping[str, Any]) -> TaggerSizes:
    """Read sizes from JSON, which has lists for tuples."""
    from ml.music.tagger import TaggerSizes

    return TaggerSizes(**{name: tuple(counts) for name, counts in stored.items()})


def picture_sizes(stored: Mapping[str, Any]) -> PictureSizes:
    """Read sizes from JSON, which has lists for tuples."""
    from ml.music.picture_network import PictureSizes

    return PictureSizes(**{**stored, "columns": tuple(stored["columns"])})


def stacked_sizes(stored: Mapping[str, Any]) -> StackedSizes:
    """Read sizes from JSON, which has lists for tuples."""
    from ml.music.picture_network import StackedSizes

    return StackedSizes(**{**stored, "filters": tuple(stored["filters"])})


def _filled(network: Network, tensors: Mapping[str, Tensor], name: str) -> Network:
    network.load_state_dict(_under(tensors, f"{name}."))
    network.eval().requires_grad_(False)
    return network


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): value for k, value in tensors.items() if k.startswith(prefix)}


def _arrays(holder: object, kind: type[Any]) -> list[tuple[str, Any]]:
    return [(part.name, getattr(holder, part.name)) for part in fields(kind)]
