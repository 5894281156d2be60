"""Songs whose messages went while the bot was stopped are not shown, and nobody hears of it."""

import discord
import pytest

from bot.services import Services
from tests.helpers.discord import Server, answer_of
from tests.integration.cogs.similar.songs import Record, remember, remember_row, titles_in


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take its time."""
    monkeypatch.setattr("bot.songbook.similar.LOOK_SECONDS", 60.0)


async def post(server: Server, services: Services, number: int) -> discord.Message:
    """Post a message whose song is said to be remembered."""
    message = await server.alice.send(server.channel, f"Song {number}")
    await remember(
        services.songbook,
        server.channel,
        Record(f"Song {number}", 20.0 + 6 * number),
        poster=1000 + number,
        message_id=message.id,
        by_command=False,
    )
    return message


def lose(server: Server, message: discord.Message) -> None:
    """Delete a message while nobody listens."""
    del server.env.backend.messages[message.channel.id][message.id]


async def test_the_next_nearest_take_the_places_of_what_is_gone(
    server: Server, services: Services
) -> None:
    messages = [await post(server, services, number) for number in range(9)]
    for number in (1, 3, 6):
        lose(server, messages[number])
    answer = answer_of(await server.alice.slash(server.channel, "similar", song="Song 0"))
    assert titles_in(answer) == [f"Song {number}" for number in (2, 4, 5, 7, 8)]
    guild_id = server.alice.guild.id
    assert await services.songs.by_poster(guild_id, 1001) == ()


async def test_of_a_song_asked_about_that_is_gone_nothing_is_known(
    server: Server, services: Services
) -> None:
    message = await post(server, services, 0)
    await post(server, services, 1)
    lose(server, message)
    answer = answer_of(await server.alice.slash(server.channel, "similar", song="Song 0"))
    assert "don't know that song any more" in answer.content


async def test_the_last_song_is_the_last_that_is_still_there(
    server: Server, services: Services
) -> None:
    messages = [await post(server, services, number) for number in range(4)]
    for message in messages[2:]:
        lose(server, message)
    answer = answer_of(await server.alice.slash(server.channel, "similar"))
    assert answer.embeds[0].title == "Sounds like “Song 1”"
    assert titles_in(answer) == ["Song 0"]


async def test_songs_of_genre_are_shown_without_asking(server: Server, services: Services) -> None:
    await remember_row(services.songbook, server.channel, 3)
    answer = answer_of(await server.alice.slash(server.channel, "similar"))
    assert len(titles_in(answer)) == 2


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 0), (400, 0)])
async def test_what_discord_does_not_call_unknown_is_shown(
    server: Server, services: Services, status: int, code: int
) -> None:
    messages = [await post(server, services, number) for number in range(2)]
    path = f"/channels/*/messages/{messages[1].id}"
    server.env.inject_error("GET", path, status=status, code=code)
    answer = answer_of(await server.alice.slash(server.channel, "similar", song="Song 0"))
    assert titles_in(answer) == ["Song 1"]
