"""The commands that draw portraits, and what can be done with one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import app_commands

from bot.discord.attachments import fetch, read
from bot.discord.cog import Cog, localised
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import is_invoker
from bot.errors import NotYours
from bot.portraits.features import PortraitServices
from bot.portraits.morphing import chosen
from bot.portraits.seeds import LONGEST
from bot.portraits.service import COUNTS, LikePicture, PortraitSet
from cogs.portraits._answer import (
    Offers,
    PortraitAnswer,
    asker_of,
    explanation_answer,
    is_private,
    morph_answer,
    place_of,
    portraits_answer,
)
from cogs.portraits._buttons import Act, PortraitButton, PortraitSelect, Press
from cogs.portraits._icon import may_change_icon

STRENGTH = 50  # percent, unless the member says otherwise
MENU_STRENGTH = 60  # percent of a member's picture in what the menu draws
AVATAR_SIDE = 512  # px; a power of two, as Discord wants it
CHOICES, CHOICE_LIMIT = 25, 100  # what Discord shows: choices, and characters of each
Seed = app_commands.Range[str, 1, LONGEST]
Strength = app_commands.Range[int, 0, 100]


class AvatarCog(Cog):
    """Draws portraits."""

    lasting = (PortraitButton, PortraitSelect)

    def __init__(self, gate: RequestGate, portrait_services: PortraitServices) -> None:
        """Join the desk and the services."""
        super().__init__(gate)
        self._atelier = portrait_services
        self.add_menu(localised("menu-udongefy"), self.udongefy)

    @app_commands.command(
        name=localised("command-avatar"), description=localised("command-avatar.description")
    )
    @app_commands.rename(
        seed=localised("option-avatar-seed"),
        count=localised("option-avatar-count"),
        like=localised("option-avatar-like"),
        strength=localised("option-avatar-strength"),
        private=localised("option-avatar-private"),
    )
    @app_commands.describe(
        seed=localised("option-avatar-seed.description"),
        count=localised("option-avatar-count.description"),
        like=localised("option-avatar-like.description"),
        strength=localised("option-avatar-strength.description"),
        private=localised("option-avatar-private.description"),
    )
    @app_commands.choices(
        count=[app_commands.Choice(name=str(each), value=each) for each in COUNTS]
    )
    async def avatar(
        self,
        interaction: discord.Interaction,
        seed: Seed | None = None,
        count: int = 1,
        like: discord.Attachment | None = None,
        strength: Strength = STRENGTH,
        private: bool = False,
    ) -> None:
        """Draw portraits, perhaps like a picture."""
        async with self.gate.handle(interaction) as request:
            pictures = self._atelier.member_pictures
            if like is not None:
                pictures.check_size(like.size)
            await request.defer(private=private)
            likeness = None
            if like is not None:
                picture = await pictures.read(await fetch(like, pictures))
                likeness = LikePicture(picture, strength / 100)
            asker = asker_of(interaction, request)
            drawn = await self._atelier.portraits.draw(asker, seed, count, likeness)
            await self._show(interaction, request, drawn)

    @app_commands.command(
        name=localised("command-morph"), description=localised("command-morph.description")
    )
    @app_commands.rename(start=localised("option-morph-from"), end=localised("option-morph-to"))
    @app_commands.describe(
        start=localised("option-morph-from.description"),
        end=localised("option-morph-to.description"),
    )
    async def morph(self, interaction: discord.Interaction, start: Seed, end: Seed) -> None:
        """Go from one portrait to another and back."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=False)
            morph = await self._atelier.morphing.between(asker_of(interaction), start, end)
            limit = interaction.filesize_limit
            await _send(request, await morph_answer(morph, request.tr, limit))

    @morph.autocomplete("start")
    @morph.autocomplete("end")
    async def _kept(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        kept = await self._atelier.galleries.suggest(asker_of(interaction), typed, CHOICES)
        return [
            app_commands.Choice(name=each.seed[:CHOICE_LIMIT], value=chosen(each.portrait_id))
            for each in kept
        ]

    async def udongefy(
        self, interaction: discord.Interaction, member: discord.Member | discord.User
    ) -> None:
        """Draw a portrait like a member's picture; only the one who asked sees it."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            avatar = member.display_avatar.replace(size=AVATAR_SIDE, format="png")
            picture = await self._atelier.member_pictures.read(await read(avatar))
            likeness = LikePicture(picture, MENU_STRENGTH / 100)
            asker = asker_of(interaction, request)
            drawn = await self._atelier.portraits.draw(asker, None, 1, likeness)
            await self._show(interaction, request, drawn)

    async def press(self, interaction: discord.Interaction, press: Press) -> None:
        """Answer a press under a portrait, as privately as the portrait was shown."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle(interaction) as request:
            if press.act is Act.DELETE:
                await self._delete(interaction, request)
                return
            await request.defer(private=is_private(interaction))
            answers: dict[Act, Callable[[], Awaitable[None]]] = {
                Act.AGAIN: lambda: self._again(interaction, request, press),
                Act.VARY: lambda: self._vary(interaction, request, press),
                Act.SHOW: lambda: self._open(interaction, request, press),
                Act.MORPH: lambda: self._morph_from_last(interaction, request, press),
                Act.EXPLAIN: lambda: self._explain(interaction, request, press),
            }
            await answers[press.act]()

    async def _again(
        self, interaction: discord.Interaction, request: Request, press: Press
    ) -> None:
        asker = asker_of(interaction, request)
        drawn = await self._atelier.portraits.again(asker, press.number, press.more)
        await self._show(interaction, request, drawn)

    async def _vary(self, interaction: discord.Interaction, request: Request, press: Press) -> None:
        asker = asker_of(interaction, request)
        drawn = await self._atelier.portraits.variations(asker, press.number)
        await self._show(interaction, request, drawn)

    async def _open(self, interaction: discord.Interaction, request: Request, press: Press) -> None:
        drawn = await self._atelier.portraits.show(asker_of(interaction), press.number)
        await self._show(interaction, request, [drawn])

    async def _morph_from_last(
        self, interaction: discord.Interaction, request: Request, press: Press
    ) -> None:
        morph = await self._atelier.morphing.from_last(asker_of(interaction), press.number)
        limit = interaction.filesize_limit
        await _send(request, await morph_answer(morph, request.tr, limit))

    async def _explain(
        self, interaction: discord.Interaction, request: Request, press: Press
    ) -> None:
        asker = asker_of(interaction)
        drawn, explanation = await self._atelier.explaining.explain(asker, press.number)
        await _send(request, await explanation_answer(drawn, explanation, request.tr))

    async def _delete(self, interaction: discord.Interaction, request: Request) -> None:
        """Delete the message pressed under; what is kept in galleries stays."""
        assert interaction.message is not None
        if not (is_invoker(interaction) or interaction.permissions.manage_messages):
            raise NotYours
        await request.defer_in_place()
        await interaction.delete_original_response()
        # Discord tells of deleted messages, but not of those that only one member saw.
        place, message_id = place_of(interaction), interaction.message.id
        await self._atelier.portraits.messages_deleted(place, [message_id])

    async def _show(
        self, interaction: discord.Interaction, request: Request, drawn: Sequence[PortraitSet]
    ) -> None:
        offers = Offers(
            explain=self._atelier.explaining.can_explain(drawn[0]),
            icon=may_change_icon(interaction),
        )
        await _send(request, await portraits_answer(drawn, request.tr, offers))


async def _send(request: Request, answer: PortraitAnswer) -> None:
    await request.answer(answer.embed, answer.file(), answer.view)
