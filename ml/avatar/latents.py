"""Which latents portraits are drawn from: a density, or a bank of traits to choose from.

The density is a mixture of Gaussians fitted to the training pictures. The seed samples from
N(0, 1), where its encoder has put nothing: that is why it draws mush.

A bank holds the latents of drawings. A seed takes each block of traits from another of them, as the
illustrator draws them independently of each other; a choice takes its block from one that shows
what was chosen. All other blocks stay, so the girl stays the same.

What a model is called, and what can be chosen, is read from its file without its networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml import checkpoints
from ml.avatar.traits import BLOCK, KINDS, TRAIT, TRAITS

Latents = npt.NDArray[np.float32]
"""(n, latent)."""

_ROUNDS = 30  # of expectation and maximisation; mixtures this small have settled by then
_SHARED = 0.3  # of each covariance comes from all of them, which few pictures need


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """A mixture of Gaussians.

    Attributes:
        shares: (k,) which sum to 1.
        means: (k, latent).
        factors: (k, latent, latent) lower triangular; a factor times white noise is a sample.
        spread: how far from its mean a sample may lie, as a share of the fitted spread; below 1
            portraits are cleaner and more alike (the truncation of Brock et al., 2019).
    """

    shares: npt.NDArray[np.float32]
    means: npt.NDArray[np.float32]
    factors: npt.NDArray[np.float32]
    spread: float = 1.0

    @classmethod
    def standard(cls, latent: int) -> Density:
        """N(0, 1), which the seed samples from."""
        return cls(
            np.ones(1, np.float32),
            np.zeros((1, latent), np.float32),
            np.eye(latent, dtype=np.float32)[None],
        )

    @property
    def latent_size(self) -> int:
        """Numbers in a latent."""
        return int(self.means.shape[1])

    @property
    def mean(self) -> Latents:
        """(latent,) of the whole mixture."""
        mean: Latents = (self.shares[:, None] * self.means).sum(axis=0)
        return mean

    def draw(self, seed: int) -> Latents:
        """Draw the one latent (latent,) that belongs to a seed.

        Sums instead of matrix products: those of a library may differ with its threads.
        """
        rng = np.random.Generator(np.random.PCG64(seed % 2**64))
        chosen = min(
            int(np.searchsorted(self.shares.cumsum(), rng.random(), side="right")),
            len(self.shares) - 1,
        )
        noise = rng.standard_normal(self.latent_size) * self.spread
        offset = (self.factors[chosen].astype(np.float64) * noise).sum(axis=1)
        drawn: Latents = (self.means[chosen] + offset).astype(np.float32)
        return drawn


def fit(latents: Latents, parts: int, seed: int = 0, spread: float = 1.0) -> Density:
    """Fit a mixture to the latents of the training pictures.

    Args:
        latents: (n, latent), n of at least 2.
        parts: Gaussians in the mixture; fewer where there are few pictures.
        seed: what chance starts from.
        spread: of the density.

    Returns:
        the density.
    """
    points = latents.astype(np.float64)
    parts = max(1, min(parts, len(points) // 25))
    chances = _grouped(points, parts, np.random.default_rng(seed))
    for _ in range(_ROUNDS if parts > 1 else 0):
        shares, means, covariances = _moments(points, chances)
        chances = _belonging(points, shares, means, covariances)
    shares, means, covariances = _moments(points, chances)
    factors = np.linalg.cholesky(covariances)
    return Density(
        shares.astype(np.float32), means.astype(np.float32), factors.astype(np.float32), spread
    )


def _grouped(points: np.ndarray, parts: int, rng: np.random.Generator) -> np.ndarray:
    """Group the points around far-apart ones, as (n, parts) of zeros and ones."""
    centres = points[rng.integers(len(points), size=1)]
    while len(centres) < parts:
        nearest = _distances(points, centres).min(axis=1)
        centres = np.vstack([centres, points[rng.choice(len(points), p=nearest / nearest.sum())]])
    for _ in range(10):
        nearest = _distances(points, centres).argmin(axis=1)
        centres = np.stack(
            [
                points[nearest == part].mean(axis=0) if (nearest == part).any() else centres[part]
                for part in range(parts)
            ]
        )
    grouped: np.ndarray = np.eye(parts)[_distances(points, centres).argmin(axis=1)]
    return grouped


def _distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    squares: np.ndarray = (
        (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * points @ centres.T
    )
    return squares.clip(min=0)


def _moments(points: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute shares, means and covariances, each of which leans on what is common to all."""
    weights = chances.sum(axis=0) + 1e-6
    means = chances.T @ points / weights[:, None]
    own = np.stack(
        [
            ((points - mean) * chance[:, None]).T @ (points - mean) / weight
            for mean, chance, weight in zip(means, chances.T, weights, strict=True)
        ]
    )
    shares = weights / weights.sum()
    common = (shares[:, None, None] * own).sum(axis=0)
    ridge = 1e-4 * np.trace(common) / len(common) * np.eye(len(common))
    return shares, means, (1 - _SHARED) * own + _SHARED * common + ridge


def _belonging(
    points: np.ndarray, shares: np.ndarray, means: np.ndarray, covariances: np.ndarray
) -> np.ndarray:
    """Compute to which part each point belongs, (n, parts), rows summing to 1."""
    logs = np.empty((len(points), len(shares)))
    for part, (share, mean, covariance) in enumerate(zip(shares, means, covariances, strict=True)):
        factor = np.linalg.cholesky(covariance)
        whitened = np.linalg.solve(factor, (points - mean).T)
        logs[:, part] = (
            np.log(share) - np.log(np.diag(factor)).sum() - (whitened**2).sum(axis=0) / 2
        )
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    belonging: np.ndarray = chances / chances.sum(axis=1, keepdims=True)
    return belonging


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
        # The mood's own, and the fringe: half-way between two edges there are no locks.
        for name in ("open", "merry", "brow_slant", "brow_lift", "mouth_size", "fringe_edge"):
            varied[TRAIT[name]] = latent[TRAIT[name]]
        result: Latents = varied.astype(np.float32)
        return result

    def with_locks(self, latents: Latents) -> Latents:
        """Give latents (n, latent) the nearest fringe that was drawn: what is guessed has no locks.

        Near is what is alike in its edge, among those cut alike.
        """
        given, edge, cut = latents.copy(), TRAIT["fringe_edge"], TRAIT["fringe"]
        for row in given:
            far = ((self.rows[:, edge] - row[edge]) ** 2).sum(axis=1)
            other = self.rows[:, cut].argmax(axis=1) != row[cut].argmax()
            row[edge] = self.rows[int((far + 1e3 * other).argmin()), edge]
        return given


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


SHIPPED = Path(__file__).parent / "weights" / "udonge.safetensors"
FORMAT = "portraits-1"


class PortraitModelError(checkpoints.ModelFileError):
    """The weights cannot be used; the message says which file and why."""

    code = "portrait_model_file"
    holds = "portraits"


def name_of(card: Mapping[str, str], digest: str) -> str:
    """Name a model by its card and its file's SHA-256, empty before it is saved."""
    name, version = card.get("name", "portraits"), card.get("version", "0")
    return f"{name}-{version}-{digest[:8] or 'unsaved'}"


@dataclass(frozen=True, slots=True)
class PortraitFacts:
    """What is known of a model without its networks.

    Attributes:
        name: as `PortraitCheckpoint.name`.
        options: by group what can be chosen about its portraits; empty: nothing.
        digest: SHA-256 of the file, in hexadecimal.
    """

    name: str
    options: Mapping[str, tuple[str, ...]]
    digest: str


def read_facts(file: Path | None = None) -> PortraitFacts:
    """Read what a model is called and what can be chosen; None: the one that is shipped.

    Raises:
        PortraitModelError: the file is missing, damaged, or not one of ours.
    """
    return checkpoints.load(file or SHIPPED, FORMAT, _facts_from, PortraitModelError)


def _facts_from(stored: checkpoints.StoredModel) -> PortraitFacts:
    options = stored.fact("options") if "options" in stored.metadata else {}
    choices = {group: tuple(names) for group, names in options.items()}
    return PortraitFacts(name_of(stored.fact("card"), stored.digest), choices, stored.digest)
