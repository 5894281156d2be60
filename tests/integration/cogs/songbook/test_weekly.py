"""The weekly card, as administrators switch it on and members read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord

from bot.app import make_bot
from bot.demo.simcord_patches import send_own_locales
from bot.services import Services
from cogs.songbook import WeeklyCog
from storage.channels import WeeklyCards
from tests.helpers.discord import Server, administrator, answer_of, offer_to_everyone
from tests.integration.cogs.similar.songs import Record, remember


def cards(server: Server) -> list[discord.Message]:
    return [each for each in server.channel.history() if each.author.bot and each.embeds]


async def make_due(services: Services, server: Server) -> None:
    """Move the server's card to a moment that has just passed."""
    stored: WeeklyCards = services.weekly._cards
    due = datetime.now(UTC) - timedelta(minutes=1)
    await stored.set(server.alice.guild.id, server.channel.id, 3, due)


async def look(server: Server) -> None:
    """Have the bot look for cards, as it does at every start and every quarter of an hour."""
    cog = next(each for each in server.bot.cogs.values() if isinstance(each, WeeklyCog))
    await cog.send_due(server.bot)


async def test_an_administrator_switches_the_card_on_and_off(
    server: Server, services: Services
) -> None:
    admin = administrator(server)
    on = answer_of(await admin.slash(server.channel, "setup weekly", channel=server.channel))
    assert on.ephemeral
    assert f"<#{server.channel.id}> every week, the first <t:" in on.content
    assert "won't post" in answer_of(await admin.slash(server.channel, "setup weekly")).content
    send_own_locales(server.env, {admin.id: "ja"})
    off = answer_of(await admin.slash(server.channel, "setup weekly"))
    assert "設定されていません" in off.content


async def test_members_cannot_switch_it_on(server: Server) -> None:
    offer_to_everyone(server, "setup")
    result = await server.yuki.slash(server.channel, "setup weekly", channel=server.channel)
    assert "管理できる人だけ" in answer_of(result).content


async def test_a_card_is_posted_once_even_over_a_restart(
    server: Server, services: Services
) -> None:
    now = datetime.now(UTC)
    for number in range(3):
        record = Record(f"New {number}", 20.0 + 9 * number)
        posted = now - timedelta(days=1, hours=number)
        await remember(services.songbook, server.channel, record, 50 + number, posted_at=posted)
    old = now - timedelta(days=60)
    await remember(services.songbook, server.channel, Record("Old", 30), 60, posted_at=old)
    await make_due(services, server)
    await look(server)
    await look(server)
    bot = make_bot(services)
    await server.env.restart_bot(bot)
    (card,) = cards(server)
    text = card.embeds[0].description or ""
    assert "3 songs by 3 members" in text
    assert text.index("New 0") < text.index("New 2")
    assert "Old" in (card.embeds[0].fields[0].value or "")
    assert "The songs posted this week: 1 New 0, 2 New 1" in (card.attachments[0].description or "")
    assert card.flags.silent


async def test_nothing_is_posted_in_a_week_without_songs(
    server: Server, services: Services
) -> None:
    await make_due(services, server)
    await look(server)
    assert cards(server) == []


async def test_a_card_shows_nothing_that_some_of_its_readers_cannot_open(
    server: Server, services: Services
) -> None:
    guild = server.alice.guild
    hidden = guild.create_text_channel(
        "hidden",
        overwrites={guild.default_role: discord.PermissionOverwrite(view_channel=False)},
    )
    posted = datetime.now(UTC) - timedelta(days=1)
    await remember(services.songbook, hidden, Record("secret"), 50, posted_at=posted)
    await remember(services.songbook, server.channel, Record("open"), 51, posted_at=posted)
    await make_due(services, server)
    await look(server)
    (card,) = cards(server)
    assert "1 song by 1 member" in (card.embeds[0].description or "")
    assert "secret" not in str(card.embeds[0].to_dict())


async def test_a_card_that_cannot_be_sent_is_not_tried_again(
    server: Server, services: Services
) -> None:
    posted = datetime.now(UTC) - timedelta(days=1)
    await remember(services.songbook, server.channel, Record("new"), 50, posted_at=posted)
    await make_due(services, server)
    server.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    await look(server)
    await look(server)
    assert cards(server) == []


async def test_a_channel_the_bot_cannot_write_in_is_refused(server: Server) -> None:
    admin = administrator(server)
    closed = server.alice.guild.create_text_channel(
        "closed",
        overwrites={
            server.alice.guild.default_role: discord.PermissionOverwrite(send_messages=False)
        },
    )
    result = await admin.slash(server.channel, "setup weekly", channel=closed)
    assert "Send Messages" in answer_of(result).content
