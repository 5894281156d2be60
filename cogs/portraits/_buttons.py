"""What can be pressed under a portrait.

Everything is written in the custom ids, so messages from before a restart answer as well. They
read `portrait:<act>:<number>:<more>`, where the number is a portrait's, a page's or an icon
change's, and `more` how many portraits there are.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, Self, cast

import discord
from discord import ButtonStyle, SelectOption
from discord.ui import Button, DynamicItem, Select

LABEL_LIMIT = 100  # characters of a select's option


class Act(Enum):
    """What a press asks for; the name of a custom id, and the cog that answers."""

    AGAIN = ("again", "AvatarCog")
    VARY = ("vary", "AvatarCog")
    MORPH = ("morph", "AvatarCog")
    EXPLAIN = ("explain", "AvatarCog")
    SHOW = ("show", "AvatarCog")
    DELETE = ("delete", "AvatarCog")
    KEEP = ("keep", "GalleryCog")
    PAGE = ("page", "GalleryCog")
    OPEN = ("open", "GalleryCog")
    TAKE_OUT = ("out", "GalleryCog")
    ICON = ("icon", "IconCog")
    SET_ICON = ("seticon", "IconCog")
    UNDO_ICON = ("undo", "IconCog")

    def __init__(self, word: str, cog: str) -> None:
        self.word = word
        self.cog = cog


_BY_WORD = {act.word: act for act in Act}
_WORDS = "|".join(_BY_WORD)


@dataclass(frozen=True, slots=True)
class Press:
    """What was pressed.

    Attributes:
        act: what it asks for.
        number: of the portrait, page or change it is about.
        more: how many portraits the answer held.
    """

    act: Act
    number: int = 0
    more: int = 1

    @property
    def custom_id(self) -> str:
        """As Discord sends it back."""
        return f"portrait:{self.act.word}:{self.number}:{self.more}"


class Presses(Protocol):
    """One of our own cogs, as the buttons see it."""

    def press(self, interaction: discord.Interaction, press: Press) -> Awaitable[None]:
        """Answer a press."""


async def _deliver(interaction: discord.Interaction, press: Press) -> None:
    # Discord hands a button's press to the client alone; this leads back to the button's own cog.
    bot = cast(discord.ext.commands.Bot, interaction.client)
    await cast(Presses, bot.get_cog(press.act.cog)).press(interaction, press)


def _read(match: re.Match[str]) -> Press:
    return Press(_BY_WORD[match["act"]], int(match["number"]), int(match["more"]))


class PortraitButton(
    DynamicItem[Button[Any]],
    template=rf"portrait:(?P<act>{_WORDS}):(?P<number>[0-9]{{1,18}}):(?P<more>[0-9]{{1,2}})",
):
    """A button under a portrait."""

    def __init__(
        self,
        press: Press,
        label: str = "·",
        style: ButtonStyle = ButtonStyle.secondary,
        *,
        row: int | None = None,
        ends: bool = False,
    ) -> None:
        """Ask for `press`; `ends`: there is nothing there."""
        super().__init__(
            Button(label=label, style=style, custom_id=press.custom_id, row=row, disabled=ends)
        )
        self.press = press

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(_read(match))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Have the press answered."""
        await _deliver(interaction, self.press)


class PortraitSelect(
    DynamicItem[Select[Any]],
    template=r"portrait:pick-(?P<act>show|open):(?P<number>[0-9]{1,18}):(?P<more>[0-9]{1,2})",
):
    """Opens one of several portraits; its options carry their numbers."""

    def __init__(
        self, press: Press, placeholder: str = "·", options: Sequence[SelectOption] = ()
    ) -> None:
        """Ask for `press`, with the number of the portrait chosen."""
        super().__init__(
            Select(
                custom_id=press.custom_id.replace(":", ":pick-", 1),
                placeholder=placeholder,
                options=list(options) or [SelectOption(label="·")],
            )
        )
        self.press = press

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the select again in which something was chosen."""
        return cls(_read(match))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Open the portrait chosen."""
        await _deliver(interaction, Press(self.press.act, int(self.item.values[0])))


def option(number: int, seed: str, portrait_id: int) -> SelectOption:
    """Offer the `number`-th portrait of an answer."""
    return SelectOption(label=f"{number} · {seed}"[:LABEL_LIMIT], value=str(portrait_id))
