from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from storage.database import Database, Row, SqliteDatabase
from storage.errors import VectorMismatchError
from storage.song_values import HeardSong, Outcome, Place
from storage.songs import Songs
from tests.factories import traits
from tests.unit.storage import MODEL, NOW, OTHER_SERVER, POST, SERVER, TRAITS, heard, post


async def remember(songs: Songs, number: int, model: str = MODEL, **changes: object) -> int:
    remembered = await songs.remember(post(number, **changes), heard(number, model))
    assert remembered.outcome is Outcome.REMEMBERED
    assert remembered.song_id is not None
    return remembered.song_id


async def test_a_song_comes_back_as_it_was_remembered(songs: Songs) -> None:
    given = replace(POST, parent_id=9, content_hash=bytes(range(32)))
    remembered = await songs.remember(given, heard(1))
    assert remembered.song_id is not None
    song = await songs.song(SERVER, remembered.song_id)
    assert song is not None
    assert (song.post, song.traits, song.model) == (given, TRAITS, MODEL)
    assert song.remembered_at == NOW
    vector = await songs.vector(SERVER, song.song_id, MODEL)
    assert vector is not None
    np.testing.assert_array_equal(vector, heard(1).vector)


async def test_songs_named_by_id_are_looked_up_however_many_the_server_has(
    sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    songs = Songs(sqlite)
    asked: list[tuple[str, Sequence[Any]]] = []
    read = sqlite.rows

    async def noting(sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        asked.append((sql, parameters))
        return await read(sql, parameters)

    monkeypatch.setattr(sqlite, "rows", noting)
    await songs.songs(SERVER, [1, 2])
    for sql, parameters in asked:
        plan = await read(f"EXPLAIN QUERY PLAN {sql}", parameters)
        steps = [step for *_, step in plan if " songs " in step]
        assert steps == ["SEARCH songs USING INTEGER PRIMARY KEY (rowid=?)"]


async def test_an_attachment_is_never_entered_twice(songs: Songs) -> None:
    first = await songs.remember(post(1), heard(1))
    again = await songs.remember(post(1), heard(2))
    assert (again.outcome, again.song_id) == (Outcome.KNOWN, first.song_id)
    assert len(await songs.posted_with(SERVER, 1)) == 1


async def test_two_at_once_enter_an_attachment_once(songs: Songs) -> None:
    outcomes = await asyncio.gather(*(songs.remember(post(1), heard(1)) for _ in range(8)))
    assert [found.outcome for found in outcomes].count(Outcome.REMEMBERED) == 1
    assert len({found.song_id for found in outcomes}) == 1


async def test_two_files_of_one_message_are_two_songs(songs: Songs) -> None:
    await remember(songs, 1)
    await remember(songs, 1, attachment_id=2)
    assert [song.post.attachment_id for song in await songs.posted_with(SERVER, 1)] == [1, 2]


@pytest.mark.parametrize("size", [4, 16])
async def test_a_vector_of_another_length_is_refused(songs: Songs, size: int) -> None:
    await remember(songs, 1)
    with pytest.raises(VectorMismatchError) as error:
        await songs.remember(post(2), heard(2, size=size))
    assert (error.value.length, error.value.expected) == (size, 8)
    assert await songs.posted_with(SERVER, 2) == ()


async def test_a_vector_that_is_not_finite_is_refused(songs: Songs) -> None:
    with pytest.raises(VectorMismatchError):
        await songs.remember(post(1), HeardSong(MODEL, np.array([1, np.nan], np.float32), TRAITS))


async def test_a_moment_without_a_zone_is_refused(songs: Songs) -> None:
    with pytest.raises(ValueError, match="time zone"):
        await songs.remember(post(1, posted_at=datetime(2026, 1, 1)), heard(1))


async def test_forgetting_a_song_takes_its_vector_along(songs: Songs, database: Database) -> None:
    song_id = await remember(songs, 1)
    assert await songs.forget_song(SERVER, song_id) == (song_id,)
    assert await songs.song(SERVER, song_id) is None
    assert await database.rows("SELECT * FROM vectors") == []


async def test_a_forgotten_songs_id_is_never_given_again(songs: Songs) -> None:
    first = await remember(songs, 1)
    await songs.forget_song(SERVER, first)
    assert await remember(songs, 2) > first


async def test_one_attachment_is_forgotten_alone(songs: Songs) -> None:
    song_id = await remember(songs, 1)
    await remember(songs, 1, attachment_id=2)
    assert await songs.forget_attachment(SERVER, 1, 1) == (song_id,)
    assert len(await songs.posted_with(SERVER, 1)) == 1


async def test_a_channel_is_forgotten_with_its_threads(songs: Songs) -> None:
    in_channel = await remember(songs, 1)
    in_thread = await remember(songs, 2, channel_id=55, parent_id=10)
    elsewhere = await remember(songs, 3, channel_id=11)
    assert await songs.forget_channel(SERVER, 10) == (in_channel, in_thread)
    assert await songs.song(SERVER, elsewhere) is not None


async def test_a_poster_is_forgotten(songs: Songs) -> None:
    theirs = await remember(songs, 1, poster_id=8)
    await remember(songs, 2)
    assert await songs.forget_poster(SERVER, 8) == (theirs,)


async def test_old_songs_are_forgotten_in_every_server(database: Database) -> None:
    early = Songs(database, now=lambda: NOW - timedelta(days=31))
    late = Songs(database, now=lambda: NOW)
    here = await remember(early, 1)
    there = await remember(early, 2, guild_id=OTHER_SERVER)
    await remember(late, 3)
    forgotten = await late.forget_older_than(NOW - timedelta(days=30))
    assert set(forgotten) == {(SERVER, here), (OTHER_SERVER, there)}


async def test_nothing_reaches_into_another_server(songs: Songs) -> None:
    song_id = await remember(songs, 1)
    there = OTHER_SERVER
    assert await songs.song(there, song_id) is None
    assert await songs.vector(there, song_id, MODEL) is None
    assert await songs.vectors(there, MODEL) is None
    assert await songs.latest(there, [10]) == await songs.by_poster(there, 7) == ()
    assert await songs.posted_with(there, 1) == ()
    assert await songs.places(there) == ()
    assert await songs.replace_embedding(there, song_id, heard(2)) is None
    assert await songs.mark_gone(there, song_id) is False
    for forget in (
        songs.forget_song(there, song_id),
        songs.forget_attachment(there, 1, 1),
        songs.forget_channel(there, 10),
        songs.forget_poster(there, 7),
    ):
        assert await forget == ()
    assert await songs.song(SERVER, song_id) is not None


async def test_the_same_message_ids_in_two_servers_are_two_songs(songs: Songs) -> None:
    assert await remember(songs, 1) != await remember(songs, 1, guild_id=OTHER_SERVER)


async def test_songs_come_in_the_order_asked_for(songs: Songs) -> None:
    first, second, third = [await remember(songs, number) for number in (1, 2, 3)]
    found = await songs.songs(SERVER, [third, 999, first, second])
    assert [song.song_id for song in found] == [third, first, second]


async def test_the_latest_songs_are_paged_newest_first(songs: Songs) -> None:
    for number in range(1, 6):
        await remember(songs, number)
    await remember(songs, 9, channel_id=11)
    pages = [await songs.latest(SERVER, [10], offset=offset, limit=2) for offset in (0, 2, 4)]
    assert [[song.post.message_id for song in page] for page in pages] == [[5, 4], [3, 2], [1]]


async def test_a_member_sees_what_is_kept_of_them(songs: Songs) -> None:
    await remember(songs, 1, poster_id=8)
    await remember(songs, 2)
    assert [song.post.message_id for song in await songs.by_poster(SERVER, 8)] == [1]


async def test_places_are_named_once_with_the_parents_of_threads(songs: Songs) -> None:
    await remember(songs, 1)
    await remember(songs, 2)
    await remember(songs, 3, channel_id=55, parent_id=10)
    await remember(songs, 4, channel_id=7)
    assert await songs.places(SERVER) == (Place(7, None), Place(10, None), Place(55, 10))


async def test_a_place_whose_songs_are_all_gone_is_none(songs: Songs) -> None:
    gone = await remember(songs, 1)
    await remember(songs, 2, channel_id=20)
    await remember(songs, 3, channel_id=30)
    await songs.mark_gone(SERVER, gone)
    assert await songs.places(SERVER) == (Place(20, None), Place(30, None))


async def test_vectors_are_paged_with_what_searches_need(songs: Songs) -> None:
    ids = [await remember(songs, number) for number in range(5)]
    page = await songs.vectors(SERVER, MODEL, limit=3)
    assert page is not None
    assert page.song_ids.tolist() == ids[:3]
    assert page.vectors.shape == (3, 8)
    assert (page.genres[0], page.tempos[0]) == (("rock",), 172.0)
    assert page.contents[0] == int.from_bytes((post(0).content_hash or b"")[:8], "little")
    rest = await songs.vectors(SERVER, MODEL, after=ids[2])
    assert rest is not None
    assert rest.song_ids.tolist() == ids[3:]
    assert await songs.vectors(SERVER, MODEL, after=ids[4]) is None


async def test_what_is_unknown_of_a_song_stays_unknown(songs: Songs) -> None:
    await songs.remember(post(1, content_hash=None), heard(1, genre=None, tempo_bpm=None))
    page = await songs.vectors(SERVER, MODEL)
    assert page is not None
    assert np.isnan(page.tempos[0])
    assert page.contents[0] == 0
    assert (page.genres, page.sure.tolist()) == ((("rock",),), [False])


async def test_the_same_file_is_one_recording(songs: Songs) -> None:
    first = await songs.remember(post(1), heard(1))
    again = await songs.remember(post(2, content_hash=post(1).content_hash), heard(2))
    elsewhere = await songs.remember(
        post(3, guild_id=OTHER_SERVER, content_hash=post(1).content_hash), heard(3)
    )
    assert first.recording_id == again.recording_id == first.song_id
    assert elsewhere.recording_id == elsewhere.song_id


async def test_a_recording_outlives_the_post_it_is_named_after(songs: Songs) -> None:
    first = await songs.remember(post(1), heard(1))
    await songs.remember(post(2), heard(2), same_as=first.song_id)
    await songs.forget_attachment(SERVER, 1, 1)
    third = await songs.remember(post(3, content_hash=post(2).content_hash), heard(3))
    assert third.recording_id == first.recording_id


async def test_everything_that_was_found_in_a_song_is_read_back(songs: Songs) -> None:
    found = traits(
        genre="electronic",
        genres={"electronic": 0.9, "soundtrack": 0.6},
        style="techno",
        sure_genres=("electronic", "soundtrack", "techno"),
        styles={"techno": 0.7},
        tags={"instrumental": 0.8},
        camelot="8A",
        key_confidence=0.6,
    )
    song_id = (await songs.remember(post(1), replace(heard(1), traits=found))).song_id
    assert song_id is not None
    song = await songs.song(SERVER, song_id)
    assert song is not None
    assert song.traits == found
    assert await songs.replace_embedding(SERVER, song_id, heard(2))
    assert (await songs.songs(SERVER, [song_id]))[0].traits == TRAITS


async def test_vectors_of_another_model_stay_apart(songs: Songs) -> None:
    old = await remember(songs, 1, model="ear-0")
    new = await remember(songs, 2)
    page = await songs.vectors(SERVER, MODEL)
    assert page is not None
    assert page.song_ids.tolist() == [new]
    assert await songs.vector(SERVER, old, MODEL) is None
    assert [song.song_id for song in await songs.embedded_by_other_models(MODEL)] == [old]


async def test_a_song_that_was_handed_to_a_command_is_not_to_be_heard_again(songs: Songs) -> None:
    await songs.remember(post(1, by_command=True), heard(1, model="ear-0"))
    (song,) = await songs.latest(SERVER, [10])
    assert song.post.by_command
    assert await songs.embedded_by_other_models(MODEL) == ()


async def test_a_song_heard_again_carries_the_new_model_only(songs: Songs) -> None:
    song_id = await remember(songs, 1, model="ear-0")
    assert await songs.replace_embedding(SERVER, song_id, heard(2, size=16, genre="jazz"))
    song = await songs.song(SERVER, song_id)
    assert song is not None
    assert (song.model, song.traits.genre, song.post.message_id) == (MODEL, "jazz", 1)
    assert await songs.vector(SERVER, song_id, "ear-0") is None
    assert await songs.embedded_by_other_models(MODEL) == ()


async def test_a_song_that_is_gone_is_not_shown_nor_heard_again(
    songs: Songs, database: Database
) -> None:
    song_id = await remember(songs, 1, model="ear-0")
    assert await songs.mark_gone(SERVER, song_id) is True
    assert await songs.mark_gone(SERVER, song_id) is False
    assert await songs.song(SERVER, song_id) is None
    assert await songs.replace_embedding(SERVER, song_id, heard(1)) is None
    assert await songs.embedded_by_other_models(MODEL) == await songs.latest(SERVER, [10]) == ()
    assert [tuple(row) for row in await database.rows("SELECT title, content_hash FROM songs")] == [
        ("", None)
    ]
    assert await database.rows("SELECT * FROM vectors") == []


async def test_a_gone_song_that_turns_up_again_is_remembered_anew(songs: Songs) -> None:
    gone = await remember(songs, 1)
    await songs.mark_gone(SERVER, gone)
    back = await remember(songs, 1)
    assert back != gone
    assert await songs.song(SERVER, back) is not None
