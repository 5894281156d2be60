"""What the tests of portraits share."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from simcord.actors import MemberActor
from simcord.builders import UserHandle
from simcord.results import ResponseMessage

from tests.helpers.discord import Server, answer_of, custom_ids_of, options_of

BUTTON = 2  # Discord's number for a button


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


async def chosen(who: MemberActor, message: ResponseMessage, number: int) -> ResponseMessage:
    """The answer to choosing the `number`-th portrait."""
    _, value = options_of(message)[number - 1]
    return answer_of(await who.select(message, [value], custom_id=custom_ids_of(message)[0]))
