from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.rendering.palette import EAR_PINK, GENRE_SWATCHES, HOLLOW, LAVENDER, mixed
from bot.rendering.song_map import FADED, NEAR, WHOLE, Dot, MapStyle, SongMapLabels, song_map
from ml.music.hearing import GENRES

LABELS = SongMapLabels(
    "Songs",
    {genre: genre.capitalize() for genre in GENRES},
    [(genre, 10 - number) for number, genre in enumerate(GENRES)] + [(None, 1)],
    "No genre",
    "Others",
)
NO_LEGEND = replace(LABELS, counts=())
ODD_TITLES = ["", "🐰🥕", "x" * 5000, "東方" * 2000, "שלום مرحبا ไทย", "\x00\u202e\uffff"]


def dots(count: int) -> list[Dot]:
    random = np.random.default_rng(0)
    return [
        Dot(float(x), float(y), GENRES[i % 10], f"曲 {i}", sure=bool(i % 7))
        for i, (x, y) in enumerate(random.random((count, 2)))
    ]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    picture.load()
    return picture


def count_of(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    return int((np.asarray(picture.convert("RGB")) == colour).all(axis=2).sum())


@pytest.mark.parametrize("style", [WHOLE, NEAR], ids=["whole", "near"])
@pytest.mark.parametrize("count", [0, 1, 5, 40, 300, 3000])
def test_any_number_of_songs_makes_a_phone_friendly_picture(count: int, style: MapStyle) -> None:
    png = song_map(dots(count), LABELS, style)
    picture = opened(png)
    assert picture.width == 1200
    assert 1000 <= picture.height <= 1500
    assert len(png) < 1_000_000


def test_the_same_songs_give_the_same_bytes() -> None:
    assert song_map(dots(50), LABELS) == song_map(dots(50), LABELS)


def test_every_song_has_its_genre_s_colour() -> None:
    apart = [Dot(0.1, 0.1, "rock"), Dot(0.5, 0.5, "rock"), Dot(0.9, 0.9, "jazz")]
    picture = opened(song_map(apart, NO_LEGEND))
    rock, jazz = (count_of(picture, GENRE_SWATCHES[genre]) for genre in ("rock", "jazz"))
    assert rock > jazz > 0


def test_a_song_of_unsure_genre_is_a_faded_ring_of_the_likeliest() -> None:
    unsure = opened(song_map([Dot(0.5, 0.5, "rock", sure=False)], NO_LEGEND))
    faded = mixed(GENRE_SWATCHES["rock"], HOLLOW, FADED)
    assert count_of(unsure, faded) > 50
    assert count_of(unsure, GENRE_SWATCHES["rock"]) == 0


def test_the_song_asked_about_is_marked() -> None:
    plain, asked = Dot(0.5, 0.5, "rock", "a"), Dot(0.5, 0.5, "rock", "a", asked=True)
    without, marked = (opened(song_map([dot], LABELS)) for dot in (plain, asked))
    assert count_of(marked, EAR_PINK) > count_of(without, EAR_PINK) + 300


def test_numbers_in_one_place_move_apart() -> None:
    same = [Dot(0.5, 0.5, "pop", number=number) for number in (1, 2, 3, 4, 5)]
    together = count_of(opened(song_map(same[:1], LABELS)), GENRE_SWATCHES["pop"])
    assert count_of(opened(song_map(same, LABELS)), GENRE_SWATCHES["pop"]) > 3 * together


@pytest.mark.parametrize("title", ODD_TITLES)
def test_any_title_can_be_drawn(title: str) -> None:
    assert opened(song_map([Dot(0.5, 0.5, "rock", title, asked=True)], LABELS)).width == 1200


def test_genres_that_a_server_taught_have_colours_and_names() -> None:
    taught = [Dot(i / 20, 0.5, f"東方アレンジ {i}") for i in range(20)]
    assert opened(song_map(taught, LABELS)).width == 1200


def test_a_path_is_a_line_from_number_to_number() -> None:
    numbered = [Dot(i / 5, 0.5, "pop", number=i) for i in (1, 2, 3, 4)]
    without, joined = (
        opened(song_map(numbered, NO_LEGEND, path=path)) for path in ((), (1, 2, 3, 4))
    )
    assert count_of(joined, LAVENDER) > count_of(without, LAVENDER) + 500


def test_letters_on_a_phone_are_at_least_twelve_px_high() -> None:
    shown = 300 / 1200  # of a picture in a message, on a screen of 390 px
    assert NEAR.letters * shown >= 12
