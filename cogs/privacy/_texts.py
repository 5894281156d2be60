"""Word what is stored of a member, and what was deleted."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord.utils import format_dt

from bot.i18n import Translator
from bot.privacy.service import GuildSummary, MemberSummary
from bot.rendering.palette import LAVENDER
from storage.erasure import Erased
from storage.lesson_values import Kind, TaughtModel

MAX_SERVERS = 10
DIRECT_MESSAGES = 0
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
    lines = [
        tr(
            "privacy-deleted",
            songs=erased.deleted.get("songs", 0),
            portraits=erased.deleted.get("portraits", 0),
            given=erased.deleted.get("contributions", 0),
        )
    ]
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
