"""What songs are called: by tags, else by the name of the file as a person would write it."""

import pytest

from bot.listening.titles import TITLE_LIMIT, readable_title, tagged_title

NAMES = {
    "My_Song_(final)_[320kbps]_v2": "My Song (final) [320kbps] v2",
    "SPOILER_secret_song": "secret song",
    "01 Reisen": "Reisen",
    "01_reisen_udongein": "reisen udongein",
    "07. 月まで届け、不死の煙": "月まで届け、不死の煙",
    "12. Song": "Song",
    "12 - Song": "Song",
    "1-03 Song": "Song",
    "02 - 99 Problems": "99 Problems",
    "Artist - 05 - Title": "Artist - Title",
}
KEPT = (
    "99 Luftballons",
    "7 rings",
    "1979",
    "24K Magic",
    "3.14",
    "00s kid",
    "10-15 minutes",
    "03",
    "^_^",
    "می\u200cخواهم",
    "👨\u200d👩\u200d👧 family",
    "Song [dQw4w9WgXcQ]",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_read_as_a_person_would_write_it(name: str) -> None:
    assert readable_title(name) == NAMES[name]


@pytest.mark.parametrize("name", KEPT)
def test_what_may_be_part_of_a_title_stays(name: str) -> None:
    assert readable_title(name) == name


def test_what_deceives_the_eye_is_left_out() -> None:
    assert readable_title("a\u202egpj.exe\x00") == "agpj.exe"
    assert readable_title("\u200dx\u200d y") == "x y"


@pytest.mark.parametrize(("name", "shown"), [("", "?"), ("\u202e", "?"), ("___", "___")])
def test_a_title_is_never_empty(name: str, shown: str) -> None:
    assert readable_title(name) == shown


def test_a_title_is_one_line_of_bounded_length() -> None:
    assert readable_title("a\n b\t c") == "a b c"
    assert readable_title("x" * 999) == "x" * TITLE_LIMIT


def test_tags_give_artist_and_title() -> None:
    assert tagged_title("うさぎ", "ZUN") == "ZUN – うさぎ"
    assert tagged_title("Killer Queen", "Queen") == "Queen – Killer Queen"


def test_an_artist_is_not_named_twice() -> None:
    assert tagged_title("ZUN - うさぎ", "zun") == "ZUN - うさぎ"


@pytest.mark.parametrize("artist", [None, "", "Unknown Artist", "Various Artists"])
def test_a_title_without_an_artist_stands_alone(artist: str | None) -> None:
    assert tagged_title("うさぎ", artist) == "うさぎ"


@pytest.mark.parametrize("title", [None, "", " ", "Track 01", "untitled", "\u202e"])
def test_tags_that_name_nothing_count_for_nothing(title: str | None) -> None:
    assert tagged_title(title, "ZUN") is None
