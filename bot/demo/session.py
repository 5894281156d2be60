"""Run the bot in a simulated Discord, with a page that shows it.

The page stays simcord's: a script and a style sheet are added to it, with what it lacks (channels,
links to messages, menus), and what the script asks for comes as actions with a header of their own.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import simcord
from aiohttp import web
from simcord import MemberActor
from simcord.backend.access import can_access_channel
from simcord.backend.errors import BackendError, SetupError
from simcord.enums import AppCommandType
from simcord.preview._media import MediaInfo, MediaWorker
from simcord.preview._server import PreviewServer
from simcord.results import ResponseMessage

from bot.demo.server import DemoServer, build_demo_server, create_world
from bot.demo.simcord_patches import (
    describe_pictures_in_embeds,
    let_lessons_run_in_background,
    localised,
    show_names_in_embeds,
)
from bot.discord.client import Usamimi
from bot.errors import StartError
from bot.settings import variable_of

MAX_CACHED = 64  # songs and pictures, about half a megabyte each
FOLLOW_SECONDS = 0.5  # between two looks for messages that changed while nobody pressed anything
MESSAGE_EVENTS = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK")

STATIC = Path(__file__).parent / "static"
OWN_FILES = {"/usamimi.js": "application/javascript", "/usamimi.css": "text/css"}
HEAD = (
    '<link rel="stylesheet" href="/usamimi.css"><script type="module" src="/usamimi.js"></script>'
)
LARGER = (
    "This page takes files up to 10 MiB; on Discord I take larger ones. "
    "このページで選べるのは10 MiBまでです。Discordではもっと大きな曲も聴けます。"
)
REWORDED = {  # simcord's words about a file, which our members read, by the script they are in
    "/commands.js": {"File exceeds the 10 MiB per-file limit.": LARGER},
    "/modal.js": {"${file.name} exceeds the 10 MiB per-file limit.": f"${{file.name}}: {LARGER}"},
}
OWN_ACTION = "X-Usamimi"  # the header that names one


class CachedMediaWorker(MediaWorker):
    """simcord's media worker with a cache of results."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: OrderedDict[tuple[str, float | None], MediaInfo] = OrderedDict()

    async def validate(
        self, key: str, blob: bytes, *, media_time: float | None = None
    ) -> MediaInfo:
        """Return the checked file; `key` is its digest, so equal keys mean equal bytes."""
        info = self._kept.get((key, media_time))
        if info is None:
            info = await super().validate(key, blob, media_time=media_time)
            self._kept[key, media_time] = info
            if len(self._kept) > MAX_CACHED:
                self._kept.popitem(last=False)
        return info


class DemoPageServer(PreviewServer):
    """simcord's server, which also serves our files and answers our actions."""

    _STATIC_FILES: ClassVar[dict[str, str]] = {
        **PreviewServer._STATIC_FILES,
        **dict.fromkeys(OWN_FILES, ""),
    }
    preview: DemoPreview

    async def _static(self, request: web.Request) -> web.Response:
        if request.path not in OWN_FILES:
            response: web.Response = await super()._static(request)
            if request.path == "/" and response.text is not None:
                page = response.text.replace("</head>", f"{HEAD}</head>")
                response.text = page.replace("<title>SimCord Preview<", "<title>usamimi うさ耳<")
            for theirs, ours in REWORDED.get(request.path, {}).items():
                response.text = (response.text or "").replace(theirs, ours)
            return response
        if self.port is None or request.headers.get("Host", "") not in self._allowed_hosts():
            raise web.HTTPForbidden
        text = (STATIC / request.path.removeprefix("/")).read_text(encoding="utf-8")
        return web.Response(
            text=text, content_type=OWN_FILES[request.path], headers=self._SECURITY_HEADERS
        )

    async def _action(self, request: web.Request) -> web.Response:
        own = request.headers.get(OWN_ACTION)
        if own is None:
            response: web.Response = await super()._action(request)
            return response
        context_id = request.headers.get("X-Simcord-Context")
        if not self._authorized(request, context=context_id):
            raise web.HTTPUnauthorized
        body: dict[str, Any] = await request.json()
        try:
            answer = await self.preview.answer(context_id, own, body)
        except (SetupError, BackendError, KeyError, TypeError, ValueError) as error:
            text = type(error).__name__
            return web.json_response({"error": text}, status=400, headers=self._SECURITY_HEADERS)
        return web.json_response(answer, headers=self._SECURITY_HEADERS)


class DemoPreview(simcord.Preview):
    """simcord's page, with a clock that runs, channels, menus, and messages that change."""

    def __init__(self, env: simcord.Env, server: DemoServer, port: int) -> None:
        """Show the demo server at `port`; nothing is served before the page is entered."""
        super().__init__(
            env,
            server.music,
            tuple(server.members.values()),
            layout="channel",
            display="responsive",
            width=960,
            height=720,
            locale="en-US",
            timezone=local_timezone(),
            presentation_time=None,
            assets=server.pictures,
            port=port,
        )
        self._server = DemoPageServer(self, port)
        self._media_worker = CachedMediaWorker()
        self._channels = {channel.id: channel for channel in server.channels}
        self._locales = server.locales
        self._changed = False
        self._republished: dict[str, set[int]] = {}  # by page: revisions that we took over
        env.backend.subscribers.append(self._note_change)

    def _note_change(self, event: str, _: Any) -> None:
        self._changed = self._changed or event in MESSAGE_EVENTS

    def run_clock(self) -> None:
        """Move simcord's clock to the present, so that messages get the time they are sent at."""
        behind = (datetime.now(UTC) - self.env.now()).total_seconds()
        if behind > 0:
            self.env.backend.advance_clock(behind)
        self._advance_presentation_time()

    async def follow(self) -> None:
        """Show what changes between two actions, such as the progress of a lesson, for ever."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            if self._changed and self._active_action is None and self._active:
                self._changed = False
                self.republish()

    def republish(self) -> None:
        """Show what changed without an action; one that was sent just before still counts."""
        self.run_clock()
        for page in self._pages.values():
            self._republished.setdefault(page.id, set()).add(page.revision)
        self._publish_message_pages(reason="refresh")

    async def _action(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        """Run an action; one that was sent just before we republished counts as current."""
        self.run_clock()
        page = self._pages.get(context_id or "")
        if page is not None and body.get("published_revision") in self._republished.pop(
            page.id, set()
        ):
            body = {**body, "published_revision": page.revision}
        result: dict[str, Any] = await super()._action(context_id, body)
        return result

    # What our script asks for

    async def answer(
        self, context_id: str | None, what: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Answer our script.

        Raises:
            SetupError, BackendError, KeyError, TypeError, ValueError: it cannot be done.
        """
        page = self._get_page(context_id)
        match what:
            case "go":
                self._go(page, int(body["channel"]), body.get("message"))
            case "menu":
                await self._run_menu(page, body)
            case "world":
                return self._world(page)
            case _:
                raise ValueError(what)
        return {}

    def _world(self, page: Any) -> dict[str, Any]:  # Any: simcord's page is private
        channels = [
            {"id": str(channel.id), "name": channel.name}
            for channel in self._channels.values()
            if can_access_channel(self.env, channel.id, page.viewer, history=True)
        ]
        return {
            "channels": channels,
            "channel": str(page.channel_id),
            "message_menus": self._menus(page, AppCommandType.MESSAGE),
            "member_menus": self._menus(page, AppCommandType.USER),
        }

    def _menus(self, page: Any, kind: AppCommandType) -> list[dict[str, str]]:
        locale = self._locales.get(page.viewer.id, "en-US")
        offered = self.env.backend.visible_commands(
            user_id=page.viewer.id, channel_id=page.channel_id, type=kind
        )
        original = {command["id"]: command for command in self.env.backend.commands[None].values()}
        return [
            {
                "name": original[command["id"]]["name"],
                "label": localised(original[command["id"]], locale)["name"],
            }
            for command in offered
        ]

    def _go(self, page: Any, channel_id: int, message: str | None) -> None:
        """Show another channel, on every page: simcord's is about one channel at a time."""
        self.channel = self._channels[channel_id]
        self.run_clock()
        for each in tuple(self._pages.values()):
            self._clear_page_assets(each)
            self._reset_queries(each)
            each.channel_id = channel_id
            each.generation += 1
            each.modal = each.modal_handle = None
            each.status = "current"
            wanted = message if each is page else None
            each.target_id = int(wanted) if wanted else None
            each.window_end_id = each.target_id
            self._publish(each, reason="navigation")

    async def _run_menu(self, page: Any, body: Mapping[str, Any]) -> None:
        self.run_clock()
        stored = self.env.backend.get_message(page.channel_id, int(body["message"]))
        target: MemberActor | ResponseMessage = ResponseMessage(self.env, stored)
        if body.get("of_member"):
            target = self._member_handle(page, stored.author_id)
        await page.viewer.context_menu(self.channel, str(body["name"]), target)
        self._publish_message_pages()


def local_timezone() -> str:
    """Return the name of this machine's time zone, UTC where it cannot be told."""
    path = Path("/etc/localtime").resolve().as_posix()
    name = os.environ.get("TZ") or path.partition("zoneinfo/")[2]
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


# How long simcord waits for the bot after a click or a command. Hearing a song takes a second;
# on a busy machine, with others waiting, up to a minute.
ANSWER_SECONDS = 180.0


@asynccontextmanager
async def open_page(bot: Usamimi, port: int) -> AsyncIterator[DemoPreview]:
    """Connect the bot to a Discord inside this process and serve a page of its demo server.

    Args:
        bot: not yet connected.
        port: of this machine, 127.0.0.1 only; 0 picks a free one.

    Raises:
        StartError: the port is taken, or a part of simcord is not installed.
    """
    # Without privileged intents, as on Discord. What goes wrong in the bot is in its own log.
    discord = simcord.run(
        bot, approved_intents=bot.intents, settle_timeout=ANSWER_SECONDS, check_errors=False
    )
    # Before the bot connects, so that it finds the server it was in at the last start.
    world = create_world(discord._env)
    with (
        let_lessons_run_in_background(),
        show_names_in_embeds(),
        describe_pictures_in_embeds(),
    ):
        async with discord as env:
            page = DemoPreview(env, await build_demo_server(env, world), port)
            await _enter(page, port)
            following = asyncio.create_task(page.follow(), name="page")
            try:
                yield page
            finally:
                following.cancel()
                await page.close()


async def _enter(page: simcord.Preview, port: int) -> None:
    try:
        await page.__aenter__()
    except simcord.SetupError as error:
        if isinstance(error.__cause__, OSError):
            name, problem = variable_of("page_port"), os.strerror(error.__cause__.errno or 0)
            raise StartError(f"{name} {port}: {problem}; set another, or 0 for any") from error
        raise StartError(str(error)) from error
