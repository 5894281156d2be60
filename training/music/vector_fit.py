"""Fits how a song's timbre, harmony and rhythm are joined into its vector.

    python -m training.music.vector_fit --weights FILE --songs DIR... --out FILE [--pairs FILE]

It is the last step of making weights: it takes those of any training, hears songs with them and
writes the same weights with `VectorFit` beside them. The songs should be those that the weights
were trained on, so that songs kept for measuring stay unheard in every way. `--pairs` are cosines
that `benchmarks.similarity` kept of songs that weights of the same recipe never heard.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from rich.progress import track
from safetensors.torch import load_file
from torch import Tensor

from ml.audio.errors import AudioError
from ml.music.checkpoint import MusicCheckpoint, load_model, save_model
from ml.music.model import Music2Vector
from ml.music.spectrograms import spaced_pictures
from ml.music.vector import PARTS, PartFit, VectorFit
from training.music.augmentation import Augmentation, disturb
from training.music.calibration import fit_likeness
from training.music.clips import Clip, add_pink_noise, read_songs
from training.music.feature_cache import View, chords_and_beats, halves

Array = npt.NDArray[np.float64]

# A song as it may come again: its other half, clean and spoilt. What survives noise survives
# codecs and changes of speed as well; views of those were tried and gave songs worse directions.
VIEWS: Mapping[str, View] = {
    "first": lambda sound: halves(sound)[0],
    "second": lambda sound: halves(sound)[1],
    "second in noise": lambda sound: add_pink_noise(halves(sound)[1], 10.0),
}
PART_COLUMNS = 500  # of 60 ms: thirty seconds
SHORTEST_HALF = 70  # columns, four seconds: less has neither harmony nor rhythm
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BlockShape:
    """How a block is made.

    Attributes:
        weight: its share of the vector.
        size: directions that are kept.
        loyalty: how much more a direction counts that stays the same within a song.
        nature: how much more a direction counts in which songs differ widely.
    """

    weight: float
    size: int
    loyalty: float
    nature: float


SHAPES = {
    "timbre": BlockShape(weight=0.55, size=80, loyalty=0.25, nature=0.25),
    "harmony": BlockShape(weight=0.30, size=64, loyalty=0.50, nature=0.0),
    "rhythm": BlockShape(weight=0.15, size=16, loyalty=0.25, nature=0.0),
}


def fit_joining(heard: Mapping[str, Array]) -> VectorFit:
    """Fit every part's block.

    Args:
        heard: for each of `PARTS` (songs, views, n), the views in the order of `VIEWS`.
    """
    return VectorFit({part: fit_block(heard[part], SHAPES[part]) for part in PARTS})


def fit_block(heard: Array, shape: BlockShape) -> PartFit:
    """Find the directions in which songs differ from one another more than from themselves.

    The spread between songs is made even (PCA-whitening) and turned to where a song's views
    agree best (linear discriminant analysis). A direction of which the views share r counts by
    r / (1 - r^2), as in the likelihood that two excerpts are of one song, softened by a power.

    Args:
        heard: (songs, views, n), zeros where nothing was heard; the first two views are the
            song's two halves.
        shape: how the block is made.
    """
    songs = heard[(heard != 0).any(axis=2).all(axis=1)]
    centre = songs[:, :2].mean(axis=(0, 1))
    songs = songs - centre
    variances, axes = np.linalg.eigh(_covariance(songs[:, :2]))
    largest = np.argsort(-variances)[: min(shape.size, len(songs) - 1)]
    whitening = axes[:, largest] / np.sqrt(variances[largest].clip(min=1e-9))
    white = songs @ whitening
    views = heard.shape[1]
    within = _covariance(white - white.mean(axis=1, keepdims=True)) * views / (views - 1)
    changes, turn = np.linalg.eigh(within)
    stays = np.clip(1 - changes, 0.02, 0.995)
    directions = whitening @ turn
    breadth = 1 / np.linalg.norm(directions, axis=0)
    counts = (stays / (1 - stays**2)) ** shape.loyalty * (breadth / breadth.mean()) ** shape.nature
    projection = (directions * counts).astype(np.float32)
    return PartFit(centre.astype(np.float32), projection, shape.weight)


def hear_songs(checkpoint: MusicCheckpoint, clips: Sequence[Clip], cache: Path) -> dict[str, Array]:
    """Hear every view of every song: (songs, views, n) of each part."""
    heard: dict[str, list[Sequence[npt.NDArray[np.float32]]]] = {part: [] for part in PARTS}
    for clip in track(clips, "listening"):
        if clip.path is None or clip.columns.shape[1] < 2 * SHORTEST_HALF:
            continue
        try:
            rest = chords_and_beats(clip.path, VIEWS, cache)
        except AudioError as error:
            _LOG.warning("%s is left out: %s", clip.path.name, type(error).__name__)
            continue
        heard["timbre"].append(list(timbre_views(checkpoint.model, clip.columns).numpy()))
        heard["harmony"].append([chords for chords, _ in rest])
        heard["rhythm"].append([beat for _, beat in rest])
    return {part: np.array(songs, np.float64) for part, songs in heard.items()}


@torch.inference_mode()
def timbre_views(model: Music2Vector, columns: Tensor) -> Tensor:
    """Hear the views of `VIEWS` with the network, from a song's columns: (views, n).

    Args:
        model: of the default recipe.
        columns: (bands, n) in dB, as in `training.music.clips.Clip`.
    """
    length = min(PART_COLUMNS, columns.shape[1] // 2)
    starts = [max(0, columns.shape[1] * part // 4 - length // 2) for part in (1, 3)]
    first, second = (columns[:, start : start + length].float() for start in starts)
    dice = torch.Generator().manual_seed(0)
    noisy = disturb(second[None, None], Augmentation(noise=1.0), dice)[0, 0]
    vectors: Tensor = model(torch.cat([spaced_pictures(x) for x in (first, second, noisy)])).vector
    return vectors


def likeness_of(joining: VectorFit, heard: Mapping[str, Array]) -> tuple[float, float]:
    """Fit what a cosine means from the halves of songs that the weights were trained on.

    They flatter: songs that were not heard in training are told apart less well.
    """
    songs = range(len(heard["timbre"]))
    first, second = (
        np.stack(
            [joining.join({part: heard[part][song, half] for part in PARTS}) for song in songs]
        )
        for half in (0, 1)
    )
    cosines = torch.from_numpy(first @ second.T)
    return fit_likeness(cosines.diag(), cosines[~torch.eye(len(cosines), dtype=torch.bool)])


def join(
    checkpoint: MusicCheckpoint, heard: Mapping[str, Array], pairs: Path | None
) -> MusicCheckpoint:
    """Give weights their joining, and what a cosine of their joined vectors means."""
    joining = fit_joining(heard)
    if pairs:
        stored = load_file(pairs)
        likeness = fit_likeness(stored["same"], stored["unrelated"])
    else:
        likeness = likeness_of(joining, heard)
        _LOG.warning("no --pairs: what a cosine means is fitted on songs heard in training")
    tuning = replace(checkpoint.tuning, likeness=likeness)
    weights = ", ".join(f"{part} {block.weight:.2f}" for part, block in joining.blocks.items())
    card = {**checkpoint.card, "joining": f"{weights}; {len(heard['timbre'])} songs"}
    return replace(checkpoint, tuning=tuning, joining=joining, card=card)


def _covariance(centred: Array) -> Array:
    flat = centred.reshape(-1, centred.shape[-1])
    covariance: Array = flat.T @ flat / len(flat)
    return covariance


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear the songs, fit, and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.music.vector_fit")
    parser.add_argument("--weights", type=Path, help="instead of the shipped ones")
    parser.add_argument("--songs", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help="the joined weights to write")
    parser.add_argument("--pairs", type=Path, help="from benchmarks.similarity")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    checkpoint = load_model(options.weights)
    heard = hear_songs(checkpoint, read_songs(options.songs, options.cache), options.cache)
    save_model(join(checkpoint, heard, options.pairs), options.out)
    _LOG.info("joined over %d songs: wrote %s", len(heard["timbre"]), options.out)


if __name__ == "__main__":
    main()
