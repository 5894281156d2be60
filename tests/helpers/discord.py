"""A server with two members, one English and one Japanese, the real bot in it, its answers."""

from dataclasses import dataclass
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.env import Env
from simcord.results import InteractionResult, ResponseMessage

from bot.app import make_bot
from bot.demo.simcord_patches import send_own_locales
from bot.discord.client import Usamimi
from bot.services import Services

BUTTON = 2  # Discord's number for a button


@dataclass(frozen=True)
class Server:
    """Where the tests play."""

    env: Env
    bot: Usamimi
    channel: ChannelHandle
    alice: MemberActor  # reads English
    yuki: MemberActor  # reads Japanese


@pytest.fixture
def simcord_bot(services: Services) -> Usamimi:
    """The bot that simcord's own fixture starts."""
    return make_bot(services)


@pytest.fixture
def server(simcord_env: Env, simcord_bot: Usamimi) -> Server:
    simcord_env.settle_timeout = 60  # a busy machine decodes slowly
    guild = simcord_env.create_guild("うさ耳の部屋")
    alice = guild.add_member(simcord_env.create_user("alice"))
    yuki = guild.add_member(simcord_env.create_user("yuki"))
    send_own_locales(simcord_env, {yuki.id: "ja"})
    return Server(simcord_env, simcord_bot, guild.create_text_channel("music"), alice, yuki)


def administrator(server: Server, **permissions: bool) -> MemberActor:
    """Add a member with these permissions, Manage Server unless others are named."""
    wanted = discord.Permissions(**(permissions or {"manage_guild": True}))
    guild = server.alice.guild
    role = guild.create_role("manager", permissions=wanted)
    return guild.add_member(server.env.create_user("keine"), roles=[role])


def offer_to_everyone(server: Server, command: str) -> None:
    """Give a command for administrators to all members, as a server's owner can."""
    backend, guild_id = server.env.backend, server.alice.guild.id
    found = backend.find_command(command, None)
    assert found is not None
    everyone = [{"id": str(guild_id), "type": 1, "permission": True}]
    backend.set_command_permissions(guild_id, int(found["id"]), everyone)


def answers_of(result: InteractionResult) -> list[ResponseMessage]:
    """Return the messages the bot sent, or changed, for an interaction, in order."""
    return list({m.id: m for m in (result.response, *result.followups) if m is not None}.values())


def answer_of(result: InteractionResult) -> ResponseMessage:
    """Return the only one of them."""
    (answer,) = answers_of(result)
    return answer


def text_of(message: ResponseMessage) -> str:
    """Return all that an answer says, line by line."""
    parts: list[str | None] = [message.content]
    for embed in message.embeds:
        parts += [embed.title, embed.description]
        parts += [part for field in embed.fields for part in (field.name, field.value)]
        parts.append(embed.footer.text)
    return "\n".join(part for part in parts if part)


def components_of(message: ResponseMessage) -> list[dict[str, Any]]:
    """Return the buttons and selects under an answer, in order."""
    return [item for row in message.components for item in row.get("components", [])]


def labels_of(message: ResponseMessage) -> list[str]:
    """Return the labels of the buttons under an answer."""
    buttons = [item for item in components_of(message) if item["type"] == BUTTON]
    return [button["label"] for button in buttons]


def custom_ids_of(message: ResponseMessage) -> list[str]:
    """Return the custom ids of all that can be pressed, in order."""
    return [item["custom_id"] for item in components_of(message)]


def options_of(message: ResponseMessage) -> list[tuple[str, str]]:
    """Return the options of an answer's first select, as label and value."""
    select = next(item for item in components_of(message) if "options" in item)
    return [(each["label"], each["value"]) for each in select["options"]]


def alt_of(message: ResponseMessage) -> str:
    """Return the description of an answer's picture."""
    return message.attachments[0].description or ""
