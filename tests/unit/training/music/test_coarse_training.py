from dataclasses import replace

import numpy as np
import torch

from training.music.coarse_pictures import FmaSongs
from training.music.coarse_training import (
    CoarseLessons,
    CoarseRecipe,
    dictionary,
    pools_of,
    train,
    untrained,
)
from training.music.picture_augmentation import disturbed, masked
from training.music.stacked_training import StackedLessons, StackedRecipe, answers_to
from training.music.stacked_training import train as train_stacked
from training.music.stacked_training import untrained as untrained_stacked

RECIPE = CoarseRecipe(filters=8, columns=(1, 2), embedding=16, epochs=12, batch=16, peak_rate=1e-2)


def bright_and_dark(count: int) -> FmaSongs:
    """Make pictures of two genres: energy in low bands, or in high ones."""
    dice = np.random.default_rng(0)
    genres = np.arange(count) % 2
    pictures = dice.integers(0, 60, (count, 106, 32)).astype(np.uint8)
    pictures[genres == 0, :40] += 150
    pictures[genres == 1, 60:] += 150
    return FmaSongs(
        ids=np.arange(count) * 100,
        pictures=pictures,
        genres=genres,
        genre_names=("low", "high"),
        labels=np.stack([genres == 0, genres == 1], axis=1),
        label_names=("low", "high"),
        vggish=dice.normal(size=(count, 4)).astype(np.float32),
    )


def test_filters_are_the_same_for_the_same_seed_and_vary_by_one() -> None:
    pictures = bright_and_dark(40).pictures
    first, second = (dictionary(pictures, 2, 8, seed=3) for _ in range(2))
    assert torch.equal(first[0], second[0])
    assert first[0].shape == (8, 106, 2)


def test_the_readers_learn_what_the_filters_show() -> None:
    fma = bright_and_dark(96)
    network = untrained(fma, np.arange(96), RECIPE)
    pools = torch.stack([pools_of(network, fma.pictures, None)] * 2)
    named = torch.from_numpy(fma.genres)
    learned = CoarseLessons(
        torch.cat([pools, pools], dim=1),
        torch.from_numpy(fma.genres),
        torch.from_numpy(fma.labels.astype(np.float32)),
        torch.from_numpy(fma.vggish),
        named,
    )
    train(network, learned, RECIPE)
    with torch.inference_mode():
        found = network.read(pools[0])["fma"].argmax(dim=1).numpy()
    assert (found == fma.genres).mean() > 0.9


def test_stacked_convolutions_learn_two_genres() -> None:
    fma = bright_and_dark(96)
    fma = replace(fma, pictures=np.tile(fma.pictures, (1, 1, 4)))
    recipe = StackedRecipe(filters=(4, 8), embedding=8, epochs=8, batch=32, memory=0.5)
    learned = StackedLessons(
        fma.pictures,
        torch.from_numpy(fma.genres),
        torch.from_numpy(fma.labels.astype(np.float32)),
        torch.from_numpy(fma.vggish),
        [np.repeat(picture, 4, axis=1) for picture in fma.pictures[:8]],
        torch.from_numpy(fma.genres[:8]),
    )
    network = train_stacked(untrained_stacked(fma, recipe), learned, recipe)
    found = answers_to(network, fma.pictures)["fma"].argmax(dim=1).numpy()
    assert (found == fma.genres).mean() > 0.9


def test_blocks_of_neighbouring_ids_stay_in_one_fold() -> None:
    fma = bright_and_dark(96)
    folds = fma.folds()
    for block in np.unique(fma.ids // 500):
        assert len(set(folds[fma.ids // 500 == block])) == 1


def test_disturbed_pictures_keep_their_size_and_range() -> None:
    pictures = torch.rand(6, 106, 30) * -80
    out = disturbed(pictures, np.random.default_rng(0))
    assert out.shape == pictures.shape
    assert out.max() == 0
    assert out.min() >= -80


def test_at_most_two_stretches_of_bands_are_hidden() -> None:
    pictures = torch.rand(5, 106, 8) * -80
    hidden = (masked(pictures, np.random.default_rng(0), widest=10) != pictures).all(dim=2)
    assert 0 < hidden.sum(dim=1).max() <= 20
