"""What members contribute to lessons: their consent, songs as numbers, art as crops."""

from __future__ import annotations

import asyncio
import io
import secrets
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import numpy as np
import numpy.typing as npt
import structlog
from PIL import Image

from bot.errors import TooShortError
from bot.lessons.errors import (
    AlreadyContributedError,
    ContributionLimitError,
    GenreNameError,
    HearingGoneError,
    NoFaceError,
)
from bot.listening.service import ListeningService
from bot.portraits.uploads import ImageUploads, Picture
from ml.audio.activity import LEAST_SECONDS_OF_SOUND
from ml.avatar.faces import Refusal, look
from ml.music.hearing import Hearing
from ml.music.taxonomy import FAMILIES, STYLES
from storage.erasure import Erased, Scope, ScopeKind
from storage.files import Files
from storage.lessons import Contribution, Contributions, Matter
from storage.members import Consents

log = structlog.stdlib.get_logger(__name__)

MAX_HEARINGS = 500  # answers of `/genre` that can still be corrected, the last ones
MAX_PER_MEMBER = 1000  # songs, and as many crops, of a member in a server
ARTIST_LIMIT = 100  # characters
NAME_LIMIT = 40  # characters of a genre: it stands in pictures, in choices and above bars
WORDING = 2  # raised whenever the text changes in meaning, so that everybody is asked again
SPELLINGS = {key.replace("_", ""): key for key in (*FAMILIES, *STYLES)}  # "Synth-Pop"
REFUSAL_CODES = {
    Refusal.NO_FACE: "no_face",
    Refusal.TOO_SMALL: "too_small",
    Refusal.CUT_OFF: "cut_off",
    Refusal.DUPLICATE: "duplicate",
}


@dataclass(frozen=True, slots=True)
class Giver:
    """Who contributes something, and where."""

    guild_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class GivenArt:
    """What became of a picture: crops stored, crops known before, why others were refused."""

    stored: int
    known: int
    refused: dict[str, int]


@dataclass(frozen=True, slots=True)
class FaceCrop:
    """One face: a PNG, and the SHA-256 of its pixels."""

    png: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class CutFaces:
    """The faces of a picture, and why others were refused: a code -> how many."""

    crops: tuple[FaceCrop, ...]
    refused: Mapping[str, int]


class CropsArt(Protocol):
    """Cuts faces out of a member's file."""

    async def cut(self, data: bytes) -> CutFaces:
        """Open a picture and cut out its faces.

        Raises:
            PictureError, TooManyPortraitsError: it cannot be opened, and why.
        """


class FaceCrops:
    """Decodes files in a confined child and cuts out drawn faces."""

    def __init__(self, pictures: ImageUploads) -> None:
        """Decode files by `pictures`, which must leave them whole."""
        self._pictures = pictures

    async def cut(self, data: bytes) -> CutFaces:
        """Open a picture and cut out its faces.

        Raises:
            PictureError, TooManyPortraitsError: it cannot be opened, and why.
        """
        picture = await self._pictures.read(data)
        return await asyncio.to_thread(_cut, picture)


def _cut(picture: Picture) -> CutFaces:
    found = look(Image.fromarray(picture))
    refused = Counter(REFUSAL_CODES.get(each, "other") for each in found.refused)
    return CutFaces(tuple(_cut_out(crop.picture) for crop in found.kept), dict(refused))


def _cut_out(crop: Image.Image) -> FaceCrop:
    file = io.BytesIO()
    crop.save(file, "PNG")
    return FaceCrop(file.getvalue(), sha256(crop.tobytes()).digest())


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What is stored of a hearing, which itself holds a picture a hundred times as large."""

    giver: Giver
    title: str
    content: bytes
    model: str
    vector: npt.NDArray[np.float32]
    shares: Mapping[str, float]
    song_id: int | None = None  # where it is remembered

    @classmethod
    def of(
        cls,
        giver: Giver,
        title: str,
        content: bytes,
        hearing: Hearing,
        song_id: int | None = None,
    ) -> _Heard:
        vector = hearing.vector.copy()
        return cls(giver, title, content, hearing.model, vector, hearing.genres, song_id)


class LabelsSongs(Protocol):
    """Names remembered songs after contributions."""

    async def set_label(self, guild_id: int, song_id: int, contribution_id: int) -> bool:
        """Name a song; return False when it is no longer remembered."""


class ConsentService:
    """Records who agreed to the present text.

    Attributes:
        stored: the table, for whoever only reads.
    """

    def __init__(self, consents: Consents) -> None:
        """Work on `consents`."""
        self.stored = consents

    async def agreed(self, guild_id: int, member_id: int) -> bool:
        """Return whether a member agreed, in this server, to the text as it reads now."""
        consent = await self.stored.find(guild_id, member_id)
        return consent is not None and consent.wording == WORDING

    async def agree(self, guild_id: int, member_id: int) -> None:
        """Record that a member agreed, in this server, to the text as it reads now."""
        await self.stored.agree(guild_id, member_id, WORDING)


class ContributionStore:
    """Reads what members contributed, for lessons.

    Attributes:
        stored: the table, for whoever only reads.
    """

    def __init__(self, stored: Contributions, files: Files) -> None:
        """Work on `stored` and on the crops in `files`."""
        self.stored = stored
        self._files = files

    async def crop(self, contribution: Contribution) -> bytes | None:
        """Read the crop of a contribution, a PNG; None when its file is gone."""
        try:
            return await self._files.read(contribution.file)
        except OSError:
            log.warning("crop_missing", contribution=contribution.contribution_id)
            return None

    async def sweep(self) -> None:
        """Remove crops of no contribution: left by a crash, or by a server that is gone."""
        await self._files.sweep(await self.stored.files())


class ContributionService(ContributionStore):
    """Stores what members contribute, after they agreed: songs as numbers, art as crops."""

    def __init__(
        self,
        stored: Contributions,
        listening: ListeningService,
        crops: CropsArt,
        files: Files,
        songs: LabelsSongs,
    ) -> None:
        """Join the parts.

        Args:
            stored: the table of contributions.
            listening: listens to songs.
            crops: cuts faces out of pictures.
            files: holds the crops.
            songs: names remembered songs that are corrected.
        """
        super().__init__(stored, files)
        self._listening = listening
        self._crops = crops
        self._songs = songs
        self._heard: OrderedDict[str, _Heard] = OrderedDict()

    async def give_song(
        self, giver: Giver, data: bytes, *, title: str, genre: str, artist: str = ""
    ) -> Contribution:
        """Listen to a song and store its numbers under the genre its giver names.

        Raises:
            AudioError, TooBusyError: it cannot be heard.
            TooShortError: there is too little sound to learn from.
            GenreNameError, AlreadyContributedError, ContributionLimitError: it cannot be stored.
        """
        genre = genre_from(genre)
        hearing = await self._listening.hear(data, giver.guild_id)
        if hearing.too_short:
            raise TooShortError(LEAST_SECONDS_OF_SOUND)
        content = await asyncio.to_thread(lambda: sha256(data).digest())
        heard = _Heard.of(giver, hearing.title or title, content, hearing)
        return await self._store_song(heard, genre, artist)

    def note(self, giver: Giver, title: str, hearing: Hearing, song_id: int | None = None) -> str:
        """Hold an answer of `/genre` in memory, for its asker to correct; return its ticket.

        Nothing is stored of a song before its giver agreed.

        Args:
            giver: who asked.
            title: of the song.
            hearing: what was heard.
            song_id: the remembered song, which a correction names; None: it is not remembered.
        """
        ticket = secrets.token_hex(6)
        content = sha256(hearing.vector.tobytes()).digest()  # the file is gone by now
        self._heard[ticket] = _Heard.of(giver, title, content, hearing, song_id)
        while len(self._heard) > MAX_HEARINGS:
            self._heard.popitem(last=False)
        return ticket

    async def correct(self, giver: Giver, ticket: str, genre: str) -> Contribution:
        """Store a song under the genre that its asker says it is.

        Where it is remembered, the songbook calls it so from now on. Where the server has it under
        that genre already, perhaps from somebody else, that contribution is returned.

        Raises:
            HearingGoneError: it is no longer in memory, or somebody else's.
            AlreadyContributedError: somebody else gave it under another genre.
            GenreNameError, ContributionLimitError: it cannot be stored.
        """
        heard = self._heard.get(ticket)
        if heard is None or heard.giver != giver:
            raise HearingGoneError
        genre = genre_from(genre)
        try:
            given = await self._store_song(heard, genre, corrected=True)
        except AlreadyContributedError:
            known = await self.stored.with_content(giver.guild_id, Matter.SONG, heard.content)
            if known is None or known.label != same_genre(genre, (known.label,)):
                raise
            given = known
        if heard.song_id is not None:
            await self._songs.set_label(giver.guild_id, heard.song_id, given.contribution_id)
        return given

    async def _store_song(
        self, heard: _Heard, genre: str, artist: str = "", *, corrected: bool = False
    ) -> Contribution:
        giver = heard.giver
        await self._check_limit(giver, Matter.SONG)
        stored = await self.stored.add(
            Contribution(
                giver.guild_id,
                giver.member_id,
                Matter.SONG,
                heard.title,
                heard.content,
                label=same_genre(genre, await self.stored.labels(giver.guild_id)),
                artist=" ".join(artist.split())[:ARTIST_LIMIT],
                corrected=corrected,
                model=heard.model,
                vector=heard.vector,
                shares=heard.shares,
            )
        )
        if stored is None:
            raise AlreadyContributedError
        return stored

    async def give_art(
        self, giver: Giver, data: bytes, *, title: str, artist: str = ""
    ) -> GivenArt:
        """Store the faces of a picture, as crops.

        Raises:
            PictureError, TooManyPortraitsError: it cannot be opened, and why.
            NoFaceError, AlreadyContributedError, ContributionLimitError: nothing of it is stored.
            OSError: there is no room for it.
        """
        await self._check_limit(giver, Matter.ART)
        cut = await self._crops.cut(data)
        if not cut.crops:
            raise NoFaceError(cut.refused)
        stored = 0
        for number, crop in enumerate(cut.crops):
            name = title if len(cut.crops) == 1 else f"{title} ({number + 1})"
            stored += await self._store_crop(
                giver, name, " ".join(artist.split())[:ARTIST_LIMIT], crop
            )
        if not stored:
            raise AlreadyContributedError
        return GivenArt(stored, len(cut.crops) - stored, dict(cut.refused))

    async def _store_crop(self, giver: Giver, title: str, artist: str, crop: FaceCrop) -> bool:
        file = f"{secrets.token_hex(16)}.png"
        await self._files.put(file, crop.png)
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
            stored = await self.stored.add(given)
        except BaseException:
            await self._files.remove([file])
            raise
        if stored is None:
            await self._files.remove([file])
        return stored is not None

    def before_erasure(self, scope: Scope) -> None:
        """Nothing is under way here that an erasure must stop."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Drop the answers held in memory that belong to what was erased."""
        contents = {each.content for each in erased.contributions} if erased else set()
        for ticket, heard in list(self._heard.items()):
            of_member = scope.subject is ScopeKind.MEMBER and heard.giver.member_id in scope.ids
            of_guild = scope.subject is ScopeKind.GUILD and heard.giver.guild_id in scope.ids
            if of_member or of_guild or heard.content in contents:
                del self._heard[ticket]

    async def _check_limit(self, giver: Giver, matter: Matter) -> None:
        given = await self.stored.of_member(giver.member_id, giver.guild_id)
        if sum(each.matter is matter for each in given) >= MAX_PER_MEMBER:
            raise ContributionLimitError(MAX_PER_MEMBER)


def genre_from(typed: str) -> str:
    """Normalise a genre's name; one of the shipped genres becomes its key.

    Raises:
        GenreNameError: nothing is left of it, or too much.
    """
    text = unicodedata.normalize("NFKC", typed)
    printable = "".join(
        " " if each.isspace() else each
        for each in text
        if each.isspace() or unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    name = " ".join(printable.split())
    if not any(each.isalnum() for each in name) or len(name) > NAME_LIMIT:
        raise GenreNameError(NAME_LIMIT)
    key = "".join(each for each in name.casefold() if each.isalnum())
    return SPELLINGS.get(key, name)


def same_genre(name: str, known: tuple[str, ...]) -> str:
    """Return the spelling under which a server knows a genre, or the name as it is."""
    spellings = {each.casefold(): each for each in reversed(known)}
    return spellings.get(name.casefold(), name)
