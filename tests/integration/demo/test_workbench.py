"""What the local page adds to simcord's: languages, names, channels, menus, a clock."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.app import make_bot
from bot.demo import server
from bot.demo.session import DemoPreview, open_page
from bot.demo.simcord_patches import localised
from bot.services import Services
from cogs.help import HelpCog


@asynccontextmanager
async def opened_page(services: Services) -> AsyncIterator[DemoPreview]:
    """Serve the page; in the test's own task, as simcord's context variables belong to it."""
    settings = services.settings.model_copy(update={"message_content": True})
    async with open_page(make_bot(replace(services, settings=settings)), 0) as opened:
        yield opened


@pytest.fixture(autouse=True)
def few_songs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Post only the songs that can be heard by one press: they are listened to for each page."""
    posts = tuple(post for post in server.POSTS if post.title in server.READY_SONGS)
    monkeypatch.setattr(server, "POSTS", posts)


class Visitor:
    """A browser's page, driven as simcord's own script does."""

    def __init__(self, preview: DemoPreview, name: str = "alice") -> None:
        self.preview = preview
        (viewer,) = (each for each in preview.viewers if each.user.name == name)
        self.page = preview._open_page(viewer.id)

    @property
    def messages(self) -> list[dict[str, Any]]:
        shown = self.preview._page_payload(self.page)
        return [shown["messages"][key] for key in shown["timeline"]]

    async def act(self, kind: str, **body: Any) -> dict[str, Any]:
        page = self.page
        envelope = {
            "protocol_version": 3,
            "sequence": page.last_sequence + 1,
            "request_id": secrets.token_hex(4),
            "generation": page.generation,
            "bot_generation": self.preview.env._generation,
            "published_revision": page.revision,
            "kind": kind,
            **body,
        }
        return await self.preview._action(page.id, envelope)

    async def run(self, invocation: str, **options: Any) -> dict[str, Any]:
        (entry,) = (
            e for e in self.page.command_catalog["entries"] if e["invocation"] == invocation
        )
        return await self.act(
            "run_command",
            command_id=entry["commandId"],
            path=entry["path"],
            schema_fingerprint=entry["schemaFingerprint"],
            options=options,
        )

    async def press(self, label: str) -> dict[str, Any]:
        for message in reversed(self.messages):
            for row in message["components"]:
                for item in row.get("components", []):
                    if item.get("label") == label:
                        return await self.act(
                            "click", control_key=item["control_key"], target_id=message["id"]
                        )
        raise AssertionError(label)


def texts(tokens: Any) -> str:
    """All text and labels in a tree of simcord's tokens."""
    if isinstance(tokens, list):
        return "".join(map(texts, tokens))
    return f"{tokens.get('content') or ''}{tokens.get('label') or ''}" + texts(
        tokens.get("children") or []
    )


async def test_one_press_hears_a_ready_song(services: Services) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview)
        receipt = await visitor.press("▶ Redline")
        assert receipt["settlement"] == "settled"
        assert visitor.messages[-1]["embeds"][0]["title"] == "Redline"


async def test_a_japanese_member_is_offered_japanese_commands_and_they_work(
    services: Services,
) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview, "yuki")
        names = {entry["invocation"] for entry in visitor.page.command_catalog["entries"]}
        assert {"ジャンル", "ソングブック 地図", "プライバシー 見る"} <= names
        receipt = await visitor.run("アバター", シード="月")
        assert receipt["settlement"] == "settled"
        assert "月" in visitor.messages[-1]["embeds"][0]["description"]
        english = Visitor(preview)
        assert "genre" in {entry["invocation"] for entry in english.page.command_catalog["entries"]}


async def test_members_are_named_in_embeds(services: Services) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview)
        await visitor.run("songbook stats")
        fields = visitor.messages[-1]["embeds"][0]["fields"]
        shown = "".join(texts(field["value_tokens"]) for field in fields)
        assert "@ゆき" in shown
        assert "<@" not in shown


async def test_the_clock_runs(services: Services) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview)
        behind = preview.env.backend.clock.now()
        await visitor.act("send_message", content="now")
        sent = datetime.fromisoformat(visitor.messages[-1]["timestamp"])
        assert sent >= behind
        assert abs(datetime.now(UTC) - sent) < timedelta(seconds=30)


async def test_other_channels_are_reached_and_used(services: Services) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview)
        world = await preview.answer(visitor.page.id, "world", {})
        assert [channel["name"] for channel in world["channels"]] == [
            "music",
            "general",
            "bot-talk",
        ]
        general = world["channels"][1]["id"]
        await preview.answer(visitor.page.id, "go", {"channel": general})
        assert visitor.preview._page_payload(visitor.page)["channel"]["name"] == "general"
        await visitor.act("send_message", content="hello there")
        assert [message["content"] for message in visitor.messages] == ["hello there"]


async def test_a_link_from_another_channel_opens_at_its_message(services: Services) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview)
        first = visitor.messages[0]
        world = await preview.answer(visitor.page.id, "world", {})
        await preview.answer(visitor.page.id, "go", {"channel": world["channels"][1]["id"]})
        link = {"channel": first["channel_id"], "message": first["id"]}
        await preview.answer(visitor.page.id, "go", link)
        assert preview._page_payload(visitor.page)["targetId"] == first["id"]


async def test_menus_of_messages_and_members_answer(services: Services) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview, "yuki")
        world = await preview.answer(visitor.page.id, "world", {})
        assert {menu["label"] for menu in world["message_menus"]} == {
            "ジャンル",
            "似た曲",
            "この曲を記憶する",
        }
        assert [menu["label"] for menu in world["member_menus"]] == ["うどんげ化"]
        post = next(message for message in visitor.messages if message["attachments"])
        await preview.answer(visitor.page.id, "menu", {"name": "Genre", "message": post["id"]})
        answer = visitor.messages[-1]
        assert answer["ephemeral"]
        assert "聴いて判定" in answer["embeds"][0]["footer"]["text"]


async def test_work_in_the_background_does_not_keep_the_page(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened_page(services) as preview:
        ended = asyncio.Event()
        tasks = []

        async def begin_a_lesson(_: HelpCog, interaction: discord.Interaction) -> None:
            tasks.append(asyncio.create_task(ended.wait(), name="lessons genre"))
            await interaction.response.send_message("begun", ephemeral=True)

        monkeypatch.setattr(HelpCog, "help_pressed", begin_a_lesson)
        visitor = Visitor(preview)
        async with asyncio.timeout(30):
            receipt = await visitor.press("What can you do?")
            again = await visitor.act("send_message", content="still here")
        assert (receipt["settlement"], again["settlement"]) == ("settled", "settled")
        assert not tasks[0].done()
        ended.set()


async def test_what_changes_meanwhile_is_shown_and_a_press_at_that_moment_counts(
    services: Services,
) -> None:
    async with opened_page(services) as preview:
        visitor = Visitor(preview)
        seen = visitor.page.revision
        bot = preview.env.bot
        channel = bot.get_channel(visitor.page.channel_id)
        assert isinstance(channel, discord.TextChannel)
        await channel.send("by the way")
        async with asyncio.timeout(30):
            while visitor.page.revision == seen:  # noqa: ASYNC110  # as a browser polls
                await asyncio.sleep(0.1)
        assert visitor.messages[-1]["content"] == "by the way"
        receipt = await visitor.act("send_message", content="at once", published_revision=seen)
        assert receipt["settlement"] == "settled"


async def test_portraits_are_kept_for_the_next_start(services: Services) -> None:
    async with open_page(make_bot(services), 0) as first:
        visitor = Visitor(first)
        await visitor.run("avatar", seed="moon")
        await visitor.press("Save")
    async with open_page(make_bot(services), 0) as second:
        visitor = Visitor(second)
        await visitor.run("gallery")
        assert "1 portrait" in visitor.messages[-1]["embeds"][0]["footer"]["text"]


async def test_our_script_is_on_the_page(services: Services) -> None:
    async with opened_page(services) as preview:
        address = preview.url.partition("#")[0]
        async with aiohttp.ClientSession() as browser:
            async with browser.get(address) as response:
                assert "/usamimi.js" in await response.text()
            for name, kind in (
                ("usamimi.js", "application/javascript"),
                ("usamimi.css", "text/css"),
            ):
                async with browser.get(address + name) as response:
                    assert response.status == 200
                    assert response.content_type == kind


async def test_the_page_says_that_only_here_files_are_limited_so(services: Services) -> None:
    async with opened_page(services) as preview:
        address = preview.url.partition("#")[0]
        async with aiohttp.ClientSession() as browser:
            for name in ("commands.js", "modal.js"):
                async with browser.get(address + name) as response:
                    script = await response.text()
                assert "on Discord I take larger ones" in script
                assert "per-file limit" not in script


def test_a_command_without_a_translation_keeps_its_name() -> None:
    command = {"name": "a", "name_localizations": None, "options": [{"name": "b"}]}
    assert localised(command, "ja") == command
