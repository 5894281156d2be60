"""What is kept of one member, in every server: to see, to have, and to have deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.lessons.consent import ConsentService
from bot.lessons.contributions import ContributionService
from bot.lessons.models import ServerModels
from bot.lessons.service import LessonService
from bot.privacy.export import Export, Record, write_export
from bot.songbook.service import Songbook
from storage.lesson_values import Matter, TaughtModel
from storage.member_data import EVERYWHERE, MemberData
from storage.portraits import Portraits
from storage.song_values import Song

MOST_SONGS = 100_000  # of a member in one server


@dataclass(frozen=True, slots=True)
class KeptIn:
    """What one server's part holds of a member, in numbers.

    Attributes:
        songs: remembered in the songbook.
        portraits: drawn for them, those kept in the gallery among them.
        gallery: kept in the gallery.
        given_songs: handed over for lessons.
        given_art: crops handed over for lessons.
        lessons: started by them.
        deeds: watching, imports and icons they switched on or began.
        agreed_at: when they agreed to hand things over; None: they did not.
        opted_out: whether their songs are not to be remembered there.
    """

    songs: int = 0
    portraits: int = 0
    gallery: int = 0
    given_songs: int = 0
    given_art: int = 0
    lessons: int = 0
    deeds: int = 0
    agreed_at: datetime | None = None
    opted_out: bool = False

    @property
    def anything(self) -> bool:
        """Tell whether anything at all is kept."""
        return self != KeptIn()


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything kept of a member.

    Attributes:
        servers: by the server's id; 0 stands for direct messages.
        opted_out_everywhere: whether their songs are not to be remembered in any server.
        models: what learned from their contributions.
    """

    servers: Mapping[int, KeptIn]
    opted_out_everywhere: bool
    models: tuple[TaughtModel, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted, and the models that had learned from it and are marked now."""

    songs: int
    portraits: int
    contributions: int
    lessons: int
    models: tuple[TaughtModel, ...]


class PrivacyService:
    """Looks through every subject for one member."""

    def __init__(
        self,
        data: MemberData,
        songbook: Songbook,
        portraits: Portraits,
        consenting: ConsentService,
        contributions: ContributionService,
        lessons: LessonService,
        models: ServerModels,
    ) -> None:
        """Join the subjects."""
        self._data = data
        self._songbook = songbook
        self._portraits = portraits
        self._consenting = consenting
        self._contributions = contributions
        self._lessons = lessons
        self._models = models

    async def show(self, member_id: int) -> Kept:
        """Tell what is kept of a member."""
        record = await self._record(member_id)
        return Kept(
            {guild: self._kept_in(record, guild) for guild in sorted(record.servers)},
            any(guild == EVERYWHERE for guild, _ in record.opt_outs),
            record.models,
        )

    async def export(self, member_id: int, most_bytes: int) -> Export:
        """Hand out everything that is kept of a member.

        Args:
            member_id: the member.
            most_bytes: size of one file.
        """
        return await write_export(await self._record(member_id), self._contributions, most_bytes)

    async def delete(self, member_id: int) -> Deleted:
        """Delete everything that is kept of a member, in every server.

        A wish not to be remembered stays: without it songs would be remembered again.
        """
        record = await self._record(member_id)
        self._songbook.refuse_poster(member_id)
        songs = 0
        for guild_id in await self._data.servers_with_songs(member_id):
            songs += await self._songbook.forget_poster(guild_id, member_id)
        for guild_id in await self._data.servers_with_portraits(member_id):
            await self._portraits.forget_member(guild_id, member_id)
        lessons = await self._lessons.forget_member(member_id)
        given = await self._contributions.take_back(member_id)
        await self._consenting.withdraw(member_id)
        await self._data.forget_deeds(member_id)
        return Deleted(songs, sum(record.portraits.values()), len(given), lessons, record.models)

    async def opt_out(self, member_id: int) -> Deleted:
        """Delete everything, and never remember a song of the member's again, in any server."""
        await self._data.opt_out_everywhere(member_id, datetime.now(UTC))
        return await self.delete(member_id)

    async def opt_in(self, member_id: int) -> bool:
        """Take the wish for all servers back; False when there was none."""
        return await self._data.opt_in_everywhere(member_id)

    async def _record(self, member_id: int) -> Record:
        songs: list[Song] = []
        for guild_id in await self._data.servers_with_songs(member_id):
            songs += await self._songbook.posted_by(guild_id, member_id, limit=MOST_SONGS)
        kept = {
            guild_id: await self._portraits.export_member(guild_id, member_id)
            for guild_id in await self._data.servers_with_portraits(member_id)
        }
        return Record(
            member_id=member_id,
            songs=tuple(songs),
            vectors=await self._data.vectors(member_id),
            portraits=await self._data.servers_with_portraits(member_id),
            drawn=await self._data.portraits(member_id),
            gallery=kept,
            consents=await self._consenting.of_member(member_id),
            contributions=await self._contributions.of_member(member_id),
            lessons=await self._lessons.of_member(member_id),
            deeds=await self._data.deeds(member_id),
            opt_outs=await self._data.opted_out(member_id),
            models=await self._models.taught_by(member_id),
        )

    def _kept_in(self, record: Record, guild_id: int) -> KeptIn:
        given = Counter(e.matter for e in record.contributions if e.guild_id == guild_id)
        agreed = {each.guild_id: each.agreed_at for each in record.consents}
        return KeptIn(
            songs=sum(song.post.guild_id == guild_id for song in record.songs),
            portraits=record.portraits.get(guild_id, 0),
            gallery=len(record.gallery.get(guild_id, ())),
            given_songs=given[Matter.SONG],
            given_art=given[Matter.ART],
            lessons=sum(job.guild_id == guild_id for job in record.lessons),
            deeds=sum(deed.guild_id == guild_id for deed in record.deeds),
            agreed_at=agreed.get(guild_id),
            opted_out=any(guild == guild_id != EVERYWHERE for guild, _ in record.opt_outs),
        )
