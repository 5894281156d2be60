"""Teaches a decoder's textures what ornaments, hands, clothes, mouths and leaves look like.

    python -m training.avatar.texture_training --state STATE --minutes 40 [--model MODEL] [--resume]
    python -m training.avatar.texture_training --state STATE --model MODEL --out FILE [--bank 3000]

Decoders from before there were textures read nothing of them. Here they learn to, from small
drawings whose traits are known, by distances of pixels and of what the frozen network sees. Their
paints are found first, in closed form (`training.avatar.paints`). The textures and what reads them
learn fast and the rest of the decoder slowly, so that it stops guessing where textures know.
`training.avatar.full_size_training` goes on from there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, load_model
from ml.avatar.conditioned import PAINTED, ConditionedDecoder
from ml.avatar.features import as_pictures, as_tensor, features
from ml.avatar.latents import TraitBank
from ml.avatar.layout import MOUTH
from ml.avatar.traits import OPTIONS, TRAIT, TRAITS
from ml.checkpoints import commit
from ml.finetuning.vae_training import descend, feature_distance
from training.avatar.adversarial import (
    ResumableTraining,
    configure,
    train_or_finish,
    training_parser,
)
from training.avatar.conditioned_training import Drawings, latent_of
from training.avatar.paints import fit_paints, forget_paints
from training.avatar.upscaler import gradient_distance

FIRST_SEED = 5_000_000  # none that another training draws or that is measured with
_BATCH, _WARM, _DECAY = 8, 50, 0.99
_TEXTURE_RATE, _READER_RATE, _REST_RATE = 1e-2, 2e-3, 2e-4
_PAINTS_SHARE = 0.1  # of the textures' rate
_FEATURES = 1.0  # weight of what the frozen network sees, beside the pixels' 1
_ROOM, _SHOWN = 6000, 12  # drawings at hand at most; on a sheet


class TextureTraining(ResumableTraining):
    """One training; `advance` does a step of it.

    Attributes:
        model: whose decoder learns.
        drawings: what it learns from; more may be added between steps.
        step, seconds: how many were done, and the processor's time they took.
    """

    def __init__(self, checkpoint: PortraitCheckpoint, count: int, *, seed: int = 0) -> None:
        """Draw `count` drawings to begin with."""
        super().__init__()
        torch.manual_seed(seed)
        model = checkpoint.model
        assert isinstance(model, DefaultVae)
        assert isinstance(model.decoder, ConditionedDecoder)
        # In evaluation the decoder's BatchNorm keeps what it knows.
        self.model = model.eval()
        self._decoder = model.decoder
        self._averaged = AveragedModel(model.decoder, multi_avg_fn=get_ema_multi_avg_fn(_DECAY))
        groups = decoder_groups(
            model.decoder, rest=_REST_RATE, reader=_READER_RATE, textures=_TEXTURE_RATE
        )
        self._optimiser = Adam(groups, betas=(0.9, 0.99), fused=True)
        self._dice = np.random.default_rng(seed)
        self.drawings = Drawings.empty(_ROOM, model.dimensions.core, FIRST_SEED)
        self._told: list[Tensor] = []
        for _ in range(count):
            self.add()

    @torch.no_grad()
    def add(self) -> None:
        """Draw one more drawing, and find out what the decoder draws it from."""
        at = len(self._told)
        if at < len(self.drawings.pictures):
            self.drawings.add(self.drawings.first_seed + at)
            told = latent_of(self.model, self.drawings.pictures[at], self.drawings.traits[at])
            told[TRAIT["facing"]] = -1  # as all these drawings do
            self._told.append(told)

    def advance(self, done: float) -> dict[str, float]:
        """Do one step; `done` is the share of the training that is over, in [0, 1)."""
        share = min(1.0, (self.step + 1) / _WARM, max(0.02, 1.6 * (1 - done)))
        for group in self._optimiser.param_groups:
            group["lr"] = group["height"] * share
        chosen = self._dice.integers(len(self._told), size=_BATCH)
        true = as_tensor(self.drawings.pictures[chosen])
        told = torch.stack([self._told[int(at)] for at in chosen])
        with torch.no_grad():
            planes = self._decoder.layout(told[:, :TRAITS])
            weights = 1 + 2 * planes[:, [MOUTH]]
            real = features()(true)
        drawn = self._decoder.draw(told, planes)
        losses = {
            "pixels": ((drawn - true).abs() * weights).mean(),
            "gradients": gradient_distance(drawn * weights, true * weights),
            "features": _FEATURES * feature_distance(features()(drawn), real),
        }
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self._decoder)
        self._averaged.update_parameters(self._decoder)
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _parts(self) -> dict[str, Any]:
        return {
            "decoder": self._decoder, "averaged": self._averaged, "optimiser": self._optimiser,
        }  # fmt: skip

    @torch.no_grad()
    def sheet(self, file: Path) -> None:
        """Draw a dozen drawings, and the same by the averaged decoder."""
        averaged = self._averaged.module
        assert isinstance(averaged, ConditionedDecoder)
        told = torch.stack(self._told[:_SHOWN])
        drawn = as_pictures(averaged.draw(told, averaged.layout(told[:, :TRAITS])).clamp(-1, 1))
        rows = [np.concatenate(list(each), 1) for each in (self.drawings.pictures[:_SHOWN], drawn)]
        Image.fromarray(np.concatenate(rows)).save(file)

    def finished(self, checkpoint: PortraitCheckpoint) -> PortraitCheckpoint:
        """Return a model like the given one, with what was learned, and these drawings as bank."""
        model = checkpoint.model
        assert isinstance(model, DefaultVae)
        model.decoder.load_state_dict(self._averaged.module.state_dict())
        minutes = f"{self.seconds / 60:.1f}"
        card = {**checkpoint.card, "commit": commit(), "processor minutes for textures": minutes}
        rows = torch.stack(self._told).numpy()
        rows[:, TRAIT["facing"]] = self.drawings.traits[: len(rows), TRAIT["facing"]]
        bank = TraitBank(rows, OPTIONS)
        return replace(checkpoint, model=model.eval(), density=bank, choices=bank, card=card)


def decoder_groups(
    decoder: ConditionedDecoder, *, rest: float, reader: float, textures: float
) -> list[dict[str, Any]]:
    """Return what an optimiser trains of a decoder, with each group's rate at its height.

    Args:
        decoder: all of whose weights are trained.
        rest: rate of all that has nothing to do with textures.
        reader: of what reads textures and lets paint be seen.
        textures: of the textures, each place of which few pictures show; paints learn slower, as
            they are known from the start.
    """
    heights = {
        "textures": textures, "paints": _PAINTS_SHARE * textures, "reader": reader, "rest": rest,
    }  # fmt: skip
    parts = {
        "textures.paints.": "paints", "textures.opacities.": "paints", "textures.": "textures",
        "_seen.": "reader",
    }  # fmt: skip
    groups: dict[str, list[nn.Parameter]] = {name: [] for name in heights}
    for name, weight in decoder.named_parameters():
        part = next((part for start, part in parts.items() if name.startswith(start)), "rest")
        groups["reader" if "_texture_reader." in name else part].append(weight)
    return [{"params": groups[name], "height": height} for name, height in heights.items()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for so many minutes of the processor, or put a model together."""
    options = _parser().parse_args(arguments)
    configure(options)
    checkpoint = load_model(options.model)
    if options.painted and not (options.resume or options.out):
        assert isinstance(checkpoint.model, DefaultVae)
        assert isinstance(checkpoint.model.decoder, ConditionedDecoder)
        forget_paints(checkpoint.model.decoder, options.repainted)
        fit_paints(checkpoint.model.decoder, options.painted)
    training = TextureTraining(checkpoint, options.bank if options.out else options.first)
    train_or_finish(
        training, options, finished=training.finished, sheet=training.sheet, before=training.add
    )


def _parser() -> argparse.ArgumentParser:
    parser = training_parser("training.avatar.texture_training", __doc__, minutes=40)
    parser.add_argument("--model", type=Path, help="what to begin with; without: what ships")
    parser.add_argument("--first", type=int, default=600, help="drawings to begin with")
    parser.add_argument(
        "--bank", type=int, default=3000, help="for --out: drawings that seeds draw from"
    )
    parser.add_argument(
        "--painted", type=int, default=1500, help="drawings that paints are found from; 0: none is"
    )
    parser.add_argument(
        "--repainted", nargs="*", default=[], choices=PAINTED, metavar="TEXTURE",
        help="whose paint is found anew",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    main()
