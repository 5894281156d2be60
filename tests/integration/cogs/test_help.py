"""`/help`, and the welcome in a server that the bot has just joined."""

import dataclasses
import re

import discord
import pytest
from simcord.builders import GuildHandle

from bot.app import make_bot
from bot.discord.client import Usamimi
from bot.i18n import LOCALES, translator_for
from bot.services import Services
from cogs.help import help_cards, welcome_embed
from tests.helpers.discord import Server, administrator, answer_of, labels_of, text_of


@pytest.fixture
def simcord_bot(services: Services) -> Usamimi:
    """A host that switched the message-content intent on."""
    settings = services.settings.model_copy(update={"message_content": True})
    return make_bot(dataclasses.replace(services, settings=settings))


async def joined(server: Server, *channels: str) -> GuildHandle:
    """Let the bot join a server that has channels already."""
    guild = server.env.create_guild("another")
    for name in channels:
        guild.create_text_channel(name)
    await server.env.settle()
    known = server.bot.get_guild(guild.id)
    assert known is not None
    server.bot.dispatch("guild_join", known)
    await server.env.settle()
    return guild


def labels_of_message(message: discord.Message) -> list[str | None]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [each.label for row in rows for each in row.children if isinstance(each, discord.Button)]


async def test_help_has_a_card_for_each_thing_and_is_private(server: Server) -> None:
    answer = answer_of(await server.alice.slash(server.channel, "help"))
    assert answer.ephemeral
    titles = [str(embed.title) for embed in answer.embeds]
    assert [title.split(" ", 1)[1] for title in titles] == [
        "Hear a song",
        "Find songs",
        "Draw a portrait",
        "What I store",
    ]
    assert labels_of(answer) == ["What do you store?"]


async def test_only_administrators_read_about_what_only_they_can_do(server: Server) -> None:
    answer = answer_of(await server.yuki.slash(server.channel, "help"))
    assert "/設定" not in text_of(answer)
    admin = answer_of(await administrator(server).slash(server.channel, "help"))
    assert "/setup watch" in text_of(admin)
    assert labels_of(admin) == ["Allow the songbook", "What do you store?"]


async def test_help_names_only_commands_that_there_are(server: Server) -> None:
    admin = administrator(server)
    offered = {f"/{name}" for name in admin.available_commands(server.channel)}
    roots = {name.split()[0] for name in offered}
    tr = translator_for("en")
    cards = [*help_cards(tr, administrator=True), welcome_embed(tr)]
    words = "\n".join(str(card.description) for card in cards)
    named = set(re.findall(r"\*\*(/[a-z ]+)\*\*", words))
    assert {"/genre", "/setup allow"} < named
    assert named - offered - roots == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_help_fits_into_one_message(locale: str) -> None:
    cards = help_cards(translator_for(locale), administrator=True)
    assert sum(len(card) for card in cards) <= 6000
    assert len(cards) <= 10


async def test_what_is_stored_is_one_press_away(server: Server) -> None:
    await server.yuki.slash(server.channel, "genre", file=("x.wav", b""))
    answer = answer_of(await server.yuki.slash(server.channel, "help"))
    stored = answer_of(await server.yuki.click(answer.message, label="何が保存されますか？"))
    assert stored.ephemeral
    assert "音声やリンクは保存しません" in text_of(stored)
    assert "保存しているデータはありません" in text_of(stored)


async def test_the_welcome_has_three_buttons_and_pings_nobody(server: Server) -> None:
    guild = await joined(server, "general", "music")
    (message,) = guild.channels["general"].history()
    assert "won't remember any songs until" in str(message.embeds[0].description)
    assert guild.channels["music"].history() == []
    assert labels_of_message(message) == [
        "Allow the songbook",
        "Watch this channel",
        "What do you store?",
    ]
    assert message.flags.silent


async def test_the_welcomes_buttons_allow_and_watch_for_administrators_only(
    server: Server, services: Services
) -> None:
    guild = server.alice.guild
    server.bot.dispatch("guild_join", server.bot.get_guild(guild.id))
    await server.env.settle()
    message = server.channel.last_message
    assert message is not None
    refused = await server.alice.click(message, label="Allow the songbook")
    assert "Only someone who can manage" in text_of(answer_of(refused))
    refused = await server.yuki.click(message, label="Watch this channel")
    assert "管理できる人だけ" in text_of(answer_of(refused))
    admin = administrator(server)
    allowed = answer_of(await admin.click(message, label="Allow the songbook"))
    assert allowed.ephemeral
    assert await services.ingest.allowed(guild.id)
    watched = answer_of(await admin.click(message, label="Watch this channel"))
    assert f"<#{server.channel.id}>" in text_of(watched)
    assert await services.watching.watches(guild.id, [server.channel.id])


async def test_a_server_where_the_bot_may_not_write_is_not_greeted(server: Server) -> None:
    guild = await joined(server)
    assert guild.channels == {}
    closed = discord.PermissionOverwrite(send_messages=False)
    rules = guild.create_text_channel("rules", overwrites={guild.default_role: closed})
    server.bot.dispatch("guild_join", server.bot.get_guild(guild.id))
    await server.env.settle()
    assert rules.history() == []
