"""Portraits as answers, and the picture a member attaches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from io import BytesIO

import aiohttp
import discord
from discord import ButtonStyle
from discord.ui import View
from discord.utils import escape_markdown

from bot.discord.requests import Request
from bot.errors import CannotFetch, FileGone
from bot.i18n import Say
from bot.portraits.morphing import Morph
from bot.portraits.service import Asker, Drawn
from bot.rendering.palette import LAVENDER
from bot.rendering.portraits import animation, chimera_png, grid_png
from cogs.portraits._buttons import Act, PortraitButton, PortraitSelect, Press, option
from ml.avatar.explanation import Explanation, Part
from storage.portraits import DIRECT_MESSAGES, Sketch

AVATAR_SIDE = 512  # px; a power of two, as Discord wants it


def place_of(interaction: discord.Interaction) -> int:
    """Give the id of the server, or what stands for direct messages."""
    return interaction.guild_id or DIRECT_MESSAGES


def asker_of(interaction: discord.Interaction, request: Request | None = None) -> Asker:
    """Say who asks, and which answer is theirs, once it is acknowledged."""
    message_id = request.message_id if request else None
    return Asker(place_of(interaction), interaction.user.id, message_id)


def is_own(interaction: discord.Interaction) -> bool:
    """Tell whether whoever pressed is the one the answer was given to."""
    message = interaction.message
    if message is None:
        return False
    asked = message.interaction_metadata
    return message.flags.ephemeral or (asked is not None and asked.user.id == interaction.user.id)


def is_private(interaction: discord.Interaction) -> bool:
    """Tell whether only one member sees the message that was pressed under."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def fetched(reading: Awaitable[bytes]) -> bytes:
    """Wait for a file of Discord's.

    Raises:
        FileGone: Discord no longer has the file.
        CannotFetch: Discord, or the way to it, failed just now.
    """
    try:
        return await reading
    except (discord.NotFound, discord.Forbidden) as error:
        raise FileGone from error
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        raise CannotFetch from error


async def avatar_of(member: discord.Member | discord.User) -> bytes:
    """Fetch a member's picture, the first frame of one that moves.

    Raises:
        FileGone, CannotFetch: it cannot be had.
    """
    asset = member.display_avatar.replace(size=AVATAR_SIDE, format="png")
    return await fetched(asset.read())


COLOUR = discord.Colour.from_rgb(*LAVENDER)
TITLE_LIMIT, ALT_LIMIT = 256, 1024
PARTS = {
    Part.EARS: "avatar-part-ears",
    Part.HAIR: "avatar-part-hair",
    Part.EYES: "avatar-part-eyes",
    Part.MOUTH: "avatar-part-mouth",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, ready to send."""

    embed: discord.Embed
    picture: bytes
    name: str
    alt: str
    view: View

    def file(self) -> discord.File:
        """Wrap the picture for sending; a file can be sent once."""
        return discord.File(BytesIO(self.picture), self.name, description=self.alt[:ALT_LIMIT])


@dataclass(frozen=True, slots=True)
class Offers:
    """What may be offered under a portrait besides the usual.

    Attributes:
        explain: there are drawings to explain it by.
        icon: whoever asked may change the server's icon, and so may the bot.
    """

    explain: bool = False
    icon: bool = False


async def portraits_answer(drawn: Sequence[Drawn], say: Say, offers: Offers) -> Answer:
    """Show one portrait large, or several in a grid; encoding runs off the event loop."""
    picture = await asyncio.to_thread(grid_png, [each.picture for each in drawn])
    sketches = [each.portrait.sketch for each in drawn]
    embed = _embed(sketches, say)
    embed.set_image(url="attachment://portrait.png")
    seeds = say("list-comma").join(sketch.seed for sketch in sketches)
    alt = say("avatar-alt", count=len(drawn), seeds=seeds)
    view = grid_view(drawn, say) if len(drawn) > 1 else portrait_view(drawn[0], say, offers)
    return Answer(embed, picture, "portrait.png", alt, view)


async def morph_answer(morph: Morph, say: Say, limit_bytes: int) -> Answer:
    """Show a morph, in a file of at most `limit_bytes`; encoding runs off the event loop."""
    picture = await asyncio.to_thread(animation, morph.frames, limit_bytes)
    title = say("avatar-morph-title", start=morph.start, end=morph.end)
    embed = discord.Embed(title=escape_markdown(title)[:TITLE_LIMIT], colour=COLOUR)
    embed.set_image(url="attachment://morph.webp")
    embed.set_footer(text=say("avatar-model", model=morph.model))
    alt = say("avatar-morph-alt", start=morph.start, end=morph.end)
    view = View(timeout=None)
    view.add_item(PortraitButton(Press(Act.DELETE), say("avatar-delete")))
    return Answer(embed, picture, "morph.webp", alt, view)


async def explanation_answer(drawn: Drawn, explanation: Explanation, say: Say) -> Answer:
    """Show what a portrait's parts come from; drawing runs off the event loop."""
    names = {part: say(key) for part, key in PARTS.items()}
    picture = await asyncio.to_thread(chimera_png, drawn.picture, explanation, names)
    sketch = drawn.portrait.sketch
    embed = discord.Embed(
        title=escape_markdown(say("avatar-explain-title", seed=sketch.seed))[:TITLE_LIMIT],
        description=say("avatar-explain"),
        colour=COLOUR,
    )
    embed.set_image(url="attachment://chimera.png")
    embed.set_footer(text=say("avatar-model", model=sketch.model))
    parts = say("list-comma").join(
        say("avatar-explain-part", part=names[part], percent=round(100 * max(0.0, first.likeness)))
        for part, (first, *_) in explanation.parts.items()
    )
    view = View(timeout=None)
    view.add_item(PortraitButton(Press(Act.DELETE), say("avatar-delete")))
    alt = say("avatar-explain-alt", seed=sketch.seed, parts=parts)
    return Answer(embed, picture, "chimera.png", alt, view)


def portrait_view(drawn: Drawn, say: Say, offers: Offers) -> View:
    """Make what can be pressed under one portrait."""
    number = drawn.portrait.portrait_id
    styles = {Act.AGAIN: ButtonStyle.primary, Act.KEEP: ButtonStyle.success}
    acts = [
        (Act.AGAIN, "avatar-again"),
        (Act.KEEP, "avatar-keep"),
        (Act.VARY, "avatar-vary"),
        (Act.MORPH, "avatar-morph"),
        *([(Act.EXPLAIN, "avatar-explain-button")] if offers.explain else []),
        *([(Act.ICON, "avatar-icon")] if offers.icon else []),
        (Act.DELETE, "avatar-delete"),
    ]
    view = View(timeout=None)
    for act, key in acts:
        style = styles.get(act, ButtonStyle.secondary)
        view.add_item(PortraitButton(Press(act, number), say(key), style))
    return view


def kept_view(portrait_id: int, say: Say, *, icon: bool) -> View:
    """Make what can be pressed under a portrait of one's own gallery."""
    acts = [
        (Act.VARY, "avatar-vary"),
        (Act.MORPH, "avatar-morph"),
        *([(Act.ICON, "avatar-icon")] if icon else []),
    ]
    view = View(timeout=None)
    for act, key in acts:
        view.add_item(PortraitButton(Press(act, portrait_id), say(key)))
    out = Press(Act.TAKE_OUT, portrait_id)
    view.add_item(PortraitButton(out, say("gallery-take-out"), ButtonStyle.danger))
    return view


def grid_view(drawn: Sequence[Drawn], say: Say) -> View:
    """Make what can be pressed under several portraits."""
    first = drawn[0].portrait.portrait_id
    view = View(timeout=None)
    options = [
        option(number, each.portrait.sketch.seed, each.portrait.portrait_id)
        for number, each in enumerate(drawn, start=1)
    ]
    view.add_item(PortraitSelect(Press(Act.SHOW, first), say("avatar-pick"), options))
    again = Press(Act.AGAIN, first, len(drawn))
    view.add_item(PortraitButton(again, say("avatar-again"), ButtonStyle.primary))
    view.add_item(PortraitButton(Press(Act.DELETE, first), say("avatar-delete")))
    return view


def seed_words(seed: str, likeness: float, say: Say) -> str:
    """Say how one portrait can be had again."""
    seed = escape_markdown(seed)
    if likeness:
        return say("avatar-seed-like", seed=seed, percent=round(100 * likeness))
    return say("avatar-seed", seed=seed)


def _embed(sketches: Sequence[Sketch], say: Say) -> discord.Embed:
    first = sketches[0]
    if len(sketches) == 1:
        text = seed_words(first.seed, first.likeness, say)
    else:
        seeds = [escape_markdown(sketch.seed) for sketch in sketches]
        text = say("avatar-seeds", seeds=say("list-comma").join(seeds))
        if first.likeness:
            text += "\n" + say("avatar-like", percent=round(100 * first.likeness))
    embed = discord.Embed(description=text, colour=COLOUR)
    embed.set_footer(text=say("avatar-model", model=first.model))
    return embed
