"""What the tests of the songbook's commands share."""

from collections.abc import Sequence

import discord
from simcord.actors import MemberActor
from simcord.results import InteractionResult, ResponseMessage

from bot.__main__ import Services
from storage.song_values import Song
from tests.discord_server import Server
from tests.songs import wav

SONG = ("tune.wav", wav(2))


def answers(result: InteractionResult) -> list[ResponseMessage]:
    """Every message the bot sent for a command, in order."""
    every = {m.id: m for m in (result.response, *result.followups) if m is not None}
    return list(every.values())


def only_answer(result: InteractionResult) -> ResponseMessage:
    """The one message the bot sent for a command."""
    (answer,) = answers(result)
    return answer


def administrator(server: Server) -> MemberActor:
    """Somebody who may manage the server."""
    guild = server.alice.guild
    role = guild.create_role("manager", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(server.env.create_user("admin"), roles=[role])


async def allow(server: Server, services: Services) -> None:
    """Let the bot remember songs."""
    await services.channels.allow_remembering(server.alice.guild.id, allowed=True)


async def songs_of(services: Services, member: MemberActor) -> Sequence[Song]:
    """What is remembered of a member."""
    return await services.songbook.posted_by(member.guild.id, member.id)
