"""`/gallery`: the portraits a member keeps. Only they see it."""

from __future__ import annotations

import asyncio
from io import BytesIO

import discord
from discord import app_commands
from discord.ui import View

from bot.discord.cog import Cog, localised
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import PersistentButton, PersistentSelect
from bot.i18n import Translator
from bot.portraits.galleries import PAGE, GalleryService
from bot.portraits.service import PortraitService
from bot.rendering.portraits import grid_png, kept_webp, opened, portrait_png
from cogs.portraits._answer import (
    ALT_LIMIT,
    COLOUR,
    GalleryAct,
    GalleryButton,
    GallerySelect,
    asker_of,
    kept_view,
    option,
    seed_words,
    view_of,
)
from cogs.portraits._icon import may_change_icon
from storage.portraits import GalleryPage, KeptPortrait

NAME = "gallery.png"


class GalleryCog(Cog):
    """Stores portraits for members and shows them."""

    persistent_items = (GalleryButton, GallerySelect)

    def __init__(
        self, gate: RequestGate, portraits: PortraitService, galleries: GalleryService
    ) -> None:
        """Join the gate and the services."""
        super().__init__(gate)
        self._portraits = portraits
        self._galleries = galleries

    @app_commands.command(
        name=localised("command-gallery"), description=localised("command-gallery.description")
    )
    async def gallery(self, interaction: discord.Interaction) -> None:
        """Show the first page of the asker's gallery."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            page = await self._galleries.page(asker_of(interaction), 0)
            if not page.portraits:
                await request.send_ephemeral(request.tr("gallery-empty"))
                return
            embed, file, view = await _page_answer(page, 0, request.tr)
            await request.answer(embed, file, view)

    async def press(
        self, interaction: discord.Interaction, act: GalleryAct, number: int, more: int
    ) -> None:
        """Answer a press about the gallery."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle(interaction) as request:
            match act:
                case GalleryAct.KEEP:
                    await self._keep(interaction, request, number)
                case GalleryAct.PAGE:
                    await self._turn(interaction, request, number)
                case GalleryAct.TAKE_OUT:
                    await self._take_out(interaction, request, number)

    async def open(
        self, interaction: discord.Interaction, number: int, more: int, *, chosen: str
    ) -> None:
        """Open the portrait chosen among those of a page."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle(interaction) as request:
            await self._open(interaction, request, int(chosen))

    async def _keep(
        self, interaction: discord.Interaction, request: Request, portrait_id: int
    ) -> None:
        await request.defer(private=True)
        asker = asker_of(interaction)
        drawn = await self._portraits.show(asker, portrait_id)
        packed = await asyncio.to_thread(kept_webp, drawn.picture)
        await self._galleries.keep(asker, portrait_id, packed)
        seed = discord.utils.escape_markdown(drawn.portrait.sketch.seed)
        command = request.tr("command-gallery")
        await request.send_ephemeral(request.tr("gallery-kept", seed=seed, command=command))

    async def _turn(self, interaction: discord.Interaction, request: Request, number: int) -> None:
        await request.defer_in_place()
        page = await self._galleries.page(asker_of(interaction), number)
        if not page.portraits and number:  # so much was taken out that the page is gone
            number = (max(page.total, 1) - 1) // PAGE
            page = await self._galleries.page(asker_of(interaction), number)
        if not page.portraits:
            embed = discord.Embed(description=request.tr("gallery-empty"), colour=COLOUR)
            await request.answer_in_place(embed)
            return
        await request.answer_in_place(*await _page_answer(page, number, request.tr))

    async def _open(
        self, interaction: discord.Interaction, request: Request, portrait_id: int
    ) -> None:
        await request.defer(private=True)
        kept = await self._galleries.open(asker_of(interaction), portrait_id)
        picture = await asyncio.to_thread(lambda: portrait_png(opened(kept.picture)))
        words = seed_words(kept.seed, kept.likeness, kept.choices, request.tr)
        embed = discord.Embed(description=words, colour=COLOUR)
        embed.set_image(url="attachment://portrait.png")
        embed.set_footer(text=request.tr("avatar-model", model=kept.model))
        alt = request.tr("avatar-alt", count=1, seeds=kept.seed)[:ALT_LIMIT]
        file = discord.File(BytesIO(picture), "portrait.png", description=alt)
        view = kept_view(portrait_id, request.tr, icon=may_change_icon(interaction))
        await request.answer(embed, file, view)

    async def _take_out(
        self, interaction: discord.Interaction, request: Request, portrait_id: int
    ) -> None:
        await request.defer_in_place()
        await self._galleries.take_out(asker_of(interaction), portrait_id)
        embed = discord.Embed(description=request.tr("gallery-taken-out"), colour=COLOUR)
        await request.answer_in_place(embed)


async def _page_answer(
    page: GalleryPage, number: int, tr: Translator
) -> tuple[discord.Embed, discord.File, View]:
    picture = await asyncio.to_thread(_drawn, page.portraits)
    embed = discord.Embed(title=tr("gallery-title"), colour=COLOUR)
    embed.set_image(url=f"attachment://{NAME}")
    pages = -(-page.total // PAGE)
    embed.set_footer(text=tr("gallery-page", page=number + 1, pages=pages, total=page.total))
    seeds = tr("list-comma").join(kept.seed for kept in page.portraits)
    alt = tr("avatar-alt", count=len(page.portraits), seeds=seeds)[:ALT_LIMIT]
    file = discord.File(BytesIO(picture), NAME, description=alt)
    return embed, file, _page_view(page, number, pages, tr)


def _drawn(portraits: tuple[KeptPortrait, ...]) -> bytes:
    return grid_png([opened(kept.picture) for kept in portraits])


def _page_view(page: GalleryPage, number: int, pages: int, tr: Translator) -> View:
    options = [
        option(place, kept.seed, kept.portrait_id, tr)
        for place, kept in enumerate(page.portraits, start=1)
    ]
    items: list[PersistentButton | PersistentSelect] = [
        GallerySelect(tr("avatar-pick"), options, number=0, more=1)
    ]
    if pages > 1:  # `more` tells the two apart where both lead to the same page
        before, after = max(number - 1, 0), number + 1
        items += [
            _page_button(before, 0, tr("gallery-previous"), disabled=number == 0),
            _page_button(after, 1, tr("gallery-next"), disabled=after >= pages),
        ]
    return view_of(items)


def _page_button(number: int, more: int, label: str, *, disabled: bool) -> GalleryButton:
    return GalleryButton(label, disabled=disabled, act=GalleryAct.PAGE, number=number, more=more)
