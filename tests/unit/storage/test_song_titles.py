from __future__ import annotations

import pytest

from storage.database import Database
from storage.song_queries import SongTitles
from storage.songs import Songs
from tests.unit.storage import OTHER_SERVER, SERVER, heard, post


@pytest.fixture
def titles(database: Database) -> SongTitles:
    return SongTitles(database)


async def keep(songs: Songs, *titles: str, **changes: object) -> None:
    for number, title in enumerate(titles, start=1):
        await songs.remember(post(number, title=title, **changes), heard(number))


async def found(titles: SongTitles, typed: str, limit: int = 25) -> list[str]:
    matching = await titles.matching(SERVER, typed, [10], limit=limit)
    return [title.title for title in matching]


async def test_whole_then_prefix_then_word_then_anywhere(songs: Songs, titles: SongTitles) -> None:
    await keep(songs, "Unmoon", "Full Moon", "Moonlight", "Moon")
    assert await found(titles, "moon") == ["Moon", "Moonlight", "Full Moon", "Unmoon"]


async def test_among_equals_the_last_posted_comes_first(songs: Songs, titles: SongTitles) -> None:
    await keep(songs, "Moon 1", "Moon 2", "Moon 3")
    assert await found(titles, "moon") == ["Moon 3", "Moon 2", "Moon 1"]


@pytest.mark.parametrize(
    "typed",
    ["ウサギ", "うさぎ", "ｳｻｷﾞ", "の耳", "ﾉ耳", "うさぎ 耳", "耳 うさぎ", "LUNATIC", "ｌｕｎａ"],
)
async def test_width_case_and_kana_do_not_matter(
    songs: Songs, titles: SongTitles, typed: str
) -> None:
    await keep(songs, "ウサギの耳 (Lunatic mix)", "別の曲")
    assert await found(titles, typed) == ["ウサギの耳 (Lunatic mix)"]


async def test_underscores_of_file_names_are_spaces(songs: Songs, titles: SongTitles) -> None:
    await keep(songs, "Full_Moon__Night.mp3")
    assert await found(titles, "moon night") == ["Full_Moon__Night.mp3"]


@pytest.mark.parametrize("typed", ["%", "_x", "'; DROP TABLE songs; --", '"', "\\"])
async def test_signs_of_sql_are_only_signs(songs: Songs, titles: SongTitles, typed: str) -> None:
    await keep(songs, "Song")
    assert await found(titles, typed) == []
    assert await found(titles, "song") == ["Song"]


async def test_nothing_typed_gives_the_last_posted(songs: Songs, titles: SongTitles) -> None:
    await keep(songs, "A", "B", "C")
    assert await found(titles, " ", limit=2) == ["C", "B"]


async def test_the_same_file_is_suggested_once(songs: Songs, titles: SongTitles) -> None:
    await keep(songs, "Moon", "Moon", content_hash=bytes(32))
    assert await found(titles, "moon") == ["Moon"]


async def test_no_more_than_the_limit_are_suggested(songs: Songs, titles: SongTitles) -> None:
    await keep(songs, *(f"Moon {number}" for number in range(30)))
    assert len(await found(titles, "moon")) == 25


async def test_unreadable_channels_and_other_servers_stay_silent(
    songs: Songs, titles: SongTitles
) -> None:
    await songs.remember(post(1, title="Moon", channel_id=11), heard(1))
    await songs.remember(post(2, title="Moon", guild_id=OTHER_SERVER), heard(2))
    assert await found(titles, "moon") == []


async def test_gone_songs_are_not_suggested(songs: Songs, titles: SongTitles) -> None:
    remembered = await songs.remember(post(1, title="Moon"), heard(1))
    assert remembered.song_id is not None
    await songs.mark_gone(SERVER, remembered.song_id)
    assert await found(titles, "") == []
