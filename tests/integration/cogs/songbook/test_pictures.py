"""`/songbook map` and `/songbook stats`, as members see them."""

import io
from collections.abc import Sequence

import discord
import pytest
from PIL import Image

from bot.services import Services
from tests.helpers.discord import Server, alt_of, answer_of
from tests.integration.cogs.similar.songs import Record, allow, remember, remember_row

GENRES = ("rock", "jazz", "jazz", None)


async def remember_some(services: Services, server: Server) -> None:
    for number, genre in enumerate(GENRES):
        record = Record(f"曲 {number}", 20.0 + 9 * number, genre, 100.0 + 20 * number)
        await remember(services.songbook, server.channel, record, poster=500 + number // 2)


async def test_the_map_shows_the_songs_and_describes_itself(
    server: Server, services: Services
) -> None:
    await remember_some(services, server)
    for member, words in ((server.alice, "4 songs in this server"), (server.yuki, "4曲の地図")):
        answer = answer_of(await member.slash(server.channel, "songbook map"))
        assert words in alt_of(answer)
        assert Image.open(io.BytesIO(await answer.attachments[0].read())).width == 1200
    assert "ジャズ 2曲" in alt_of(answer)


async def test_the_stats_count_songs_genres_tempos_and_posters(
    server: Server, services: Services
) -> None:
    await remember_some(services, server)
    answer = answer_of(await server.alice.slash(server.channel, "songbook stats"))
    told = alt_of(answer)
    assert "4 songs, 13 min of music, 2 members" in told
    assert "Jazz 2" in told
    assert "Rock 2" in told  # of one it is the best guess
    assert "100–109 BPM 1" in told
    fields = {field.name: field.value or "" for field in answer.embeds[0].fields}
    assert fields["Top posters"] == "<@500> · 2 songs\n<@501> · 2 songs"
    assert "KB of numbers" in fields["What I store"]


async def test_the_stats_are_in_japanese_too(server: Server, services: Services) -> None:
    await remember_some(services, server)
    answer = answer_of(await server.yuki.slash(server.channel, "songbook stats"))
    assert "4曲、13分、2人が投稿" in alt_of(answer)
    assert answer.embeds[0].title == "このサーバーのソングブック"


@pytest.mark.parametrize("command", ["songbook map", "songbook stats"])
async def test_the_pictures_show_only_what_their_asker_can_read(
    server: Server, services: Services, command: str
) -> None:
    guild = server.channel.guild
    assert guild is not None
    hidden = guild.create_text_channel(
        "hidden",
        overwrites={guild.default_role: discord.PermissionOverwrite(view_channel=False)},
    )
    await remember_row(services.songbook, server.channel, 3)
    await remember(services.songbook, hidden, Record("secret", 80, "disco"))
    for private in (False, True):
        answer = answer_of(await server.alice.slash(server.channel, command, private=private))
        assert "3 songs" in alt_of(answer)
        assert "Disco" not in alt_of(answer)
        assert answer.ephemeral is private


@pytest.mark.parametrize("command", ["songbook map", "songbook stats"])
async def test_an_empty_songbook_says_what_to_do(
    server: Server, services: Services, command: str
) -> None:
    said: Sequence[str] = [
        answer_of(await server.yuki.slash(server.channel, command)).content,
    ]
    await allow(server, services)
    said = [*said, answer_of(await server.alice.slash(server.channel, command)).content]
    assert "許可されていない" in said[0]
    assert "Post one with /genre" in said[1]
