"""The folder that a host gives the bot, and the files in it that rows name.

They are crops of members' art, and models that servers trained.
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Collection
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


class Files(ABC):
    """Files of one kind, by their names; each is written once and never changes."""

    @abstractmethod
    async def put(self, name: str, content: bytes) -> None:
        """Store a file, before the row that names it.

        Raises:
            OSError, StorageError: there is no room for it.
        """

    @abstractmethod
    async def read(self, name: str) -> bytes:
        """Read a file.

        Raises:
            FileNotFoundError: it is not there.
        """

    @abstractmethod
    async def local(self, name: str) -> Path:
        """Return where a file lies on this machine, for whoever needs a path.

        Raises:
            FileNotFoundError: it is not there.
        """

    @abstractmethod
    async def remove(self, names: Collection[str]) -> None:
        """Remove files that no row names any more; those that are not there count as removed."""

    @abstractmethod
    async def sweep(self, known: Collection[str]) -> None:
        """Remove what a crash left: files that no row names, all but the `known` ones."""


class FolderFiles(Files):
    """Files in a folder beside a database of one process."""

    def __init__(self, folder: Path) -> None:
        """Work in `folder`, which is made where it is missing."""
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, as far as the disk."""
        await asyncio.to_thread(write_durably, self._folder / name, content)

    async def read(self, name: str) -> bytes:
        """Read a file."""
        return await asyncio.to_thread((self._folder / name).read_bytes)

    async def local(self, name: str) -> Path:
        """Return a file's path."""
        path = self._folder / name
        if not await asyncio.to_thread(path.is_file):
            raise FileNotFoundError(path)
        return path

    async def remove(self, names: Collection[str]) -> None:
        """Remove files."""
        for name in names:
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def sweep(self, known: Collection[str]) -> None:
        """Remove all but the known files: nobody else writes here."""
        await self.remove(await asyncio.to_thread(others_in, self._folder, known))


def others_in(folder: Path, known: Collection[str]) -> list[str]:
    """List the files of a folder that are not known; it is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return [path.name for path in folder.iterdir() if path.name not in known]


def write_durably(file: Path, content: bytes) -> None:
    """Write a file that survives a power cut once this returns; `ml.files` does the same there.

    Raises:
        OSError: there is no room, or no permission.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        rename_durably(partial, file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def rename_durably(partial: Path, path: Path) -> None:
    """Rename a finished file in one step, so that it survives a power cut too."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
