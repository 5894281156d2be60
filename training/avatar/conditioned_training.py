"""Trains conditioned portraits on drawings whose traits are known.

    python -m training.avatar.conditioned_training --state FILE --minutes 600 [--resume]
    python -m training.avatar.conditioned_training --state FILE --minutes 600 --start MODEL
    python -m training.avatar.conditioned_training --state FILE --upscaler FILE --out FILE

The illustrator says of each drawing what it shows, so the decoder need not wait for an encoder to
find it out: it draws from the true traits and from a free part that the encoder fills in, while the
encoder learns to tell the traits. Every girl looks to the left, as the layout has it. Drawings are
made as they are needed. A sheet beside the state shows, from above: unseen drawings; the same from
their own traits; the same by the encoder; girls that no drawing shows.

`--start` goes on from a model's file, which holds neither the optimiser's moments nor the critics;
give it beside `--resume` too.
With `--out` nothing is trained: the averaged weights, those of an upscaler that
`training.avatar.upscaler` wrote, and a bank of the drawings' latents become a model's file.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ml.avatar.checkpoint import DefaultVae, PortraitCheckpoint, load_model, save_model
from ml.avatar.conditioned import ConditionedDecoder
from ml.avatar.features import Pictures, as_pictures, as_tensor, features
from ml.avatar.latents import TraitBank
from ml.avatar.layout import EARS, EYES, MOUTH, FaceLayout
from ml.avatar.networks import PortraitDimensions
from ml.avatar.traits import BLOCK, KINDS, OPTIONS, TRAIT, TRAITS
from ml.checkpoints import commit
from ml.finetuning.vae_training import (
    descend,
    divergence,
    feature_distance,
)
from training.avatar.adversarial import (
    Critics,
    ResumableTraining,
    configure,
    train,
    training_parser,
)
from training.avatar.upscaler import gradient_distance, load_upscaler
from training.illustrator import illustrate
from training.illustrator.pairs import SMALL, shrunk
from training.illustrator.styles import style_named
from training.illustrator.traits import traits_of

_LOG = logging.getLogger(__name__)
_COARSE = 0.24  # share of the training at half the side
_ADVERSARIAL = 0.6  # from this share on the discriminators help
_ADVERSARIAL_AGAIN = 0.05  # the same, where a trained model goes on; nothing is coarse then
_DECAY = 0.4  # share of the training, at the end, in which the rate falls
_STEERING = 1.4  # rate of what steers the decoder's layers, in rates of the rest
_BANK = 3000  # drawings whose latents seeds are drawn from
_STANDARD = 4000  # drawings whose traits set centre and spread
_PIXELS, _FEATURES, _TRAITS, _NATS = 2.0, 2.0, 0.1, 2e-4  # weights of losses
_ADVERSE, _PATCHES = 0.25, 0.03
_FREE_NATS = 0.02  # that each free number may carry at no cost
_HELD_OUT, _SHOWN = 1_000_000, 12  # the first seed of sheets, and how many drawings they show


@dataclass
class Drawings:
    """Small drawings, all looking to the left, and the traits of each."""

    pictures: Pictures
    traits: np.ndarray
    count: int = 0
    first_seed: int = 0

    @classmethod
    def empty(cls, room: int, side: int = SMALL, first_seed: int = 0) -> Drawings:
        """Make room for so many."""
        pictures = np.zeros((room, side, side, 3), np.uint8)
        return cls(pictures, np.zeros((room, TRAITS), np.float32), first_seed=first_seed)

    def add(self, seed: int) -> None:
        """Draw one more; where there is no more room the oldest gives way."""
        at = self.count % len(self.pictures)
        traits = traits_of(seed)
        mirrored, side = bool(traits[TRAIT["facing"]][0] > 0), self.pictures.shape[1]
        self.pictures[at] = small_drawing(seed, side, mirrored)
        self.traits[at] = traits
        self.count += 1

    def __len__(self) -> int:
        return min(self.count, len(self.pictures))


def small_drawing(seed: int, side: int, mirrored: bool) -> Pictures:
    """Draw a seed small; paper and grain look the same only if shrunk from the full side."""
    drawing = illustrate(seed, 256)
    style = style_named(drawing.facts.style)
    if style.grain or style.paper:
        drawing = illustrate(seed, 512)
    small = shrunk(drawing.pixels, side)
    return np.ascontiguousarray(small[:, ::-1]) if mirrored else small


DIMENSIONS = PortraitDimensions(
    recipe="conditioned",
    latent=256,
    core=128,
    side=512,
    widths=(192, 160, 128, 96, 64, 32),
    upscaler=(48, 8, 32, 16),
)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one step is about; `mirrored` are those that the encoder sees looking to the right."""

    pictures: Tensor  # (n, 3, side, side), all looking to the left
    seen: Tensor  # the same as the encoder and the frozen network see them
    mirrored: Tensor  # (n, 1, 1, 1) of bool
    traits: Tensor  # (n, TRAITS), standardised

    def halved(self) -> _Batch:
        """Return the same at half the side."""
        pictures, seen = (functional.avg_pool2d(each, 2) for each in (self.pictures, self.seen))
        return _Batch(pictures, seen, self.mirrored, self.traits)

    def turned(self, pictures: Tensor) -> Tensor:
        """Mirror pictures as the encoder's were."""
        return torch.where(self.mirrored, pictures.flip(3), pictures)


class ConditionedTraining(ResumableTraining):
    """One training; `advance` does a step of it.

    Attributes:
        drawings: what it learns from.
        model: what learns.
        step, seconds: how many were done, and the processor's time they took.
        drawn: how many drawings it has seen drawn, before it was interrupted too.
    """

    counted = ("step", "seconds", "drawn")

    def __init__(
        self,
        drawings: Drawings,
        *,
        dimensions: PortraitDimensions = DIMENSIONS,
        batch: int = 8,
        rate: float = 9e-4,
        seed: int = 0,
    ) -> None:
        """Begin.

        Args:
            drawings: what it learns from, at least one; more may be added between steps.
            dimensions: of a conditioned model whose core is the drawings' side.
            batch: drawings in a step, a multiple of four.
            rate: Adam's, at its height.
            seed: what chance starts from.
        """
        super().__init__()
        torch.manual_seed(seed)
        self.drawings, self._batch, self._rate = drawings, batch, rate
        self.model = DefaultVae(dimensions)
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        assert isinstance(self.model.decoder, ConditionedDecoder)
        self._decoder = self.model.decoder
        layout = self._decoder.layout
        layout.centre[:], layout.spread[:] = standard()
        self._averaged = AveragedModel(self.model, multi_avg_fn=_average, use_buffers=True)
        self._critics = Critics(dimensions.core, 16)
        self._optimiser = Adam(_groups(self.model), rate, betas=(0.8, 0.99), fused=True)
        self.drawn = len(drawings)
        self._dice = np.random.default_rng(seed)
        self._coarse_until, self._adversarial_from = _COARSE, _ADVERSARIAL

    @property
    def averaged(self) -> DefaultVae:
        """The moving average, ready to draw."""
        averaged = self._averaged.module
        assert isinstance(averaged, DefaultVae)
        return averaged.eval()

    def advance(self, done: float) -> dict[str, float]:
        """Do one step; `done` is the share of the training that is over, in [0, 1)."""
        self.model.train()
        share = min(1.0, (self.step + 1) / 100, max(0.02, (1 - done) / _DECAY))
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * share * group["factor"]
        adversarial = done >= self._adversarial_from
        batch = self._draw_batch()
        with torch.no_grad():
            real = features()(batch.seen)
        latents, losses = self._encode(batch, real, done)
        if adversarial:
            latents = torch.cat([latents, self._invented(latents.detach())])
        shown, drawn_losses = self._decode(batch, latents, coarse=done < self._coarse_until)
        losses |= drawn_losses
        maps = features()(shown)
        if done < self._coarse_until:
            with torch.no_grad():
                real = features()(batch.halved().seen)
        count = len(batch.pictures)
        losses["features"] = _FEATURES * feature_distance([x[:count] for x in maps], real)
        if adversarial:
            losses |= self._fool(maps, shown, min(1.0, 8 * (done - self._adversarial_from)))
        descend(self._optimiser, torch.stack(list(losses.values())).sum(), self.model)
        self._averaged.update_parameters(self.model)
        self.step += 1
        parts = {name: float(loss.detach()) for name, loss in losses.items()}
        if adversarial:
            parts["critics"] = self._critics.learn(real, batch.seen, maps, shown)
        return parts

    def _draw_batch(self) -> _Batch:
        chosen = self._dice.integers(len(self.drawings), size=self._batch)
        pictures = as_tensor(self.drawings.pictures[chosen])
        mirrored = torch.from_numpy(self._dice.random(self._batch) < 0.5).view(-1, 1, 1, 1)
        seen = torch.where(mirrored, pictures.flip(3), pictures)
        traits = torch.from_numpy(self.drawings.traits[chosen])
        return _Batch(pictures, seen, mirrored, standardised(self._decoder.layout, traits))

    def _encode(
        self, batch: _Batch, seen: list[Tensor], done: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return latents of true traits and the encoder's free part, and the encoder's losses."""
        mean, log_variance = self.model.encoder(batch.seen, seen)
        told = batch.traits.clone()
        told[:, TRAIT["facing"]] = torch.where(batch.mirrored.flatten(1), 1.0, -1.0)
        free, spread = mean[:, TRAITS:], log_variance[:, TRAITS:]
        losses = {
            "traits": _TRAITS * surprise(told, mean[:, :TRAITS], log_variance[:, :TRAITS]),
            "divergence": min(1.0, done / 0.15) * _NATS * divergence(free, spread, _FREE_NATS),
        }
        sampled = free + (0.5 * spread).exp() * torch.randn_like(free)
        return torch.cat([batch.traits, sampled], 1), losses

    def _decode(
        self, batch: _Batch, latents: Tensor, *, coarse: bool
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return drawn pictures, the batch's own as the encoder saw them, and the pixels' losses.

        Eyes, mouth and ears count threefold, where the layout says that they are.
        """
        decoder, count = self._decoder, len(batch.pictures)
        with torch.no_grad():
            planes = decoder.layout(latents[:, :TRAITS])
            eyes, mouth, ears = (planes[:count, [near]] for near in (EYES, MOUTH, EARS))
            weights = 1 + 2 * eyes + 2.5 * mouth + ears
        drawn = decoder.draw(latents, planes, coarse=coarse)
        pictures = batch.halved().pictures if coarse else batch.pictures
        if coarse:
            weights = functional.avg_pool2d(weights, 2)
        own = drawn[:count]
        error = ((own - pictures).abs() * weights).mean() / weights.mean()
        rough = functional.avg_pool2d(own - pictures, 4).abs().mean()
        losses = {
            "pixels": _PIXELS * (error + rough),
            "gradients": gradient_distance(own * weights, pictures * weights),
        }
        return torch.cat([batch.turned(own), drawn[count:]]), losses

    def _invented(self, latents: Tensor) -> Tensor:
        """Mix blocks of drawings that were never drawn together, a quarter of a batch."""
        count = self._batch // 4
        rows = invented(self.drawings.traits[: len(self.drawings)], count, self._dice)
        others = latents[torch.randperm(len(latents))[:count], TRAITS:]
        own = standardised(self._decoder.layout, torch.from_numpy(rows))
        return torch.cat([own, others], 1)

    def _fool(self, maps: list[Tensor], shown: Tensor, share: float) -> dict[str, Tensor]:
        by_maps, by_patches = self._critics.judge(maps, shown)
        return {
            "adversarial": share * _ADVERSE * by_maps,
            "patches": share * _PATCHES * by_patches,
        }

    def _parts(self) -> dict[str, Any]:
        return {
            "model": self.model, "averaged": self._averaged, "critics": self._critics,
            "optimiser": self._optimiser, "criticising": self._critics.optimiser,
        }  # fmt: skip

    def save(self, file: Path) -> None:
        """Write all that is needed to continue."""
        self.drawn = max(self.drawn, self.drawings.count)
        super().save(file)

    def start(self, model: DefaultVae) -> None:
        """Take over the networks of a model; optimiser and critics begin anew.

        Nothing is drawn at half the side any more, and the critics help nearly from the beginning.

        Raises:
            RuntimeError: it has other sizes.
        """
        for own in (self.model, self.averaged):
            own.load_state_dict(model.state_dict())
        self._coarse_until, self._adversarial_from = 0.0, _ADVERSARIAL_AGAIN

    @torch.no_grad()
    def sheet(self, file: Path, held_out: Drawings) -> None:
        """Draw unseen drawings, the same from their traits, by the encoder, and new girls."""
        model, layout = self.averaged, self._decoder.layout
        count = len(held_out)
        pictures = as_tensor(held_out.pictures[:count])
        mean, _ = model.encode(pictures)
        traits = standardised(layout, torch.from_numpy(held_out.traits[:count]))
        told = torch.cat([traits, mean[:, TRAITS:]], 1)
        rows = invented(held_out.traits[:count], count, np.random.default_rng(1))
        new = torch.cat([standardised(layout, torch.from_numpy(rows)), mean[:, TRAITS:].flip(0)], 1)
        told[:, TRAIT["facing"]] = -1
        new[:, TRAIT["facing"]] = -1
        drawn = [pictures, model.decode(told), model.decode(mean), model.decode(new)]
        strips = [np.concatenate(list(as_pictures(each)), 1) for each in drawn]
        Image.fromarray(np.concatenate(strips, 0)).save(file)


def standardised(layout: FaceLayout, traits: Tensor) -> Tensor:
    """Return traits as they stand in latents; all look to the left."""
    own = (traits - layout.centre) / layout.spread
    own[:, TRAIT["facing"]] = -1
    return own


def latent_of(model: DefaultVae, small: NDArray[np.uint8], row: NDArray[np.float32]) -> Tensor:
    """Return the latent (latent,) that a decoder draws a small drawing from.

    Args:
        model: a conditioned one.
        small: (core, core, 3), the drawing.
        row: (TRAITS,), its traits; what they leave open the encoder finds.
    """
    assert isinstance(model.decoder, ConditionedDecoder)
    traits = standardised(model.decoder.layout, torch.from_numpy(row)[None])
    traits[:, TRAIT["facing"]] = float(row[TRAIT["facing"]][0])
    mean, _ = model.encode(as_tensor(np.stack([small])))
    return torch.cat([traits, mean[:, TRAITS:]], 1)[0]


def standard() -> tuple[Tensor, Tensor]:
    """Return centre and spread of each trait; kinds and `facing` stay as they are."""
    rows = np.stack([traits_of(seed) for seed in range(500_000, 500_000 + _STANDARD)])
    centre, spread = rows.mean(0), rows.std(0) + 1e-3
    for name in (*KINDS, "facing"):
        centre[TRAIT[name]], spread[TRAIT[name]] = 0, 1
    return torch.from_numpy(centre), torch.from_numpy(spread)


def invented(traits: np.ndarray, count: int, dice: np.random.Generator) -> np.ndarray:
    """Return traits (count, TRAITS) whose blocks come from different drawings."""
    rows = np.empty((count, TRAITS), np.float32)
    for place in BLOCK.values():
        rows[:, place] = traits[dice.integers(len(traits), size=count), place]
    return rows


def surprise(told: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return how unlikely the true traits are by what the encoder says, in nats a trait."""
    spread = log_variance.clamp(min=-6)
    return 0.5 * ((told - mean).square() * (-spread).exp() + spread).mean()


def _average(past: Any, now: Any, count: Any) -> None:
    decay = min(0.993, (1 + int(count)) / (10 + int(count)))
    get_ema_multi_avg_fn(decay)(past, now, count)


def finished(training: ConditionedTraining, upscaler: Path, name: str) -> PortraitCheckpoint:
    """Put a model together.

    Args:
        training: whose averaged weights it gets.
        upscaler: what `training.avatar.upscaler` wrote.
        name: of the model.

    Raises:
        RuntimeError: the upscaler has other sizes.
    """
    model, drawings = training.averaged, training.drawings
    assert isinstance(model.decoder, ConditionedDecoder)
    model.upscaler.load_state_dict(load_upscaler(upscaler).state_dict())
    rows = []
    for at in range(0, min(_BANK, len(drawings)), 32):
        traits = torch.from_numpy(drawings.traits[at : at + 32])
        with torch.inference_mode():
            mean, _ = model.encode(as_tensor(drawings.pictures[at : at + 32]))
        facing = traits[:, TRAIT["facing"]].clone()
        told = standardised(model.decoder.layout, traits)
        told[:, TRAIT["facing"]] = facing
        rows.append(torch.cat([told, mean[:, TRAITS:]], 1).numpy())
    bank = TraitBank(np.concatenate(rows).astype(np.float32), OPTIONS)
    card = {
        "name": name, "version": "3", "recipe": "conditioned", "steps": str(training.step),
        "data": f"{training.drawn} drawings of training/illustrator, "
        f"seeds from {drawings.first_seed}",
        "commit": commit(), "processor minutes": f"{training.seconds / 60:.1f}",
    }  # fmt: skip
    return PortraitCheckpoint(model, bank, card, choices=bank)


def _groups(model: DefaultVae) -> list[dict[str, Any]]:
    """Return what is trained, with the rate of each group as a share of the whole rate."""
    steering: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, weight in model.named_parameters():
        if not name.startswith("upscaler"):
            (steering if "_steer" in name else rest).append(weight)
    return [{"params": rest, "factor": 1.0}, {"params": steering, "factor": _STEERING}]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for so many minutes of the processor, or put a model together."""
    options = _parser().parse_args(arguments)
    configure(options)
    drawings = Drawings.empty(options.room, first_seed=options.first_seed)
    for at in range(options.first):
        drawings.add(drawings.first_seed + at)
    training = ConditionedTraining(drawings, batch=options.batch, rate=options.rate)
    if options.start:
        model = load_model(options.start).model
        assert isinstance(model, DefaultVae), "the recipe `seed` has other networks"
        training.start(model)
    if options.resume or options.out:
        training.restore(options.state)
    if options.out:
        save_model(finished(training, options.upscaler, options.name), options.out)
        return
    held_out = Drawings.empty(_SHOWN)
    for seed in range(_HELD_OUT, _HELD_OUT + _SHOWN):
        held_out.add(seed)
    _train(training, held_out, options)


def _train(training: ConditionedTraining, held_out: Drawings, options: argparse.Namespace) -> None:
    drawings = training.drawings

    def draw_fresh() -> None:
        for _ in range(options.fresh):
            drawings.add(drawings.first_seed + drawings.count)

    train(training, options, sheet=lambda file: training.sheet(file, held_out), before=draw_fresh)


def _parser() -> argparse.ArgumentParser:
    parser = training_parser("training.avatar.conditioned_training", __doc__, minutes=600)
    parser.add_argument("--start", type=Path, help="a model to go on from, without its state")
    parser.add_argument("--upscaler", type=Path, help="for --out: the upscaler's weights")
    parser.add_argument("--name", default="udonge", help="for --out: what the model is called")
    parser.add_argument("--first", type=int, default=1600, help="drawings to begin with")
    parser.add_argument("--first-seed", type=int, default=0, help="of the drawings")
    parser.add_argument("--fresh", type=int, default=2, help="new drawings a step")
    parser.add_argument("--room", type=int, default=8000, help="drawings at hand at most")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=9e-4, help="learning rate at its height")
    return parser


if __name__ == "__main__":
    main()
