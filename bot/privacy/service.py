"""Everything stored of one member, in every server: show, export and delete it.

An export is JSON, and archives of pictures.
"""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.lessons.contributions import ContributionService
from storage.database import Database
from storage.erasure import EVERYWHERE
from storage.lessons import Contribution, Contributions, Job, Jobs, Matter
from storage.members import (
    AdminAction,
    Consent,
    Consents,
    DrawnPortrait,
    MemberData,
    Rating,
    Ratings,
    TasteSharing,
)
from storage.portraits import KeptPortrait, Portraits
from storage.song_values import Song
from storage.songs import Songs
from storage.taught_models import TaughtModel, TaughtModels

DIGITS = 5  # of the numbers in a vector; enough to compare with


@dataclass(frozen=True, slots=True, eq=False)
class MemberRecord:
    """Everything stored of a member, as the tables have it.

    Attributes:
        portraits: server -> how many were drawn for them.
        gallery: server -> those in the gallery.
    """

    member_id: int
    songs: tuple[Song, ...]
    vectors: Mapping[int, npt.NDArray[np.float32]]
    portraits: Mapping[int, int]
    drawn: tuple[DrawnPortrait, ...]
    gallery: Mapping[int, tuple[KeptPortrait, ...]]
    consents: tuple[Consent, ...]
    contributions: tuple[Contribution, ...]
    ratings: tuple[Rating, ...]
    taste_sharing: tuple[tuple[int, datetime], ...]
    lessons: tuple[Job, ...]
    admin_actions: tuple[AdminAction, ...]
    opt_outs: tuple[tuple[int, datetime], ...]
    models: tuple[TaughtModel, ...]

    @property
    def servers(self) -> frozenset[int]:
        """The servers that store anything of the member; 0 stands for direct messages."""
        return frozenset(
            [song.post.guild_id for song in self.songs]
            + list(self.portraits)
            + [consent.guild_id for consent in self.consents]
            + [given.guild_id for given in self.contributions]
            + [rating.guild_id for rating in self.ratings]
            + [guild_id for guild_id, _ in self.taste_sharing]
            + [job.guild_id for job in self.lessons]
            + [action.guild_id for action in self.admin_actions]
            + [guild_id for guild_id, _ in self.opt_outs if guild_id != EVERYWHERE]
        )


@dataclass(frozen=True, slots=True)
class Export:
    """The files: one of JSON, and as many archives of pictures as it takes."""

    json: bytes
    archives: tuple[bytes, ...]


async def write_export(
    record: MemberRecord,
    read_crop: Callable[[Contribution], Awaitable[bytes | None]],
    max_bytes: int,
) -> Export:
    """Write the files.

    Args:
        record: what is stored.
        read_crop: reads a contribution's crop, a PNG; None where its file is gone.
        max_bytes: size of an archive, unless one picture alone is larger.
    """
    pictures = {
        f"gallery/{guild_id}-{each.portrait_id}.webp": each.picture
        for guild_id, kept in record.gallery.items()
        for each in kept
    }
    for each in record.contributions:
        crop = await read_crop(each) if each.file else None
        if crop is not None:
            pictures[f"contributions/{each.contribution_id}.png"] = crop
    return await asyncio.to_thread(_write, record, pictures, max_bytes)


def _write(record: MemberRecord, pictures: Mapping[str, bytes], max_bytes: int) -> Export:
    document = json.dumps(_document(record), ensure_ascii=False, indent=1, default=_plain)
    return Export(document.encode(), tuple(_archives(pictures, max_bytes)))


def _document(record: MemberRecord) -> dict[str, Any]:
    return {
        "member": record.member_id,
        "written_at": datetime.now(UTC),
        "songs": [_song(song, record.vectors.get(song.song_id)) for song in record.songs],
        "portraits": [_portrait(each, record) for each in record.drawn],
        "consents": [
            {"server": e.guild_id, "wording": e.wording, "agreed_at": e.agreed_at}
            for e in record.consents
        ],
        "contributions": [_contribution(each) for each in record.contributions],
        "ratings": [
            {
                "server": r.guild_id,
                "song": r.song_id,
                "asked_about": r.asked_id,
                "thumb": "up" if r.liked else "down",
                "model": r.model,
                "shares": dict(r.shares),
                "rated_at": r.rated_at,
            }
            for r in record.ratings
        ],
        "taste_shared": [
            {"server": guild_id, "since": since} for guild_id, since in record.taste_sharing
        ],
        "lessons_started": [_lesson(each) for each in record.lessons],
        "switched_on_or_begun": [
            {"server": d.guild_id, "what": d.what, "channel": d.channel_id, "at": d.at}
            for d in record.admin_actions
        ],
        "not_to_be_remembered": [
            {"server": guild if guild != EVERYWHERE else "everywhere", "since": since}
            for guild, since in record.opt_outs
        ],
        "models_that_learned_from_you": [
            {"server": m.guild_id, "kind": m.kind.value, "number": m.number, "made_at": m.made_at}
            for m in record.models
        ],
    }


def _song(song: Song, vector: npt.NDArray[np.float32] | None) -> dict[str, Any]:
    post, traits = song.post, song.traits
    return {
        "server": post.guild_id,
        "channel": post.channel_id,
        "message": post.message_id,
        "title": post.title,
        "posted_at": post.posted_at,
        "remembered_at": song.remembered_at,
        "content_sha256": post.content_hash,
        "seconds": traits.seconds,
        "genre": traits.genre,
        "genres": dict(traits.genres),
        "style": traits.style,
        "sure_genres": list(traits.sure_genres),
        "styles": dict(traits.styles),
        "tags": dict(traits.tags),
        "key": traits.camelot,
        "key_confidence": traits.key_confidence,
        "tempo_bpm": traits.tempo_bpm,
        "rhythm": dict(traits.rhythm),
        "model": song.model,
        "vector": vector,
    }


def _portrait(drawn: DrawnPortrait, record: MemberRecord) -> dict[str, Any]:
    kept = {each.portrait_id for each in record.gallery.get(drawn.guild_id, ())}
    picture = f"gallery/{drawn.guild_id}-{drawn.portrait_id}.webp"
    return {
        "server": drawn.guild_id,
        "seed": drawn.seed,
        "model": drawn.model,
        "likeness": drawn.likeness,
        "drawn_at": drawn.drawn_at,
        "choices": dict(drawn.choices),
        "latent": drawn.latent,
        "latent_of_your_picture": drawn.source,
        "picture": picture if drawn.portrait_id in kept else None,
    }


def _contribution(given: Contribution) -> dict[str, Any]:
    return {
        "server": given.guild_id,
        "what": given.matter.value,
        "title": given.title,
        "genre": given.label,
        "artist": given.artist,
        "put_right": given.corrected,
        "given_at": given.given_at,
        "content_sha256": given.content,
        "model": given.model,
        "vector": given.vector,
        "shares": dict(given.shares),
        "picture": f"contributions/{given.contribution_id}.png" if given.file else None,
    }


def _lesson(job: Job) -> dict[str, Any]:
    return {
        "server": job.guild_id,
        "kind": job.kind.value,
        "state": job.state.value,
        "queued_at": job.queued_at,
        "ended_at": job.ended_at,
        "channel": job.notice.channel_id if job.notice else None,
    }


def _plain(value: object) -> Any:
    """Convert what JSON has no form for: moments, bytes and vectors."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, np.ndarray):
        return [round(float(each), DIGITS) for each in value]
    raise TypeError(f"{type(value)} has no form in JSON")


def _archives(pictures: Mapping[str, bytes], max_bytes: int) -> list[bytes]:
    """Pack pictures, which do not get smaller, so that no archive is too large to be sent."""
    parts: list[list[str]] = []
    room = 0
    for name, picture in pictures.items():
        needed = len(picture) + 2 * len(name) + 256  # its entries in the archive
        if needed > room:
            parts.append([])
            room = max_bytes
        parts[-1].append(name)
        room -= needed
    return [_archive({name: pictures[name] for name in part}) for part in parts]


def _archive(pictures: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, picture in pictures.items():
            archive.writestr(name, picture)
    return file.getvalue()


MAX_SONGS = 100_000  # of a member in one server


@dataclass(frozen=True, slots=True)
class GuildSummary:
    """What one server's part holds of a member, in numbers.

    Attributes:
        songs: remembered in the songbook.
        portraits: drawn for them, those in the gallery among them.
        gallery: in the gallery.
        given_songs: handed over for lessons.
        given_art: crops handed over for lessons.
        ratings: thumbs up and down of theirs.
        taste_since: since when they share their taste; None: they do not.
        lessons: started by them.
        admin_actions: watching, imports, icons, models and promotions of theirs.
        agreed_at: when they agreed to hand things over; None: they did not.
        opted_out: whether their songs are not to be remembered there.
    """

    songs: int = 0
    portraits: int = 0
    gallery: int = 0
    given_songs: int = 0
    given_art: int = 0
    ratings: int = 0
    taste_since: datetime | None = None
    lessons: int = 0
    admin_actions: int = 0
    agreed_at: datetime | None = None
    opted_out: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything at all is stored."""
        return self != GuildSummary()


@dataclass(frozen=True, slots=True)
class MemberSummary:
    """Everything stored of a member, in numbers.

    Attributes:
        guilds: by the server's id; 0 stands for direct messages.
        opted_out_everywhere: whether their songs are not to be remembered in any server.
        models: those that learned from their contributions.
    """

    guilds: Mapping[int, GuildSummary]
    opted_out_everywhere: bool
    models: tuple[TaughtModel, ...]


class PrivacyService:
    """Shows and exports what is stored of one member; `ErasureService` deletes it."""

    def __init__(self, database: Database, contributions: ContributionService) -> None:
        """Read from `database`, and crops from `contributions`."""
        self._members = MemberData(database)
        self._songs = Songs(database)
        self._portraits = Portraits(database)
        self._consents = Consents(database)
        self._contributions = Contributions(database)
        self._ratings = Ratings(database)
        self._sharing = TasteSharing(database)
        self._jobs = Jobs(database)
        self._models = TaughtModels(database)
        self._crops = contributions

    async def show(self, member_id: int) -> MemberSummary:
        """Count what is stored of a member, by server."""
        record = await self._record(member_id)
        return MemberSummary(
            {guild: _summary(record, guild) for guild in sorted(record.servers)},
            any(guild == EVERYWHERE for guild, _ in record.opt_outs),
            record.models,
        )

    async def export(self, member_id: int, max_bytes: int) -> Export:
        """Write everything that is stored of a member into files.

        Args:
            member_id: the member.
            max_bytes: size of one file.
        """
        return await write_export(await self._record(member_id), self._crops.crop, max_bytes)

    async def opt_in(self, member_id: int) -> bool:
        """Take the opt-out from all servers back; False when there was none."""
        return await self._members.opt_in_everywhere(member_id)

    async def _record(self, member_id: int) -> MemberRecord:
        songs: list[Song] = []
        for guild_id in await self._members.servers_with_songs(member_id):
            songs += await self._songs.by_poster(guild_id, member_id, limit=MAX_SONGS)
        portraits = await self._members.servers_with_portraits(member_id)
        gallery = {
            guild_id: await self._portraits.export_member(guild_id, member_id)
            for guild_id in portraits
        }
        return MemberRecord(
            member_id=member_id,
            songs=tuple(songs),
            vectors=await self._members.vectors(member_id),
            portraits=portraits,
            drawn=await self._members.portraits(member_id),
            gallery=gallery,
            consents=await self._consents.of_member(member_id),
            contributions=await self._contributions.of_member(member_id),
            ratings=await self._ratings.of_member(member_id),
            taste_sharing=await self._sharing.of_member(member_id),
            lessons=await self._jobs.of_member(member_id),
            admin_actions=await self._members.admin_actions(member_id),
            opt_outs=await self._members.opted_out(member_id),
            models=await self._models.taught_by(member_id),
        )


def _summary(record: MemberRecord, guild_id: int) -> GuildSummary:
    given = Counter(each.matter for each in record.contributions if each.guild_id == guild_id)
    agreed = {each.guild_id: each.agreed_at for each in record.consents}
    return GuildSummary(
        songs=sum(song.post.guild_id == guild_id for song in record.songs),
        portraits=record.portraits.get(guild_id, 0),
        gallery=len(record.gallery.get(guild_id, ())),
        given_songs=given[Matter.SONG],
        given_art=given[Matter.ART],
        ratings=sum(rating.guild_id == guild_id for rating in record.ratings),
        taste_since=dict(record.taste_sharing).get(guild_id),
        lessons=sum(job.guild_id == guild_id for job in record.lessons),
        admin_actions=sum(action.guild_id == guild_id for action in record.admin_actions),
        agreed_at=agreed.get(guild_id),
        opted_out=any(guild == guild_id != EVERYWHERE for guild, _ in record.opt_outs),
    )
