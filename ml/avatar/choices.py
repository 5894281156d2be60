"""What can be chosen about a conditioned portrait, and where unchosen traits come from.

A bank holds the latents of drawings. A seed takes each block of traits from another of them, as the
illustrator draws them independently of each other; a choice takes its block from one that shows
what was chosen. All other blocks stay, so the girl stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.avatar.density import Latents
from ml.avatar.traits import BLOCK, KINDS, TRAIT, TRAITS

Choices = Mapping[str, str]
"""By group (`style`, `mood`, `ears` or `scene`) the option chosen; groups left out stay free."""

_ORDER = tuple(BLOCK)
_JITTER = 0.08  # of a trait's spread: no two seeds take quite the same block


class UnknownChoiceError(ValueError):
    """The model does not know what was chosen; the message says which group and option."""


@dataclass(frozen=True, slots=True, eq=False)
class TraitBank:
    """The latents of drawings, and what can be chosen among them.

    Attributes:
        rows: (k, latent) float32; kinds are settled, and each kind that can be chosen occurs.
        options: by group the names of its options, in the order of the trait's numbers.
    """

    rows: Latents
    options: Mapping[str, tuple[str, ...]]

    @property
    def latent_size(self) -> int:
        """Numbers in a latent."""
        return int(self.rows.shape[1])

    @property
    def mean(self) -> Latents:
        """(latent,) of all rows."""
        mean: Latents = self.rows.mean(axis=0)
        return mean

    def draw(self, seed: int) -> Latents:
        """Draw the one latent (latent,) that belongs to a seed."""
        drawn = np.empty(self.latent_size, np.float32)
        for block, place in BLOCK.items():
            dice = _dice(seed, block)
            drawn[place] = self.rows[int(dice.integers(len(self.rows))), place]
            _jitter(drawn, place, dice)
        # What the traits leave open was seen together with the scene, of which it paints most.
        dice = _dice(seed, "scene")
        drawn[TRAITS:] = self.rows[int(dice.integers(len(self.rows))), TRAITS:]
        return drawn

    def choose(self, latent: Latents, seed: int, choices: Choices) -> Latents:
        """Return a latent (latent,) that shows what was chosen, and is otherwise the same.

        Raises:
            UnknownChoiceError: there is no such group or option.
        """
        chosen = latent.copy()
        for group, option in choices.items():
            if option not in self.options.get(group, ()):
                raise UnknownChoiceError(f"{group}: {option}")
            number = self.options[group].index(option)
            if int(latent[TRAIT[group]].argmax()) == number:
                continue
            place, dice = BLOCK[group], _dice(seed, group)
            shown = np.flatnonzero(self.rows[:, TRAIT[group]].argmax(axis=1) == number)
            chosen[place] = self.rows[int(dice.choice(shown)), place]
            _jitter(chosen, place, dice)
        return chosen

    def shown(self, latent: Latents) -> Choices:
        """Return what a latent (latent,) shows of each group that can be chosen."""
        return {
            group: names[int(latent[TRAIT[group]].argmax())]
            for group, names in self.options.items()
        }

    def vary(self, latent: Latents, seed: int, strength: float) -> Latents:
        """Vary a latent (latent,): her pose, her hair and her colours move, kinds stay.

        Args:
            latent: what to vary.
            seed: of the variation.
            strength: 0 changes nothing, 1 draws anew what can change.
        """
        angle = np.clip(strength, 0.0, 1.0) * np.pi / 2
        if angle == 0:
            return latent
        mean, anew = self.mean, self.draw(seed)
        # Along a circle, so that a variation is as far from the mean as its parents are.
        varied = mean + np.cos(angle) * (latent - mean) + np.sin(angle) * (anew - mean)
        for name in (*KINDS, "facing"):
            varied[TRAIT[name]] = latent[TRAIT[name]]
        for name in ("open", "merry", "brow_slant", "brow_lift", "mouth_size"):  # the mood's own
            varied[TRAIT[name]] = latent[TRAIT[name]]
        result: Latents = varied.astype(np.float32)
        return result


def settled(latents: Latents) -> Latents:
    """Decide what latents (n, latent) leave undecided: each kind is one, she faces one way."""
    decided = latents.copy()
    for name in KINDS:
        place = TRAIT[name]
        most = decided[:, place].argmax(axis=1)
        decided[:, place] = np.eye(place.stop - place.start, dtype=np.float32)[most]
    place = TRAIT["facing"]
    decided[:, place] = np.where(decided[:, place] > 0, 1.0, -1.0)
    return decided


def _dice(seed: int, block: str) -> np.random.Generator:
    number = _ORDER.index(block)
    return np.random.Generator(np.random.PCG64([seed % 2**64, number]))


def _jitter(latent: Latents, place: slice, dice: np.random.Generator) -> None:
    """Move what is not a kind a little, in place."""
    noise = _JITTER * dice.standard_normal(place.stop - place.start)
    moved = latent[place] + noise
    for name in (*KINDS, "facing"):
        if place.start <= TRAIT[name].start < place.stop:
            at = slice(TRAIT[name].start - place.start, TRAIT[name].stop - place.start)
            moved[at] = latent[TRAIT[name]]
    latent[place] = moved.astype(np.float32)
