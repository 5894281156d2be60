"""Turn musicnn's published checkpoints into safetensors for `ml.music.tagger`.

    pip download --no-deps musicnn==0.1.0 && unzip musicnn-0.1.0-py3-none-any.whl
    python -m training.music.convert_tagger --musicnn DIR --songs DIR --out DIR

DIR is the unpacked package, which holds `MSD_musicnn/` and `MTT_musicnn/`. Weight decay has emptied
most of the published filters: they answer the same to everything. They are left out, and what they
add is moved to the layers that read them. With `--songs` filters that stay silent on all of these
sounds go as well.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.music.tagger import MIDDLE, PATCH_SAMPLES, RATE, Tagger, TaggerSizes, tagger_input
from training.music.tensorflow_bundle import read_bundle

Array = npt.NDArray[np.float32]

TAGGERS = ("MSD", "MTT")
SILENT = 1e-2  # a filter's answers differ by less than this on all sounds
_LOG = logging.getLogger(__name__)
CARD = {
    "source": "musicnn 0.1.0 (https://github.com/jordipons/musicnn)",
    "authors": "Jordi Pons and Xavier Serra, Music Technology Group, Universitat Pompeu Fabra",
    "licence": "ISC",
}
_NORM_FIELDS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
# TensorFlow numbers layers in the order in which the graph was built.
_BLOCKS = ("timbral.0", "timbral.1", *(f"temporal.{i}" for i in range(3)))
_BLOCKS_AND_MIDDLE = (*_BLOCKS, *(f"middle.{i}" for i in range(3)))


def converted(tensors: Mapping[str, Array]) -> dict[str, Tensor]:
    """Rename and transpose a checkpoint's tensors to a `Tagger`'s state.

    Args:
        tensors: as from `read_bundle`.

    Raises:
        KeyError: it is another model's checkpoint.
    """
    state = _norm(tensors, 0, "input_norm")
    for index, block in enumerate(_BLOCKS_AND_MIDDLE):
        name = _numbered("conv2d", index)
        kernel = torch.from_numpy(tensors[f"{name}/kernel"]).permute(3, 2, 0, 1).contiguous()
        if block == "middle.0":  # the constant that left-out filters add, none so far
            kernel = functional.pad(kernel, (0, 1))
        state[f"{block}.conv.weight"] = kernel
        state[f"{block}.conv.bias"] = torch.from_numpy(tensors[f"{name}/bias"])
        state |= _norm(tensors, index + 1, f"{block}.norm")
    state |= _norm(tensors, 9, "pool_norm") | _norm(tensors, 10, "dense_norm")
    for ours, theirs in (("dense", "dense"), ("tags", "dense_1")):
        state[f"{ours}.weight"] = torch.from_numpy(tensors[f"{theirs}/kernel"]).T.contiguous()
        state[f"{ours}.bias"] = torch.from_numpy(tensors[f"{theirs}/bias"])
    return state


def load_tagger(file: Path) -> Tagger:
    """Open a tagger that `main` wrote."""
    with safe_open(file, framework="pt") as stored:
        sizes = json.loads(stored.metadata()["sizes"])
    tagger = Tagger(TaggerSizes(**{name: tuple(counts) for name, counts in sizes.items()}))
    tagger.load_state_dict(load_file(file))
    return tagger.eval().requires_grad_(False)


def sample_patches(folder: Path) -> Tensor:
    """Take two patches of three seconds from every eighth clip: (patches, 187, 96)."""
    plan = ExcerptPlan(windows=1, passage_seconds=2 * PATCH_SAMPLES / RATE)
    patches = []
    for file in sorted(folder.glob("*/*.opus"))[::8]:
        wave = soxr.resample(read_excerpts(file, plan).passage, SAMPLE_RATE, RATE)
        waves = wave[: len(wave) // 2 * 2].reshape(2, -1)[:, :PATCH_SAMPLES]
        patches.append(tagger_input(torch.from_numpy(waves.copy())))
    return torch.cat([patch[:, : min(p.shape[1] for p in patches)] for patch in patches])


def _norm(tensors: Mapping[str, Array], index: int, ours: str) -> dict[str, Tensor]:
    name = _numbered("batch_normalization", index)
    norm = {f: torch.from_numpy(tensors[f"{name}/{t}"]) for f, t in _NORM_FIELDS.items()}
    norm["num_batches_tracked"] = torch.tensor(0)
    return {f"{ours}.{field}": tensor for field, tensor in norm.items()}


def _numbered(name: str, index: int) -> str:
    return f"{name}_{index}" if index else name


@torch.inference_mode()
def front_outputs(tagger: Tagger, patches: Tensor) -> list[Tensor]:
    """Run the front of a tagger: (batch, filters, frames) of each of its five blocks."""
    picture = tagger.input_norm(patches.flatten(1).unsqueeze(1)).view_as(patches.unsqueeze(1))
    return [block(picture) for block in (*tagger.timbral, *tagger.temporal)]


def pruned(tagger: Tagger, patches: Tensor) -> Tagger:
    """Leave out the filters of the front whose answer never changes.

    Args:
        tagger: with all published filters.
        patches: (batch, frames, 96) of many songs, on which silence is judged.
    """
    fronts = front_outputs(tagger, patches)
    spans = [(f.amax(dim=(0, 2)) - f.amin(dim=(0, 2))) for f in fronts]
    alive = [span > SILENT for span in spans]
    constants = torch.cat([front.mean(dim=(0, 2)) for front in fronts])
    counts = [int(block.sum()) for block in alive]
    small = Tagger(TaggerSizes(timbral=tuple(counts[:2]), temporal=tuple(counts[2:])))
    state = dict(tagger.state_dict())
    for block, kept in zip(_BLOCKS, alive, strict=True):
        for name in [name for name in state if name.startswith(f"{block}.")]:
            state[name] = state[name][kept] if state[name].ndim else state[name]
    state |= _without(state, torch.cat(alive), constants)
    small.load_state_dict(state)
    return small.eval()


def _without(state: Mapping[str, Tensor], alive: Tensor, constants: Tensor) -> dict[str, Tensor]:
    """Move what the left-out filters add to the middle's first kernel and to the dense bias."""
    kernel = state["middle.0.conv.weight"]
    added = (kernel[..., :-1] * (constants * ~alive)).sum(dim=3, keepdim=True)
    changed = {"middle.0.conv.weight": torch.cat([kernel[..., :-1][..., alive], added], dim=3)}
    pooled = torch.cat([alive, torch.ones(3 * MIDDLE, dtype=torch.bool)]).repeat_interleave(2)
    for field in _NORM_FIELDS:
        changed[f"pool_norm.{field}"] = state[f"pool_norm.{field}"][pooled]
    padded = torch.cat([constants, torch.zeros(3 * MIDDLE)]).repeat_interleave(2)
    scale = state["pool_norm.weight"] * (state["pool_norm.running_var"] + 1e-3).rsqrt()
    even = (padded - state["pool_norm.running_mean"]) * scale + state["pool_norm.bias"]
    weight = state["dense.weight"]
    changed["dense.bias"] = state["dense.bias"] + weight[:, ~pooled] @ even[~pooled]
    changed["dense.weight"] = weight[:, pooled]
    return changed


def main(arguments: Sequence[str] | None = None) -> None:
    """Convert both taggers."""
    parser = argparse.ArgumentParser(prog="python -m training.music.convert_tagger")
    parser.add_argument("--musicnn", type=Path, required=True, help="the unpacked package")
    parser.add_argument("--songs", type=Path, required=True, help="GTZAN's clips, to judge silence")
    parser.add_argument("--out", type=Path, required=True, help="where MSD and MTT go")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.out.mkdir(parents=True, exist_ok=True)
    patches = sample_patches(options.songs)
    for name in TAGGERS:
        tagger = Tagger()
        tagger.load_state_dict(converted(read_bundle(options.musicnn / f"{name}_musicnn")))
        small = pruned(tagger.eval(), patches)
        with torch.inference_mode():
            apart = (small(patches).tags - tagger(patches).tags).abs().max()
        _LOG.info("%s: %s, tags differ by %.2g at most", name, small.sizes, apart)
        card = CARD | {"tags": name, "sizes": json.dumps(asdict(small.sizes))}
        save_file(small.state_dict(), options.out / f"{name}.safetensors", card)


if __name__ == "__main__":
    main()
