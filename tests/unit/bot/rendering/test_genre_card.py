from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.rendering.genre_card import genre_card
from tests.factories import hearing
from tests.unit.bot.rendering.hearings import TWENTY, japanese_labels, labels

ODD_TITLES = [
    "",
    " \n\t ",
    "🐰🥕",
    "x" * 5000,
    "東方" * 2000,
    "שלום مرحبا ไทย 한국",
    "Z̸̡̛̗̦̥̺͖͂̈́͊̏a̷̧̙͎̐̿̕l̴̛̩͋͌g̶̢̪̈́o",
    "\x00\x07\u202e\ud800\uffff",
    "**bold** <@123> `code`",
]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    picture.load()
    assert picture.format == "PNG"
    return picture


def test_the_card_is_a_picture_of_a_phone_friendly_shape() -> None:
    picture = opened(genre_card(hearing(), labels()))
    assert picture.width == 1200
    assert 700 <= picture.height <= 1200


def test_a_card_stays_far_below_what_discord_accepts() -> None:
    assert len(genre_card(hearing(), labels())) < 1_000_000


def test_the_same_hearing_gives_the_same_bytes() -> None:
    assert genre_card(hearing(), labels()) == genre_card(hearing(), labels())


def test_outside_the_card_is_transparent_and_the_card_is_opaque() -> None:
    alpha = np.asarray(opened(genre_card(hearing(), labels())).getchannel("A"))
    assert alpha[0, 0] == 0
    assert alpha[-1, 0] == 0
    assert alpha[200:-60, 20:-20].min() == 255


def test_the_ears_rise_above_the_card() -> None:
    alpha = np.asarray(opened(genre_card(hearing(), labels())).getchannel("A"))
    assert (alpha[20:100] == 255).any()


def test_not_being_sure_looks_different() -> None:
    sure, unsure = hearing(), replace(hearing(), genre=None)
    above = (0, 0, 1200, 100)
    ears = [opened(genre_card(h, labels())).crop(above).tobytes() for h in (sure, unsure)]
    assert ears[0] != ears[1]


def test_not_being_sure_says_so() -> None:
    puzzled = hearing(sure=False)
    other_words = replace(labels(), unsure="Hmm?")
    assert genre_card(puzzled, labels()) != genre_card(puzzled, other_words)


def test_each_language_has_its_own_card() -> None:
    assert genre_card(hearing(), labels()) != genre_card(hearing(), japanese_labels())


@pytest.mark.parametrize("title", ODD_TITLES)
def test_any_title_can_be_drawn(title: str) -> None:
    assert opened(genre_card(hearing(), labels(title))).width == 1200


@pytest.mark.parametrize(("windows", "seconds"), [(1, 0.4), (1, 1.0), (3, 3.2), (60, 36_000.0)])
def test_short_and_endless_songs_can_be_drawn(windows: int, seconds: float) -> None:
    song = hearing(windows, seconds=seconds)
    assert opened(genre_card(song, labels())).width == 1200


def test_twenty_genres_of_any_name_can_be_drawn() -> None:
    taught = hearing(genres=TWENTY)
    assert opened(genre_card(taught, labels(), columns=TWENTY)).width == 1200


def test_a_model_of_two_genres_can_be_drawn() -> None:
    pair = ("東方アレンジ", "ska")
    assert opened(genre_card(hearing(genres=pair), labels(), columns=pair)).width == 1200


def test_a_song_of_one_genre_alone_can_be_drawn() -> None:
    certain = np.zeros((60, 10), np.float32)
    certain[:, 0] = 1.0
    song = replace(hearing(), timeline=certain, genres={"blues": 1.0, "pop": 0.0}, genre="blues")
    assert opened(genre_card(song, labels())).width == 1200


def test_the_rhythm_strip_makes_room_for_itself() -> None:
    without = opened(genre_card(hearing(), labels()))
    with_strip = opened(genre_card(hearing(), labels(), bars=[0.1, 0.9, 0.5]))
    assert with_strip.height > without.height


def test_an_empty_rhythm_leaves_the_strip_out() -> None:
    assert genre_card(hearing(), labels(), bars=()) == genre_card(hearing(), labels())


def test_a_timeline_of_other_genres_is_refused() -> None:
    with pytest.raises(ValueError, match="timeline"):
        genre_card(hearing(), labels(), columns=TWENTY)


def test_cards_drawn_at_the_same_time_do_not_disturb_each_other() -> None:
    titles = [f"song {i} 曲" for i in range(8)]
    alone = [genre_card(hearing(), labels(title)) for title in titles]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda title: genre_card(hearing(), labels(title)), titles))
    assert together == alone
