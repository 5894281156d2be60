"""Whether what the bot stands on holds: the model answers, the database can be written."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

from storage.database import Database

PATIENCE_SECONDS = 4.0  # less than whoever asks for the health page waits


class Answers(Protocol):
    """Something whose thread may be stuck."""

    async def answers(self) -> None:
        """Return once the thread has had a moment."""


class Soundness:
    """Looks at database and model when asked."""

    def __init__(self, database: Database, ear: Answers) -> None:
        """Look at these."""
        self._database = database
        self._ear = ear

    async def look(self) -> Mapping[str, bool]:
        """Tell of each whether it is well; no answer in `PATIENCE_SECONDS` is an answer too."""
        model, database = await asyncio.gather(
            _holds(self._ear.answers()), _holds(self._database.prove_writable())
        )
        return {"model": model, "database": database}


async def _holds(work: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # it is told below
    await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
    return task.done() and task.exception() is None
