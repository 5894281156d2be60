"""The commands that draw portraits, and what can be done with one."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import app_commands

from bot.discord.attachments import fetch, read
from bot.discord.cog import Cog, localised
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import is_invoker
from bot.errors import NotYoursError
from bot.portraits.explaining import ExplanationService
from bot.portraits.galleries import GalleryService
from bot.portraits.morphing import MorphService
from bot.portraits.morphing import chosen as chosen_value
from bot.portraits.service import COUNTS, MAX_LENGTH, LikePicture, PortraitService, PortraitSet
from bot.portraits.uploads import ImageUploads
from bot.privacy.erasure import ErasureService
from cogs.portraits._answer import (
    Act,
    Offers,
    PortraitAnswer,
    PortraitButton,
    PortraitSelect,
    asker_of,
    explanation_answer,
    gallery_guild,
    is_private,
    morph_answer,
    portraits_answer,
)
from cogs.portraits._icon import may_change_icon

STRENGTH = 50  # percent, unless the member says otherwise
MENU_STRENGTH = 60  # percent of a member's picture in what the menu draws
AVATAR_SIDE = 512  # px; a power of two, as Discord wants it
CHOICES, CHOICE_LIMIT = 25, 100  # what Discord shows: choices, and characters of each
Seed = app_commands.Range[str, 1, MAX_LENGTH]
Strength = app_commands.Range[int, 0, 100]


class AvatarCog(Cog):
    """Draws portraits."""

    persistent_items = (PortraitButton, PortraitSelect)

    def __init__(
        self,
        gate: RequestGate,
        portraits: PortraitService,
        morphs: MorphService,
        explanations: ExplanationService,
        galleries: GalleryService,
        uploads: ImageUploads,
        erasure: ErasureService,
    ) -> None:
        """Join the gate and the services."""
        super().__init__(gate)
        self._portraits = portraits
        self._morphs = morphs
        self._explanations = explanations
        self._galleries = galleries
        self._uploads = uploads
        self._erasure = erasure
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
            if like is not None:
                self._uploads.check_size(like.size)
            await request.defer(private=private)
            likeness = None
            if like is not None:
                picture = await self._uploads.read(await fetch(like, self._uploads))
                likeness = LikePicture(picture, strength / 100)
            asker = asker_of(interaction, request)
            drawn = await self._portraits.draw(asker, seed, count, likeness)
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
            morph = await self._morphs.between(asker_of(interaction), start, end)
            limit = interaction.filesize_limit
            await _send(request, await morph_answer(morph, request.tr, limit))

    @morph.autocomplete("start")
    @morph.autocomplete("end")
    async def _kept(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        kept = await self._galleries.suggest(asker_of(interaction), typed, CHOICES)
        return [
            app_commands.Choice(name=each.seed[:CHOICE_LIMIT], value=chosen_value(each.portrait_id))
            for each in kept
        ]

    async def udongefy(
        self, interaction: discord.Interaction, member: discord.Member | discord.User
    ) -> None:
        """Draw a portrait like a member's picture; only the one who asked sees it."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            avatar = member.display_avatar.replace(size=AVATAR_SIDE, format="png")
            picture = await self._uploads.read(await read(avatar))
            likeness = LikePicture(picture, MENU_STRENGTH / 100)
            asker = asker_of(interaction, request)
            drawn = await self._portraits.draw(asker, None, 1, likeness)
            await self._show(interaction, request, drawn)

    async def press(
        self, interaction: discord.Interaction, act: Act, number: int, more: int
    ) -> None:
        """Answer a press under portrait `number`, as privately as the portrait was shown."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle(interaction) as request:
            if act is Act.DELETE:
                await self._delete(interaction, request)
                return
            await request.defer(private=is_private(interaction))
            asker = asker_of(interaction, request)
            match act:
                case Act.AGAIN:
                    drawn = await self._portraits.again(asker, number, more)
                    await self._show(interaction, request, drawn)
                case Act.VARY:
                    drawn = await self._portraits.variations(asker, number)
                    await self._show(interaction, request, drawn)
                case Act.MORPH:
                    morph = await self._morphs.from_last(asker, number)
                    limit = interaction.filesize_limit
                    await _send(request, await morph_answer(morph, request.tr, limit))
                case Act.EXPLAIN:
                    portrait, explanation = await self._explanations.explain(asker, number)
                    await _send(
                        request, await explanation_answer(portrait, explanation, request.tr)
                    )

    async def show(
        self, interaction: discord.Interaction, number: int, more: int, *, chosen: str
    ) -> None:
        """Show the portrait chosen among those of an answer."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle(interaction) as request:
            await request.defer(private=is_private(interaction))
            drawn = await self._portraits.show(asker_of(interaction), int(chosen))
            await self._show(interaction, request, [drawn])

    async def _delete(self, interaction: discord.Interaction, request: Request) -> None:
        """Delete the message pressed under; what is kept in galleries stays."""
        assert interaction.message is not None
        if not (is_invoker(interaction) or interaction.permissions.manage_messages):
            raise NotYoursError
        await request.defer_in_place()
        await interaction.delete_original_response()
        # Discord tells of deleted messages, but not of those that only one member saw.
        await self._erasure.erase_messages(gallery_guild(interaction), [interaction.message.id])

    async def _show(
        self, interaction: discord.Interaction, request: Request, drawn: Sequence[PortraitSet]
    ) -> None:
        offers = Offers(
            explain=self._explanations.can_explain(drawn[0]),
            icon=may_change_icon(interaction),
        )
        await _send(request, await portraits_answer(drawn, request.tr, offers))


async def _send(request: Request, answer: PortraitAnswer) -> None:
    await request.answer(answer.embed, answer.file(), answer.view)
