"""Lessons that begin at once, however busy the machine is that tests them."""

import pytest

from bot.lessons import process as lesson_process
from cogs.lessons import _message as _board


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits need not wait for each other, nor lessons for an idle processor."""
    monkeypatch.setattr(_board, "EDIT_SECONDS", 0.0)
    monkeypatch.setattr(lesson_process, "NICENESS", 0)
