"""Buttons under `/similar`, and the custom ids that hold their query."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any, Protocol, Self, cast

import discord
from discord import ButtonStyle, SelectOption
from discord.ui import Button, DynamicItem, Select, View

from bot.i18n import Translator
from bot.songbook.similar import Found, SimilarRequest
from bot.songbook.values import Filters, Match

ABOUT = r"(?P<about>s[0-9]{1,18}|f[0-9a-f]{1,32})"
FILTERS = (
    r"(?P<genre>[^:]{0,20}):(?P<poster>[0-9]{0,19})"
    r":(?P<lowest>[0-9]{0,3})-(?P<highest>[0-9]{0,3})"
)
QUESTION = rf"{ABOUT}:(?P<page>[0-9]{{1,3}}):{FILTERS}"


def written(kind: str, question: SimilarRequest) -> str:
    """Write a question as a custom id."""
    about = f"f{question.ticket}" if question.song_id is None else f"s{question.song_id}"
    filters = question.filters
    tempo = "-".join(str(round(bpm)) for bpm in filters.tempo_bpm) if filters.tempo_bpm else "-"
    parts = (about, question.page, filters.genre or "", filters.poster_id or "", tempo)
    return ":".join(["similar", kind, *map(str, parts)])


def read(match: re.Match[str]) -> SimilarRequest:
    """Read a question from a custom id that `QUESTION` matched."""
    about, kind = match["about"][1:], match["about"][0]
    tempo = (float(match["lowest"]), float(match["highest"])) if match["lowest"] else None
    return SimilarRequest(
        song_id=int(about) if kind == "s" else None,
        ticket=about if kind == "f" else "",
        page=int(match["page"]),
        filters=Filters(
            genre=match["genre"] or None,
            poster_id=int(match["poster"]) if match["poster"] else None,
            tempo_bpm=tempo,
        ),
    )


LABEL_LIMIT, DESCRIPTION_LIMIT = 100, 100  # characters of a select's option


class SimilarActions(Protocol):
    """Our own cog, as the buttons see it."""

    def turn(self, interaction: discord.Interaction, question: SimilarRequest) -> Awaitable[None]:
        """Answer a question asked by pressing something under an answer."""

    def open(self, interaction: discord.Interaction, question: SimilarRequest) -> Awaitable[None]:
        """Answer a question asked by pressing something elsewhere."""


def _cog_of(interaction: discord.Interaction) -> SimilarActions:
    # Discord hands a button's press to the client alone; this leads back to the button's own cog.
    bot = cast(discord.ext.commands.Bot, interaction.client)
    return cast(SimilarActions, bot.get_cog("SimilarCog"))


class TurnButton(DynamicItem[Button[Any]], template=rf"similar:turn:{QUESTION}"):
    """Leads to another page."""

    def __init__(self, question: SimilarRequest, label: str = "·", *, ends: bool = False) -> None:
        """Lead to `question`; `ends`: there is no such page."""
        super().__init__(
            Button(
                label=label,
                style=ButtonStyle.secondary,
                custom_id=written("turn", question),
                disabled=ends,
            )
        )
        self.question = question

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(read(match))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Turn to the page."""
        await _cog_of(interaction).turn(interaction, self.question)


class LikeThisOne(DynamicItem[Select[Any]], template=rf"similar:like:{QUESTION}"):
    """Asks on about one of the songs found."""

    def __init__(
        self, question: SimilarRequest, placeholder: str = "·", options: Sequence[SelectOption] = ()
    ) -> None:
        """Ask as `question` does, about the chosen song."""
        super().__init__(
            Select(
                custom_id=written("like", question),
                placeholder=placeholder,
                options=list(options) or [SelectOption(label="·")],
            )
        )
        self.question = question

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the select again in which something was chosen."""
        return cls(read(match))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Ask about the song chosen."""
        chosen = SimilarRequest(int(self.item.values[0]), filters=self.question.filters)
        await _cog_of(interaction).turn(interaction, chosen)


class OpenButton(DynamicItem[Button[Any]], template=r"similar:open:(?P<song>[0-9]{1,18})"):
    """Asks about a song from somewhere else, such as under the answer to `/genre`."""

    def __init__(self, song_id: int, label: str = "·") -> None:
        super().__init__(
            Button(label=label, style=ButtonStyle.secondary, custom_id=f"similar:open:{song_id}")
        )
        self.song_id = song_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(int(match["song"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Ask about the song, in an answer of its own."""
        await _cog_of(interaction).open(interaction, SimilarRequest(self.song_id))


def similar_button(song_id: int, tr: Translator) -> OpenButton:
    """Make a button that asks which songs sound like a remembered one; it lasts over restarts."""
    return OpenButton(song_id, tr("similar-button"))


def view_of(found: Found, tr: Translator) -> View:
    """Make what can be pressed under an answer."""
    view = View(timeout=None)
    question = found.request
    if question.page or found.page.more:
        before = replace(question, page=max(question.page - 1, 0))
        after = replace(question, page=question.page + 1)
        if question.page:
            view.add_item(TurnButton(before, tr("similar-previous")))
        view.add_item(TurnButton(after, tr("similar-next"), ends=not found.page.more))
    if found.page.matches:
        options = [_option(number, match) for number, match in enumerate(found.page.matches, 1)]
        view.add_item(LikeThisOne(replace(question, page=0), tr("similar-like-one"), options))
    return view


def _option(number: int, match: Match) -> SelectOption:
    label = f"{number} · {match.song.post.title}"
    return SelectOption(label=label[:LABEL_LIMIT], value=str(match.song.song_id))
