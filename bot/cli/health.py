"""`python -m bot health`: ask the running bot how it is."""

from __future__ import annotations

import argparse

from bot.health import ask_health
from bot.settings import Settings


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Print the health page's answer; return 0 when everything is well, else 1."""
    healthy, answer = ask_health(settings.health_host, settings.health_port)
    print(answer)  # noqa: T201
    return 0 if healthy else 1
