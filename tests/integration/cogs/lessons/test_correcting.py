"""Putting a wrong answer right, in two clicks."""

from typing import Any

from bot.services import Services
from tests.helpers.discord import Server, alt_of, answer_of, labels_of, text_of
from tests.helpers.songs import wav
from tests.integration.cogs.lessons.playing import (
    AGREE,
    agree,
    given,
    last,
)

FILE = ("Lunatic Eyes.wav", wav(4))


async def test_two_clicks_put_a_wrong_genre_right(server: Server, services: Services) -> None:
    await agree(services, server.alice)
    heard = answer_of(await server.alice.slash(server.channel, "genre", file=FILE))
    asked = last(await server.alice.click(heard.message, label="Wrong genre?"))
    assert asked.ephemeral
    chosen = await server.alice.select(asked.message, values=["jazz"])
    assert "as Jazz for the next lesson" in text_of(last(chosen))
    (song,) = await given(services, server)
    assert (song.label, song.corrected, song.title) == ("jazz", True, "Lunatic Eyes")


async def correct(member: Any, heard: Any, genre: str, label: str = "Wrong genre?") -> Any:
    """Say what an answer's genre really is; returns what is told then."""
    asked = last(await member.click(heard.message, label=label))
    return last(await member.select(asked.message, values=[genre]))


async def test_the_posted_answer_and_the_songbook_are_corrected_at_once(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    await services.channels.allow_remembering(server.alice.guild.id, allowed=True)
    heard = answer_of(await server.alice.slash(server.channel, "genre", file=FILE))
    told = await correct(server.alice, heard, "jazz")
    assert "Jazz: 1 of 5 songs" in text_of(told)
    (posted,) = [each for each in server.channel.history() if each.id == heard.id]
    assert (posted.embeds[0].description or "").startswith("**Members say: Jazz**")
    assert len(posted.attachments) == 1
    stats = answer_of(await server.yuki.slash(server.channel, "songbook stats"))
    assert "ジャズ 1曲" in alt_of(stats)


async def test_a_second_correction_takes_the_place_of_the_first(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    heard = answer_of(await server.alice.slash(server.channel, "genre", file=FILE))
    for genre in ("jazz", "blues"):
        await correct(server.alice, heard, genre)
    (posted,) = [each for each in server.channel.history() if each.id == heard.id]
    text = posted.embeds[0].description or ""
    assert text.startswith("**Members say: Blues**")
    assert text.count("Members say") == 1


async def test_who_agrees_with_an_earlier_correction_has_the_answer_corrected_too(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice, server.yuki)
    heard = answer_of(await server.alice.slash(server.channel, "genre", file=FILE))
    await correct(server.alice, heard, "jazz")
    again = answer_of(await server.yuki.slash(server.channel, "genre", file=FILE))
    told = await correct(server.yuki, again, "jazz", label="ジャンルが違う？")
    assert "すでにジャズになっています" in text_of(told)
    (posted,) = [each for each in server.channel.history() if each.id == again.id]
    assert (posted.embeds[0].description or "").startswith("**メンバーによると：ジャズ**")
    assert len(await given(services, server)) == 1


async def test_taking_the_correction_back_takes_its_name_off_the_songbook(
    server: Server, services: Services
) -> None:
    await agree(services, server.alice)
    await services.channels.allow_remembering(server.alice.guild.id, allowed=True)
    heard = answer_of(await server.alice.slash(server.channel, "genre", file=FILE))
    asked = last(await server.alice.click(heard.message, label="Wrong genre?"))
    await server.alice.select(asked.message, values=["jazz"])
    (song,) = await services.songs.by_poster(server.alice.guild.id, server.alice.id)
    assert song.label == "jazz"
    (correction,) = await given(services, server)
    await services.erasure.erase_contributions(server.alice.id, [correction.contribution_id])
    (song,) = await services.songs.by_poster(server.alice.guild.id, server.alice.id)
    assert song.label is None


async def test_consent_comes_before_the_first_correction(
    server: Server, services: Services
) -> None:
    heard = answer_of(await server.alice.slash(server.channel, "genre", file=FILE))
    asked = last(await server.alice.click(heard.message, label="Wrong genre?"))
    assert "Before you contribute" in text_of(asked)
    pressed = last(await server.alice.click(asked.message, label=AGREE))
    await server.alice.select(pressed.message, values=["reggae"])
    assert [song.label for song in await given(services, server)] == ["reggae"]


async def test_only_whoever_asked_can_put_it_right(server: Server, services: Services) -> None:
    await agree(services, server.alice, server.yuki)
    heard = answer_of(await server.alice.slash(server.channel, "genre", file=FILE))
    refused = last(await server.yuki.click(heard.message, label="Wrong genre?"))
    assert "それは別の人のものです" in refused.content


async def test_songs_others_posted_are_not_taught_with(server: Server) -> None:
    message = await server.yuki.send(server.channel, attachments=[FILE])
    heard = answer_of(await server.alice.context_menu(server.channel, "Genre", message))
    assert "Wrong genre?" not in labels_of(heard)
