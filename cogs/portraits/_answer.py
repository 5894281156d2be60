"""Portraits as answers: embeds, files and the buttons under them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from io import BytesIO

import discord
from discord import ButtonStyle, SelectOption
from discord.ui import View
from discord.utils import escape_markdown

from bot.discord.requests import Request
from bot.discord.ui import ID, Field, PersistentButton, PersistentSelect, choice
from bot.i18n import Translator
from bot.portraits.morphing import Morph
from bot.portraits.service import Asker, PortraitSet, without_steps
from bot.rendering.palette import LAVENDER
from bot.rendering.portraits import (
    animation,
    explanation_png,
    grid_png,
    icon_preview_png,
    portrait_png,
)
from ml.avatar.traits import OPTIONS, Explanation, Part
from storage.portraits import DIRECT_MESSAGES, Sketch

LABEL_LIMIT = 100  # characters of a select's option


class Act(Enum):
    """What a button under a portrait asks for."""

    AGAIN = "again"
    VARY = "vary"
    MORPH = "morph"
    LARGE = "large"
    EXPLAIN = "explain"
    DELETE = "delete"


class Group(Enum):
    """What can be chosen under a portrait."""

    MOOD = "mood"
    STYLE = "style"


class GalleryAct(Enum):
    """What a button of a gallery asks for."""

    KEEP = "keep"
    PAGE = "page"
    TAKE_OUT = "out"


class IconAct(Enum):
    """What a button about the server's icon asks for."""

    ASK = "icon"
    SET = "seticon"
    UNDO = "undo"


NUMBER = {"number": ID, "more": Field(r"[0-9]{1,2}", int)}


class PortraitButton(
    PersistentButton,
    template="portrait:{act}:{number}:{more}",
    fields={"act": choice(Act), **NUMBER},
    action="press",
):
    """A button under a portrait, answered by `AvatarCog`."""


class GalleryButton(
    PersistentButton,
    template="portrait:{act}:{number}:{more}",
    fields={"act": choice(GalleryAct), **NUMBER},
    action="press",
):
    """A button that stores a portrait or shows a gallery, answered by `GalleryCog`."""


class IconButton(
    PersistentButton,
    template="portrait:{act}:{number}:{more}",
    fields={"act": choice(IconAct), **NUMBER},
    action="press",
):
    """A button about the server's icon, answered by `IconCog`."""


class PortraitSelect(
    PersistentSelect,
    template="portrait:pick-show:{number}:{more}",
    fields=NUMBER,
    action="show",
):
    """Shows one of several portraits."""


class ChoiceSelect(
    PersistentSelect,
    template="portrait:choose-{group}:{number}:{more}",
    fields={"group": choice(Group), **NUMBER},
    action="choose",
):
    """Draws the same girl in another mood or style."""


class GallerySelect(
    PersistentSelect,
    template="portrait:pick-open:{number}:{more}",
    fields=NUMBER,
    action="open",
):
    """Opens one of a page of stored portraits."""


def option(number: int, seed: str, portrait_id: int, tr: Translator) -> SelectOption:
    """Return the option of the `number`-th portrait of an answer."""
    first = without_steps(seed)
    name = seed if first == seed else tr("avatar-varied", seed=first)
    return SelectOption(label=f"{number} · {name}"[:LABEL_LIMIT], value=str(portrait_id))


def gallery_guild(interaction: discord.Interaction) -> int:
    """Return the id of the server, or what stands for direct messages."""
    return interaction.guild_id or DIRECT_MESSAGES


def asker_of(interaction: discord.Interaction, request: Request | None = None) -> Asker:
    """Return who asks, and which answer is theirs, once it is acknowledged."""
    message_id = request.message_id if request else None
    return Asker(gallery_guild(interaction), interaction.user.id, message_id)


def is_private(interaction: discord.Interaction) -> bool:
    """Return whether only one member sees the message that was pressed under."""
    return interaction.message is not None and interaction.message.flags.ephemeral


COLOUR = discord.Colour.from_rgb(*LAVENDER)
TITLE_LIMIT, ALT_LIMIT = 256, 1024
PARTS = {
    Part.EARS: "avatar-part-ears",
    Part.HAIR: "avatar-part-hair",
    Part.EYES: "avatar-part-eyes",
    Part.MOUTH: "avatar-part-mouth",
}


@dataclass(frozen=True, slots=True)
class PortraitAnswer:
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
        options: by group what can be chosen.
    """

    explain: bool = False
    icon: bool = False
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)


async def portraits_answer(
    drawn: Sequence[PortraitSet], tr: Translator, offers: Offers
) -> PortraitAnswer:
    """Show one portrait large, or several in a grid; encoding runs off the event loop."""
    picture = await asyncio.to_thread(grid_png, [each.picture for each in drawn])
    sketches = [each.portrait.sketch for each in drawn]
    embed = _embed(sketches, tr)
    embed.set_image(url="attachment://portrait.png")
    seeds = tr("list-comma").join(sketch.seed for sketch in sketches)
    alt = tr("avatar-alt", count=len(drawn), seeds=seeds)
    view = grid_view(drawn, tr) if len(drawn) > 1 else portrait_view(drawn[0], tr, offers)
    return PortraitAnswer(embed, picture, "portrait.png", alt, view)


def model_title(name: str) -> str:
    """Say a model's name as members read it: "udonge-3-084a6a8c" is "Udonge 3"."""
    words = re.sub(r"-[0-9a-f]{8}$", "", name).replace("-", " ")
    return words[:1].upper() + words[1:]


async def morph_answer(morph: Morph, tr: Translator, limit_bytes: int) -> PortraitAnswer:
    """Show a morph, in a file of at most `limit_bytes`; encoding runs off the event loop."""
    picture = await asyncio.to_thread(animation, morph.frames, limit_bytes)
    title = tr("avatar-morph-title", start=morph.start, end=morph.end)
    embed = discord.Embed(title=escape_markdown(title)[:TITLE_LIMIT], colour=COLOUR)
    embed.set_image(url="attachment://morph.webp")
    embed.set_footer(text=tr("avatar-model", model=model_title(morph.model)))
    alt = tr("avatar-morph-alt", start=morph.start, end=morph.end)
    view = view_of([_button(Act.DELETE, tr("avatar-delete"))])
    return PortraitAnswer(embed, picture, "morph.webp", alt, view)


async def explanation_answer(
    drawn: PortraitSet, explanation: Explanation, tr: Translator
) -> PortraitAnswer:
    """Show what a portrait's parts come from; drawing runs off the event loop."""
    names = {part: tr(key) for part, key in PARTS.items()}
    picture = await asyncio.to_thread(explanation_png, drawn.picture, explanation, names)
    sketch = drawn.portrait.sketch
    embed = discord.Embed(
        title=escape_markdown(tr("avatar-explain-title", seed=sketch.seed))[:TITLE_LIMIT],
        description=tr("avatar-explain"),
        colour=COLOUR,
    )
    embed.set_image(url="attachment://chimera.png")
    embed.set_footer(text=tr("avatar-model", model=model_title(sketch.model)))
    parts = tr("list-comma").join(
        tr("avatar-explain-part", part=names[part], percent=round(100 * max(0.0, first.likeness)))
        for part, (first, *_) in explanation.parts.items()
    )
    view = view_of([_button(Act.DELETE, tr("avatar-delete"))])
    alt = tr("avatar-explain-alt", seed=sketch.seed, parts=parts)
    return PortraitAnswer(embed, picture, "chimera.png", alt, view)


async def round_answer(drawn: PortraitSet, tr: Translator) -> PortraitAnswer:
    """Show a portrait as Discord shows icons: round, and small."""
    preview = await asyncio.to_thread(icon_preview_png, drawn.picture)
    embed = discord.Embed(description=tr("avatar-round"), colour=COLOUR)
    embed.set_image(url="attachment://round.png")
    alt = tr("avatar-round-alt", seed=drawn.portrait.sketch.seed)
    return PortraitAnswer(embed, preview, "round.png", alt, View())


async def large_answer(drawn: PortraitSet, tr: Translator) -> PortraitAnswer:
    """Hand over a portrait in full size, as a file that no message shrinks."""
    side = drawn.picture.shape[0]
    large = await asyncio.to_thread(portrait_png, drawn.picture, side)
    embed = discord.Embed(description=tr("avatar-large-words", side=str(side)), colour=COLOUR)
    alt = tr("avatar-alt", count=1, seeds=drawn.portrait.sketch.seed)
    return PortraitAnswer(embed, large, f"portrait-{side}.png", alt, View())


def portrait_view(drawn: PortraitSet, tr: Translator, offers: Offers) -> View:
    """Make what can be pressed under one portrait."""
    number = drawn.portrait.portrait_id
    keep = GalleryButton(
        tr("avatar-keep"), ButtonStyle.success, act=GalleryAct.KEEP, number=number, more=1
    )
    items: list[PersistentButton | PersistentSelect] = [
        _button(Act.AGAIN, tr("avatar-again"), number, ButtonStyle.primary),
        keep,
        _button(Act.VARY, tr("avatar-vary"), number),
        _button(Act.MORPH, tr("avatar-morph"), number),
        _button(Act.LARGE, tr("avatar-large"), number),
        *([_button(Act.EXPLAIN, tr("avatar-explain-button"), number)] if offers.explain else []),
        *([_icon_button(number, tr)] if offers.icon else []),
        _button(Act.DELETE, tr("avatar-delete"), number),
        *_choice_selects(number, tr, offers.options),
    ]
    return view_of(items)


def _choice_selects(
    number: int, tr: Translator, options: Mapping[str, Sequence[str]]
) -> list[ChoiceSelect]:
    """Make a menu for each group that this portrait's model can be told."""
    return [
        ChoiceSelect(
            tr(f"avatar-choose-{group.value}"),
            [
                SelectOption(label=tr(f"avatar-{group.value}-{name}"), value=name)
                for name in options[group.value]
            ],
            group=group,
            number=number,
            more=1,
        )
        for group in Group
        if group.value in options
    ]


def kept_view(portrait_id: int, tr: Translator, *, icon: bool) -> View:
    """Make what can be pressed under a portrait of one's own gallery."""
    out = GalleryButton(
        tr("gallery-take-out"),
        ButtonStyle.danger,
        act=GalleryAct.TAKE_OUT,
        number=portrait_id,
        more=1,
    )
    items = [
        _button(Act.VARY, tr("avatar-vary"), portrait_id),
        _button(Act.MORPH, tr("avatar-morph"), portrait_id),
        *([_icon_button(portrait_id, tr)] if icon else []),
        out,
    ]
    return view_of(items)


def grid_view(drawn: Sequence[PortraitSet], tr: Translator) -> View:
    """Make what can be pressed under several portraits."""
    first = drawn[0].portrait.portrait_id
    options = [
        option(number, each.portrait.sketch.seed, each.portrait.portrait_id, tr)
        for number, each in enumerate(drawn, start=1)
    ]
    again = PortraitButton(
        tr("avatar-again"), ButtonStyle.primary, act=Act.AGAIN, number=first, more=len(drawn)
    )
    pick = PortraitSelect(tr("avatar-pick"), options, number=first, more=1)
    return view_of([pick, again, _button(Act.DELETE, tr("avatar-delete"), first)])


def view_of(items: Sequence[PersistentButton | PersistentSelect]) -> View:
    """Put buttons and selects into a view that does not time out."""
    view = View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def _button(
    act: Act, label: str, number: int = 0, style: ButtonStyle = ButtonStyle.secondary
) -> PortraitButton:
    return PortraitButton(label, style, act=act, number=number, more=1)


def _icon_button(portrait_id: int, tr: Translator) -> IconButton:
    return IconButton(tr("avatar-icon"), act=IconAct.ASK, number=portrait_id, more=1)


def seed_words(seed: str, likeness: float, choices: Mapping[str, str], tr: Translator) -> str:
    """Word how to draw one portrait again."""
    name, shown = seed_name(seed, tr), escape_markdown(seed)
    if likeness:
        words = tr("avatar-seed-like", seed=name, percent=round(100 * likeness))
    elif without_steps(seed) == seed:
        words = tr("avatar-seed", seed=shown)
    else:
        words = tr("avatar-seed-varied", name=name, seed=shown)
    if not choices:
        return words
    return words + "\n" + tr("avatar-chosen", choices=choice_words(choices, tr))


def choice_words(choices: Mapping[str, str], tr: Translator) -> str:
    """Name what was chosen, in the order of the command's options."""
    named = [tr(f"avatar-{group}-{choices[group]}") for group in OPTIONS if group in choices]
    return tr("list-comma").join(named)


def seed_name(seed: str, tr: Translator) -> str:
    """Call a seed what members call it: a variation by what it began with."""
    first = without_steps(seed)
    name = escape_markdown(first)
    return name if first == seed else tr("avatar-varied", seed=name)


def _embed(sketches: Sequence[Sketch], tr: Translator) -> discord.Embed:
    first = sketches[0]
    if len(sketches) == 1:
        text = seed_words(first.seed, first.likeness, first.choices, tr)
    else:
        seeds = [escape_markdown(sketch.seed) for sketch in sketches]
        text = tr("avatar-seeds", seeds=tr("list-comma").join(seeds))
        if without_steps(first.seed) != first.seed:
            text = tr("avatar-variations", seed=escape_markdown(without_steps(first.seed)))
        if first.likeness:
            text += "\n" + tr("avatar-like", percent=round(100 * first.likeness))
        if first.choices:
            text += "\n" + tr("avatar-chosen", choices=choice_words(first.choices, tr))
    embed = discord.Embed(description=text, colour=COLOUR)
    embed.set_footer(text=tr("avatar-model", model=model_title(first.model)))
    return embed
