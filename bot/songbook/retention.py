"""Forgetting by age, and leaving nothing behind on the disk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot.songbook.service import Songbook
from storage.database import Database
from storage.jobs import Jobs

log = structlog.stdlib.get_logger(__name__)

KEEP_LESSONS = timedelta(days=30)  # after they ended; what they made stays


class Retention:
    """Knows how long songs and ended lessons are kept."""

    def __init__(
        self,
        songbook: Songbook,
        database: Database,
        keep_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep songs for `keep_days`, 0 for as long as their messages.

        `now` tells the time.
        """
        self._songbook = songbook
        self._database = database
        self._jobs = Jobs(database, now)
        self._keep_days = keep_days
        self._now = now

    async def sweep(self) -> int:
        """Forget what is too old; gives how many songs that were.

        Raises:
            StorageError: the database could not do it.
        """
        forgotten = 0
        if self._keep_days:
            oldest = self._now() - timedelta(days=self._keep_days)
            forgotten = await self._songbook.forget_older_than(oldest)
            log.info("swept", forgotten=forgotten, days=self._keep_days)
        await self._jobs.forget_older_than(KEEP_LESSONS)
        await self._database.tidy()
        return forgotten
