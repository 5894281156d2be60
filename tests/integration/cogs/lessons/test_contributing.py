"""Handing songs over: consent first, and back again."""

from bot.app import Services
from tests.helpers.discord import Server, answer_of, labels_of, text_of
from tests.helpers.songs import wav
from tests.integration.cogs.lessons.playing import (
    AGREE,
    agree,
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
    assert consent.wording == 1


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
    assert labels_of(asked) == ["読みました。同意します"]


async def test_genres_are_suggested_those_of_the_server_first(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    await server.alice.slash(server.channel, SONG, file=FILE, genre="Drill'n'Bass")
    choices = await server.yuki.autocomplete(server.channel, SONG, "genre", "")
    assert [choice["name"] for choice in choices][:2] == ["Drill'n'Bass", "ブルース"]


async def test_a_song_known_already_and_a_name_that_is_none_are_told(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice, server.yuki)
    await server.alice.slash(server.channel, SONG, file=FILE, genre="jazz")
    again = answer_of(await server.yuki.slash(server.channel, SONG, file=FILE, genre="pop"))
    assert "すでに提供されています" in again.content
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
