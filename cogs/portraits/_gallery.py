"""`/gallery`: portraits that a member keeps, and one of them as the server's icon."""

from __future__ import annotations

import asyncio
from io import BytesIO

import discord
import structlog
from discord import ButtonStyle, app_commands
from discord.ui import View
from discord.utils import escape_markdown, format_dt

from bot.discord.attachments import read
from bot.discord.cog import Cog, ShardedBot, localised
from bot.discord.permissions import is_administrator, require_administrator
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import PersistentButton, PersistentSelect
from bot.errors import (
    BotMayNotManageError,
    CannotFetchError,
    FileGoneError,
    IconUnavailableError,
    NotAdministratorError,
)
from bot.i18n import Translator, translator_for
from bot.portraits.galleries import PAGE, GalleryService, undoable_icon
from bot.portraits.service import PortraitService, PortraitSet
from bot.rendering.portraits import grid_png, kept_webp, opened, portrait_png
from cogs.portraits._answer import (
    ALT_LIMIT,
    COLOUR,
    Act,
    GalleryAct,
    GalleryButton,
    GallerySelect,
    IconAct,
    IconButton,
    PortraitButton,
    asker_of,
    kept_view,
    model_title,
    option,
    seed_words,
    view_of,
)
from storage.portraits import UNDO_TIME, GalleryPage, IconChange, Icons, KeptPortrait

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
        embed.set_footer(text=request.tr("avatar-model", model=model_title(kept.model)))
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


log = structlog.stdlib.get_logger(__name__)

ICON_SIDE = 512  # px, what Discord recommends
OLD_SIDE = 1024  # px, what it keeps at most of an old one
REASON_LIMIT = 512  # characters in the audit log
EXPIRY_SECONDS = 3600.0


def may_change_icon(interaction: discord.Interaction) -> bool:
    """Return whether the asker may change the server's icon, and the bot as well."""
    return (
        interaction.guild is not None
        and is_administrator(interaction)
        and interaction.app_permissions.manage_guild
    )


def _require_permission(interaction: discord.Interaction) -> discord.Guild:
    """Return the server.

    Raises:
        NotAdministratorError: whoever asks may not manage it.
        BotMayNotManageError: the bot may not.
    """
    require_administrator(interaction)
    if interaction.guild is None:
        raise NotAdministratorError
    if not interaction.app_permissions.manage_guild:
        raise BotMayNotManageError
    return interaction.guild


class IconCog(Cog):
    """Changes the icons of servers for those who manage them."""

    persistent_items = (IconButton,)

    def __init__(self, gate: RequestGate, portraits: PortraitService, icons: Icons) -> None:
        """Join the gate, the service and the stored changes."""
        super().__init__(gate)
        self._portraits = portraits
        self._icons = icons
        self._expiry: asyncio.Task[None] | None = None

    async def ready(self, bot: ShardedBot) -> None:
        """Begin to delete old icons whose day is over."""
        if self._expiry is None or self._expiry.done():
            self._expiry = asyncio.create_task(self._delete_expired(), name="icon expiry")

    async def cog_unload(self) -> None:
        """Stop; the next start goes on."""
        if self._expiry is not None:
            self._expiry.cancel()

    async def press(
        self, interaction: discord.Interaction, act: IconAct, number: int, more: int
    ) -> None:
        """Answer a press about the icon."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle(interaction) as request:
            guild = _require_permission(interaction)  # asked at every step: it may have changed
            match act:
                case IconAct.ASK:
                    await self._ask(interaction, request, number)
                case IconAct.SET:
                    await self._set(interaction, request, guild, number)
                case IconAct.UNDO:
                    await self._undo(interaction, request, guild, number)

    async def _ask(
        self, interaction: discord.Interaction, request: Request, portrait_id: int
    ) -> None:
        await request.defer(private=True)
        drawn = await self._portraits.show(asker_of(interaction), portrait_id)
        embed, file = await _with_icon(request.tr("icon-ask"), drawn, request.tr)
        yes, no = request.tr("icon-yes"), request.tr("icon-no")
        view = view_of(
            [
                IconButton(yes, ButtonStyle.danger, act=IconAct.SET, number=portrait_id, more=1),
                PortraitButton(no, act=Act.DELETE, number=0, more=1),
            ]
        )
        await request.answer(embed, file, view)

    async def _set(
        self,
        interaction: discord.Interaction,
        request: Request,
        guild: discord.Guild,
        portrait_id: int,
    ) -> None:
        await request.defer_in_place()
        drawn = await self._portraits.show(asker_of(interaction), portrait_id)
        change = await self._changed(interaction, guild, drawn)
        done = discord.Embed(description=request.tr("icon-done"), colour=COLOUR)
        await request.answer_in_place(done)
        # Everybody sees the icon, so everybody may see who changed it; and a private message
        # would be gone before the day in which it can be put back is over.
        text = request.tr(
            "icon-changed",
            member=interaction.user.mention,
            seed=escape_markdown(drawn.portrait.sketch.seed),
            until=format_dt(change.changed_at + UNDO_TIME),
        )
        embed, file = await _with_icon(text, drawn, request.tr)
        embed.set_footer(
            text=request.tr("avatar-model", model=model_title(drawn.portrait.sketch.model))
        )
        undo = request.tr("icon-undo")
        view = view_of([IconButton(undo, act=IconAct.UNDO, number=change.change_id, more=1)])
        await interaction.followup.send(embed=embed, file=file, view=view)

    async def _changed(
        self, interaction: discord.Interaction, guild: discord.Guild, drawn: PortraitSet
    ) -> IconChange:
        """Set the icon, after fetching the old one so that it can be put back.

        Raises:
            IconUnavailableError: the old one cannot be had.
            BotMayNotManageError: Discord refused.
        """
        old = await _icon_of(guild)
        icon = await asyncio.to_thread(portrait_png, drawn.picture, ICON_SIDE)
        reason = _reason(interaction, "icon-reason", drawn.portrait.sketch.seed)
        edited = await _edit(guild, icon, reason)
        return await self._icons.changed(
            guild.id,
            interaction.user.id,
            new_icon=edited.icon.key if edited.icon else "",
            old_icon=old,
        )

    async def _undo(
        self,
        interaction: discord.Interaction,
        request: Request,
        guild: discord.Guild,
        change_id: int,
    ) -> None:
        await request.defer_in_place()
        now = guild.icon.key if guild.icon else None
        change = await undoable_icon(self._icons, guild.id, change_id, now)
        await _edit(guild, change.old_icon, _reason(interaction, "icon-undo-reason"))
        await self._icons.forget_change(change.guild_id, change.change_id)
        text = request.tr("icon-undone", member=interaction.user.mention)
        await request.answer_in_place(discord.Embed(description=text, colour=COLOUR))

    async def _delete_expired(self) -> None:
        while True:
            try:
                await self._icons.forget_old()
            except Exception:  # an hour later is early enough; an exception would end the loop
                log.exception("icons_not_deleted")
            await asyncio.sleep(EXPIRY_SECONDS)


async def _with_icon(
    text: str, drawn: PortraitSet, tr: Translator
) -> tuple[discord.Embed, discord.File]:
    picture = await asyncio.to_thread(portrait_png, drawn.picture, ICON_SIDE)
    embed = discord.Embed(description=text, colour=COLOUR)
    embed.set_thumbnail(url="attachment://icon.png")
    alt = tr("avatar-alt", count=1, seeds=drawn.portrait.sketch.seed)[:ALT_LIMIT]
    return embed, discord.File(BytesIO(picture), "icon.png", description=alt)


async def _icon_of(guild: discord.Guild) -> bytes | None:
    """Fetch the icon a server has; None when it has none.

    Raises:
        IconUnavailableError: Discord does not give it.
    """
    if guild.icon is None:
        return None
    sized = guild.icon.with_size(OLD_SIDE)
    try:
        return await read(sized.with_format("gif" if sized.is_animated() else "png"))
    except (FileGoneError, CannotFetchError) as error:
        raise IconUnavailableError from error


async def _edit(guild: discord.Guild, icon: bytes | None, reason: str) -> discord.Guild:
    try:
        return await guild.edit(icon=icon, reason=reason)
    except discord.Forbidden as error:
        raise BotMayNotManageError from error


def _reason(interaction: discord.Interaction, key: str, seed: str = "") -> str:
    """Word the reason for the audit log in the server's language."""
    locale = interaction.guild_locale
    tr = translator_for(locale.value if locale else "en")
    return tr(key, member=str(interaction.user), seed=seed)[:REASON_LIMIT]
