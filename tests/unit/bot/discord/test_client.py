"""The client before it connects."""

import logging

import pytest

from bot.discord.client import Usamimi
from bot.discord.requests import RequestGate


async def test_a_start_does_not_warn_of_voice_which_the_bot_never_uses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, logger="discord"):
        Usamimi([], RequestGate())
    assert caplog.messages == []
