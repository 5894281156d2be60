"""Answers of Discord's API, to the letter."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web


def reply(
    data: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with JSON; Discord names no character set, and discord.py compares the whole word."""
    kind = {"Content-Type": "application/json"}
    return web.Response(
        body=json.dumps(data).encode(), status=status, headers=kind | dict(headers or {})
    )


def refusal(status: int, code: int) -> web.Response:
    """Answer with an error; `code` is Discord's own."""
    return reply({"message": f"error {code}", "code": code}, status)
