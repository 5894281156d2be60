"""What the database says about imports, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class ImportState(Enum):
    """Where an import stands; a running one goes on after a restart."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import met.

    Attributes:
        messages: messages read.
        remembered: songs entered.
        known: songs that were remembered already.
        refused: songs whose posters said no.
        unheard: files that could not be heard.
    """

    messages: int = 0
    remembered: int = 0
    known: int = 0
    refused: int = 0
    unheard: int = 0

    def __add__(self, other: ImportCounts) -> ImportCounts:
        return ImportCounts(
            self.messages + other.messages,
            self.remembered + other.remembered,
            self.known + other.known,
            self.refused + other.refused,
            self.unheard + other.unheard,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """The message that shows an import's progress, and the locale it is worded for."""

    channel_id: int
    message_id: int
    locale: str


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one channel; `cursor_id` is the last message done, None before the first."""

    import_id: int
    guild_id: int
    channel_id: int
    started_by: int
    started_at: datetime
    updated_at: datetime
    state: ImportState
    cursor_id: int | None
    counts: ImportCounts
    notice: Notice | None = None
