from __future__ import annotations

from storage.database import Database
from storage.song_queries import SongStatistics
from storage.song_values import GenreCount
from storage.songs import Songs
from tests.unit.storage import OTHER_SERVER, SERVER, heard, post


async def test_songs_are_counted_by_genre_tempo_and_poster(
    songs: Songs, database: Database
) -> None:
    await songs.remember(post(1), heard(1, tempo_bpm=171.0))
    await songs.remember(post(2), heard(2, tempo_bpm=179.9, genre="jazz"))
    await songs.remember(post(3, poster_id=8), heard(3, tempo_bpm=90.0))
    await songs.remember(post(4), heard(4, tempo_bpm=None, genre=None))
    stats = await SongStatistics(database).of(SERVER, [10])
    assert (stats.songs, stats.posters, stats.seconds) == (4, 2, 800.0)
    assert stats.genres == (GenreCount("rock", 3, 2), GenreCount("jazz", 1, 1))
    assert stats.tempos == ((90, 1), (170, 2))
    assert stats.most_songs == ((7, 3), (8, 1))
    assert (stats.first_posted_at, stats.last_posted_at) == (post(1).posted_at, post(4).posted_at)


async def test_what_is_stored_is_far_less_than_what_was_heard(
    songs: Songs, database: Database
) -> None:
    await songs.remember(post(1), heard(1, size=256))
    stats = await SongStatistics(database).of(SERVER, [10])
    assert stats.file_bytes == 4_000_000
    assert 1024 < stats.stored_bytes < 2000


async def test_only_readable_channels_of_this_server_are_counted(
    songs: Songs, database: Database
) -> None:
    await songs.remember(post(1, channel_id=11), heard(1))
    await songs.remember(post(2, guild_id=OTHER_SERVER), heard(2))
    stats = await SongStatistics(database).of(SERVER, [10])
    assert (stats.songs, stats.genres, stats.most_songs) == (0, (), ())
    assert stats.first_posted_at is None


async def test_a_song_posted_again_is_counted_once(songs: Songs, database: Database) -> None:
    first = await songs.remember(post(1), heard(1))
    await songs.remember(post(2, content_hash=post(1).content_hash), heard(1))
    await songs.remember(post(3), heard(1), same_as=first.song_id)
    await songs.remember(post(4, poster_id=8), heard(4))
    stats = await SongStatistics(database).of(SERVER, [10])
    assert (stats.songs, stats.seconds, stats.genres) == (2, 400.0, (GenreCount("rock", 2, 2),))
    assert stats.most_songs == ((7, 1), (8, 1))
