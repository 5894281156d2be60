"""Who is on the demo server, what they posted, and that they are answered as on Discord."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
from simcord.env import Env
from simcord.results import InteractionResult

from bot.app import make_bot
from bot.demo.server import PEOPLE, POSTS, DemoServer, build_demo_server
from bot.discord.client import Usamimi
from bot.services import Services
from tests.helpers.songs import wav

SONG = ("tune.wav", wav(4))


@pytest.fixture
def simcord_bot(services: Services) -> Usamimi:
    """The bot as the page runs it."""
    settings = services.settings.model_copy(update={"message_content": True})
    return make_bot(replace(services, settings=settings))


@pytest.fixture
async def demo(simcord_env: Env) -> DemoServer:
    simcord_env.settle_timeout = 60  # a busy machine decodes slowly
    return await build_demo_server(simcord_env)


def footer(result: InteractionResult) -> str:
    assert result.response is not None
    return result.response.embeds[0].footer.text or ""


def test_members_read_english_or_japanese() -> None:
    assert {person.locale.split("-")[0] for person in PEOPLE} == {"en", "ja"}


async def test_one_member_is_the_administrator(demo: DemoServer, simcord_env: Env) -> None:
    guild = demo.music.guild
    assert guild is not None
    administrators = [
        name
        for name, member in demo.members.items()
        if discord.Permissions(
            simcord_env.backend.compute_permissions(guild.id, member.id)
        ).administrator
    ]
    assert administrators == ["admin"]


async def test_songs_are_posted_with_titles_in_both_languages(demo: DemoServer) -> None:
    songs = [song for message in demo.music.history() for song in message.attachments]
    assert len(songs) >= 6
    assert any(song.filename.isascii() for song in songs)
    assert any(not song.filename.isascii() for song in songs)
    for song in songs:
        assert len(await song.read()) == song.size > 100_000


async def test_the_songs_are_remembered_by_the_time_the_page_opens(
    demo: DemoServer, services: Services
) -> None:
    assert demo.music.guild is not None
    guild_id = demo.music.guild.id
    titles = {
        song.post.title
        for member in demo.members.values()
        for song in await services.songs.by_poster(guild_id, member.id)
    }
    assert titles == {post.title for post in POSTS}


async def test_the_posts_are_of_today(demo: DemoServer) -> None:
    newest = demo.music.history()[-1].created_at
    assert abs(newest - datetime.now(UTC)) < timedelta(minutes=5)


async def test_members_are_answered_in_their_own_language(demo: DemoServer) -> None:
    for username, words in (("alice", "of sound"), ("ben", "of sound"), ("yuki", "聴いて判定")):
        result = await demo.members[username].slash(demo.music, "genre", file=SONG)
        assert words in footer(result), username


async def test_a_posted_song_can_be_asked_about(demo: DemoServer) -> None:
    post = next(message for message in demo.music.history() if message.attachments)
    result = await demo.members["yuki"].context_menu(demo.music, "Genre", post)
    assert "聴いて判定" in footer(result)
