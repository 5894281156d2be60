from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.rendering.genre_card import Fact, genre_card
from bot.rendering.palette import GENRE_SWATCHES
from tests.unit.bot.rendering.hearings import card, japanese_card, strip

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
    picture = opened(genre_card(card()))
    assert picture.width == 1200
    assert 700 <= picture.height <= 1300


def test_a_card_stays_far_below_what_discord_accepts() -> None:
    assert len(genre_card(card())) < 1_000_000


def test_the_same_content_gives_the_same_bytes() -> None:
    assert genre_card(card()) == genre_card(card())


def test_outside_the_card_is_transparent_and_the_card_is_opaque() -> None:
    alpha = np.asarray(opened(genre_card(card())).getchannel("A"))
    assert alpha[0, 0] == 0
    assert alpha[-1, 0] == 0
    assert alpha[200:-60, 20:-20].min() == 255


def test_the_ears_rise_above_the_card() -> None:
    alpha = np.asarray(opened(genre_card(card())).getchannel("A"))
    assert (alpha[20:100] == 255).any()


def test_not_being_sure_folds_an_ear() -> None:
    above = (0, 0, 1200, 100)
    ears = [opened(genre_card(card(sure=sure))).crop(above).tobytes() for sure in (True, False)]
    assert ears[0] != ears[1]


def solid(png: bytes) -> np.ndarray:
    """Return where the picture has the colour of the family electronic."""
    picture = np.asarray(opened(png).convert("RGB"))
    return np.asarray((picture == GENRE_SWATCHES["electronic"]).all(axis=2))


def test_a_strip_is_as_high_as_its_share_at_every_moment() -> None:
    rising = strip("Electronic", 0.5)
    columns = solid(genre_card(card(strips=(rising,)))).sum(axis=0)
    filled = np.flatnonzero(columns)
    assert columns[filled[0]] < columns[filled[-1]]
    assert (np.diff(columns[filled[5] : filled[-25]].astype(int)) >= -1).all()


def test_a_strip_whose_share_is_larger_covers_more() -> None:
    areas = [
        solid(genre_card(card(strips=(strip("Electronic", share),)))).sum() for share in (0.2, 0.4)
    ]
    assert areas[1] > 1.8 * areas[0] > 0


def test_a_guess_is_not_filled_with_its_colour() -> None:
    guess = replace(strip("Electronic", 0.5), sure=False)
    full = solid(genre_card(card(strips=(strip("Electronic", 0.5),)))).sum()
    assert solid(genre_card(card(strips=(guess,)))).sum() < full / 4


def test_each_language_has_its_own_card() -> None:
    assert genre_card(card()) != genre_card(japanese_card())


@pytest.mark.parametrize("title", ODD_TITLES)
def test_any_title_can_be_drawn(title: str) -> None:
    assert opened(genre_card(card(title))).width == 1200


@pytest.mark.parametrize("words", ODD_TITLES)
def test_any_words_can_be_drawn(words: str) -> None:
    odd = card(
        headline=words,
        heading=words,
        explanation=words,
        strips=(strip(words, 0.5),),
        tags=(words, words, words),
        key=Fact(words, words, words),
        tempo=Fact(words, words),
    )
    assert opened(genre_card(odd)).width == 1200


@pytest.mark.parametrize(("windows", "seconds"), [(1, 0.4), (1, 1.0), (3, 3.2), (20, 36_000.0)])
def test_short_and_endless_songs_can_be_drawn(windows: int, seconds: float) -> None:
    assert opened(genre_card(card(windows=windows, seconds=seconds))).width == 1200


def test_more_tags_take_more_lines() -> None:
    few, many = card(tags=("chill",)), card(tags=("instrumental",) * 8)
    assert opened(genre_card(many)).height > opened(genre_card(few)).height


def test_a_song_without_tags_has_no_line_for_them() -> None:
    assert opened(genre_card(card(tags=()))).height < opened(genre_card(card())).height


def test_cards_drawn_at_the_same_time_do_not_disturb_each_other() -> None:
    cards = [card(f"song {i} 曲") for i in range(8)]
    alone = [genre_card(each) for each in cards]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(genre_card, cards)) == alone
