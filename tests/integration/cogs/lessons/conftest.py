"""Lessons that begin at once, however busy the machine is that tests them."""

import pytest

from bot.discord import ui
from bot.lessons import runner as lesson_runner


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits need not wait for each other, nor lessons for an idle processor."""
    monkeypatch.setattr(ui, "EDIT_SECONDS", 0.0)
    monkeypatch.setattr(lesson_runner, "NICENESS", 0)
