"""What the tests of lessons share."""

from collections.abc import Sequence

from simcord.actors import MemberActor
from simcord.results import InteractionResult, ResponseMessage

from bot.__main__ import Services
from bot.services.contributions import Giver
from storage.lesson_values import Contribution, Matter
from tests.cogs.songbook.playing import administrator, answers, only_answer
from tests.discord_server import Server
from tests.songs import drone, wav

__all__ = ["administrator", "answers", "only_answer"]

AGREE = "I have read this and agree"


async def agree(services: Services, *members: MemberActor) -> None:
    """Have members agree without reading."""
    for member in members:
        await services.classroom.consenting.agree(member.guild.id, member.id, 1)


def sound(genre: str, number: int) -> bytes:
    """A song of a made-up genre: tunes over a beat, or drones."""
    return wav(3, seed=number) if genre == "tunes" else drone(3, seed=number)


async def contribute(
    services: Services, member: MemberActor, each: int = 5, genres: Sequence[str] = ("tunes", "drones")
) -> None:
    """Hand over songs of several genres, past Discord."""
    giver = Giver(member.guild.id, member.id)
    for genre in genres:
        for number in range(each):
            await services.classroom.contributions.give_song(
                giver,
                sound(genre, number),
                title=f"{genre} {number}",
                genre=genre,
                artist=f"maker {number}",
            )


async def given(services: Services, server: Server) -> Sequence[Contribution]:
    """Every song handed over in the server."""
    return await services.classroom.contributions.of_server(server.alice.guild.id, Matter.SONG)


def text(message: ResponseMessage) -> str:
    """Everything that an answer's embed says."""
    embed = message.embeds[0]
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join([embed.title or "", embed.description or "", *fields])


def labels(message: ResponseMessage) -> list[str]:
    """What can be pressed under an answer."""
    return [
        button.get("label", "")
        for row in message.components
        for button in row.get("components", [])
    ]


def last(result: InteractionResult) -> ResponseMessage:
    """The last message of a command or a press."""
    return answers(result)[-1]
