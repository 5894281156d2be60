"""Where everything lies that the bot stores."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATABASE_NAME = "usamimi.db"
ART, MODELS, LESSONS = "art", "models", "lessons"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder that a host gives the bot.

    What lies in `art` and `models` is written once and never changes; the database says which of it
    belongs to something. What lies in `lessons` can be made again.
    """

    path: Path

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.path / DATABASE_NAME

    @property
    def art(self) -> Path:
        """Crops of what members handed over."""
        return self.path / ART

    @property
    def models(self) -> Path:
        """Models that servers trained."""
        return self.path / MODELS

    @property
    def lessons(self) -> Path:
        """Where lessons work, each in a folder of its own."""
        return self.path / LESSONS
