"""Maps of a server's songs, through the songbook."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.songbook.service import Songbook
from bot.songbook.values import Match, ReadableChannels, SimilarityParts
from storage.database import Database
from tests.unit.bot.songbook.factories import (
    ADULT_CHANNEL,
    CHANNEL,
    EVERYWHERE,
    MODEL,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    heard,
    keep,
    keep_at,
    post,
    query,
)


@pytest.fixture
async def songbook(tmp_path: Path) -> AsyncIterator[Songbook]:
    async with Database.open(tmp_path / "songs.db") as database:
        with ThreadPoolExecutor(1) as executor:
            opened = Songbook(database, MODEL, executor)
            yield opened
            await opened.close()


async def test_every_song_within_reach_has_a_spot_with_its_title(songbook: Songbook) -> None:
    ids = await keep_at(songbook, [0, 30, 60])
    drawn = await songbook.map(SERVER, EVERYWHERE)
    assert {(s.song_id, s.title, s.genre) for s in drawn.spots} == {
        (song_id, f"Song {number}", "rock") for number, song_id in enumerate(ids, 1)
    }
    assert (drawn.songs, drawn.asked) == (3, None)


async def test_where_the_ear_was_not_sure_the_likeliest_genre_is_told(songbook: Songbook) -> None:
    kept = await songbook.remember(post(1), heard(0, genre=None))
    (spot,) = (await songbook.map(SERVER, EVERYWHERE)).spots
    assert (spot.song_id, spot.genre, spot.likely) == (kept.song_id, None, "rock")


async def test_a_map_never_shows_what_is_out_of_reach(songbook: Songbook) -> None:
    kept = await keep(songbook, post(1), heard(0))
    await keep(songbook, post(2, channel_id=OTHER_CHANNEL), heard(20))
    await keep(songbook, post(3, channel_id=ADULT_CHANNEL), heard(40))
    await keep(songbook, post(4, guild_id=OTHER_SERVER), heard(60))
    reach = ReadableChannels(
        frozenset({CHANNEL, ADULT_CHANNEL}), frozenset({ADULT_CHANNEL}), CHANNEL
    )
    drawn = await songbook.map(SERVER, reach)
    assert [spot.song_id for spot in drawn.spots] == [kept]


async def test_a_forgotten_song_leaves_the_map(songbook: Songbook) -> None:
    ids = await keep_at(songbook, [0, 30, 60])
    await songbook.map(SERVER, EVERYWHERE)
    await songbook.forget_song(SERVER, ids[1])
    drawn = await songbook.map(SERVER, EVERYWHERE)
    assert {spot.song_id for spot in drawn.spots} == {ids[0], ids[2]}


async def test_a_song_that_is_not_remembered_is_placed_among_the_others(songbook: Songbook) -> None:
    await keep_at(songbook, [0, 30, 60])
    drawn = await songbook.map(SERVER, EVERYWHERE, query(10))
    assert drawn.asked is not None
    assert len(drawn.spots) == 3


async def test_a_remembered_song_asked_about_is_one_of_the_spots(songbook: Songbook) -> None:
    ids = await keep_at(songbook, [0, 30, 60])
    about = await songbook.query_about(SERVER, ids[1], EVERYWHERE)
    drawn = await songbook.map(SERVER, EVERYWHERE, about)
    assert drawn.asked is None
    assert drawn.spots[0].song_id == ids[1]


async def test_of_very_many_songs_some_of_every_time_are_laid_out(songbook: Songbook) -> None:
    ids = await keep_at(songbook, [index / 2 for index in range(100)])
    drawn = await songbook.map(SERVER, EVERYWHERE, marked=[ids[1]], most=10)
    shown = {spot.song_id for spot in drawn.spots}
    assert (len(shown), drawn.songs) == (11, 100)
    assert {ids[0], ids[1], ids[-1]} <= shown


async def test_an_empty_songbook_has_an_empty_map(songbook: Songbook) -> None:
    assert (await songbook.map(SERVER, EVERYWHERE)).spots == ()


@pytest.mark.parametrize(
    ("cosine", "likeness", "percent"),
    [
        (0.634, None, 63),
        (-0.2, None, 0),
        (0.2, SimilarityParts(87.6, {}), 88),
        (0.9, SimilarityParts(99.97, {}), 99),
    ],
    ids=["the cosine", "unlike", "calibrated", "never certain"],
)
async def test_members_are_told_the_calibrated_percentage_or_else_the_cosine(
    songbook: Songbook, cosine: float, likeness: SimilarityParts | None, percent: int
) -> None:
    await keep_at(songbook, [30])
    (match,) = (await songbook.nearest(SERVER, query(), EVERYWHERE)).matches
    assert Match(match.song, cosine, likeness).percent == percent
