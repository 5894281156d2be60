"""Contributions: what members hand over for lessons, and take back."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog

from bot.lessons.art_crops import CropsArt, CutOut
from bot.lessons.errors import HearingGone, KnownAlready, NoFace, TooMuchGiven
from bot.lessons.genre_names import genre_from, same_genre
from bot.listening.service import ListeningService
from ml.music.hearing import Hearing
from storage.contributions import Contributions as StoredContributions
from storage.lesson_values import Contribution, Matter

log = structlog.stdlib.get_logger(__name__)

MOST_HEARINGS = 500  # answers of `/genre` that can still be put right, the last ones
MOST_A_MEMBER = 1000  # songs, and as many crops, of a member in a server


@dataclass(frozen=True, slots=True)
class Giver:
    """Who hands something over, and where."""

    guild_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class GivenArt:
    """What became of a picture: crops kept, crops known before, and why others were refused."""

    kept: int
    known: int
    refused: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What is kept of a hearing; the hearing itself holds a picture a hundred times as large."""

    giver: Giver
    title: str
    content: bytes
    model: str
    vector: npt.NDArray[np.float32]
    shares: Mapping[str, float]

    @classmethod
    def of(cls, giver: Giver, title: str, content: bytes, hearing: Hearing) -> _Heard:
        return cls(giver, title, content, hearing.model, hearing.vector.copy(), hearing.genres)


class ContributionService:
    """Keeps what members hand over, after they agreed: songs as numbers, art as crops."""

    def __init__(
        self,
        stored: StoredContributions,
        listening: ListeningService,
        crops: CropsArt,
        folder: Path,
        gone: Callable[[Collection[Contribution]], None] = lambda _: None,
    ) -> None:
        """Join the parts.

        Args:
            stored: where contributions are kept.
            listening: hears songs.
            crops: cuts faces out of pictures.
            folder: holds the crops.
            gone: told what was taken back, so that lessons under way can begin anew.
        """
        self._stored = stored
        self._listening = listening
        self._crops = crops
        self._folder = folder
        self.gone = gone
        self._heard: OrderedDict[str, _Heard] = OrderedDict()

    # Songs

    async def give_song(
        self, giver: Giver, data: bytes, *, title: str, genre: str, artist: str = ""
    ) -> Contribution:
        """Hear a song and keep how it sounds, in numbers, under the genre its giver names.

        Raises:
            AudioError, TooBusy: it cannot be heard.
            NoGenreName, KnownAlready, TooMuchGiven: it cannot be kept.
        """
        genre = genre_from(genre)
        hearing = await self._listening.hear(data, giver.guild_id)
        content = await asyncio.to_thread(lambda: sha256(data).digest())
        return await self._keep_song(_Heard.of(giver, title, content, hearing), genre, artist)

    def note(self, giver: Giver, title: str, hearing: Hearing) -> str:
        """Keep an answer of `/genre` in mind, for its asker to put right; gives its ticket.

        Only in memory: nothing is kept of a song before its giver agreed.
        """
        ticket = secrets.token_hex(6)
        content = sha256(hearing.vector.tobytes()).digest()  # the file is gone by now
        self._heard[ticket] = _Heard.of(giver, title, content, hearing)
        while len(self._heard) > MOST_HEARINGS:
            self._heard.popitem(last=False)
        return ticket

    async def put_right(self, giver: Giver, ticket: str, genre: str) -> Contribution:
        """Keep a song under the genre that its asker says it is.

        Raises:
            HearingGone: it is out of mind, or somebody else's.
            NoGenreName, KnownAlready, TooMuchGiven: it cannot be kept.
        """
        heard = self._heard.get(ticket)
        if heard is None or heard.giver != giver:
            raise HearingGone
        return await self._keep_song(heard, genre_from(genre), corrected=True)

    async def genres(self, guild_id: int) -> tuple[str, ...]:
        """List the genres that a server's contributions were given, most frequent first."""
        return await self._stored.labels(guild_id)

    async def _keep_song(
        self, heard: _Heard, genre: str, artist: str = "", *, corrected: bool = False
    ) -> Contribution:
        giver = heard.giver
        await self._check_room(giver, Matter.SONG)
        kept = await self._stored.keep(
            Contribution(
                giver.guild_id,
                giver.member_id,
                Matter.SONG,
                heard.title,
                heard.content,
                label=same_genre(genre, await self.genres(giver.guild_id)),
                artist=" ".join(artist.split())[:100],
                corrected=corrected,
                model=heard.model,
                vector=heard.vector,
                shares=heard.shares,
            )
        )
        if kept is None:
            raise KnownAlready
        return kept

    # Art

    async def give_art(
        self, giver: Giver, data: bytes, *, title: str, artist: str = ""
    ) -> GivenArt:
        """Keep the faces of a picture, as crops.

        Raises:
            PictureError, TooManyPortraits: it cannot be opened, and why.
            NoFace, KnownAlready, TooMuchGiven: nothing of it can be kept.
            OSError: there is no room for it.
        """
        await self._check_room(giver, Matter.ART)
        cut = await self._crops.cut(data)
        if not cut.crops:
            raise NoFace(cut.refused)
        kept = 0
        for number, crop in enumerate(cut.crops):
            name = title if len(cut.crops) == 1 else f"{title} ({number + 1})"
            kept += await self._keep_crop(giver, name, " ".join(artist.split())[:100], crop)
        if not kept:
            raise KnownAlready
        return GivenArt(kept, len(cut.crops) - kept, dict(cut.refused))

    async def _keep_crop(self, giver: Giver, title: str, artist: str, crop: CutOut) -> bool:
        file = f"{secrets.token_hex(16)}.png"
        await asyncio.to_thread(_write, self._folder / file, crop.png)
        given = Contribution(
            giver.guild_id,
            giver.member_id,
            Matter.ART,
            title,
            crop.content,
            artist=artist,
            file=file,
        )
        try:
            kept = await self._stored.keep(given)
        except BaseException:
            await self._remove([file])
            raise
        if kept is None:
            await self._remove([file])
        return kept is not None

    async def crop(self, contribution: Contribution) -> bytes | None:
        """Read the crop of a contribution, a PNG; None when its file is gone."""
        file = self._folder / contribution.file
        try:
            return await asyncio.to_thread(file.read_bytes)
        except OSError:
            log.warning("a crop is gone", contribution=contribution.contribution_id)
            return None

    def crop_file(self, contribution: Contribution) -> Path:
        """Tell where the crop of a contribution is."""
        return self._folder / contribution.file

    # Both

    async def of_server(self, guild_id: int, matter: Matter) -> tuple[Contribution, ...]:
        """List a server's contributions of one kind, the oldest first."""
        return await self._stored.of_server(guild_id, matter)

    async def of_member(
        self, member_id: int, guild_id: int | None = None
    ) -> tuple[Contribution, ...]:
        """List what a member handed over, in one server or in all, the oldest first."""
        return await self._stored.of_member(member_id, guild_id)

    async def existing(self, contribution_ids: Collection[int]) -> frozenset[int]:
        """Tell which of these were not taken back."""
        return await self._stored.existing(contribution_ids)

    async def take_back(
        self, member_id: int, contribution_ids: Collection[int] | None = None
    ) -> tuple[Contribution, ...]:
        """Delete what a member handed over, these or all: rows, crops, and what is in mind.

        Models that learned from it are marked; lessons that learn from it begin anew without it.
        """
        gone = await self._stored.take_back(member_id, contribution_ids)
        await self._remove([each.file for each in gone if each.file])
        contents = {each.content for each in gone}
        for ticket, heard in list(self._heard.items()):
            everything = contribution_ids is None and heard.giver.member_id == member_id
            if everything or heard.content in contents:
                del self._heard[ticket]
        self.gone(gone)
        return gone

    async def sweep(self) -> None:
        """Remove crops of no contribution: left by a crash, or by a server that is gone."""
        known = await self._stored.files()
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        there = await asyncio.to_thread(lambda: [path.name for path in self._folder.iterdir()])
        await self._remove([name for name in there if name not in known])

    async def _check_room(self, giver: Giver, matter: Matter) -> None:
        given = await self._stored.of_member(giver.member_id, giver.guild_id)
        if sum(each.matter is matter for each in given) >= MOST_A_MEMBER:
            raise TooMuchGiven(MOST_A_MEMBER)

    async def _remove(self, names: Collection[str]) -> None:
        for name in names:
            await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)


def _write(file: Path, data: bytes) -> None:
    """Write a file whole or not at all; it survives a power cut once this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part")
    try:
        with partial.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
