"""Serve simcord's page with what it lacks: channels, links to messages, menus.

The page stays simcord's: a script and a style sheet are added to it, and what the script asks for
comes as actions with a header of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from aiohttp import web
from simcord.backend.errors import BackendError, SetupError
from simcord.preview._server import PreviewServer

if TYPE_CHECKING:
    from bot.demo.session import DemoPreview

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
