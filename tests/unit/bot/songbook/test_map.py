"""Maps of a server's songs, through the book.songbook."""

from bot.songbook.values import Filters, ReadableChannels
from tests.factories import heard_song
from tests.unit.bot.songbook.factories import (
    ADULT_CHANNEL,
    CHANNEL,
    EVERYWHERE,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    Book,
    heard,
    keep,
    keep_at,
    post,
    query,
)


async def test_every_song_within_reach_has_a_spot_with_its_title(book: Book) -> None:
    ids = await keep_at(book, [0, 30, 60])
    drawn = await book.maps.map(SERVER, EVERYWHERE)
    assert {(s.song_id, s.title, s.genre) for s in drawn.spots} == {
        (song_id, f"Song {number}", "rock") for number, song_id in enumerate(ids, 1)
    }
    assert (drawn.songs, drawn.asked) == (3, ())


async def test_where_the_model_was_not_sure_the_likeliest_genre_is_given(book: Book) -> None:
    kept = await book.songbook.remember(post(1), heard(0, genre=None))
    (spot,) = (await book.maps.map(SERVER, EVERYWHERE)).spots
    assert (spot.song_id, spot.genre, spot.sure) == (kept.song_id, "rock", False)


async def test_a_map_never_shows_what_is_out_of_reach(book: Book) -> None:
    kept = await keep(book, post(1), heard(0))
    await keep(book, post(2, channel_id=OTHER_CHANNEL), heard(20))
    await keep(book, post(3, channel_id=ADULT_CHANNEL), heard(40))
    await keep(book, post(4, guild_id=OTHER_SERVER), heard(60))
    reach = ReadableChannels(
        frozenset({CHANNEL, ADULT_CHANNEL}), frozenset({ADULT_CHANNEL}), CHANNEL
    )
    drawn = await book.maps.map(SERVER, reach)
    assert [spot.song_id for spot in drawn.spots] == [kept]


async def test_a_forgotten_song_leaves_the_map(book: Book) -> None:
    ids = await keep_at(book, [0, 30, 60])
    await book.maps.map(SERVER, EVERYWHERE)
    await book.songbook.forget_song(SERVER, ids[1])
    drawn = await book.maps.map(SERVER, EVERYWHERE)
    assert {spot.song_id for spot in drawn.spots} == {ids[0], ids[2]}


async def test_a_song_that_is_not_remembered_is_placed_among_the_others(book: Book) -> None:
    await keep_at(book, [0, 30, 60])
    drawn = await book.maps.map(SERVER, EVERYWHERE, query(10))
    assert len(drawn.asked) == 1
    assert (len(drawn.spots), drawn.songs) == (3, 3)


async def test_a_remembered_song_asked_about_is_one_of_the_spots(book: Book) -> None:
    ids = await keep_at(book, [0, 30, 60])
    about = await book.search.query_about(SERVER, ids[1], EVERYWHERE)
    drawn = await book.maps.map(SERVER, EVERYWHERE, about)
    assert drawn.asked == ()
    assert drawn.spots[0].song_id == ids[1]
    assert (len(drawn.spots), drawn.songs) == (3, 2)  # itself it is not compared with


async def test_a_filter_leaves_only_songs_that_fit_and_those_asked_about(book: Book) -> None:
    ids = await keep_at(book, [0, 30])
    await keep(book, post(3), heard(60, genre="jazz"))
    about = await book.search.query_about(SERVER, ids[0], EVERYWHERE)
    drawn = await book.maps.map(SERVER, EVERYWHERE, about, Filters(genre="jazz"))
    assert {spot.title for spot in drawn.spots} == {"Song 1", "Song 3"}
    assert (drawn.songs, [count.genre for count in drawn.genres]) == (1, ["jazz"])


async def test_of_very_many_songs_some_of_every_time_are_laid_out(book: Book) -> None:
    ids = [await keep(book, post(number), heard_song(seed=number)) for number in range(100)]
    drawn = await book.maps.map(SERVER, EVERYWHERE, marked=[ids[1]], limit=10)
    shown = {spot.song_id for spot in drawn.spots}
    assert (len(shown), drawn.songs) == (11, 100)
    assert {ids[0], ids[1], ids[-1]} <= shown


async def test_an_empty_songbook_has_an_empty_map(book: Book) -> None:
    assert (await book.maps.map(SERVER, EVERYWHERE)).spots == ()
