"""What the tests of portraits share."""

from __future__ import annotations

import io

import discord
import numpy as np
from PIL import Image
from simcord.actors import MemberActor
from simcord.builders import UserHandle
from simcord.results import InteractionResult, ResponseMessage

from tests.helpers.discord import Server

BUTTON = 2  # Discord's number for a button


def answers_of(result: InteractionResult) -> list[ResponseMessage]:
    """The messages the bot sent, or changed, for an interaction."""
    return list({m.id: m for m in (result.response, *result.followups) if m is not None}.values())


def answer_of(result: InteractionResult) -> ResponseMessage:
    """The only one of them."""
    (answer,) = answers_of(result)
    return answer


async def drawn(server: Server, seed: str | None = "reisen", **options: object) -> ResponseMessage:
    """Alice's answer to `/avatar`."""
    named = {} if seed is None else {"seed": seed}
    return answer_of(await server.alice.slash(server.channel, "avatar", **named, **options))


async def pressed(
    who: MemberActor | UserHandle, message: ResponseMessage, label: str
) -> ResponseMessage:
    """The only answer to pressing a button."""
    return answer_of(await who.click(message, label=label))


async def picture_in(message: ResponseMessage) -> bytes:
    """The bytes of an answer's picture."""
    return await message.attachments[0].read()


async def pixels_in(message: ResponseMessage) -> np.ndarray:
    """An answer's picture, (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(await picture_in(message))).convert("RGB"))


def words_in(message: ResponseMessage) -> str:
    """All that an answer says."""
    embed = message.embeds[0] if message.embeds else discord.Embed()
    parts = (message.content, embed.title, embed.description, embed.footer.text)
    return "\n".join(part for part in parts if part)


def labels_in(message: ResponseMessage) -> list[str]:
    """The labels of the buttons under an answer."""
    items = [item for row in message.components for item in row["components"]]
    return [item["label"] for item in items if item["type"] == BUTTON]


def custom_ids(message: ResponseMessage) -> list[str]:
    """The custom ids of everything that can be pressed, in order."""
    return [item["custom_id"] for row in message.components for item in row["components"]]


def options_of(message: ResponseMessage) -> list[tuple[str, str]]:
    """The options of an answer's select, as label and value."""
    item = message.components[0]["components"][0]
    return [(each["label"], each["value"]) for each in item["options"]]


async def chosen(who: MemberActor, message: ResponseMessage, number: int) -> ResponseMessage:
    """The answer to choosing the `number`-th portrait."""
    _, value = options_of(message)[number - 1]
    return answer_of(await who.select(message, [value], custom_id=custom_ids(message)[0]))


def manager_of(server: Server, **permissions: bool) -> MemberActor:
    """Invite someone with permissions, Manage Server unless others are named."""
    wanted = discord.Permissions(**(permissions or {"manage_guild": True}))
    role = server.alice.guild.create_role("manager", permissions=wanted)
    return server.alice.guild.add_member(server.env.create_user("keine"), roles=[role])
