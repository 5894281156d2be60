"""The health page says what is well, and `ask_health` reads it."""

import asyncio

import pytest

from bot.errors import StartError
from bot.health import ask_health, health_page

HERE = "127.0.0.1"


async def test_a_bot_that_is_well_says_so() -> None:
    async with health_page(HERE, 0, lambda: {"gateway": True}) as port:
        assert await asyncio.to_thread(ask_health, HERE, port) == (True, '{"gateway": true}')


async def test_one_bad_sign_is_enough_to_be_unwell() -> None:
    async with health_page(HERE, 0, lambda: {"gateway": True, "model": False}) as port:
        well, said = await asyncio.to_thread(ask_health, HERE, port)
    assert not well
    assert '"model": false' in said


async def test_silence_is_unwell() -> None:
    async with health_page(HERE, 0, dict) as port:
        pass
    assert not (await asyncio.to_thread(ask_health, HERE, port))[0]


async def test_a_taken_port_is_named() -> None:
    async with health_page(HERE, 0, dict) as port:
        with pytest.raises(StartError, match=f"USAMIMI_HEALTH_PORT {port}"):
            async with health_page(HERE, port, dict):
                pass
