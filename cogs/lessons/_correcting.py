"""The button under `/genre` by which a wrong answer is put right, in two clicks."""

from __future__ import annotations

import re
from typing import Any, Self, cast

import discord
from discord import ButtonStyle, SelectOption
from discord.ext import commands
from discord.ui import Button, DynamicItem, Modal, Select, TextInput, View

from bot.discord.cog import Cog
from bot.discord.requests import Request, RequestGate
from bot.errors import NotYours
from bot.i18n import Translator
from bot.i18n.genres import genre_name
from bot.lessons.contributions import Giver
from bot.lessons.features import LessonServices
from bot.lessons.genre_names import NAME_LIMIT
from cogs.lessons._contributing import ConsentView, consent_embed, song_words
from ml.music.genres import GENRES

SECONDS = 300.0  # the select stays
OTHER = "?"  # no genre's name: it has no letter in it
MOST_OPTIONS = 25


class WrongGenre(
    DynamicItem[Button[Any]], template=r"lesson:wrong:(?P<ticket>[0-9a-f]{12}):(?P<asker>\d{1,19})"
):
    """Says that an answer was wrong; only whoever asked can press it."""

    def __init__(self, ticket: str, asker_id: int, label: str = "·") -> None:
        """Put right the hearing that `ticket` names."""
        custom_id = f"lesson:wrong:{ticket}:{asker_id}"
        super().__init__(Button(label=label, style=ButtonStyle.secondary, custom_id=custom_id))
        self.ticket = ticket
        self.asker_id = asker_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(match["ticket"], int(match["asker"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Ask what it really is."""
        # Discord hands a press to the client alone; this leads back to the button's own cog.
        cog = cast(commands.Bot, interaction.client).get_cog(CorrectionCog.__name__)
        await cast(CorrectionCog, cog).ask(interaction, self.ticket, self.asker_id)


def wrong_genre_button(ticket: str, asker_id: int, tr: Translator) -> WrongGenre:
    """Make the button under an answer."""
    return WrongGenre(ticket, asker_id, tr("genre-wrong"))


class CorrectionCog(Cog):
    """Takes corrections, which count as contributions."""

    lasting = (WrongGenre,)

    def __init__(self, gate: RequestGate, lesson_services: LessonServices) -> None:
        """Join the desk and the services."""
        super().__init__(gate)
        self._consenting = lesson_services.consenting
        self._contributions = lesson_services.contributions

    async def ask(self, interaction: discord.Interaction, ticket: str, asker_id: int) -> None:
        """Ask what the song really is, after consent."""
        async with self.gate.handle(interaction) as request:
            if interaction.user.id != asker_id or interaction.guild_id is None:
                raise NotYours
            await request.defer(private=True)
            if await self._consenting.agreed(interaction.guild_id, asker_id):
                view = await self._choices(interaction.guild_id, ticket, request.tr)
                await request.answer(_question(request.tr), view=view)
                return

            async def then(pressed: discord.Interaction, then_request: Request) -> None:
                view = await self._choices(pressed.guild_id or 0, ticket, then_request.tr)
                await then_request.answer_in_place(_question(then_request.tr), view=view)

            view = ConsentView(self.gate, self._consenting, request.tr, then)
            await request.answer(consent_embed(request.tr), view=view)

    async def put_right(self, interaction: discord.Interaction, ticket: str, genre: str) -> None:
        """Keep the song as what it really is."""
        async with self.gate.handle(interaction) as request:
            await request.defer_in_place()
            giver = Giver(interaction.guild_id or 0, interaction.user.id)
            given = await self._contributions.put_right(giver, ticket, genre)
            await request.answer_in_place(discord.Embed(description=song_words(given, request.tr)))

    async def _choices(self, guild_id: int, ticket: str, tr: Translator) -> View:
        known = await self._contributions.genres(guild_id)
        names = {genre: genre_name(genre, tr) for genre in dict.fromkeys([*known, *GENRES])}
        options = [SelectOption(label=name, value=genre) for genre, name in names.items()]
        view = View(timeout=SECONDS)
        view.add_item(_Choice(self, ticket, tr, options[: MOST_OPTIONS - 1]))
        return view


class _Choice(Select[View]):
    """The genres to choose from, and a way to type another."""

    def __init__(
        self, cog: CorrectionCog, ticket: str, tr: Translator, options: list[SelectOption]
    ) -> None:
        other = SelectOption(
            label=tr("genre-wrong-other"), value=OTHER, description=tr("genre-wrong-other-about")
        )
        super().__init__(placeholder=tr("genre-wrong-choose"), options=[*options, other])
        self._cog = cog
        self._ticket = ticket
        self._say = tr

    async def callback(self, interaction: discord.Interaction) -> None:
        if self.values[0] == OTHER:
            await interaction.response.send_modal(_OtherGenre(self._cog, self._ticket, self._say))
            return
        await self._cog.put_right(interaction, self._ticket, self.values[0])


class _OtherGenre(Modal):
    """Takes the name of a genre that is not among the choices."""

    def __init__(self, cog: CorrectionCog, ticket: str, tr: Translator) -> None:
        super().__init__(title=tr("genre-wrong-title"))
        self._cog = cog
        self._ticket = ticket
        self._name: TextInput[_OtherGenre] = TextInput(
            label=tr("genre-wrong-name"), max_length=NAME_LIMIT
        )
        self.add_item(self._name)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await self._cog.put_right(interaction, self._ticket, self._name.value)


def _question(tr: Translator) -> discord.Embed:
    return discord.Embed(description=tr("genre-wrong-choose"))
