"""Hear songs: decoded in a child process, embedded one after the other, off the event loop.

When a song is heard is decided in `bot.listening.admission` alone; where, by what
`ListeningService` is given: `SongInference` hears here, `bot.workers.client` asks others.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from bot.concurrency import Executors
from bot.listening.admission import Admission
from bot.listening.titles import tagged_title
from ml.audio.errors import EmptyFileError, FileTooLargeError

if TYPE_CHECKING:
    from ml.audio.excerpts import Excerpts
    from ml.music.hearing import Hearing, SimilarityScale


class Decodes(Protocol):
    """Decodes one file, in a sandbox; blocking and safe to call from several threads."""

    def decode(self, data: bytes) -> Excerpts:
        """Return the excerpts or raise an `AudioError`."""


class Hears(Protocol):
    """Hears a song; blocking.

    Attributes:
        model: name and version of what hears.
        scale: how its vectors are compared.
    """

    model: str
    scale: SimilarityScale

    def hear(self, excerpts: Excerpts) -> Hearing:
        """Return what is heard in a song."""


class HearsSongs(Protocol):
    """Hears a whole file, here (`SongInference`) or elsewhere (`bot.workers.client`).

    Attributes:
        model: name and version of the music model.
        scale: how its vectors are compared.
    """

    model: str
    scale: SimilarityScale

    async def hear(self, data: bytes, guild_id: int | None, *, background: bool) -> Hearing:
        """Return the hearing of a file of a server; raise an `AudioError`."""

    async def answers(self) -> None:
        """Return once what hears has had a moment; raise where it is not there."""


class SongInference:
    """Hears songs in this process: decoded in a child, embedded one after the other.

    Attributes:
        model: name and version of the music model.
        scale: how its vectors are compared.
    """

    def __init__(self, decoder: Decodes, music_model: Hears, executors: Executors) -> None:
        """Join the parts.

        Args:
            decoder: turns bytes into excerpts.
            music_model: turns excerpts into hearings.
            executors: run torch, and wait for the decoding children.
        """
        self.model = music_model.model
        self.scale = music_model.scale
        self._decode = decoder.decode
        self._embed = music_model.hear
        self._decoders = executors.decode
        self._torch = executors.torch

    async def hear(self, data: bytes, guild_id: int | None, *, background: bool) -> Hearing:
        """Decode a file and embed it.

        Raises:
            AudioError: the song cannot be heard, and why.
        """
        loop = asyncio.get_running_loop()
        excerpts = await loop.run_in_executor(self._decoders, self._decode, data)
        # One by one: a song costs no less in company, and would wait for it.
        hearing = await loop.run_in_executor(self._torch, self._embed, excerpts)
        return replace(hearing, title=tagged_title(excerpts.title, excerpts.artist))

    async def answers(self) -> None:
        """Return once the thread of torch has had a moment."""
        await asyncio.get_running_loop().run_in_executor(self._torch, int)


class ListeningService:
    """Turns a file's bytes into a `Hearing`.

    Attributes:
        model: name and version of the music model.
        scale: how vectors of that model are compared.
        max_bytes: the largest file that is heard.
        admission: slots and turns; hold a slot around fetching and hearing a song.
    """

    def __init__(self, songs: HearsSongs, admission: Admission, *, max_bytes: int) -> None:
        """Join the parts.

        Args:
            songs: turns bytes into hearings.
            admission: decides when.
            max_bytes: the largest file that is heard.
        """
        self.model = songs.model
        self.scale = songs.scale
        self.max_bytes = max_bytes
        self.admission = admission
        self._songs = songs

    def check_size(self, size_bytes: int) -> None:
        """Refuse a file by its size, announced or real.

        Raises:
            FileTooLargeError: over the limit.
            Empty: no bytes.
        """
        if size_bytes > self.max_bytes:
            raise FileTooLargeError(size_bytes, self.max_bytes)
        if size_bytes == 0:
            raise EmptyFileError

    async def answers(self) -> None:
        """Return once what hears has had a moment."""
        await self._songs.answers()

    async def hear(
        self, data: bytes, guild_id: int | None = None, *, background: bool = False
    ) -> Hearing:
        """Hear one song in its server's turn.

        Args:
            data: the whole file.
            guild_id: the server whose turn it takes; None for direct messages.
            background: nobody waits for it, so it comes after every song that somebody waits for.

        Raises:
            AudioError: the song cannot be heard, and why.
            WorkersAwayError: nothing is there to hear it; never for background.
        """
        self.check_size(len(data))
        async with self.admission.turns.turn(guild_id, background=background):
            return await self._songs.hear(data, guild_id, background=background)
