"""How each recipe is made: its sizes and its training."""

from __future__ import annotations

from dataclasses import dataclass

from ml.music.model import MusicDimensions
from ml.music.spectrograms import BANDS, COLUMNS, SIDE
from training.music.augmentation import Augmentation
from training.music.teacher import EMBEDDING, TAGS

SEED_DIMENSIONS = MusicDimensions(
    recipe="seed",
    bands=SIDE,
    columns=SIDE,
    widths=(8, 16, 32, 64, 64),
    strides=((2, 2), (2, 2), (2, 2), (2, 2), (2, 2)),
)

DEFAULT_DIMENSIONS = MusicDimensions(
    recipe="default",
    bands=BANDS,
    columns=COLUMNS,
    widths=(32, 64, 96, 128, 192),
    strides=((4, 2), (2, 1), (2, 2), (1, 1), (1, 2)),
    bands_pooled=5,
    embedding=256,
    input_dropout=0.1,
    taught=(EMBEDDING, TAGS),
)


DEFAULT_DISTURBANCE = Augmentation(
    tempo=0.08,
    semitones=1.0,
    equaliser_db=4.0,
    low_pass=0.25,
    noise=0.35,
    hidden_bands=16,
    hidden_columns=4,
)


ENOUGH_CLIPS = 30  # of a genre, to rely on them more than on pictures


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a batch is made of.

    Attributes:
        labelled: songs of the ten genres, each genre as likely as any other.
        others: songs of none of the ten genres.
        unlabelled: songs without a genre.
        windows: windows in a view; a song is seen in two views.
        pictures: share of a genre's songs drawn from pictures where `ENOUGH_CLIPS` of it can
            be heard; half of those of a rarer genre are pictures.
    """

    labelled: int
    others: int
    unlabelled: int
    windows: int
    pictures: float = 0.5


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of the loss counts.

    Attributes:
        windows: genre of single windows, beside that of whole songs.
        teacher: the teacher's embedding and tags.
        contrast: views of a song belong together, others apart.
    """

    windows: float = 0.3
    teacher: float = 0.0
    contrast: float = 0.0


@dataclass(frozen=True, slots=True)
class MusicRecipe:
    """How the default model is trained.

    Attributes:
        dimensions: sizes of the model.
        steps: batches seen.
        rate: the learning rate's peak.
        decay: weight decay.
        average: how slowly the averaged weights follow, per step.
        mixture: what a batch is made of.
        disturbance: how far views stray from the recordings.
        weights: how much each part of the loss counts.
        smoothing: share of a genre's probability that is spread over all ten.
        mixup: share of views that another song of a genre is mixed into.
    """

    dimensions: MusicDimensions = DEFAULT_DIMENSIONS
    steps: int = 1_500
    rate: float = 2e-3
    decay: float = 0.05
    average: float = 0.99
    mixture: Mixture = Mixture(labelled=24, others=4, unlabelled=12, windows=4)
    disturbance: Augmentation = DEFAULT_DISTURBANCE
    weights: Weights = Weights(windows=0.3, teacher=1.0, contrast=0.2)
    smoothing: float = 0.1
    mixup: float = 0.3


SEED_EPOCHS = 50
SEED_BATCH = 32  # pictures
SEED_WINDOWS = 1  # seconds heard of each clip in an epoch

_SEED = MusicRecipe(
    dimensions=SEED_DIMENSIONS,
    steps=0,  # as many as fifty epochs take
    rate=1e-3,
    decay=0.0,
    average=0.0,
    mixture=Mixture(labelled=SEED_BATCH, others=0, unlabelled=0, windows=1),
    disturbance=Augmentation(),
    weights=Weights(windows=0.0),
    smoothing=0.0,
    mixup=0.0,
)
_BASE = MusicRecipe(steps=2_000, mixture=Mixture(labelled=20, others=4, unlabelled=16, windows=4))
_DEFAULT = MusicRecipe(
    steps=900,
    rate=1e-3,
    mixture=Mixture(labelled=24, others=4, unlabelled=12, windows=4, pictures=0.2),
)

# `base` learns from what has no clips: pictures and unlabelled songs. `default` goes on from it.
RECIPES = {"seed": _SEED, "base": _BASE, "default": _DEFAULT}
