"""`/privacy`: show, export and delete what is stored about a member."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import discord
from discord import app_commands
from discord.utils import format_dt

from bot.discord.cog import Cog, localised
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import Answer, QuestionView
from bot.i18n import Translator
from bot.privacy.erasure import ErasureService
from bot.privacy.service import GuildSummary, MemberSummary, PrivacyService
from bot.rendering.palette import LAVENDER
from storage.erasure import Erased
from storage.lessons import Kind
from storage.taught_models import TaughtModel

MAX_SERVERS = 10
DIRECT_MESSAGES = 0
DELETED = {
    "songs": "privacy-deleted-songs",
    "portraits": "privacy-deleted-portraits",
    "contributions": "privacy-deleted-given",
}
MARGIN = 64 * 1024  # bytes of a request beside its file
Erase = Callable[[int], Awaitable[Erased]]
MODELS = {Kind.GENRE: "models-genre", Kind.AVATAR: "models-avatar"}


def embed_of(lines: Sequence[str], title: str | None = None) -> discord.Embed:
    """Put lines into an embed."""
    text = "\n".join(line for line in lines if line)
    return discord.Embed(title=title, description=text, colour=discord.Colour.from_rgb(*LAVENDER))


def summary_embed(summary: MemberSummary, here: int | None, tr: Translator) -> discord.Embed:
    """List what is stored, the server where it was asked first."""
    lines = [tr("privacy-opted-out-everywhere")] if summary.opted_out_everywhere else []
    if summary.models:
        lines.append(tr("privacy-models", models=_names(summary.models, tr)))
    guilds = {guild: part for guild, part in summary.guilds.items() if part.anything}
    if not guilds and not lines:
        return embed_of([tr("privacy-nothing")], tr("privacy-heading"))
    order = sorted(guilds, key=lambda guild: (guild != here, guild))
    if len(order) > MAX_SERVERS:
        lines.append(tr("privacy-elsewhere", count=len(order) - MAX_SERVERS))
    embed = embed_of([*lines, tr("privacy-how")], tr("privacy-heading"))
    for guild in order[:MAX_SERVERS]:
        embed.add_field(name=_place(guild, here, tr), value=_part(guilds[guild], tr), inline=False)
    return embed


def deleted_lines(erased: Erased, tr: Translator) -> list[str]:
    """List what was deleted, and the models that had learned from it."""
    if not (erased.deleted or erased.cleared or erased.lessons or erased.marked):
        return [tr("privacy-nothing-deleted")]
    counts = {key: erased.deleted.get(table, 0) for table, key in DELETED.items()}
    what = tr("list-comma").join(tr(key, count=count) for key, count in counts.items() if count)
    lines = [tr("privacy-deleted", what=what) if what else tr("privacy-deleted-rest")]
    if ratings := erased.deleted.get("ratings"):
        lines.append(tr("privacy-deleted-ratings", count=ratings))
    if erased.lessons:
        lines.append(tr("privacy-deleted-lessons", count=len(erased.lessons)))
    if erased.cleared:
        lines.append(tr("privacy-deleted-admin-actions", count=sum(erased.cleared.values())))
    if erased.marked:
        lines.append(tr("privacy-deleted-models", models=_names(erased.marked, tr)))
    return lines


def _place(guild: int, here: int | None, tr: Translator) -> str:
    if guild == DIRECT_MESSAGES:
        return tr("privacy-direct")
    return tr("privacy-here") if guild == here else tr("privacy-server", server=str(guild))


def _part(part: GuildSummary, tr: Translator) -> str:
    lines = []
    if part.songs:
        lines.append(tr("privacy-songs", count=part.songs))
    if part.portraits:
        lines.append(tr("privacy-portraits", count=part.portraits, gallery=part.gallery))
    if part.given_songs:
        lines.append(tr("privacy-given-songs", count=part.given_songs))
    if part.given_art:
        lines.append(tr("privacy-given-art", count=part.given_art))
    if part.ratings:
        lines.append(tr("privacy-ratings", count=part.ratings))
    if part.taste_since is not None:
        lines.append(tr("privacy-taste", when=format_dt(part.taste_since, "D")))
    if part.lessons:
        lines.append(tr("privacy-lessons", count=part.lessons))
    if part.admin_actions:
        lines.append(tr("privacy-admin-actions", count=part.admin_actions))
    if part.agreed_at is not None:
        lines.append(tr("privacy-agreed", when=format_dt(part.agreed_at, "f")))
    if part.opted_out:
        lines.append(tr("privacy-opted-out"))
    return "\n".join(f"• {line}" for line in lines)


def _names(models: Sequence[TaughtModel], tr: Translator) -> str:
    return tr("list-comma").join(tr(MODELS[m.kind], number=m.number) for m in models)


class PrivacyCog(Cog):
    """Shows, exports and deletes what is stored of whoever asks."""

    privacy = app_commands.Group(
        name=localised("command-privacy"), description=localised("command-privacy.description")
    )

    def __init__(self, gate: RequestGate, privacy: PrivacyService, erasure: ErasureService) -> None:
        """Answer through `gate` with what `privacy` finds, and delete by `erasure`."""
        super().__init__(gate)
        self._privacy = privacy
        self._erasure = erasure

    @privacy.command(
        name=localised("command-privacy-show"),
        description=localised("command-privacy-show.description"),
    )
    async def show(self, interaction: discord.Interaction) -> None:
        """Show what is stored."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            summary = await self._privacy.show(interaction.user.id)
            await request.answer(summary_embed(summary, interaction.guild_id, request.tr))

    @privacy.command(
        name=localised("command-privacy-export"),
        description=localised("command-privacy-export.description"),
    )
    async def export(self, interaction: discord.Interaction) -> None:
        """Send everything, the numbers and words first."""
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
        """Delete everything, after a confirmation."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            await self._ask(request, "privacy-delete-question", self._erasure.erase_member, None)

    @privacy.command(
        name=localised("command-privacy-optout"),
        description=localised("command-privacy-optout.description"),
    )
    @app_commands.rename(undo=localised("option-privacy-undo"))
    @app_commands.describe(undo=localised("option-privacy-undo.description"))
    async def optout(self, interaction: discord.Interaction, undo: bool = False) -> None:
        """Delete everything and remember nothing again, or undo that."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            if undo:
                undone = await self._privacy.opt_in(interaction.user.id)
                key = "privacy-opted-in" if undone else "privacy-not-opted-out"
                await request.answer(embed_of([request.tr(key)]))
                return
            erase = partial(self._erasure.erase_member, opt_out=True)
            await self._ask(request, "privacy-optout-question", erase, "privacy-opted-out-done")

    async def _ask(self, request: Request, question: str, erase: Erase, done: str | None) -> None:
        async def delete(pressed: Request) -> None:
            lines = deleted_lines(await erase(pressed.interaction.user.id), pressed.tr)
            if done is not None:
                lines.append(pressed.tr(done))
            await pressed.answer_in_place(embed_of(lines))

        async def dismiss(pressed: Request) -> None:
            await pressed.answer_in_place(embed_of([pressed.tr("privacy-kept")]))

        answers = (
            Answer(request.tr("privacy-delete-yes"), delete, discord.ButtonStyle.danger),
            Answer(request.tr("privacy-delete-no"), dismiss),
        )
        view = QuestionView(self.gate, answers)
        await request.answer(embed_of([request.tr(question)]), view=view)


def _files(document: bytes, archives: tuple[bytes, ...], limit: int) -> list[discord.File]:
    """Wrap the files; a document too large comes in pieces, to be joined in order."""
    files = []
    pieces = [document[at : at + limit] for at in range(0, len(document), limit)]
    for number, piece in enumerate(pieces):
        name = "usamimi.json" if len(pieces) == 1 else f"usamimi.json.{number + 1:02}"
        files.append(discord.File(io.BytesIO(piece), name))
    for number, archive in enumerate(archives):
        files.append(discord.File(io.BytesIO(archive), f"usamimi-pictures-{number + 1:02}.zip"))
    return files
