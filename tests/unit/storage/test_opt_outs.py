from __future__ import annotations

import asyncio

import pytest

from storage.database import Database
from storage.members import OptOuts
from storage.song_values import Outcome, Remembered
from storage.songs import Songs
from tests.unit.storage import NOW, OTHER_SERVER, SERVER, heard, post

POSTER = 7


@pytest.fixture
def wishes(database: Database) -> OptOuts:
    return OptOuts(database, now=lambda: NOW)


async def test_opting_out_forgets_what_was_remembered_here(wishes: OptOuts, songs: Songs) -> None:
    here = await songs.remember(post(1), heard(1))
    there = await songs.remember(post(2, guild_id=OTHER_SERVER), heard(2))
    assert there.song_id is not None
    assert await wishes.opt_out(SERVER, POSTER) == (here.song_id,)
    assert await songs.song(OTHER_SERVER, there.song_id) is not None
    assert await wishes.opted_out(OTHER_SERVER, POSTER) is False


async def test_who_opted_out_is_not_remembered(wishes: OptOuts, songs: Songs) -> None:
    await wishes.opt_out(SERVER, POSTER)
    assert await wishes.opted_out(SERVER, POSTER) is True
    assert await songs.remember(post(1), heard(1)) == Remembered(Outcome.REFUSED, None)


async def test_opting_out_twice_is_opting_out(wishes: OptOuts) -> None:
    await wishes.opt_out(SERVER, POSTER)
    assert await wishes.opt_out(SERVER, POSTER) == ()
    assert await wishes.opt_in(SERVER, POSTER) is True
    assert await wishes.opted_out(SERVER, POSTER) is False


async def test_who_opts_in_again_is_remembered_again(wishes: OptOuts, songs: Songs) -> None:
    assert await wishes.opt_in(SERVER, POSTER) is False
    await wishes.opt_out(SERVER, POSTER)
    await wishes.opt_in(SERVER, POSTER)
    assert (await songs.remember(post(1), heard(1))).outcome is Outcome.REMEMBERED


async def test_a_wish_in_the_middle_of_an_import_leaves_nothing(
    wishes: OptOuts, songs: Songs
) -> None:
    importing = [songs.remember(post(number), heard(number)) for number in range(40)]
    await asyncio.gather(*importing[:20], wishes.opt_out(SERVER, POSTER), *importing[20:])
    assert await songs.by_poster(SERVER, POSTER) == ()
