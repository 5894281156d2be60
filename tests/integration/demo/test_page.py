"""The local page from outside: what it prints, that it answers, how it stops."""

import asyncio
import sys

import aiohttp
import pytest

from bot.app import make_bot
from bot.demo import serve_page
from bot.demo.session import open_page
from bot.errors import StartError
from bot.services import Services
from bot.settings import Settings


async def test_the_page_answers_at_its_address(services: Services) -> None:
    async with open_page(make_bot(services), 0) as page, aiohttp.ClientSession() as browser:
        assert page.url.startswith("http://127.0.0.1:")
        async with browser.get(page.url) as response:
            assert response.status == 200
            assert "text/html" in response.headers["Content-Type"]


async def test_the_page_shows_the_posted_songs_and_what_to_do(services: Services) -> None:
    async with open_page(make_bot(services), 0) as page:
        shown = await page.snapshot()
    messages = [shown["messages"][key] for key in shown["timeline"]]
    assert "/genre" in messages[-1]["content"]
    assert [button["label"] for button in messages[-1]["components"][0]["components"]] == [
        "▶ Redline",
        "▶ 雨あがりの改札",
        "▶ Porch Light",
        "What can you do?",
    ]
    songs = [file for message in messages for file in message["attachments"]]
    assert len(songs) >= 6
    assert all(song["available"] for song in songs)


async def test_a_taken_port_names_its_variable(services: Services) -> None:
    async with open_page(make_bot(services), 0) as page:
        port = int(page.url.split(":")[2].split("/")[0])
    holder = await asyncio.start_server(lambda _, __: None, "127.0.0.1", port)
    async with holder:
        with pytest.raises(StartError, match=f"USAMIMI_PAGE_PORT {port}: Address already in use"):
            async with open_page(make_bot(services), port):
                pass


async def test_without_its_extra_the_page_says_what_to_install(
    services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("session", "server"):
        monkeypatch.delitem(sys.modules, f"bot.demo.{module}")
    monkeypatch.setitem(sys.modules, "immich_memories_music", None)
    with pytest.raises(StartError, match=r"pip install '\.\[page\]'"):
        await serve_page(lambda: make_bot(services), settings)
