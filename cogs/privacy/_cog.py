"""The commands about what is kept of a member; only they see the answers."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.discord.cog import Cog, localised
from bot.discord.requests import Request, RequestGate
from bot.i18n import Translator
from bot.lessons.features import LessonServices
from bot.privacy.service import Deleted
from cogs.privacy._texts import deleted_lines, embed_of, kept_embed

SECONDS = 180.0  # the buttons stay
MARGIN = 64 * 1024  # bytes of a request beside its file
AdminAction = Callable[[int], Awaitable[Deleted]]


class PrivacyCog(Cog):
    """Shows, hands out and deletes."""

    privacy = app_commands.Group(
        name=localised("command-privacy"), description=localised("command-privacy.description")
    )

    def __init__(self, gate: RequestGate, lesson_services: LessonServices) -> None:
        """Join the desk and the service."""
        super().__init__(gate)
        self._privacy = lesson_services.privacy

    @privacy.command(
        name=localised("command-privacy-show"),
        description=localised("command-privacy-show.description"),
    )
    async def show(self, interaction: discord.Interaction) -> None:
        """Tell what is kept."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            kept = await self._privacy.show(interaction.user.id)
            await request.answer(kept_embed(kept, interaction.guild_id, request.tr))

    @privacy.command(
        name=localised("command-privacy-export"),
        description=localised("command-privacy-export.description"),
    )
    async def export(self, interaction: discord.Interaction) -> None:
        """Hand everything out, the numbers and words first."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            limit = interaction.filesize_limit - MARGIN
            export = await self._privacy.export(interaction.user.id, limit)
            text = request.tr("privacy-export", parts=len(export.archives))
            for number, file in enumerate(_files(export.json, export.archives, limit)):
                embed = embed_of([text if number == 0 else ""])
                await request.answer(embed, file)

    @privacy.command(
        name=localised("command-privacy-delete"),
        description=localised("command-privacy-delete.description"),
    )
    async def delete(self, interaction: discord.Interaction) -> None:
        """Delete everything, after a question."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            await self._ask(request, "privacy-delete-question", self._privacy.delete, None)

    @privacy.command(
        name=localised("command-privacy-optout"),
        description=localised("command-privacy-optout.description"),
    )
    @app_commands.rename(undo=localised("option-privacy-undo"))
    @app_commands.describe(undo=localised("option-privacy-undo.description"))
    async def optout(self, interaction: discord.Interaction, undo: bool = False) -> None:
        """Delete everything and remember nothing again, or take that back."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            if undo:
                undone = await self._privacy.opt_in(interaction.user.id)
                key = "privacy-opted-in" if undone else "privacy-not-opted-out"
                await request.answer(embed_of([request.tr(key)]))
                return
            done = "privacy-opted-out-done"
            await self._ask(request, "privacy-optout-question", self._privacy.opt_out, done)

    async def _ask(
        self, request: Request, question: str, deed: AdminAction, done: str | None
    ) -> None:
        view = _Question(self.gate, deed, done, request.tr)
        await request.answer(embed_of([request.tr(question)]), view=view)


class _Question(discord.ui.View):
    """Two buttons that only whoever asked can see."""

    def __init__(
        self, gate: RequestGate, deed: AdminAction, done: str | None, tr: Translator
    ) -> None:
        super().__init__(timeout=SECONDS)
        self._gate = gate
        self._deed = deed
        self._done = done
        self._add(tr("privacy-delete-yes"), discord.ButtonStyle.danger, self._yes)
        self._add(tr("privacy-delete-no"), discord.ButtonStyle.secondary, self._no)

    def _add(self, label: str, style: discord.ButtonStyle, callback: Any) -> None:
        """Add a button. Any: discord.py's buttons take their callback by assignment."""
        button: discord.ui.Button[_Question] = discord.ui.Button(label=label, style=style)
        button.callback = callback  # type: ignore[method-assign]  # as discord.py means it
        self.add_item(button)

    async def _yes(self, interaction: discord.Interaction) -> None:
        async with self._gate.handle(interaction) as request:
            await request.defer_in_place()
            lines = deleted_lines(await self._deed(interaction.user.id), request.tr)
            if self._done is not None:
                lines.append(request.tr(self._done))
            await request.answer_in_place(embed_of(lines))
        self.stop()

    async def _no(self, interaction: discord.Interaction) -> None:
        async with self._gate.handle(interaction) as request:
            await request.defer_in_place()
            await request.answer_in_place(embed_of([request.tr("privacy-kept")]))
        self.stop()


def _files(told: bytes, archives: tuple[bytes, ...], limit: int) -> list[discord.File]:
    """Wrap the files; what is too large in one piece comes in several, to be joined in order."""
    files = []
    pieces = [told[at : at + limit] for at in range(0, len(told), limit)]
    for number, piece in enumerate(pieces):
        name = "usamimi.json" if len(pieces) == 1 else f"usamimi.json.{number + 1:02}"
        files.append(discord.File(io.BytesIO(piece), name))
    for number, archive in enumerate(archives):
        files.append(discord.File(io.BytesIO(archive), f"usamimi-pictures-{number + 1:02}.zip"))
    return files
