"""Trains the network that enlarges portraits fourfold, on drawings in both sizes.

    python -m training.avatar.upscaler --out FILE [--model MODEL] [--minutes 60] [--resume]

True pairs are endless: the illustrator draws them as they are needed. Pixels and their gradients
are compared from the start; from a third of the time on a small discriminator looks at patches as
well, since comparing alone leaves every doubtful line soft.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from ml.avatar.checkpoint import DefaultVae, load_model
from ml.avatar.conditioned import SCALE, FourfoldUpscaler, Sizes, StyleMarks
from ml.avatar.layout import FaceLayout
from training.illustrator.pairs import LARGE, SMALL, Pair, pairs
from training.illustrator.traits import traits_of

FIRST_SEED = 2_000_000  # none that a generator trains on or is measured with
_POOL = 96  # pairs at hand; every step replaces `_FRESH` of them
_STYLE_UNKNOWN = 0.1  # of the steps, in which no style is told
_LOG = logging.getLogger(__name__)


class PatchDiscriminator(nn.Module):
    """Tells true patches from enlarged ones: a score for each place, higher where it looks true."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        widths = (3, width, 2 * width, 4 * width)
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [spectral_norm(nn.Conv2d(before, after, 4, stride=2, padding=1)),
                       nn.LeakyReLU(0.2)]  # fmt: skip
        layers.append(spectral_norm(nn.Conv2d(widths[-1], 1, 3, padding=1)))
        self._layers = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> Tensor:
        """Score (n, 3, side, side) as (n, 1, side / 8, side / 8)."""
        scores: Tensor = self._layers(pictures)
        return scores


def load_upscaler(file: Path) -> FourfoldUpscaler:
    """Load averaged weights, ready to enlarge.

    Raises:
        OSError: the file cannot be read.
        KeyError: it is no upscaler's.
    """
    state = load_file(file)
    sizes = Sizes(*(int(number) for number in state.pop("sizes")))
    model = FourfoldUpscaler(sizes)
    model.load_state_dict(
        {name.removeprefix("average."): value for name, value in state.items()
         if name.startswith("average.")}
    )  # fmt: skip
    return model.eval()


@dataclass(frozen=True)
class Losses:
    """One step's losses; the adversarial ones are 0 until the discriminator takes part."""

    pixels: float
    gradients: float
    adversarial: float
    discriminator: float


class PairUpscalerTraining:
    """One training; `advance` does a step of it.

    Attributes:
        model: what learns.
        average: its moving average, which is what is used.
        step: how many were done.
    """

    def __init__(
        self,
        *,
        sizes: Sizes | None = None,
        rate: float = 6e-4,
        batch: int = 4,
        crop: int = 40,
        adversarial: float = 0.012,
        seed: int = 0,
        fresh: int = 1,
        pool: int = _POOL,
        device: str = "cpu",
        model: FourfoldUpscaler | None = None,
    ) -> None:
        """Begin.

        Args:
            sizes: of the network.
            rate: Adam's, at its height.
            batch: patches a step.
            crop: side of a patch, in small pixels.
            adversarial: weight of the discriminator's loss beside the pixels' 1.
            seed: what chance starts from.
            fresh: new drawings a step.
            pool: drawings at hand.
            device: where the networks are.
            model: what to begin with; None: an untrained network.
        """
        self.model = (model or FourfoldUpscaler(sizes)).to(device).train()
        self.average = FourfoldUpscaler(self.model.sizes).to(device).requires_grad_(False)
        self.average.load_state_dict(self.model.state_dict())
        self.discriminator = PatchDiscriminator().to(device)
        self.step = 0
        self._rate, self._weight, self._device = rate, adversarial, device
        self._optimiser = torch.optim.Adam(self.model.parameters(), rate, betas=(0.9, 0.99))
        self._discriminating = torch.optim.Adam(
            self.discriminator.parameters(), 3e-4, betas=(0.5, 0.99)
        )
        self._dice = np.random.default_rng(seed)
        self._patches = _patches(self._dice, seed, batch, crop, fresh, pool)

    def advance(self, done: float) -> Losses:
        """Do one step.

        Args:
            done: the share of the training that is over, in [0, 1): the rate falls with it, and
                from a third on the discriminator takes part.
        """
        small, large, marks = next(self._patches)
        small, large = small.to(self._device), large.to(self._device)
        known = self._dice.random() >= _STYLE_UNKNOWN
        warm = min(1.0, (self.step + 1) / 40)
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * warm * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * done)))
        drawn = self.model(small, marks.to(self._device) if known else None)
        pixels, gradients = (drawn - large).abs().mean(), gradient_distance(drawn, large)
        loss = pixels + gradients
        adversarial, discriminator = torch.zeros(()), torch.zeros(())
        if done > 1 / 3:
            adversarial = -self.discriminator(drawn).mean()
            loss = loss + self._weight * min(1.0, 6 * (done - 1 / 3)) * adversarial
        _descend(self._optimiser, loss, self.model)
        if done > 0.3:  # it learns a little before it counts
            discriminator = _hinge(self.discriminator(large), self.discriminator(drawn.detach()))
            _descend(self._discriminating, discriminator, self.discriminator)
        self._average_weights()
        self.step += 1
        parts = (pixels, gradients, adversarial, discriminator)
        return Losses(*(float(part.detach()) for part in parts))

    def save(self, file: Path) -> None:
        """Write the network, its average and the discriminator."""
        parts = {"model": self.model, "average": self.average, "discriminator": self.discriminator}
        state = {
            f"{part}.{name}": value.detach().cpu().contiguous()
            for part, module in parts.items()
            for name, value in module.state_dict().items()
        }
        state["sizes"] = torch.tensor(list(asdict(self.model.sizes).values()))
        state["step"] = torch.tensor(self.step)
        save_file(state, file)

    def resume(self, file: Path) -> None:
        """Read what `save` wrote and go on from there; the optimisers start anew."""
        state = load_file(file)
        for name, module in (
            ("model", self.model),
            ("average", self.average),
            ("discriminator", self.discriminator),
        ):
            own = {key.removeprefix(f"{name}."): value for key, value in state.items()
                   if key.startswith(f"{name}.")}  # fmt: skip
            module.load_state_dict(own)
        self.step = int(state["step"])

    @torch.no_grad()
    def _average_weights(self) -> None:
        share = min(0.995, self.step / (self.step + 20))
        for own, new in zip(self.average.parameters(), self.model.parameters(), strict=True):
            own.lerp_(new, 1 - share)


def gradient_distance(drawn: Tensor, true: Tensor) -> Tensor:
    """Measure how differently two pictures change from pixel to pixel: blurred lines cost."""
    across = (drawn.diff(dim=3) - true.diff(dim=3)).abs().mean()
    down = (drawn.diff(dim=2) - true.diff(dim=2)).abs().mean()
    return across + down


def _patches(
    dice: np.random.Generator, seed: int, batch: int, crop: int, fresh: int, pool: int
) -> Iterator[tuple[Tensor, Tensor, StyleMarks]]:
    """Cut patches (batch, 3, ...) out of ever new drawings: small and large ones, and marks."""
    layout = FaceLayout(SMALL)
    drawn = pairs(FIRST_SEED + 100_000 * seed)
    at_hand: deque[Pair] = deque(maxlen=pool)
    while True:
        for _ in range(fresh if at_hand else min(pool, 8)):
            at_hand.append(next(drawn))
        chosen = [at_hand[int(at)] for at in dice.integers(len(at_hand), size=batch)]
        cut = [_cut(each, dice, crop, layout) for each in chosen]
        small, large, marks = zip(*cut, strict=True)
        yield _as_tensor(np.stack(small)), _as_tensor(np.stack(large)), StyleMarks.joined(marks)


def corner_of_patch(pair: Pair, dice: np.random.Generator, crop: int) -> tuple[int, int]:
    """Choose the left upper corner of a patch, every second time about something that matters."""
    side = len(pair.small)
    middle = dice.random(2)
    if dice.random() < 0.6:
        facts = pair.facts
        places = (*facts.eyes, facts.mouth, *facts.ear_tips, *facts.ear_roots)
        middle = np.array(places[int(dice.integers(len(places)))]) + dice.normal(0, 0.07, 2)
    x, y = np.clip(np.round(middle * side - crop / 2), 0, side - crop).astype(int).tolist()
    return x, y


def _cut(
    pair: Pair, dice: np.random.Generator, crop: int, layout: FaceLayout
) -> tuple[np.ndarray, np.ndarray, StyleMarks]:
    """Cut the same patch out of both sizes, and out of the large one's marks."""
    x, y = corner_of_patch(pair, dice, crop)
    small = pair.small[y : y + crop, x : x + crop]
    large = pair.large[SCALE * y : SCALE * (y + crop), SCALE * x : SCALE * (x + crop)]
    traits = torch.from_numpy(traits_of(pair.facts.seed))[None]
    marks = StyleMarks.of(layout, traits, LARGE).cut(SCALE * x, SCALE * y, SCALE * crop)
    if dice.random() < 0.5:
        small, large, marks = small[:, ::-1], large[:, ::-1], marks.mirrored()
    return small, large, marks


def _as_tensor(pictures: np.ndarray) -> Tensor:
    """Turn (n, h, w, 3) uint8 into (n, 3, h, w) float32 in [-1, 1]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def _hinge(true: Tensor, drawn: Tensor) -> Tensor:
    return functional.relu(1 - true).mean() + functional.relu(1 + drawn).mean()


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor, module: nn.Module) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    optimiser.step()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train for the given minutes and write the weights every five of them."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    training = PairUpscalerTraining(
        sizes=Sizes(*options.sizes), rate=options.rate, batch=options.batch, crop=options.crop,
        seed=options.seed, fresh=options.fresh, device=options.device,
        model=_upscaler_of(options.model) if options.model else None,
    )  # fmt: skip
    if options.resume:
        training.resume(options.out)
    begun = saved = time.monotonic()
    while (done := (time.monotonic() - begun) / (60 * options.minutes)) < 1:
        losses = training.advance(done)
        if training.step % 25 == 0:
            _LOG.info("step %d, %.0f %%: %s", training.step, 100 * done, losses)
        if time.monotonic() - saved > 300:
            saved = time.monotonic()
            training.save(options.out)
    training.save(options.out)


def _upscaler_of(file: Path) -> FourfoldUpscaler:
    model = load_model(file).model
    assert isinstance(model, DefaultVae)
    assert isinstance(model.upscaler, FourfoldUpscaler)
    return model.upscaler


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.avatar.upscaler", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="file for the weights")
    parser.add_argument("--model", type=Path, help="portraits' model whose upscaler to begin with")
    parser.add_argument("--minutes", type=float, default=60, help="how long to train")
    parser.add_argument("--resume", action="store_true", help="go on from the file's weights")
    parser.add_argument("--rate", type=float, default=6e-4, help="learning rate at its height")
    parser.add_argument("--batch", type=int, default=4, help="patches a step")
    parser.add_argument("--crop", type=int, default=40, help="side of a patch, in small pixels")
    parser.add_argument("--fresh", type=int, default=1, help="new drawings a step")
    parser.add_argument(
        "--sizes", type=int, nargs=4, default=list(asdict(Sizes()).values()),
        help="width, blocks, middle and last of the network",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="what chance starts from")
    parser.add_argument("--threads", type=int, default=1, help="that torch may use")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    return parser


if __name__ == "__main__":
    main()
