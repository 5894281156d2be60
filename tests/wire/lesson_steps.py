"""How members hand things over and administrators have the bot learn from them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.helpers.songs import music
from tests.wire.cdn import File
from tests.wire.discord_objects import Channel, Member, Message
from tests.wire.loopback import Discord
from tests.wire.member_request import SECONDS, until

AGREE = "I have read this and agree"
THANKS = "Thanks!"
SONGS_A_GENRE = 10  # five are needed, and some are too alike to count


async def contribute(
    discord: Discord, member: Member, channel: Channel, what: str, /, **options: Any
) -> None:
    """Hand something over, agreeing where that is asked (Any: see `Commands.describe`)."""
    asked = await discord.slash(member, channel, f"contribute {what}", **options)
    message = await asked.answer()
    agree = message.button(AGREE)
    if agree is not None:
        await discord.press(member, message, agree)
    await until(lambda: THANKS in message.words, SECONDS, f"thanks, there is {message.words!r}")


async def contribute_songs(discord: Discord, member: Member, channel: Channel) -> None:
    """Hand over as many songs of two genres of one's own as a lesson needs."""
    for number in range(SONGS_A_GENRE):
        for genre, first in (("calm tunes", 0), ("fast tunes", 5)):
            seed = first + number % 5 + 28 * (number // 5)  # five songs, at two places
            song = File(f"{genre} {number}.wav", music(4.0, seed))
            options = {"file": song, "genre": genre, "artist": f"maker {number}"}
            await contribute(discord, member, channel, "song", **options)


async def contribute_art(discord: Discord, member: Member, channel: Channel, count: int) -> None:
    """Hand over faces that our own illustrator drew; some are not found or too alike."""
    from training.illustrator import draw

    for number in range(count):
        file = io.BytesIO()
        Image.fromarray(draw(number)).save(file, "PNG")
        art = File(f"face {number}.png", file.getvalue())
        asked = await discord.slash(member, channel, "contribute art", file=art)
        message = await asked.answer()
        agree = message.button(AGREE)
        if agree is not None:
            await discord.press(member, message, agree)
            await until(lambda m=message: AGREE not in m.words, SECONDS, "the picture's answer")  # type: ignore[misc]


async def start_lesson(discord: Discord, admin: Member, channel: Channel, what: str) -> Message:
    """Have the bot report and begin; gives the message, which shows the lesson from now on."""
    asked = await discord.slash(admin, channel, "train", what=what, public=True)
    message = await asked.answer()
    start = message.button("Start")
    report = message.words
    assert start is not None, report
    await discord.press(admin, message, start)
    await until(lambda: message.words != report, SECONDS, "the lesson's beginning")
    return message
