"""A music model of a few filters with random weights, and a song to hear with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, Excerpts
from ml.music.harmony import HARMONY_SIZE, harmony
from ml.music.heads import LABELS, FamilyRule, LinearHead, song_features
from ml.music.hearing import KINDS
from ml.music.key import CHANNELS
from ml.music.picture_network import PictureNetwork, PictureSizes, StackedNetwork, StackedSizes
from ml.music.rhythm import PROFILE_SIZE, analyse
from ml.music.song_checkpoint import SongCheckpoint
from ml.music.song_model import EMBEDDINGS, SONG_PLAN, TAGGED, MusicModel
from ml.music.tagger import Tagger, TaggerSizes
from ml.music.taxonomy import FAMILIES, STYLES, TAGS, TEN_GENRES
from ml.music.vector import PartFit, VectorFit
from tests.helpers.songs import wav

LABEL_NAMES = tuple(
    sorted({s.label for s in STYLES.values()} | {name for said in LABELS.values() for name in said})
)

NUMBERS = {
    "genres_temperature": 1.0,
    "key_temperature": 1.0,
    "likeness_slope": 10.0,
    "likeness_offset": -4.0,
    "family_sure": 0.5,
    "style_sure": 0.5,
    "style_likely": 0.2,
    "key_sure": 0.0,
}


def tiny_song_checkpoint(seed: int = 0) -> SongCheckpoint:
    """Make a checkpoint that answers at random, but always the same; all it hears is music."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    sizes = PictureSizes(
        bands=106,
        filters=3,
        columns=(1, 2),
        embedding=8,
        heads={"fma": 8, "labels": len(LABEL_NAMES), "named": 11, "vggish": 4},
    )
    coarse = PictureNetwork(sizes).eval()
    stacked = StackedNetwork(StackedSizes(106, (2, 3), 4, sizes.heads)).eval()
    beside = sum(sizes.heads.values()) + sizes.embedding + stacked.sizes.embedding
    small = TaggerSizes(timbral=(2, 2), temporal=(1, 1, 1))

    def floats(*shape: int) -> np.ndarray:
        return dice.normal(size=shape).astype(np.float32)

    inputs = {"sound": 800, "style": beside, "harmony": HARMONY_SIZE, "rhythm": PROFILE_SIZE}
    made = SongCheckpoint(
        msd=Tagger(small).eval(),
        mtt=Tagger(small).eval(),
        coarse=coarse,
        stacked=stacked,
        heads=_heads(dice, TAGGED + beside + 2 * small.pooled),
        families=FamilyRule(
            floats(len(FAMILIES), 2),
            np.ones((len(FAMILIES), 2), np.float32),
            np.full((2, 3), 0.5, np.float32),
            floats(len(FAMILIES)),
        ),
        labels=LABEL_NAMES,
        vector=VectorFit(
            {name: PartFit(floats(n), floats(n, 6), 0.25) for name, n in inputs.items()}
        ),
        key={
            "weights": torch.randn(2, CHANNELS, 12),
            "mode_bias": torch.zeros(2),
            "genre_bias": torch.zeros(10, 2),
        },
        numbers=NUMBERS,
        card={"data": "none"},
    )
    return replace(made, vector=_centred(made))


def _heads(dice: np.random.Generator, size: int) -> dict[str, LinearHead]:
    """Make heads that answer at random, but call everything music."""

    def head(answers: int) -> LinearHead:
        weights = dice.normal(size=(size, answers)) / 30
        bias = dice.normal(size=answers)
        return LinearHead(
            dice.normal(size=size).astype(np.float32),
            np.ones(size, np.float32),
            weights.astype(np.float32),
            bias.astype(np.float32),
        )

    music = np.array([5, 0, 0, 0], np.float32)
    return {
        "genres": head(len(TEN_GENRES)),
        "styles": head(len(STYLES)),
        "tags": head(len(TAGS)),
        "kinds": replace(
            head(len(KINDS)), weights=np.zeros((size, len(KINDS)), np.float32), bias=music
        ),
    }


def _centred(made: SongCheckpoint) -> VectorFit:
    """Count directions from what one tune is like, so that other tunes lie in different ones."""
    song = read_excerpts(wav(3, seed=50), SONG_PLAN)
    features, rhythm = MusicModel(made).features(song), analyse(song.passage)
    heard = {
        "sound": song_features(features.windows[:, :EMBEDDINGS]),
        "style": features.coarse,
        "harmony": harmony(song.passage),
        "rhythm": rhythm.profile,
    }
    blocks = made.vector.blocks.items()
    return VectorFit({name: replace(fit, centre=heard[name]) for name, fit in blocks})


def excerpts_of(windows: int = 6, seconds_a_window: float = 3.0, seed: int = 0) -> Excerpts:
    """Make a song of drifting chords and noise, as decoding would have cut it."""
    dice = np.random.default_rng(seed)
    time = np.arange(int(20 * SAMPLE_RATE)) / SAMPLE_RATE
    tones = sum(np.sin(2 * np.pi * f * time * (1 + 0.01 * (time // 2))) for f in (220, 277, 330))
    wave = (0.1 * tones + 0.05 * dice.standard_normal(len(time))).astype(np.float32)
    length = int(seconds_a_window * SAMPLE_RATE)
    starts = np.linspace(0, 20 - seconds_a_window, windows)
    cut = [wave[int(s * SAMPLE_RATE) : int(s * SAMPLE_RATE) + length] for s in starts]
    return Excerpts(np.stack(cut), tuple(starts.tolist()), 20.0, wave, 0.0)
