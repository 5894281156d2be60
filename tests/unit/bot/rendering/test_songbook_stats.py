from io import BytesIO

import pytest
from PIL import Image

from bot.rendering.songbook_stats import SongbookLabels, SongbookNumbers, Tile, songbook_stats

LABELS = SongbookLabels(
    "ソングブック", {"rock": "ロック"}, "判定できず", "その他", "ジャンル", "テンポ"
)
TILES = (Tile("12,345", "曲"), Tile("198時間", "の音楽"), Tile("64", "人"))
MANY = tuple((f"genre {i}", 100 - i, 50) for i in range(20))


def drawn(
    genres: tuple[tuple[str | None, int, int], ...] = (("rock", 3, 1), (None, 2, 0)),
    tempos: tuple[tuple[int, int], ...] = ((120, 1), (170, 2)),
    tiles: tuple[Tile, ...] = TILES,
) -> Image.Image:
    picture = Image.open(BytesIO(songbook_stats(SongbookNumbers(tiles, genres, tempos), LABELS)))
    picture.load()
    return picture


def test_a_songbook_is_drawn_for_a_phone() -> None:
    assert drawn().width == 1200


@pytest.mark.parametrize(
    "tempos", [((0, 1),), ((120, 1),), tuple((i, i) for i in range(10, 390, 10))]
)
def test_any_tempos_can_be_drawn(tempos: tuple[tuple[int, int], ...]) -> None:
    assert drawn(tempos=tempos).height == drawn().height


def test_without_tempos_their_columns_are_left_out() -> None:
    assert drawn(tempos=()).height < drawn().height


def test_genres_beyond_the_first_are_drawn_together() -> None:
    assert drawn(genres=MANY).height == drawn(genres=MANY[:9]).height


def test_words_of_any_length_can_be_drawn() -> None:
    long = (Tile("9" * 50, "x" * 500),)
    assert drawn(genres=(("y" * 500, 1, 0),), tiles=long).width == 1200


def test_more_songs_make_a_longer_bar() -> None:
    few, many = (drawn(genres=(("rock", count, 1), ("jazz", 9, 9))) for count in (1, 9))
    assert few.tobytes() != many.tobytes()


def test_a_guessed_genre_is_drawn_fainter_than_a_sure_one() -> None:
    sure, guessed = (drawn(genres=(("rock", 9, sure),)) for sure in (9, 0))
    assert sure.tobytes() != guessed.tobytes()
