"""`/genre` for songs that are posted already: the last of the channel, or a link's."""

import dataclasses

import discord
import pytest

from bot.app import make_bot
from bot.discord.client import Usamimi
from bot.services import Services
from tests.helpers.discord import Server, answer_of, answers_of, text_of
from tests.helpers.songs import wav


@pytest.fixture
def message_content() -> bool:
    return True


@pytest.fixture
def simcord_bot(services: Services, message_content: bool) -> Usamimi:
    """A host that switched the message-content intent on, or did not."""
    settings = services.settings.model_copy(update={"message_content": message_content})
    return make_bot(dataclasses.replace(services, settings=settings))


def link_to(message: discord.Message, channel_id: int, guild_id: int) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message.id}"


async def test_without_a_file_the_last_song_of_the_channel_is_heard(server: Server) -> None:
    await server.yuki.send(server.channel, attachments=[("old.wav", wav(2, seed=1))])
    await server.yuki.send(server.channel, attachments=[("new.wav", wav(2, seed=2))])
    await server.alice.send(server.channel, "nice one")
    answer = answer_of(await server.alice.slash(server.channel, "genre"))
    assert answer.embeds[0].title == "new"
    assert not answer.ephemeral


async def test_where_no_song_was_posted_it_says_what_to_do(server: Server) -> None:
    await server.alice.send(server.channel, "hello")
    english = answer_of(await server.alice.slash(server.channel, "genre"))
    japanese = answer_of(await server.yuki.slash(server.channel, "genre"))
    assert "no song among the last 100 messages" in text_of(english)
    assert "曲がありませんでした" in text_of(japanese)


@pytest.mark.parametrize("message_content", [False])
async def test_without_the_intent_it_says_how_else(server: Server) -> None:
    await server.yuki.send(server.channel, attachments=[("song.wav", wav(2))])
    answer = answer_of(await server.alice.slash(server.channel, "genre"))
    assert "can't see the files in messages" in text_of(answer)


async def test_a_link_to_a_message_has_its_songs_heard(server: Server) -> None:
    files = [("one.wav", wav(2)), ("two.wav", wav(2, seed=1))]
    message = await server.yuki.send(server.channel, attachments=files)
    link = link_to(message, server.channel.id, server.alice.guild.id)
    answers = answers_of(await server.alice.slash(server.channel, "genre", link=link))
    assert [answer.embeds[0].title for answer in answers] == ["one", "two"]


async def test_a_song_from_another_channel_is_shown_to_the_asker_alone(server: Server) -> None:
    elsewhere = server.alice.guild.create_text_channel("elsewhere")
    message = await server.alice.send(elsewhere, attachments=[("far.wav", wav(2))])
    link = link_to(message, elsewhere.id, server.alice.guild.id)
    answer = answer_of(await server.alice.slash(server.channel, "genre", link=link))
    assert answer.embeds[0].title == "far"
    assert answer.ephemeral


async def test_a_link_into_a_channel_the_asker_cannot_read_leads_nowhere(server: Server) -> None:
    guild = server.alice.guild
    closed = discord.PermissionOverwrite(view_channel=False)
    hidden = guild.create_text_channel("hidden", overwrites={server.alice: closed})
    message = await server.yuki.send(hidden, attachments=[("secret.wav", wav(2))])
    link = link_to(message, hidden.id, guild.id)
    answer = answer_of(await server.alice.slash(server.channel, "genre", link=link))
    assert "can't find that message" in text_of(answer)
    other = answer_of(
        await server.alice.slash(server.channel, "genre", link=link.replace(str(guild.id), "7"))
    )
    assert "can't find that message" in text_of(other)


@pytest.mark.parametrize(
    ("link", "site"),
    [
        ("https://www.youtube.com/watch?v=abc", "YouTube"),
        ("https://youtu.be/abc?t=3", "YouTube"),
        ("https://soundcloud.com/someone/a-song", "SoundCloud"),
        ("https://open.spotify.com/track/1", "Spotify"),
        ("https://someone.bandcamp.com/track/x", "Bandcamp"),
    ],
)
async def test_a_pasted_link_to_another_site_is_told_why_files_only(
    server: Server, link: str, site: str
) -> None:
    for command, options in (("genre", {"link": link}), ("similar", {"song": link})):
        answer = answer_of(await server.alice.slash(server.channel, command, **options))
        assert answer.ephemeral
        assert f"I can't listen to {site}" in text_of(answer)
    japanese = answer_of(await server.yuki.slash(server.channel, "genre", link=link))
    assert f"{site}の曲は聴けません" in text_of(japanese)


async def test_a_pasted_link_to_a_file_elsewhere_is_told_what_to_do(server: Server) -> None:
    for command, options in (
        ("genre", {"link": "example.org/a.mp3"}),
        ("similar", {"song": "https://example.org/a.mp3"}),
        ("songbook path", {"from": "https://example.org/a.mp3", "to": "tune"}),
    ):
        english = answer_of(await server.alice.slash(server.channel, command, **options))
        assert english.ephemeral
        assert "Download it from example.org yourself" in text_of(english)
    japanese = answer_of(await server.yuki.slash(server.channel, "genre", link="example.org/a.mp3"))
    assert "example.orgからご自分でダウンロードし" in text_of(japanese)


async def test_a_link_to_a_file_of_discords_is_told_which_link_to_copy(server: Server) -> None:
    link = "https://cdn.discordapp.com/attachments/1/2/tune.wav?ex=1"
    answer = answer_of(await server.alice.slash(server.channel, "genre", link=link))
    assert "Copy Message Link" in text_of(answer)


async def test_words_where_a_link_belongs_are_declined(server: Server) -> None:
    answer = answer_of(await server.alice.slash(server.channel, "genre", link="my favourite"))
    assert "isn't a link" in text_of(answer)


async def test_a_file_and_something_else_is_declined_rather_than_ignored(server: Server) -> None:
    file = ("tune.wav", wav(2))
    link = f"https://discord.com/channels/{server.alice.guild.id}/1/2"
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=file, link=link))
    assert answer.ephemeral
    assert "just one of them" in text_of(answer)


async def test_descriptions_name_kinds_and_the_hosts_limit_and_fit(server: Server) -> None:
    commands = await server.bot.tree.fetch_commands()
    genre = next(c for c in commands if c.name == "genre")
    (file,) = (option for option in genre.options if option.name == "file")
    assert isinstance(file, discord.app_commands.Argument)
    assert "up to 25 MB" in file.description_localizations[discord.Locale.american_english]
    assert "25 MBまで" in file.description_localizations[discord.Locale.japanese]
    assert "mp3" in file.description
    texts = [
        text
        for command in commands
        for option in command.options
        for text in (option.description, *option.description_localizations.values())
    ]
    assert max(map(len, texts)) <= 100
