"""Who may do what, and which channels an answer may name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import discord
from discord.abc import GuildChannel

from bot.errors import NeedsPermissionsError, NotAdministratorError
from bot.songbook.service import Songbook
from bot.songbook.values import ReadableChannels


def is_administrator(interaction: discord.Interaction) -> bool:
    """Tell whether whoever asks manages the server."""
    return interaction.permissions.manage_guild


def require_administrator(interaction: discord.Interaction) -> None:
    """Let only those through who manage the server.

    Raises:
        NotAdministratorError: it is somebody else.
    """
    if not is_administrator(interaction):
        raise NotAdministratorError


def require_own_permissions(
    channel: discord.abc.GuildChannel | discord.Thread, *needed: str
) -> None:
    """Make sure that the bot itself can do something in a channel.

    Args:
        channel: the channel.
        needed: permissions as Discord's API names them.

    Raises:
        NeedsPermissionsError: naming those it lacks.
    """
    has = channel.permissions_for(channel.guild.me)
    missing = tuple(name for name in needed if not getattr(has, name))
    if missing:
        raise NeedsPermissionsError(channel.id, missing)


MOST_ASKED = 10  # threads that Discord is asked about for one answer; the rest stay unread
Room = GuildChannel | discord.Thread


@dataclass(frozen=True, slots=True)
class ChannelAccess:
    """What an answer may draw on.

    Attributes:
        reach: the channels.
        narrowed: whether the asker can read channels that were left out for others' sake.
    """

    reach: ReadableChannels
    narrowed: bool


async def sight_of(
    interaction: discord.Interaction, songbook: Songbook, *, private: bool, asking: bool = True
) -> ChannelAccess:
    """Find out which channels with songs an answer may draw on, as things stand now.

    The asker must be able to read a channel. For an answer that others see, so must whoever
    reads the channel it appears in: no title leaves a channel for people who cannot open it.

    Args:
        interaction: who asks, and where.
        songbook: knows where songs were posted.
        private: whether only the asker will see the answer.
        asking: whether Discord may be asked about threads that are not in memory; without, they
            count as unreadable.
    """
    guild, member = interaction.guild, interaction.user
    assert guild is not None  # our commands are for servers only
    assert isinstance(member, discord.Member)
    here = interaction.channel_id or 0
    places = await songbook.places(guild.id)
    ids = {here, *(place.channel_id for place in places)}
    rooms = [*_known(guild, ids), *(await _archived(guild, ids) if asking else ())]
    own = [room for room in rooms if _can_read(room, member)]
    closed = await _not_in(own, member, here, asking=asking)
    own = [room for room in own if room.id not in closed]
    shown = own if private else _open_to_all(own, guild, here)
    reach = ReadableChannels(
        readable=frozenset(room.id for room in shown),
        age_restricted=frozenset(room.id for room in rooms if _age_restricted(room)),
        asked_in=here,
    )
    return ChannelAccess(reach, narrowed=len(shown) < len(own))


async def common_reach(
    guild: discord.Guild, channel_id: int, songbook: Songbook
) -> ReadableChannels:
    """Find the channels with songs that everyone can read who reads one channel.

    For what the bot says there by itself. Archived threads are left out.
    """
    ids = {channel_id, *(place.channel_id for place in await songbook.places(guild.id))}
    rooms = _known(guild, ids)
    return ReadableChannels(
        readable=frozenset(room.id for room in _open_to_all(rooms, guild, channel_id)),
        age_restricted=frozenset(room.id for room in rooms if _age_restricted(room)),
        asked_in=channel_id,
    )


def _known(guild: discord.Guild, ids: Iterable[int]) -> list[Room]:
    found = (guild.get_channel_or_thread(each) for each in ids)
    return [room for room in found if room is not None]


async def _archived(guild: discord.Guild, ids: Iterable[int]) -> list[Room]:
    """Ask Discord for threads it no longer announces; they sleep, but can still be read."""
    unknown = sorted((i for i in ids if guild.get_channel_or_thread(i) is None), reverse=True)
    found: list[Room] = []
    for each in unknown[:MOST_ASKED]:
        try:
            room = await guild.fetch_channel(each)
        except (discord.HTTPException, discord.InvalidData):
            continue  # deleted, or closed to the bot itself
        found.append(room)
    return found


def _open_to_all(rooms: Sequence[Room], guild: discord.Guild, here: int) -> list[Room]:
    """Keep the rooms that everyone who reads this one can read as well."""
    this = guild.get_channel_or_thread(here)
    readers = [
        role
        for role in guild.roles
        if role.is_default() or not role.is_bot_managed()
        if this is None or _can_read(this, role)
    ]
    return [
        room
        for room in rooms
        if room.id == here
        or (not _is_private(room) and all(_can_read(room, role) for role in readers))
    ]


def _can_read(room: Room, reader: discord.Member | discord.Role) -> bool:
    if isinstance(room, discord.Thread) and room.parent is None:
        return False
    may = room.permissions_for(reader)
    return may.view_channel and may.read_message_history


def _is_private(room: Room) -> bool:
    return isinstance(room, discord.Thread) and room.is_private()


async def _not_in(
    rooms: Sequence[Room], member: discord.Member, here: int, *, asking: bool
) -> frozenset[int]:
    """Find the private threads that the member was not invited to and does not manage."""
    threads = [
        room
        for room in rooms
        if isinstance(room, discord.Thread) and room.is_private() and room.id != here
        if not room.permissions_for(member).manage_threads
    ]
    out = {thread.id for thread in threads}
    for thread in threads[: MOST_ASKED if asking else 0]:
        try:
            await thread.fetch_member(member.id)
        except discord.HTTPException:
            continue
        out.discard(thread.id)
    return frozenset(out)


def _age_restricted(room: Room) -> bool:
    nsfw = getattr(room, "is_nsfw", None)  # categories and the like hold no songs
    return bool(nsfw and nsfw())
