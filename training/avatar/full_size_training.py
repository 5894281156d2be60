"""Trains a model's decoder and upscaler together, judged at the full side.

    python -m training.avatar.full_size_training --model MODEL --state STATE --minutes 60 [--resume]
    python -m training.avatar.full_size_training --model MODEL --state STATE --out FILE

An upscaler that knows only true pictures shows faithfully how soft a decoder's are. Here it
enlarges what the decoder draws, and both answer for it: drawings are compared with their own large
ones, and two critics look at patches of them and of girls that were never drawn. One of a step's
patches is a true small one, so that what true lines look like is not forgotten.

Patches alone would make all girls one: styles and scenes fade. So the decoder's whole small
pictures are compared with their drawings, two more critics look at them, and readers of style,
mood, ears and scene must find in them what was told. The encoder stays as it is.
"""

from __future__ import annotations

import argparse
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, load_model
from ml.avatar.conditioned import SCALE, ConditionedDecoder, FourfoldUpscaler, StyleMarks
from ml.avatar.features import as_pictures, as_tensor, features
from ml.avatar.latents import TraitBank
from ml.avatar.traits import TRAITS
from ml.checkpoints import commit
from ml.finetuning.vae_training import (
    descend,
    feature_distance,
)
from training.avatar.adversarial import (
    Critics,
    ResumableTraining,
    configure,
    train_or_finish,
    training_parser,
)
from training.avatar.choice_readers import ChoiceReaders
from training.avatar.conditioned_training import Drawings, latent_of
from training.avatar.texture_training import decoder_groups
from training.avatar.upscaler import corner_of_patch, gradient_distance, load_upscaler
from training.illustrator.pairs import Pair, pair
from training.illustrator.traits import traits_of

_LOG = logging.getLogger(__name__)
FIRST_SEED = 3_000_000  # none that another training draws or that is measured with
_FIRST_READ = 3_500_000  # seeds of the drawings that the readers learn from
_TRUE, _INVENTED = 1, 1  # patches of a step that are truly small, and that no drawing shows
_BLUR = 0.3  # that a pixel's distance counts where the decoder drew: its lines lie elsewhere
_SMALL, _FEATURES = 1.0, 1.0  # weights of losses beside the pixels' 1
_ADVERSE, _PATCHES, _SAME_COLOURS = 0.15, 0.02, 0.5
_CHOICES = 0.2  # a nat of what the readers miss
_STYLE_UNKNOWN = 0.1  # of the steps, in which the upscaler is told no style
_CRITICS_ALONE = 40  # steps in which the critics learn before they count
_DECAY = 0.995  # of the moving average
_READER_RATE, _TEXTURE_RATE = 2.0, 10.0  # what reads textures, and these, in rates of the rest
_SHOWN = 12  # portraits on a sheet


@dataclass(frozen=True)
class _Example:
    pair: Pair
    latent: Tensor  # (latent,), what the decoder draws it from


@dataclass(frozen=True, slots=True)
class FullSizeRecipe:
    """What a step is made of, and how fast it is learned from.

    Attributes:
        batch: patches in a step, at least three.
        whole: drawings in a step that the decoder draws, at least two fewer than patches; as
            many more are invented.
        crop: side of a patch, in small pixels.
        rate: Adam's for the upscaler, at its height.
        decoder_rate: the same for the decoder; 0 leaves it as it is.
        fresh: new drawings a step.
        pool: drawings at hand at most.
        seed: what chance starts from.
    """

    batch: int = 4
    whole: int = 4
    crop: int = 56
    rate: float = 3e-4
    decoder_rate: float = 1e-4
    fresh: int = 1
    pool: int = 300
    seed: int = 0


class FullSizeTraining(ResumableTraining):
    """One training; `advance` does a step of it.

    Attributes:
        model: whose decoder and upscaler learn.
        step, seconds: how many were done, and the processor's time they took.
    """

    counted = ("step", "seconds", "drawn")

    def __init__(
        self,
        checkpoint: PortraitCheckpoint,
        recipe: FullSizeRecipe,
        readers: ChoiceReaders | None = None,
    ) -> None:
        """Begin.

        Args:
            checkpoint: a conditioned model, with the bank that seeds draw from.
            recipe: how it is trained.
            readers: of what was chosen, who have learned; None: nobody reads.
        """
        super().__init__()
        torch.manual_seed(recipe.seed)
        model, bank = checkpoint.model, checkpoint.choices
        assert isinstance(model, DefaultVae)
        assert isinstance(model.decoder, ConditionedDecoder)
        assert isinstance(bank, TraitBank)
        assert isinstance(model.upscaler, FourfoldUpscaler)
        self.model, self._bank = model, bank
        self._decoder, self._upscaler = model.decoder, model.upscaler
        self._recipe = recipe
        self._readers = readers or ChoiceReaders()
        self._read = readers is not None
        # In evaluation the decoder's BatchNorm keeps what it knows; in training nothing is clamped.
        model.eval().upscaler.train()
        learns = nn.ModuleDict({"decoder": model.decoder, "upscaler": model.upscaler})
        self._learns = learns
        self._averaged = AveragedModel(learns, multi_avg_fn=get_ema_multi_avg_fn(_DECAY))
        self._critics = Critics(recipe.crop * SCALE, 32)
        self._whole_critics = Critics(model.dimensions.core, 16)
        groups = [
            {"params": model.upscaler.parameters(), "height": recipe.rate},
            *decoder_groups(
                model.decoder,
                rest=recipe.decoder_rate,
                reader=_READER_RATE * recipe.decoder_rate,
                textures=_TEXTURE_RATE * recipe.decoder_rate,
            ),
        ]
        self._optimiser = Adam(groups, recipe.rate, betas=(0.8, 0.99), fused=True)
        self._dice = np.random.default_rng(recipe.seed)
        self._at_hand: deque[_Example] = deque(maxlen=recipe.pool)
        self.drawn = 0

    def advance(self, done: float) -> dict[str, float]:
        """Do one step; `done` is the share of the training that is over, in [0, 1)."""
        enough = 2 * self._recipe.batch
        for _ in range(self._recipe.fresh if len(self._at_hand) >= enough else enough):
            self._draw_one()
        share = min(1.0, (self.step + 1) / 50, max(0.03, 1.6 * (1 - done)))
        for group in self._optimiser.param_groups:
            group["lr"] = group["height"] * share
        chosen = self._dice.integers(len(self._at_hand), size=_TRUE + self._recipe.whole)
        examples = [self._at_hand[int(at)] for at in chosen]
        counts = min(1.0, max(0.0, (self.step - _CRITICS_ALONE) / 100))
        true = as_tensor(np.stack([each.pair.small for each in examples]))
        told = torch.stack([*(each.latent for each in examples[_TRUE:]), *self._invented()])
        drawn = self.model.decode(told)
        with torch.no_grad():
            real_whole = features()(true)
        whole_maps = features()(drawn)
        losses = self._whole_losses(true, drawn, told, real_whole, whole_maps)
        losses |= self._fool("whole", self._whole_critics, whole_maps, drawn, counts)

        own = self._recipe.batch - _INVENTED
        small, large, marks = self._patches(examples, true, drawn, told)
        unknown = self._dice.random() < _STYLE_UNKNOWN
        finished = self._upscaler(small, None if unknown else marks)
        losses |= self._likeness(finished, small, large, own)
        with torch.no_grad():
            real = features()(large)
        maps = features()(finished)
        losses["features"] = _FEATURES * feature_distance([x[:own] for x in maps], real)
        losses |= self._fool("patches", self._critics, maps, finished, counts)
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self._learns)
        self._averaged.update_parameters(self._learns)
        self.step += 1
        parts = {name: float(loss.detach()) for name, loss in losses.items()}
        return parts | {
            "critics": self._critics.learn(real, large, maps, finished),
            "whole critics": self._whole_critics.learn(real_whole, true, whole_maps, drawn),
        }

    @torch.no_grad()
    def _draw_one(self) -> None:
        """Draw one more drawing, and find out what the decoder draws it from."""
        drawn = pair(FIRST_SEED + self.drawn)
        told = latent_of(self.model, drawn.small, traits_of(drawn.facts.seed))
        self._at_hand.append(_Example(drawn, told))
        self.drawn += 1

    def _invented(self) -> Tensor:
        """Return latents (whole, latent) of girls that no drawing shows."""
        seeds = self._dice.integers(1 << 31, size=self._recipe.whole)
        return torch.from_numpy(np.stack([self._bank.draw(int(seed)) for seed in seeds]))

    def _whole_losses(
        self,
        true: Tensor,
        drawn: Tensor,
        told: Tensor,
        real_maps: list[Tensor],
        maps: list[Tensor],
    ) -> dict[str, Tensor]:
        """Return how far whole small pictures are from their drawings, and from what was told."""
        own, real = drawn[: self._recipe.whole], true[_TRUE:]
        error = own - real
        rough = functional.avg_pool2d(error, 4).abs().mean()
        losses = {
            "small": _SMALL * (error.abs().mean() + rough + gradient_distance(own, real)),
            "small features": _FEATURES
            * feature_distance(
                [x[: self._recipe.whole] for x in maps], [x[_TRUE:] for x in real_maps]
            ),
        }
        if self._read:
            losses["choices"] = _CHOICES * self._readers(drawn, told)
        return losses

    def _patches(
        self, examples: Sequence[_Example], true: Tensor, drawn: Tensor, told: Tensor
    ) -> tuple[Tensor, Tensor, StyleMarks]:
        """Cut small patches and the large ones of drawings.

        Returns:
            (batch, 3, crop, crop): true ones, the decoder's, invented ones;
            (batch less the invented, 3, 4 * crop, 4 * crop) of the drawings;
            the marks of all large ones.
        """
        decoded = self._recipe.batch - _TRUE - _INVENTED
        whole = self._recipe.whole
        pictures = [*true[:_TRUE], *drawn[:decoded], drawn[whole]]
        latents = [*(each.latent for each in examples[:_TRUE]), *told[:decoded], told[whole]]
        layout, side = self._decoder.layout, self.model.dimensions.side
        small, large, marks = [], [], []
        for at, picture in enumerate(pictures):
            example = examples[min(at, len(examples) - 1)]
            x, y = corner_of_patch(example.pair, self._dice, self._recipe.crop)
            with torch.no_grad():
                planes = StyleMarks.of(layout, latents[at][None, :TRAITS], side)
            marks.append(planes.cut(SCALE * x, SCALE * y, SCALE * self._recipe.crop))
            small.append(picture[:, y : y + self._recipe.crop, x : x + self._recipe.crop])
            if at < len(pictures) - _INVENTED:
                place = (
                    slice(SCALE * y, SCALE * (y + self._recipe.crop)),
                    slice(SCALE * x, SCALE * (x + self._recipe.crop)),
                )
                large.append(example.pair.large[place])
        return torch.stack(small), as_tensor(np.stack(large)), StyleMarks.joined(marks)

    def _likeness(
        self, finished: Tensor, small: Tensor, large: Tensor, own: int
    ) -> dict[str, Tensor]:
        trust = torch.full((own, 1, 1, 1), _BLUR)
        trust[:_TRUE] = 1
        shrunk = functional.avg_pool2d(finished[own:], SCALE)
        return {
            "pixels": ((finished[:own] - large).abs() * trust).mean(),
            "gradients": gradient_distance(finished[:own] * trust, large * trust),
            "colours": _SAME_COLOURS * (shrunk - small[own:]).abs().mean(),
        }

    @staticmethod
    def _fool(
        name: str, critics: Critics, maps: list[Tensor], drawn: Tensor, counts: float
    ) -> dict[str, Tensor]:
        by_maps, by_pixels = critics.judge(maps, drawn)
        return {
            f"adversarial {name}": counts * _ADVERSE * by_maps,
            f"adversarial {name}, pixels": counts * _PATCHES * by_pixels,
        }

    def _parts(self) -> dict[str, Any]:
        return {
            "learns": self._learns, "averaged": self._averaged, "critics": self._critics,
            "optimiser": self._optimiser, "criticising": self._critics.optimiser,
            "whole critics": self._whole_critics, "readers": self._readers,
            "criticising whole": self._whole_critics.optimiser,
        }  # fmt: skip

    def _averaged_networks(self) -> nn.ModuleDict:
        averaged = self._averaged.module
        assert isinstance(averaged, nn.ModuleDict)
        return averaged

    @torch.no_grad()
    def sheet(self, file: Path) -> None:
        """Draw a dozen portraits of the averaged networks at the full side."""
        rows = np.stack([self._bank.draw(seed) for seed in range(_SHOWN)])
        averaged = self._averaged_networks()
        decoder = averaged["decoder"]
        assert isinstance(decoder, ConditionedDecoder)
        pictures = []
        for row in torch.from_numpy(rows):
            marks = StyleMarks.of(decoder.layout, row[None, :TRAITS], self.model.dimensions.side)
            picture = averaged["upscaler"](decoder(row[None]), marks)
            pictures.append(as_pictures(picture.clamp(-1, 1))[0])
        strips = [np.concatenate(pictures[at : at + 4], 1) for at in range(0, _SHOWN, 4)]
        Image.fromarray(np.concatenate(strips)).save(file)

    def finished(self, checkpoint: PortraitCheckpoint, share: float = 1.0) -> PortraitCheckpoint:
        """Return a model like the given one, with what was learned.

        Args:
            checkpoint: what the training began with.
            share: how far the decoder goes from there to what it learned, 0 to 1. Weights in
                between keep more of what it could before (Wortsman et al., 2022).
        """
        model, averaged = checkpoint.model, self._averaged_networks()
        assert isinstance(model, DefaultVae)
        learned = averaged["decoder"].state_dict()
        with torch.no_grad():
            for name, weights in model.decoder.state_dict().items():
                if weights.is_floating_point():
                    weights.lerp_(learned[name], share)
        model.upscaler.load_state_dict(averaged["upscaler"].state_dict())
        card = {
            **checkpoint.card, "commit": commit(), "steps at the full side": str(self.step),
            "share of the decoder's learning": f"{share:g}",
            "processor minutes at the full side": f"{self.seconds / 60:.1f}",
        }  # fmt: skip
        return replace(checkpoint, model=model.eval(), card=card)


def taught_readers(count: int) -> ChoiceReaders:
    """Draw so many drawings and let readers learn from them; log how well they read others."""
    drawings = Drawings.empty(count, first_seed=_FIRST_READ)
    for seed in range(_FIRST_READ, _FIRST_READ + count):
        drawings.add(seed)
    torch.manual_seed(0)
    readers, unseen = ChoiceReaders(), max(1, count // 10)
    readers.learn(drawings.pictures[unseen:], drawings.traits[unseen:])
    read = readers.right(drawings.pictures[:unseen], drawings.traits[:unseen])
    _LOG.info("read in %d unseen drawings: %s", unseen, read)
    return readers


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for so many minutes of the processor, or put a model together."""
    options = _parser().parse_args(arguments)
    configure(options)
    goes_on = options.resume or options.out
    checkpoint = load_model(options.model)
    if options.upscaler is not None:
        assert isinstance(checkpoint.model, DefaultVae)
        checkpoint.model.upscaler = load_upscaler(options.upscaler)
    training = FullSizeTraining(
        checkpoint,
        FullSizeRecipe(
            rate=options.rate, decoder_rate=options.decoder_rate,
            batch=options.batch, whole=options.whole, fresh=options.fresh,
        ),
        ChoiceReaders() if goes_on else taught_readers(options.readers),
    )  # fmt: skip
    finished = partial(training.finished, share=options.share)
    train_or_finish(training, options, finished=finished, sheet=training.sheet)


def _parser() -> argparse.ArgumentParser:
    parser = training_parser("training.avatar.full_size_training", __doc__, minutes=60)
    parser.add_argument("--model", type=Path, help="what to begin with; without: what ships")
    parser.add_argument("--upscaler", type=Path, help="to begin with, of training.avatar.upscaler")
    parser.add_argument("--share", type=float, default=1.0, help="for --out: see `finished`")
    parser.add_argument("--rate", type=float, default=3e-4, help="the upscaler's, at its height")
    parser.add_argument("--decoder-rate", type=float, default=1e-4, help="the decoder's")
    parser.add_argument("--batch", type=int, default=4, help="patches a step")
    parser.add_argument("--whole", type=int, default=4, help="whole drawings a step")
    parser.add_argument("--readers", type=int, default=1000, help="drawings they learn from")
    parser.add_argument("--fresh", type=int, default=1, help="new drawings a step")
    return parser


if __name__ == "__main__":
    main()
