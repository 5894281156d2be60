"""Draw portraits with a trained model: the one class that the bot needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from ml.avatar.checkpoint import PortraitCheckpoint, load_model
from ml.avatar.conditioned import SCALE, FourfoldUpscaler
from ml.avatar.features import Pictures, as_pictures, as_tensor
from ml.avatar.latents import Choices, Latents, TraitBank, UnknownChoiceError, settled
from ml.avatar.traits import TRAIT

LARGE = 1024  # px, the side of the largest picture of a portrait
_FINE = 4  # positions looked at for each frame of a morph, to find where the picture changes


class PortraitModel:
    """Turns seeds and pictures into latents, and latents into portraits.

    The same seed gives the same portrait, bit for bit on one host, whatever else is drawn with
    it: every latent and every portrait is computed alone.
    """

    def __init__(self, checkpoint: PortraitCheckpoint) -> None:
        self._model, self._density = checkpoint.model, checkpoint.density
        self._choices = checkpoint.choices
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="beside-torch")
        self._device = next(checkpoint.model.parameters()).device
        self.name = checkpoint.name
        self.card = dict(checkpoint.card)

    @classmethod
    def load(cls, file: Path | None = None, device: str = "cpu") -> PortraitModel:
        """Read a portrait model; None takes the weights that are shipped.

        Raises:
            PortraitModelError: the file is missing, damaged, or not one of ours.
        """
        return cls(load_model(file, device))

    @property
    def latent_size(self) -> int:
        """Numbers that a portrait is drawn from."""
        return self._model.dimensions.latent

    @property
    def side(self) -> int:
        """Pixels along each side of a portrait."""
        return self._model.dimensions.side

    @property
    def options(self) -> Mapping[str, tuple[str, ...]]:
        """By group (`style`, `mood`, `ears`, `scene`) what can be chosen; empty: nothing."""
        return self._choices.options if self._choices else {}

    def choose(self, latent: Latents, seed: int, choices: Choices) -> Latents:
        """Return a latent (latent,) that shows what was chosen, and is otherwise the same.

        Raises:
            UnknownChoiceError: this model does not know one of the choices.
        """
        if self._choices is None:
            if choices:
                raise UnknownChoiceError(", ".join(choices))
            return latent
        return self._choices.choose(latent, seed, choices)

    def latents(self, seeds: Sequence[int]) -> Latents:
        """Draw the latents of seeds, float32 (n, latent); any whole number is a seed."""
        latents = self._stacked([self._density.draw(seed) for seed in seeds])
        if self._model.dimensions.recipe == "conditioned" and len(latents):
            # Halfway she would be drawn both ways at once; a lesson's density knows nothing of it.
            facing = latents[:, TRAIT["facing"]]
            latents[:, TRAIT["facing"]] = np.where(facing > 0, 1.0, -1.0)
        return latents

    def draw(self, latents: Latents) -> Pictures:
        """Draw portraits, (n, side, side, 3) uint8, one by one.

        Raises:
            ValueError: the latents are not (n, latent).
        """
        return self._drawn(latents, finished=True)

    @torch.inference_mode()
    def encode(self, pictures: Pictures) -> Latents:
        """Find the latents of pictures, (n, h, w, 3) uint8 of any size; the middle square counts.

        Returns:
            float32 (n, latent).

        Raises:
            ValueError: the pictures are not (n, h, w, 3) uint8.
        """
        if pictures.ndim != 4 or pictures.shape[-1] != 3 or pictures.dtype != np.uint8:
            raise ValueError(f"pictures are {pictures.dtype} {pictures.shape}")
        means = [
            self._model.encode(as_tensor(picture[None]).to(self._device))[0][0].cpu().numpy()
            for picture in pictures
        ]
        found = self._decided(self._stacked(means))
        return self._density.with_locks(found) if isinstance(self._density, TraitBank) else found

    @torch.inference_mode()
    def enlarge(self, picture: Pictures) -> Pictures:
        """Draw a portrait (side, side, 3) larger, (1024, 1024, 3), lines as sharp as before."""
        tensor = as_tensor(picture[None]).to(self._device)
        upscaler = getattr(self._model, "upscaler", None)
        if isinstance(upscaler, FourfoldUpscaler):
            # It draws lines anew at four times any side: at half of the portrait's, so at twice.
            half = functional.interpolate(
                tensor, (LARGE // SCALE, LARGE // SCALE), mode="bilinear", antialias=True
            )
            large = upscaler(half)
        else:
            large = functional.interpolate(tensor, (LARGE, LARGE), mode="bicubic")
        drawn: Pictures = as_pictures(large)[0]
        return drawn

    def blend(self, a: Latents, b: Latents, shares: Sequence[float]) -> Latents:
        """Mix two latents (latent,): a share of 0 is `a` itself, 1 is `b`. Float32 (n, latent)."""
        return self._decided(self._between(a, b, shares))

    def vary(self, latent: Latents, seeds: Sequence[int], strength: float) -> Latents:
        """Vary a latent (latent,): one variation for each seed, float32 (n, latent).

        Args:
            latent: what to vary.
            seeds: of the variations.
            strength: 0 changes nothing, 1 draws anew.
        """
        if isinstance(self._density, TraitBank):
            bank = self._density
            return self._stacked([bank.vary(latent, seed, strength) for seed in seeds])
        # Along a circle, so that a variation is as far from the mean as its parents are.
        angle = np.clip(strength, 0.0, 1.0) * np.pi / 2
        if angle == 0:
            return self._stacked([latent] * len(seeds))
        mean = self._density.mean
        anew = self.latents(seeds)
        varied: Latents = mean + np.cos(angle) * (latent - mean) + np.sin(angle) * (anew - mean)
        return varied.astype(np.float32)

    def morph(self, a: Latents, b: Latents, frames: int) -> Latents:
        """Go from `a` to `b` in steps that look even: float32 (frames, latent), ends exact.

        The way is cut where the decoded picture, not the latent, has gone its share.

        Raises:
            ValueError: fewer than two frames.
        """
        if frames < 2:
            raise ValueError(f"a morph has at least two frames, not {frames}")
        places = np.linspace(0.0, 1.0, max(_FINE * (frames - 1), 16) + 1)
        seen = self._drawn(self._between(a, b, places.tolist()), finished=False).astype(np.float32)
        steps = np.sqrt(((seen[1:] - seen[:-1]) ** 2).mean(axis=(1, 2, 3))) + 1e-6
        gone = np.concatenate([[0.0], steps.cumsum() / steps.sum()])
        shares = np.interp(np.linspace(0.0, 1.0, frames), gone, places)
        shares[0], shares[-1] = 0.0, 1.0
        return self._between(a, b, shares.tolist())

    @torch.inference_mode()
    def _drawn(self, latents: Latents, *, finished: bool) -> Pictures:
        if latents.ndim != 2 or latents.shape[1] != self.latent_size:
            raise ValueError(f"latents are {latents.shape}, not (n, {self.latent_size})")
        told = [
            torch.from_numpy(np.ascontiguousarray(latent[None], np.float32)).to(self._device)
            for latent in latents
        ]
        # One after another: how many threads share a convolution decides the last bits of its sums.
        decoded = [self._model.decode(latent) for latent in told]
        side = self.side if finished else self._model.dimensions.core
        drawn = np.empty((len(latents), side, side, 3), np.uint8)

        @torch.inference_mode()
        def finish(every: range) -> None:
            for at in every:
                small = decoded[at]
                large = self._model.finish(small, told[at]) if finished else small
                drawn[at] = as_pictures(large)[0]

        # Sums of few maps, as finishing has them, are the same by any number of threads.
        others = self._beside.submit(finish, range(1, len(told), 2))
        finish(range(0, len(told), 2))
        others.result()
        return drawn

    def _between(self, a: Latents, b: Latents, shares: Sequence[float]) -> Latents:
        return self._stacked([_mixed(a, b, share) for share in shares])

    def _decided(self, latents: Latents) -> Latents:
        """Decide kinds where the decoder has only seen decided ones."""
        return settled(latents) if isinstance(self._density, TraitBank) else latents

    def _stacked(self, latents: Sequence[npt.NDArray[np.float32]]) -> Latents:
        if not latents:
            return np.zeros((0, self.latent_size), np.float32)
        return np.stack(latents).astype(np.float32)


def _mixed(a: Latents, b: Latents, share: float) -> Latents:
    if share in (0.0, 1.0):
        return b if share else a
    return (a + np.float32(share) * (b - a)).astype(np.float32)
