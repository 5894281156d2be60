"""The commands that draw portraits, and what can be done with one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import discord
from discord import app_commands
from discord.ui import View

from bot.discord.attachments import fetch, read
from bot.discord.cog import Cog, localised
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import Answer, QuestionView, is_invoker
from bot.errors import NotYoursError, StrengthAloneError
from bot.i18n import Translator
from bot.portraits.galleries import UNDO_SECONDS, GalleryService
from bot.portraits.morphing import MorphService
from bot.portraits.morphing import chosen as chosen_value
from bot.portraits.service import (
    COUNTS,
    MAX_LENGTH,
    Asker,
    ExplanationService,
    LikePicture,
    PortraitService,
    PortraitSet,
)
from bot.portraits.uploads import ImageUploads
from bot.privacy.erasure import ErasureService
from cogs.portraits._answer import (
    COLOUR,
    Act,
    ChoiceSelect,
    Group,
    Offers,
    PortraitAnswer,
    PortraitButton,
    PortraitSelect,
    asker_of,
    explanation_answer,
    gallery_guild,
    is_private,
    large_answer,
    morph_answer,
    portraits_answer,
    round_answer,
)
from cogs.portraits._gallery import may_change_icon
from ml.avatar.traits import OPTIONS

STRENGTH = 50  # percent, unless the member says otherwise
MENU_STRENGTH = 60  # percent of a member's picture in what the menu draws
AVATAR_SIDE = 512  # px; a power of two, as Discord wants it
CHOICES, CHOICE_LIMIT = 25, 100  # what Discord shows: choices, and characters of each
Seed = app_commands.Range[str, 1, MAX_LENGTH]
Strength = app_commands.Range[int, 0, 100]
Send = Callable[[discord.Embed, discord.File, View], Awaitable[None]]


def _choices(group: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=localised(f"avatar-{group}-{name}"), value=name)
        for name in OPTIONS[group]
    ]


class AvatarCog(Cog):
    """Draws portraits."""

    persistent_items = (PortraitButton, PortraitSelect, ChoiceSelect)

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
        self._offer(portraits.options)

    def _offer(self, options: Mapping[str, Sequence[str]]) -> None:
        """Leave out of `/avatar` what the model here cannot be told anyway."""
        # discord.py has no public way to drop an option; the class's own command keeps them all.
        self.avatar._params = {
            name: parameter
            for name, parameter in self.avatar._params.items()
            if name not in OPTIONS or name in options
        }

    @app_commands.command(
        name=localised("command-avatar"), description=localised("command-avatar.description")
    )
    @app_commands.rename(
        seed=localised("option-avatar-seed"),
        style=localised("option-avatar-style"),
        mood=localised("option-avatar-mood"),
        ears=localised("option-avatar-ears"),
        scene=localised("option-avatar-scene"),
        count=localised("option-avatar-count"),
        like=localised("option-avatar-like"),
        strength=localised("option-avatar-strength"),
        private=localised("option-avatar-private"),
    )
    @app_commands.describe(
        seed=localised("option-avatar-seed.description"),
        style=localised("option-avatar-style.description"),
        mood=localised("option-avatar-mood.description"),
        ears=localised("option-avatar-ears.description"),
        scene=localised("option-avatar-scene.description"),
        count=localised("option-avatar-count.description"),
        like=localised("option-avatar-like.description", limit="picture"),
        strength=localised("option-avatar-strength.description"),
        private=localised("option-avatar-private.description"),
    )
    @app_commands.choices(
        count=[app_commands.Choice(name=str(each), value=each) for each in COUNTS]
    )
    @app_commands.choices(
        style=_choices("style"),
        mood=_choices("mood"),
        ears=_choices("ears"),
        scene=_choices("scene"),
    )
    async def avatar(
        self,
        interaction: discord.Interaction,
        seed: Seed | None = None,
        style: str | None = None,
        mood: str | None = None,
        ears: str | None = None,
        scene: str | None = None,
        count: int = 1,
        like: discord.Attachment | None = None,
        strength: Strength | None = None,
        private: bool = False,
    ) -> None:
        """Draw portraits, perhaps like a picture, perhaps in a chosen style, mood or scene."""
        named = {"style": style, "mood": mood, "ears": ears, "scene": scene}
        choices = {group: option for group, option in named.items() if option}
        async with self.gate.handle(interaction) as request:
            if strength is not None and like is None:
                raise StrengthAloneError
            if like is not None:
                self._uploads.check_size(like.size)
            await request.defer(private=private)
            likeness = None
            if like is not None:
                picture = await self._uploads.read(await fetch(like, self._uploads))
                share = STRENGTH if strength is None else strength
                likeness = LikePicture(picture, share / 100)
            asker = asker_of(interaction, request)
            drawn = await self._portraits.draw(asker, seed, count, likeness, choices)
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
                await self._delete(interaction, request, number)
                return
            if act is Act.AGAIN:
                asker, send = await _take_place(interaction, request)
                drawn = await self._portraits.again(asker, number, more)
                await self._show(interaction, request, drawn, send)
                return
            for_one = act in (Act.EXPLAIN, Act.LARGE)
            await request.defer(private=for_one or is_private(interaction))
            asker = asker_of(interaction, request)
            match act:
                case Act.LARGE:
                    large = await self._portraits.enlarge(asker, number)
                    await _send(request, await round_answer(large, request.tr))
                    await _send(request, await large_answer(large, request.tr))
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

    async def choose(
        self, interaction: discord.Interaction, group: Group, number: int, more: int, *, chosen: str
    ) -> None:
        """Draw the same girl in the mood or style chosen."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle(interaction) as request:
            asker, send = await _take_place(interaction, request)
            drawn = await self._portraits.choose(asker, number, {group.value: chosen})
            await self._show(interaction, request, drawn, send)

    async def _delete(
        self, interaction: discord.Interaction, request: Request, number: int
    ) -> None:
        """Delete the message pressed under, with a minute to undo it; galleries stay as they are.

        What is stored is erased at once: an undo puts it back from memory.
        """
        assert interaction.message is not None
        _require_own(interaction)
        await request.defer_in_place()
        guild_id, message_id = gallery_guild(interaction), interaction.message.id
        # Discord tells of deleted messages, but not of those that only one member saw.
        erase = partial(self._erasure.erase_messages, guild_id, [message_id])
        if not await self._galleries.delete_undoably(guild_id, message_id, erase):
            await interaction.delete_original_response()
            return
        embed = discord.Embed(description=request.tr("avatar-deleted"), colour=COLOUR)
        view = self._undo_view(interaction, request.tr, message_id, number)
        await request.answer_in_place(embed, view=view)

    def _undo_view(
        self, interaction: discord.Interaction, tr: Translator, message_id: int, number: int
    ) -> QuestionView:
        async def undo(request: Request) -> None:
            pressed = request.interaction
            _require_own(pressed)
            # An answer that was replaced in place has earlier portraits, before `number`.
            restored = await self._galleries.put_back(message_id)
            asker = asker_of(pressed)
            shown = [each.portrait_id for each in restored if each.portrait_id >= number]
            drawn = [await self._portraits.show(asker, each) for each in shown]
            answer = await portraits_answer(drawn, request.tr, self._offers(pressed, drawn))
            await request.answer_in_place(answer.embed, answer.file(), answer.view)

        async def expired() -> None:
            self._galleries.let_go(message_id)
            with suppress(discord.HTTPException):  # deleted by hand, or out of reach by now
                await interaction.delete_original_response()

        answers = [Answer(tr("avatar-delete-undo"), undo)]
        return QuestionView(self.gate, answers, UNDO_SECONDS, expired)

    async def _show(
        self,
        interaction: discord.Interaction,
        request: Request,
        drawn: Sequence[PortraitSet],
        send: Send | None = None,
    ) -> None:
        offers = self._offers(interaction, drawn)
        answer = await portraits_answer(drawn, request.tr, offers)
        await (send or request.answer)(answer.embed, answer.file(), answer.view)

    def _offers(self, interaction: discord.Interaction, drawn: Sequence[PortraitSet]) -> Offers:
        return Offers(
            explain=self._explanations.can_explain(drawn[0]),
            icon=may_change_icon(interaction),
            options=drawn[0].options,
        )


async def _take_place(interaction: discord.Interaction, request: Request) -> tuple[Asker, Send]:
    """Acknowledge a press whose answer replaces the asker's own message, so that none pile up.

    Whoever presses under somebody else's portrait is answered privately.
    """
    if is_invoker(interaction):
        assert interaction.message is not None
        await request.defer_in_place()
        asker = replace(asker_of(interaction), message_id=interaction.message.id)
        return asker, request.answer_in_place
    await request.defer(private=True)
    return asker_of(interaction, request), request.answer


def _require_own(interaction: discord.Interaction) -> None:
    """Let through whom the message answers, and who manages messages."""
    if not (is_invoker(interaction) or interaction.permissions.manage_messages):
        raise NotYoursError


async def _send(request: Request, answer: PortraitAnswer) -> None:
    await request.answer(answer.embed, answer.file(), answer.view)
