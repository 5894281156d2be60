"""Everything stored of one member, in every server: show, export and delete it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.lessons.contributions import ContributionService
from bot.privacy.export import Export, MemberRecord, write_export
from storage.database import Database
from storage.erasure import EVERYWHERE
from storage.lessons import Contributions, Jobs, Matter
from storage.members import Consents, MemberData, TasteSharing
from storage.portraits import Portraits
from storage.ratings import Ratings
from storage.song_values import Song
from storage.songs import Songs
from storage.taught_models import TaughtModel, TaughtModels

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
