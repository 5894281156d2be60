"""Words that members type to find songs, in both languages."""

from __future__ import annotations

import pytest

from bot.songbook.finding import AROUND_BPM, SongWords, read_words


def tags(words: SongWords) -> list[tuple[str, ...]]:
    return [term.tags for term in words.terms if term.tags]


def titles(words: SongWords) -> list[str]:
    return [term.words for term in words.terms if not term.tags and not term.genres]


def test_the_sentence_of_the_documentation_is_understood() -> None:
    words = read_words("calm piano in A minor around 90")
    assert tags(words) == [("quiet", "mellow", "chill"), ("piano",)]
    assert words.camelot == "8A"
    assert words.tempo_bpm == (90 - AROUND_BPM, 90 + AROUND_BPM)
    assert titles(words) == []


def test_the_same_in_japanese_is_understood() -> None:
    words = read_words("静かなピアノの曲 イ短調 90くらい")
    assert tags(words) == [("quiet",), ("piano",)]
    assert words.camelot == "8A"
    assert words.tempo_bpm == (90 - AROUND_BPM, 90 + AROUND_BPM)
    assert titles(words) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("C major", "8B"),
        ("in f# minor", "11A"),
        ("f sharp minor", "11A"),
        ("Db major", "3B"),
        ("B♭ minor", "3A"),
        ("Cメジャー", "8B"),
        ("Ａマイナー", "8A"),
        ("嬰ヘ短調", "11A"),
        ("変ロ長調", "6B"),
        ("8a", "8A"),
        ("12B techno", "12B"),
        ("a song", None),
        ("13a", None),
    ],
)
def test_keys_are_read_by_name_and_by_camelot_code(typed: str, code: str | None) -> None:
    assert read_words(typed).camelot == code


@pytest.mark.parametrize(
    ("typed", "tempo"),
    [
        ("120-130", (120.0, 130.0)),
        ("130 to 120 bpm", (120.0, 130.0)),
        ("120〜130", (120.0, 130.0)),
        ("174 bpm", (174 - AROUND_BPM, 174 + AROUND_BPM)),
        ("約90", (90 - AROUND_BPM, 90 + AROUND_BPM)),
        ("track 07", None),
        ("1812 overture", None),
        ("around 900", None),
    ],
)
def test_tempos_are_read_where_they_are_meant(
    typed: str, tempo: tuple[float, float] | None
) -> None:
    assert read_words(typed).tempo_bpm == tempo


@pytest.mark.parametrize(
    ("typed", "genre"),
    [
        ("drum & bass", "drum_and_bass"),
        ("Hip hop", "hiphop"),
        ("hip-hop", "hiphop"),
        ("techno", "techno"),
        ("ジャズ", "jazz"),
        ("ドラムンベース", "drum_and_bass"),
        ("サウンドトラックの曲", "soundtrack"),
        ("プログレッシブ・ロック", "progressive"),
        ("プログレッシブロック", "progressive"),
    ],
)
def test_genres_are_read_in_both_languages(typed: str, genre: str) -> None:
    (term,) = read_words(typed).terms
    assert genre in term.genres


def test_the_longest_name_wins() -> None:
    (term,) = read_words("psychedelic folk").terms
    assert term.genres == ("psychedelic_folk",)


def test_other_words_are_looked_for_in_titles() -> None:
    words = read_words("Lunatic jazz 紅楼")
    assert titles(words) == ["lunatic", "紅楼"]
    assert [term.genres for term in words.terms if term.genres] == [("jazz",)]


def test_a_name_inside_another_word_is_no_name() -> None:
    assert titles(read_words("rocket")) == ["rocket"]


def test_nothing_typed_is_nothing_understood() -> None:
    assert not read_words("  the music of  ").anything
