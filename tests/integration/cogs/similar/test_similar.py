"""`/similar` as members use it."""

import io
import re

import pytest
from PIL import Image

from bot.discord.attachments import songs_of
from bot.services import Services
from tests.helpers.discord import Server, administrator, alt_of, answer_of, answers_of
from tests.helpers.songs import wav
from tests.integration.cogs.similar.songs import (
    Record,
    allow,
    remember,
    remember_row,
    titles_in,
)


async def test_the_five_nearest_songs_come_nearest_first(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 8)
    result = await server.alice.slash(server.channel, "similar", song=f"song:{ids[0]}")
    assert titles_in(answer_of(result)) == [f"Song {i}" for i in (1, 2, 3, 4, 5)]


async def test_a_pasted_link_to_a_message_means_its_song(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 3)
    guild_id = server.alice.guild.id
    song = await services.songs.song(guild_id, ids[1])
    assert song is not None
    link = f"https://discord.com/channels/{guild_id}/{server.channel.id}/{song.post.message_id}"
    answer = answer_of(await server.alice.slash(server.channel, "similar", song=link))
    assert answer.embeds[0].title == "Sounds like “Song 1”"
    unknown = await server.alice.slash(server.channel, "similar", song=link + "0")
    assert "don't know that song" in answer_of(unknown).content


async def test_each_song_comes_with_words_bars_genre_poster_and_link(
    server: Server, services: Services
) -> None:
    asked = await remember(services.songbook, server.channel, Record("asked", 10))
    await remember(services.songbook, server.channel, Record("月の歌", 40, "jazz", 90.0), 77)
    answer = answer_of(await server.alice.slash(server.channel, "similar", song=f"song:{asked}"))
    (song,) = answer.embeds[0].fields
    assert song.name == "1 · very close · 月の歌"
    assert song.value is not None
    assert "Jazz · 90 BPM · 3:20" in song.value
    assert "<@77>" in song.value
    assert re.search(r"sound [▰▱]{5} ·", song.value)
    assert re.search(rf"https://discord\.com/channels/\d+/{server.channel.id}/\d+", song.value)


async def test_the_picture_shows_where_the_song_stands_and_says_so_in_words(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 4)
    answer = answer_of(await server.alice.slash(server.channel, "similar", song=f"song:{ids[0]}"))
    picture = Image.open(io.BytesIO(await answer.attachments[0].read()))
    assert picture.width == 1200
    assert "3 songs" in alt_of(answer)  # those it is compared with
    assert "star marks “Song 0”" in alt_of(answer)
    assert "1 Song 1, 2 Song 2" in alt_of(answer)


async def test_a_japanese_member_is_answered_in_japanese(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 3)
    answer = answer_of(await server.yuki.slash(server.channel, "similar", song=f"song:{ids[0]}"))
    assert answer.embeds[0].title == "「Song 0」に似た曲"
    assert "ロック · 120 BPM" in (answer.embeds[0].fields[0].value or "")
    assert "星印は「Song 0」" in alt_of(answer)


async def test_without_a_song_the_last_one_of_the_channel_is_asked_about(
    server: Server, services: Services
) -> None:
    assert server.channel.guild is not None
    elsewhere = server.channel.guild.create_text_channel("elsewhere")
    await remember_row(services.songbook, server.channel, 3)
    await remember(services.songbook, elsewhere, Record("newest, but elsewhere"))
    answer = answer_of(await server.alice.slash(server.channel, "similar"))
    assert answer.embeds[0].title == "Sounds like “Song 2”"


async def test_a_typed_title_is_enough(server: Server, services: Services) -> None:
    await remember(services.songbook, server.channel, Record("うさ耳マーチ", 10))
    await remember(services.songbook, server.channel, Record("Other", 40))
    answer = answer_of(await server.yuki.slash(server.channel, "similar", song="ウサ耳"))
    assert answer.embeds[0].title == "「うさ耳マーチ」に似た曲"


async def test_typing_suggests_titles_japanese_ones_too(server: Server, services: Services) -> None:
    song = await remember(services.songbook, server.channel, Record("月まで届け、不死の煙"))
    await remember(services.songbook, server.channel, Record("Lunatic Eyes"))
    choices = await server.yuki.autocomplete(server.channel, "similar", "song", "不死")
    assert [(c["name"], c["value"]) for c in choices] == [("月まで届け、不死の煙", f"song:{song}")]


async def test_a_file_is_heard_on_the_spot_and_not_remembered(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=("kept.wav", wav(4, seed=1)))
    result = await server.alice.slash(server.channel, "similar", file=("mine.wav", wav(4, seed=2)))
    assert answer_of(result).embeds[0].title == "Sounds like “mine”"
    assert titles_in(answer_of(result)) == ["kept"]
    choices = await server.alice.autocomplete(server.channel, "similar", "song", "")
    assert [choice["name"] for choice in choices] == ["kept"]


async def test_the_very_same_file_is_not_its_own_answer(server: Server, services: Services) -> None:
    await allow(server, services)
    for seed in (1, 2):
        await server.alice.slash(server.channel, "genre", file=(f"{seed}.wav", wav(4, seed=seed)))
    result = await server.yuki.slash(server.channel, "similar", file=("x.wav", wav(4, seed=1)))
    assert titles_in(answer_of(result)) == ["2"]


async def test_a_bad_file_is_declined_kindly(server: Server, services: Services) -> None:
    await remember_row(services.songbook, server.channel, 2)
    result = await server.yuki.slash(server.channel, "similar", file=("a.mp3", b"words " * 99))
    assert "音声でも動画でもありません" in answer_of(result).content
    assert answer_of(result).ephemeral


async def test_a_file_too_short_to_compare_is_declined_kindly(
    server: Server, services: Services
) -> None:
    await remember_row(services.songbook, server.channel, 2)
    result = await server.alice.slash(server.channel, "similar", file=("kick.wav", wav(2)))
    assert "less than 3 seconds of sound" in answer_of(result).content
    assert answer_of(result).ephemeral


async def test_the_menu_finds_songs_like_a_forwarded_one(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=("kept.wav", wav(4, seed=1)))
    original = await server.yuki.send(server.channel, attachments=[("one.wav", wav(4, seed=2))])
    forward = await server.yuki.forward(original, server.channel)
    answer = answer_of(await server.alice.context_menu(server.channel, "Similar songs", forward))
    assert answer.embeds[0].title == "Sounds like “one”"


async def test_the_menu_takes_the_other_songs_of_a_message_too_and_counts_what_it_leaves_out(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=("kept.wav", wav(4, seed=9)))
    files = [(f"song {number}.wav", wav(4, seed=number)) for number in range(4)]
    message = await server.yuki.send(server.channel, attachments=files)
    await services.ingest.remember(songs_of(message, services.listening)[1])
    *found, last = answers_of(
        await server.alice.context_menu(server.channel, "Similar songs", message)
    )
    assert [answer.embeds[0].title for answer in found] == [
        f"Sounds like “song {number}”" for number in (1, 0, 2)
    ]
    assert "has 4 songs, and I took the first 3" in last.content


async def test_the_answer_can_be_private(server: Server, services: Services) -> None:
    await remember_row(services.songbook, server.channel, 2)
    public = await server.alice.slash(server.channel, "similar")
    private = await server.alice.slash(server.channel, "similar", private=True)
    assert not answer_of(public).ephemeral
    assert answer_of(private).ephemeral


async def test_nobody_is_pinged(server: Server, services: Services) -> None:
    await remember(services.songbook, server.channel, Record("@everyone", 10), server.yuki.id)
    await remember(services.songbook, server.channel, Record("**b**", 20), server.yuki.id)
    message = answer_of(await server.alice.slash(server.channel, "similar")).message
    assert not message.mentions
    assert not message.mention_everyone
    assert message.embeds[0].title == r"Sounds like “\*\*b\*\*”"


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"genre": "jazz"}, ["jazz slow", "jazz fast"]),
        ({"tempo_min": 150}, ["jazz fast", "rock fast"]),
        ({"tempo_max": 90}, ["jazz slow"]),
        ({"tempo_min": 150, "tempo_max": 200, "genre": "rock"}, ["rock fast"]),
    ],
    ids=["genre", "at least", "at most", "all"],
)
async def test_filters_narrow_the_answer(
    server: Server, services: Services, filters: dict[str, object], titles: list[str]
) -> None:
    book = services.songbook
    for poster, (title, degrees, tempo) in enumerate(
        [("jazz slow", 20, 90), ("jazz fast", 30, 170), ("rock fast", 40, 180)]
    ):
        genre = title.split()[0]
        await remember(book, server.channel, Record(title, degrees, genre, tempo), poster)
    await remember(book, server.channel, Record("asked", 10, "pop", 120))
    options = {key.replace("_", "-"): value for key, value in filters.items()}
    answer = answer_of(await server.alice.slash(server.channel, "similar", **options))
    assert titles_in(answer) == titles
    assert "Filters:" in (answer.embeds[0].description or "")


async def test_swapped_tempos_are_put_right_and_said(server: Server, services: Services) -> None:
    book = services.songbook
    await remember(book, server.channel, Record("fast", 20, "rock", 180))
    await remember(book, server.channel, Record("asked", 10, "pop", 120))
    options = {"tempo-min": 200, "tempo-max": 150}
    answer, note = answers_of(await server.alice.slash(server.channel, "similar", **options))
    assert titles_in(answer) == ["fast"]
    assert note.ephemeral
    assert "I swapped them" in note.content


async def test_one_poster_can_be_asked_for(server: Server, services: Services) -> None:
    book = services.songbook
    for degrees in (20, 30, 40):
        await remember(book, server.channel, Record(f"yuki {degrees}", degrees), server.yuki.id)
    await remember(book, server.channel, Record("alice", 15), server.alice.id)
    await remember(book, server.channel, Record("asked", 10), 1)
    answer = answer_of(await server.alice.slash(server.channel, "similar", poster=server.yuki))
    assert titles_in(answer) == ["yuki 20", "yuki 30", "yuki 40"]


async def test_a_filter_that_fits_nothing_says_so(server: Server, services: Services) -> None:
    await remember_row(services.songbook, server.channel, 3)
    for member, words in ((server.alice, "Filters: Disco"), (server.yuki, "条件：ディスコ")):
        answer = answer_of(await member.slash(server.channel, "similar", genre="disco"))
        assert words in (answer.embeds[0].description or "")
        assert not answer.attachments


async def test_a_song_alone_has_nothing_to_be_compared_with(
    server: Server, services: Services
) -> None:
    await remember_row(services.songbook, server.channel, 1)
    answer = answer_of(await server.alice.slash(server.channel, "similar"))
    assert "only song I know" in (answer.embeds[0].description or "")


async def test_an_unknown_title_is_answered_kindly(server: Server, services: Services) -> None:
    await remember_row(services.songbook, server.channel, 2)
    for member, words in (
        (server.alice, "a song here with “ab\\_c”"),
        (server.yuki, "「ab\\_c」"),
    ):
        answer = answer_of(await member.slash(server.channel, "similar", song="ab_c"))
        assert words in answer.content
        assert answer.ephemeral


async def test_a_channel_without_songs_says_how_to_name_one(
    server: Server, services: Services
) -> None:
    assert server.channel.guild is not None
    quiet = server.channel.guild.create_text_channel("quiet")
    await remember_row(services.songbook, server.channel, 2)
    for member, words in (
        (server.alice, "any song in this channel"),
        (server.yuki, "このチャンネル"),
    ):
        assert words in answer_of(await member.slash(quiet, "similar")).content


async def test_where_nothing_is_allowed_members_and_administrators_hear_who_can_do_what(
    server: Server,
) -> None:
    said = [
        answer_of(await member.slash(server.channel, "similar")).content
        for member in (server.alice, server.yuki, administrator(server, administrator=True))
    ]
    assert "Someone who manages the server can allow it" in said[0]
    assert "サーバーの管理者が /設定 許可 で許可できます" in said[1]
    assert "You can allow it with /setup allow" in said[2]


async def test_an_empty_songbook_says_how_songs_get_in(server: Server, services: Services) -> None:
    await allow(server, services)
    said = [
        answer_of(await member.slash(server.channel, "similar")).content
        for member in (server.alice, server.yuki, administrator(server, administrator=True))
    ]
    assert "Post one with /genre" in said[0]
    assert "「この曲を記憶する」" in said[1]
    assert "/setup import" in said[2]


async def test_the_menu_asks_about_the_remembered_song_of_a_message(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    message = await server.yuki.send(server.channel, attachments=[("one.wav", wav(4, seed=1))])
    await server.yuki.context_menu(server.channel, "Remember this song", message)
    await server.alice.slash(server.channel, "genre", file=("two.wav", wav(4, seed=2)))
    result = await server.alice.context_menu(server.channel, "Similar songs", message)
    assert titles_in(answer_of(result)) == ["two"]
    assert answer_of(result).ephemeral


async def test_the_menu_hears_songs_that_are_not_remembered(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=("kept.wav", wav(4, seed=1)))
    files = [("one.wav", wav(4, seed=2)), ("bad.mp3", b"words " * 99), ("two.wav", wav(4, seed=3))]
    message = await server.yuki.send(server.channel, attachments=files)
    result = await server.alice.context_menu(server.channel, "Similar songs", message)
    assert [bool(m.embeds) for m in answers_of(result)] == [True, False, True]


async def test_the_menu_on_a_message_without_a_song_says_so(server: Server) -> None:
    message = await server.yuki.send(server.channel, "こんにちは")
    answer = answer_of(await server.alice.context_menu(server.channel, "Similar songs", message))
    assert "no song attached" in answer.content


async def test_a_guessed_genre_has_a_question_mark(server: Server, services: Services) -> None:
    await remember(services.songbook, server.channel, Record("guessed", 40, None))
    await remember(services.songbook, server.channel, Record("asked", 10))
    for member, words in ((server.alice, "Rock? · 120 BPM"), (server.yuki, "ロック？ · 120 BPM")):
        answer = answer_of(await member.slash(server.channel, "similar"))
        assert words in (answer.embeds[0].fields[0].value or "")


async def test_where_nothing_is_like_it_the_answer_says_so(
    server: Server, services: Services
) -> None:
    await remember(services.songbook, server.channel, Record("far", 90))
    await remember(services.songbook, server.channel, Record("asked", 0))
    for member, words, word in (
        (server.alice, "Nothing here really sounds like it. Nearest:", "distant"),
        (server.yuki, "本当に似ている曲はここにはありません", "遠い"),
    ):
        answer = answer_of(await member.slash(server.channel, "similar"))
        assert words in (answer.embeds[0].description or "")
        assert answer.embeds[0].fields[0].name == f"1 · {word} · far"


async def test_genres_are_suggested_that_songs_here_have(
    server: Server, services: Services
) -> None:
    await remember(services.songbook, server.channel, Record("a", 20, "jazz"))
    await remember(services.songbook, server.channel, Record("b", 30, "metal"))
    for member, typed, names in (
        (server.alice, "", {"Jazz", "Metal"}),
        (server.alice, "jaz", {"Jazz"}),
        (server.yuki, "じゃず", {"ジャズ"}),
    ):
        choices = await member.autocomplete(server.channel, "similar", "genre", typed)
        assert {choice["name"] for choice in choices} == names


async def test_an_unknown_genre_is_answered_kindly(server: Server, services: Services) -> None:
    await remember_row(services.songbook, server.channel, 2)
    answer = answer_of(await server.alice.slash(server.channel, "similar", genre="polka"))
    assert "No song here is “polka”" in answer.content
    assert answer.ephemeral


async def test_counts_agree_with_the_filter_and_the_map(server: Server, services: Services) -> None:
    for number in range(7):
        record = Record(f"Song {number}", 20.0 + 6 * number, "jazz" if number % 2 else "rock")
        await remember(services.songbook, server.channel, record, poster=1000 + number)
    answer = answer_of(
        await server.alice.slash(server.channel, "similar", song="Song 0", genre="jazz")
    )
    assert answer.embeds[0].footer.text == "Page 1 of 1 · 3 of 3 songs sound like it"
    assert "3 songs in this server to compare with" in alt_of(answer)
    assert "Jazz 3" in alt_of(answer)
    assert "Rock" not in alt_of(answer)


async def test_a_song_posted_twice_is_one_song_everywhere(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    for name in ("first", "again", "other"):
        song = wav(4, seed=2 if name == "other" else 1)
        await server.alice.slash(server.channel, "genre", file=(f"{name}.wav", song))
    similar = answer_of(await server.alice.slash(server.channel, "similar", song="other"))
    assert titles_in(similar) == ["first"]
    assert "of 1 song" in (similar.embeds[0].footer.text or "")
    for command in ("songbook map", "songbook stats"):
        answer = answer_of(await server.alice.slash(server.channel, command))
        assert "2 songs" in alt_of(answer)


async def test_songs_like_several_are_asked_for_by_several(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 5)
    options = {"song": f"song:{ids[0]}", "song-2": f"song:{ids[3]}"}
    answer = answer_of(await server.alice.slash(server.channel, "similar", **options))
    assert answer.embeds[0].title == "Sounds like “Song 0 + Song 3”"
    assert set(titles_in(answer)) == {"Song 1", "Song 2", "Song 4"}
    assert (answer.embeds[0].description or "").count("posted by") == 2


async def test_a_file_and_a_song_are_asked_about_together(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    for seed in range(3):
        await server.alice.slash(server.channel, "genre", file=(f"{seed}.wav", wav(4, seed=seed)))
    result = await server.alice.slash(
        server.channel, "similar", song="0", file=("mine.wav", wav(4, seed=9))
    )
    assert answer_of(result).embeds[0].title == "Sounds like “mine + 0”"
    assert "0" not in titles_in(answer_of(result))
