"""How what is kept of a member reads."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord.utils import format_dt

from bot.i18n import Say
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


def kept_embed(kept: Kept, here: int | None, say: Say) -> discord.Embed:
    """Tell what is kept, the server where it was asked first."""
    lines = [say("privacy-opted-out-everywhere")] if kept.opted_out_everywhere else []
    if kept.models:
        lines.append(say("privacy-models", models=_names(kept.models, say)))
    told = {guild: part for guild, part in kept.servers.items() if part.anything}
    if not told and not lines:
        return embed_of([say("privacy-nothing")], say("privacy-heading"))
    order = sorted(told, key=lambda guild: (guild != here, guild))
    if len(order) > MOST_SERVERS:
        lines.append(say("privacy-elsewhere", count=len(order) - MOST_SERVERS))
    embed = embed_of([*lines, say("privacy-how")], say("privacy-heading"))
    for guild in order[:MOST_SERVERS]:
        embed.add_field(name=_place(guild, here, say), value=_part(told[guild], say), inline=False)
    return embed


def deleted_lines(deleted: Deleted, say: Say) -> list[str]:
    """Tell what was deleted, and what had learned from it."""
    lines = [
        say(
            "privacy-deleted",
            songs=deleted.songs,
            portraits=deleted.portraits,
            given=deleted.contributions,
        )
    ]
    if deleted.lessons:
        lines.append(say("privacy-deleted-lessons", count=deleted.lessons))
    if deleted.models:
        lines.append(say("privacy-deleted-models", models=_names(deleted.models, say)))
    return lines


def _place(guild: int, here: int | None, say: Say) -> str:
    if guild == DIRECT_MESSAGES:
        return say("privacy-direct")
    return say("privacy-here") if guild == here else say("privacy-server", server=str(guild))


def _part(part: KeptIn, say: Say) -> str:
    lines = []
    if part.songs:
        lines.append(say("privacy-songs", count=part.songs))
    if part.portraits:
        lines.append(say("privacy-portraits", count=part.portraits, gallery=part.gallery))
    if part.given_songs:
        lines.append(say("privacy-given-songs", count=part.given_songs))
    if part.given_art:
        lines.append(say("privacy-given-art", count=part.given_art))
    if part.lessons:
        lines.append(say("privacy-lessons", count=part.lessons))
    if part.deeds:
        lines.append(say("privacy-deeds", count=part.deeds))
    if part.agreed_at is not None:
        lines.append(say("privacy-agreed", when=format_dt(part.agreed_at, "f")))
    if part.opted_out:
        lines.append(say("privacy-opted-out"))
    return "\n".join(f"• {line}" for line in lines)


def _names(models: Sequence[TaughtModel], say: Say) -> str:
    return say("list-comma").join(say(MODELS[m.kind], number=m.number) for m in models)
