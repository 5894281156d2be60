"""What is done every day without being asked."""

from dataclasses import replace

import pytest

from bot.demo.simcord_patches import send_own_locales
from bot.services import Services
from storage.song_values import Outcome
from tests.helpers.discord import Server, answers_of
from tests.integration.cogs.songbook.playing import (
    SONG,
    allow,
    restart,
    songs_of,
)
from tests.unit.storage import POST, heard

DAY = 24 * 3600.0


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.songbook.ingest.REEMBEDDING_PAUSE_SECONDS", 0.0)


async def heard_by_an_older_model(server: Server, services: Services) -> int:
    """Post a song that an earlier model is said to have heard; gives its message's id."""
    await allow(server, services)
    message = await server.alice.send(server.channel, attachments=[SONG])
    song = replace(
        POST,
        message_id=message.id,
        guild_id=server.alice.guild.id,
        channel_id=server.channel.id,
        attachment_id=message.attachments[0].id,
        poster_id=server.alice.id,
    )
    remembered = await services.songbook.remember(song, heard(1, model="ear-0"))
    assert remembered.outcome is Outcome.REMEMBERED
    return message.id


async def test_a_song_of_another_model_is_heard_again_from_its_message(
    server: Server, services: Services
) -> None:
    await heard_by_an_older_model(server, services)
    await server.env.advance_time(DAY)
    (song,) = await songs_of(services, server.alice)
    assert song.model == services.listening.model


async def test_a_song_whose_message_is_gone_is_marked(server: Server, services: Services) -> None:
    message_id = await heard_by_an_older_model(server, services)
    del server.env.backend.messages[server.channel.id][message_id]  # while the bot was away
    await server.env.advance_time(DAY)
    assert await songs_of(services, server.alice) == ()


async def genre_of_an_older_model(server: Server, services: Services) -> None:
    """Ask for a song's genre, which an earlier model is said to have answered."""
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=SONG)
    (song,) = await songs_of(services, server.alice)
    assert await services.songbook.replace_embedding(song, heard(1, model="ear-0"))


async def test_a_song_of_genre_whose_file_is_in_no_message_stays_as_it_was_heard(
    server: Server, services: Services
) -> None:
    await genre_of_an_older_model(server, services)
    assert await services.songs.embedded_by_other_models(services.listening.model) == ()
    await server.env.advance_time(DAY)
    (song,) = await songs_of(services, server.alice)
    assert song.model == "ear-0"


@pytest.mark.parametrize(
    ("locale", "words"), [("en-US", "use /similar with the file"), ("ja", "/似た曲 にファイル")]
)
async def test_who_asks_about_a_song_of_an_older_model_reads_how_to_ask_now(
    server: Server, services: Services, locale: str, words: str
) -> None:
    await genre_of_an_older_model(server, services)
    send_own_locales(server.env, {server.alice.id: locale})
    result = await server.alice.slash(server.channel, "similar")
    assert words in (answers_of(result)[-1].content or "")


@pytest.mark.parametrize("message_content", [False])
async def test_without_the_intent_nothing_is_taken_for_gone(
    server: Server, services: Services
) -> None:
    await heard_by_an_older_model(server, services)
    await server.env.advance_time(DAY)
    (song,) = await songs_of(services, server.alice)
    assert song.model == "ear-0"


async def test_it_is_done_at_every_start(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await heard_by_an_older_model(server, services)
    await restart(server, services, monkeypatch)
    (song,) = await songs_of(services, server.alice)
    assert song.model == services.listening.model
