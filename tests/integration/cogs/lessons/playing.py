"""What the tests of lessons share."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult, ResponseMessage

from bot.lessons.contributions import Giver
from bot.listening.service import ListeningService
from bot.services import Services
from ml.music.hearing import Hearing
from storage.lessons import Contribution, Matter
from tests.helpers.discord import Server, answers_of
from tests.helpers.songs import drone, wav

_HEARD: dict[str, Hearing] = {}  # the real songs; hearing takes long, so once for all tests

AGREE = "I have read this and agree"


async def agree(services: Services, *members: MemberActor) -> None:
    """Have members agree without reading."""
    for member in members:
        await services.consents.agree(member.guild.id, member.id)


def sound(genre: str, number: int) -> bytes:
    """A song of a made-up genre: tunes over a beat, or drones."""
    return wav(4, seed=number) if genre == "tunes" else drone(4, seed=number)


async def contribute(
    services: Services,
    member: MemberActor,
    each: int = 5,
    genres: Sequence[str] = ("tunes", "drones"),
) -> None:
    """Hand over songs of several genres, past Discord and the decoder.

    Each sounds a little different from the one song of its genre that was really heard, and no
    member hands over another's.
    """
    giver = Giver(member.guild.id, member.id)
    for genre in genres:
        real = await _heard(services, genre)
        for number in range(each):
            with pytest.MonkeyPatch.context() as patch:
                hearing = _a_little_different(real, member.id, number)
                patch.setattr(ListeningService, "hear", _hears(hearing))
                await services.contributions.give_song(
                    giver,
                    f"{genre} {number} of {member.id}".encode(),
                    title=f"{genre} {number}",
                    genre=genre,
                    artist=f"maker {number}",
                )


async def _heard(services: Services, genre: str) -> Hearing:
    if genre not in _HEARD:
        _HEARD[genre] = await services.listening.hear(sound(genre, 0))
    return _HEARD[genre]


def _a_little_different(hearing: Hearing, *seed: int) -> Hearing:
    dice = np.random.default_rng(seed)
    noise = dice.standard_normal(hearing.vector.size) / np.sqrt(hearing.vector.size)
    vector = hearing.vector + 0.6 * noise
    return replace(hearing, vector=(vector / np.linalg.norm(vector)).astype(np.float32))


def _hears(hearing: Hearing) -> Callable[..., Awaitable[Hearing]]:
    async def hear(*_: object, **__: object) -> Hearing:
        return hearing

    return hear


async def given(services: Services, server: Server) -> Sequence[Contribution]:
    """Every song handed over in the server."""
    return await services.contributions.stored.of_server(server.alice.guild.id, Matter.SONG)


def last(result: InteractionResult) -> ResponseMessage:
    """The last message of a command or a press."""
    return answers_of(result)[-1]
