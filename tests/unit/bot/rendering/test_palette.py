from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from bot.rendering.palette import (
    EYE_RED,
    GENRE_SWATCHES,
    HOLLOW,
    INK,
    LAVENDER,
    MOONLIT,
    MUTED,
    NIGHT_HIGH,
    OTHERS,
    SPARE_SWATCHES,
    Rgb,
    contrast,
    genre_colours,
    ink_on,
    mixed,
)
from ml.music.hearing import GENRES
from ml.music.taxonomy import FAMILIES
from tests.unit.bot.rendering.hearings import TAUGHT, TWENTY

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def oklab(linear: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    to_lms = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )  # fmt: skip
    to_lab = np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )  # fmt: skip
    return np.asarray(np.cbrt(to_lms @ np.clip(linear, 0, 1)) @ to_lab.T)


def seen(colour: Rgb, sight: str) -> npt.NDArray[np.float64]:
    srgb = np.array(colour) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return oklab(SIGHTS[sight] @ linear)


def closest(colours: list[Rgb], sight: str) -> float:
    views = [seen(colour, sight) for colour in colours]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(views, 2))


@pytest.mark.parametrize(
    ("sight", "least"),
    [("normal", 0.12), ("protanopia", 0.08), ("deuteranopia", 0.08), ("tritanopia", 0.08)],
)
def test_the_ten_genres_stay_apart_for_every_sight(sight: str, least: float) -> None:
    # A just noticeable difference is about 0.02 in OKLab.
    assert closest([GENRE_SWATCHES[genre] for genre in GENRES], sight) >= least


@pytest.mark.parametrize("sight", SIGHTS)
def test_families_and_taught_genres_stay_noticeably_apart_for_every_sight(sight: str) -> None:
    assert closest([*GENRE_SWATCHES.values(), *SPARE_SWATCHES], sight) >= 0.045


@pytest.mark.parametrize("colour", [*GENRE_SWATCHES.values(), *SPARE_SWATCHES, LAVENDER, EYE_RED])
def test_every_swatch_stands_out_from_the_card_and_its_hollows(colour: Rgb) -> None:
    assert contrast(colour, HOLLOW) >= 3
    assert contrast(colour, NIGHT_HIGH) >= 2.7


@pytest.mark.parametrize("ground", [NIGHT_HIGH, MOONLIT, HOLLOW])
def test_words_are_readable_on_every_ground(ground: Rgb) -> None:
    assert contrast(INK, ground) >= 7
    assert contrast(MUTED, ground) >= 4.5


@pytest.mark.parametrize("ground", [*GENRE_SWATCHES.values(), *SPARE_SWATCHES, OTHERS])
def test_words_are_readable_on_every_strip(ground: Rgb) -> None:
    assert contrast(ink_on(ground), ground) >= 4.2


def test_every_family_has_a_swatch() -> None:
    assert set(GENRE_SWATCHES) == set(FAMILIES)


def test_our_genres_keep_their_colours_beside_taught_ones() -> None:
    ours = {genre: GENRE_SWATCHES[genre] for genre in GENRES}
    assert genre_colours(TWENTY).items() >= ours.items()


def test_twenty_genres_have_twenty_colours() -> None:
    assert len(set(genre_colours(TWENTY).values())) == 20


def test_twenty_taught_genres_have_twenty_colours() -> None:
    assert len(set(genre_colours(f"genre {i}" for i in range(20)).values())) == 20


def test_colours_do_not_depend_on_the_order_of_genres() -> None:
    assert genre_colours(TAUGHT) == genre_colours(reversed(TAUGHT))


def test_more_genres_than_swatches_still_all_get_one() -> None:
    assert len(genre_colours(f"genre {i}" for i in range(70))) == 70


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_a_mixture_lies_between() -> None:
    assert mixed((0, 0, 0), (100, 200, 50), 0.5) == (50, 100, 25)
