"""Handing songs over: consent first, and back again."""

from bot.lessons.contributions import WORDING
from bot.services import Services
from tests.helpers.discord import (
    Server,
    answer_of,
    custom_ids_of,
    labels_of,
    options_of,
    text_of,
)
from tests.helpers.songs import wav
from tests.integration.cogs.lessons.playing import (
    AGREE,
    agree,
    contribute,
    given,
    last,
)

SONG = "contribute song"
FILE = ("Lunatic Eyes.wav", wav(4))


async def test_a_member_reads_and_agrees_before_anything_is_kept(
    server: Server, services: Services
) -> None:
    asked = answer_of(
        await server.alice.slash(server.channel, SONG, file=FILE, genre="Drill'n'Bass")
    )
    assert asked.ephemeral
    for words in ("What I store", "What it's for", "How long", "How to take it back"):
        assert words in text_of(asked)
    assert await given(services, server) == ()
    pressed = await server.alice.click(asked.message, label=AGREE)
    assert "as Drill'n'Bass for the next lesson" in text_of(last(pressed))
    (song,) = await given(services, server)
    assert (song.title, song.label) == ("Lunatic Eyes", "Drill'n'Bass")
    assert song.vector is not None
    (consent,) = await services.consents.stored.of_member(server.alice.id)
    assert consent.wording == WORDING


async def test_who_agreed_is_not_asked_again_and_reads_japanese(
    server: Server, services: Services
) -> None:
    await agree(services, server.yuki)
    answer = answer_of(
        await server.yuki.slash(server.channel, SONG, file=FILE, genre="ロック", artist="上海")
    )
    assert answer.ephemeral
    assert "「Lunatic Eyes」をロックとして" in text_of(answer)
    (song,) = await given(services, server)
    assert (song.label, song.artist) == ("ロック", "上海")


async def test_a_song_too_short_to_learn_from_is_declined(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    kick = ("kick.wav", wav(2))
    answer = answer_of(await server.alice.slash(server.channel, SONG, file=kick, genre="Trance"))
    assert "less than 3 seconds of sound" in answer.content
    assert await given(services, server) == ()


async def test_consent_is_shown_in_japanese(server: Server) -> None:
    asked = answer_of(await server.yuki.slash(server.channel, SONG, file=FILE, genre="東方"))
    assert "保存するもの" in text_of(asked)
    assert labels_of(asked) == ["読みました。同意します", "やめておく"]


async def test_who_declines_gives_nothing(server: Server, services: Services) -> None:
    asked = answer_of(await server.alice.slash(server.channel, SONG, file=FILE, genre="jazz"))
    declined = await server.alice.click(asked.message, label="No, thanks")
    assert "I stored nothing" in text_of(last(declined))
    assert await given(services, server) == ()
    assert not await services.consents.agreed(server.alice.guild.id, server.alice.id)


async def test_several_files_are_given_at_once_and_counted(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    files = {
        "file": FILE,
        "file-2": ("bad.mp3", b"words " * 99),
        "file-3": ("two.wav", wav(3, seed=1)),
        "file-4": ("three.wav", wav(3, seed=2)),
    }
    answer = answer_of(await server.alice.slash(server.channel, SONG, genre="Doujin", **files))
    assert "“bad”: That file isn't audio or video" in text_of(answer)
    assert "Doujin: 3 of 5 songs" in text_of(answer)
    assert {song.title for song in await given(services, server)} == {
        "Lunatic Eyes",
        "two",
        "three",
    }


async def test_a_genre_with_enough_songs_says_what_is_next(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    await contribute(services, server.alice, genres=["tunes"])
    await server.alice.slash(server.channel, SONG, file=FILE, genre="drones")
    again = {"file": ("more.wav", wav(3, seed=9)), "genre": "tunes"}
    answer = answer_of(await server.alice.slash(server.channel, SONG, **again))
    assert "tunes: 6 songs, which is enough" in text_of(answer)
    assert "With another genre of 5 songs" in text_of(answer)


async def test_members_see_what_they_gave_and_take_it_back_there(
    server: Server, services: Services
) -> None:
    empty = answer_of(await server.yuki.slash(server.channel, "contribute list"))
    assert "まだありません" in text_of(empty)
    await contribute(services, server.alice, each=2)
    await contribute(services, server.yuki, each=1)
    listed = answer_of(await server.alice.slash(server.channel, "contribute list"))
    assert listed.ephemeral
    assert "**drones**: 2 songs from you; this server has 3 of 5" in text_of(listed)
    label, value = options_of(listed)[0]
    assert label == "drones 1 (drones)"
    custom_id = custom_ids_of(listed)[0]
    gone = last(await server.alice.select(listed.message, [value], custom_id=custom_id))
    assert "“drones 1” has been deleted" in text_of(gone)
    assert len(await given(services, server)) == 5


async def test_genres_are_suggested_those_of_the_server_first(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    await server.alice.slash(server.channel, SONG, file=FILE, genre="Drill'n'Bass")
    choices = await server.yuki.autocomplete(server.channel, SONG, "genre", "")
    assert [choice["name"] for choice in choices][:2] == ["Drill'n'Bass", "ブルース"]
    typed = await server.alice.autocomplete(server.channel, SONG, "genre", "Orchestral")
    assert [(each["name"], each["value"]) for each in typed] == [
        ("“Orchestral” (new)", "Orchestral")
    ]
    known = await server.alice.autocomplete(server.channel, SONG, "genre", "drill'n'bass")
    assert [each["name"] for each in known] == ["Drill'n'Bass"]


async def test_a_song_known_already_and_a_name_that_is_none_are_told(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice, server.yuki)
    await server.alice.slash(server.channel, SONG, file=FILE, genre="jazz")
    again = answer_of(await server.yuki.slash(server.channel, SONG, file=FILE, genre="pop"))
    assert "すでに提供されています" in again.content
    both = {"file": FILE, "file-2": FILE}
    twice = answer_of(await server.yuki.slash(server.channel, SONG, genre="pop", **both))
    assert "数値だけ" not in text_of(twice), "nothing was stored"
    nameless = answer_of(await server.alice.slash(server.channel, SONG, file=FILE, genre="!!!"))
    assert "at most 40 characters" in nameless.content


async def test_what_was_handed_over_is_taken_back(server: Server, services: Services) -> None:
    await agree(services, server.alice)
    await server.alice.slash(server.channel, SONG, file=FILE, genre="jazz")
    (choice,) = await server.alice.autocomplete(
        server.channel, "contribute takeback", "what", "lunatic"
    )
    assert choice["name"] == "Lunatic Eyes (Jazz)"
    theirs = await server.yuki.autocomplete(server.channel, "contribute takeback", "what", "")
    assert theirs == []
    stolen = await server.yuki.slash(server.channel, "contribute takeback", what=choice["value"])
    assert "記憶していない" in answer_of(stolen).content
    answer = answer_of(
        await server.alice.slash(server.channel, "contribute takeback", what=choice["value"])
    )
    assert "“Lunatic Eyes” has been deleted" in text_of(answer)
    assert await given(services, server) == ()
