"""How what is kept of a member reads."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord.utils import format_dt

from bot.i18n import Translator
from bot.privacy.service import Deleted, Kept, KeptIn
from bot.rendering.palette import LAVENDER
from storage.lesson_values import Kind, TaughtModel

MOST_SERVERS = 10
DIRECT_MESSAGES = 0
MODELS = {Kind.GENRE: "models-genre", Kind.AVATAR: "models-avatar"}


def embed_of(lines: Sequence[str], title: str | None = None) -> discord.Embed:
    """Put lines into an embed."""
    text = "\n".join(line for line in lines if line)
    return discord.Embed(title=title, description=text, colour=discord.Colour.from_rgb(*LAVENDER))


def kept_embed(kept: Kept, here: int | None, tr: Translator) -> discord.Embed:
    """Tell what is kept, the server where it was asked first."""
    lines = [tr("privacy-opted-out-everywhere")] if kept.opted_out_everywhere else []
    if kept.models:
        lines.append(tr("privacy-models", models=_names(kept.models, tr)))
    told = {guild: part for guild, part in kept.servers.items() if part.anything}
    if not told and not lines:
        return embed_of([tr("privacy-nothing")], tr("privacy-heading"))
    order = sorted(told, key=lambda guild: (guild != here, guild))
    if len(order) > MOST_SERVERS:
        lines.append(tr("privacy-elsewhere", count=len(order) - MOST_SERVERS))
    embed = embed_of([*lines, tr("privacy-how")], tr("privacy-heading"))
    for guild in order[:MOST_SERVERS]:
        embed.add_field(name=_place(guild, here, tr), value=_part(told[guild], tr), inline=False)
    return embed


def deleted_lines(deleted: Deleted, tr: Translator) -> list[str]:
    """Tell what was deleted, and what had learned from it."""
    lines = [
        tr(
            "privacy-deleted",
            songs=deleted.songs,
            portraits=deleted.portraits,
            given=deleted.contributions,
        )
    ]
    if deleted.lessons:
        lines.append(tr("privacy-deleted-lessons", count=deleted.lessons))
    if deleted.models:
        lines.append(tr("privacy-deleted-models", models=_names(deleted.models, tr)))
    return lines


def _place(guild: int, here: int | None, tr: Translator) -> str:
    if guild == DIRECT_MESSAGES:
        return tr("privacy-direct")
    return tr("privacy-here") if guild == here else tr("privacy-server", server=str(guild))


def _part(part: KeptIn, tr: Translator) -> str:
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
    if part.deeds:
        lines.append(tr("privacy-deeds", count=part.deeds))
    if part.agreed_at is not None:
        lines.append(tr("privacy-agreed", when=format_dt(part.agreed_at, "f")))
    if part.opted_out:
        lines.append(tr("privacy-opted-out"))
    return "\n".join(f"• {line}" for line in lines)


def _names(models: Sequence[TaughtModel], tr: Translator) -> str:
    return tr("list-comma").join(tr(MODELS[m.kind], number=m.number) for m in models)
