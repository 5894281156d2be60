"""Networks that read from small pictures what was chosen: style, mood, ears, scene.

They learn from drawings, whose facts are known, and stay as they are while a decoder learns to be
read rightly (an auxiliary classifier: Odena, Olah and Shlens, 2017). The decoder's look through
EfficientNet-Lite0; those that measure it through Lite2 (`benchmarks.portraits_choices`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam

from ml.avatar.features import CHANNELS, Pictures, as_tensor, features
from ml.avatar.traits import OPTIONS, TRAIT, Box

_MAPS = 4  # of the frozen network are read, the finest first
_PLACES = 8  # squares across a picture in which each map is pooled
_WIDTH = 48
_MOVED = 4  # px that a picture is moved by at most, so that no single pixel can be relied on
_WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_FACE: Box = (0.2, 0.4, 0.8, 1.0)
# The part that shows each group.
_SHOWN: Mapping[str, Box] = {"style": _WHOLE, "mood": _FACE, "ears": _WHOLE, "scene": _WHOLE}


def told(latents: Tensor) -> dict[str, Tensor]:
    """Return, by group, the numbers (n,) of the options that latents (n, latent) tell."""
    return {group: latents[:, TRAIT[group]].argmax(1) for group in OPTIONS}


class ChoiceReaders(nn.Module):
    """One reader a group."""

    def __init__(
        self,
        see: Callable[[Tensor], list[Tensor]] | None = None,
        channels: Sequence[int] = CHANNELS[:_MAPS],
    ) -> None:
        """Begin with readers that know nothing.

        Args:
            see: gives maps of pictures (n, 3, side, side) in [-1, 1], at least those of
                `channels`; None: the frozen network of the losses.
            channels: of each map that is read.
        """
        super().__init__()
        self._see, self._maps = see or features().forward, len(channels)
        self._heads = nn.ModuleDict(
            {group: _head(sum(channels), len(names)) for group, names in OPTIONS.items()}
        )

    def learn(self, pictures: Pictures, traits: np.ndarray, *, rounds: int = 15) -> None:
        """Learn from drawings, seen from both sides, and stay like that from then on.

        Args:
            pictures: (n, side, side, 3) drawings.
            traits: (n, TRAITS) what they show.
            rounds: times that each is looked at.
        """
        both = np.concatenate([pictures, pictures[:, :, ::-1]])
        parts = {box: self._see_all(both, box) for box in (_WHOLE, _FACE)}
        shown = told(torch.from_numpy(np.concatenate([traits, traits])))
        optimiser = Adam(self.parameters(), 1e-3, weight_decay=1e-4)
        self.train()
        for _ in range(rounds):
            for chosen in torch.randperm(len(both)).split(32):
                seen = {box: maps[chosen] for box, maps in parts.items()}
                losses = self._losses(seen, {group: each[chosen] for group, each in shown.items()})
                optimiser.zero_grad()
                torch.stack(list(losses.values())).sum().backward()
                optimiser.step()
        self.eval().requires_grad_(False)

    @torch.no_grad()
    def right(self, pictures: Pictures, traits: np.ndarray) -> dict[str, float]:
        """Return, by group, in which share of drawings (n, side, side, 3) it is read rightly."""
        parts = {box: self._see_all(pictures, box) for box in (_WHOLE, _FACE)}
        shown = told(torch.from_numpy(traits))
        return {
            group: float((self._heads[group](parts[box]).argmax(1) == shown[group]).float().mean())
            for group, box in _SHOWN.items()
        }

    def forward(self, pictures: Tensor, latents: Tensor) -> Tensor:
        """Return how far pictures (n, 3, side, side) are from what latents tell, in nats a group.

        Gradients pass to the pictures.
        """
        down, across = torch.randint(-_MOVED, _MOVED + 1, (2,)).tolist()
        moved = torch.roll(pictures, (down, across), (2, 3))
        seen = {box: self._seen(moved, box) for box in (_WHOLE, _FACE)}
        return torch.stack(list(self._losses(seen, told(latents)).values())).mean()

    def _losses(self, seen: dict[Box, Tensor], shown: dict[str, Tensor]) -> dict[str, Tensor]:
        return {
            group: functional.cross_entropy(
                self._heads[group](seen[box]), shown[group], label_smoothing=0.05
            )
            for group, box in _SHOWN.items()
        }

    @torch.no_grad()
    def _see_all(self, pictures: Pictures, box: Box) -> Tensor:
        return torch.cat(
            [
                self._seen(as_tensor(pictures[at : at + 32]), box)
                for at in range(0, len(pictures), 32)
            ]
        )

    def _seen(self, pictures: Tensor, box: Box) -> Tensor:
        """Return what the frozen network sees in a part, (n, channels, 8, 8)."""
        side = pictures.shape[-1]
        left, top, right, bottom = (round(edge * side) for edge in box)
        part = pictures[:, :, top:bottom, left:right]
        if part.shape[-1] != side:
            part = functional.interpolate(part, (side, side), mode="bilinear", antialias=True)
        maps = self._see(part)[: self._maps]
        return torch.cat([functional.adaptive_avg_pool2d(each, _PLACES) for each in maps], 1)


def _head(channels: int, options: int) -> nn.Sequential:
    return nn.Sequential(
        nn.BatchNorm2d(channels, affine=False),
        nn.Dropout2d(0.2),
        nn.Conv2d(channels, _WIDTH, 1),
        nn.ReLU(),
        nn.Conv2d(_WIDTH, _WIDTH, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(_WIDTH * (_PLACES // 2) ** 2, options),
    )
