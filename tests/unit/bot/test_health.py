"""The health page says what is well, and `ask_health` reads it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from bot.errors import StartError
from bot.health import ask_health, health_page

HERE = "127.0.0.1"


def saying(**found: bool) -> Callable[[], Awaitable[Mapping[str, bool]]]:
    async def checks() -> Mapping[str, bool]:
        return found

    return checks


async def test_a_bot_that_is_well_says_so() -> None:
    async with health_page(HERE, 0, saying(gateway=True)) as port:
        assert await asyncio.to_thread(ask_health, HERE, port) == (True, '{"gateway": true}')


async def test_one_bad_sign_is_enough_to_be_unwell() -> None:
    async with health_page(HERE, 0, saying(gateway=True, model=False)) as port:
        well, said = await asyncio.to_thread(ask_health, HERE, port)
    assert not well
    assert '"model": false' in said


async def test_silence_is_unwell() -> None:
    async with health_page(HERE, 0, saying()) as port:
        pass
    assert not (await asyncio.to_thread(ask_health, HERE, port))[0]


async def test_a_taken_port_is_named() -> None:
    async with health_page(HERE, 0, saying()) as port:
        with pytest.raises(StartError, match=f"USAMIMI_HEALTH_PORT {port}"):
            async with health_page(HERE, port, saying()):
                pass


async def test_figures_are_served_beside_it() -> None:
    def fetch(port: int) -> bytes:
        with urlopen(f"http://{HERE}:{port}/metrics") as response:
            assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return bytes(response.read())

    async with health_page(HERE, 0, saying(), lambda: b"usamimi_servers 1.0\n") as port:
        assert await asyncio.to_thread(fetch, port) == b"usamimi_servers 1.0\n"


async def test_without_figures_there_is_no_such_page() -> None:
    async with health_page(HERE, 0, saying()) as port:
        with pytest.raises(HTTPError, match="404"):
            await asyncio.to_thread(urlopen, f"http://{HERE}:{port}/metrics")


async def test_another_free_port_is_taken_where_any_will_do() -> None:
    async with (
        health_page(HERE, 0, saying()) as port,
        health_page(HERE, port, saying(), any_port=True) as other,
    ):
        assert other != port
        assert (await asyncio.to_thread(ask_health, HERE, other))[0]
