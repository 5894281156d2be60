"""The weekly card of a server: what was posted, whose taste moved, what to hear again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from bot.retrieval.search import RowFilter, Snapshot, gather
from bot.retrieval.vectors import RowFacts, VectorCache, unit
from bot.songbook.map import SongMaps, one_of_each, row_filter
from bot.songbook.taste import TasteService
from bot.songbook.values import Filters, ReadableChannels, SongMap
from storage.channels import WeeklyCard, WeeklyCards
from storage.members import Ratings
from storage.song_values import Song
from storage.songs import Songs

WEEK = timedelta(days=7)
WEEKDAY, HOUR = 0, 12  # Mondays at noon, UTC
LATE = timedelta(days=2)  # a card later than this is left out
OLD = timedelta(days=30)  # a song worth another listen was posted before
SONGS_LISTED = 10
SONGS_AROUND = 600  # on the map
MOST_SONGS = 1000  # of one week that are looked at
FEWEST_BEFORE = 3  # songs of a member before the week, for their taste to have moved
MOVED = 0.3  # cosine of a member's week to their songs before, below which their taste moved
THUMB = 0.05  # of a cosine, what one thumb up adds to a song worth another listen

Vector = npt.NDArray[np.float32]


def next_card(after: datetime) -> datetime:
    """Return the first moment after `after` at which cards are sent."""
    moment = after.astimezone(UTC).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    moment += timedelta(days=(WEEKDAY - moment.weekday()) % 7)
    return moment if moment > after else moment + WEEK


@dataclass(frozen=True, slots=True)
class TasteMove:
    """A member who posted something unlike what they posted before.

    Attributes:
        member_id: the member, who agreed that others see their taste.
        song: of the week, the one farthest from their earlier songs.
    """

    member_id: int
    song: Song


@dataclass(frozen=True, slots=True)
class WeeklyDigest:
    """What a weekly card shows.

    Attributes:
        songs: posted in the week, the newest first, of each recording one; `SONGS_LISTED` at most.
        count: how many there were.
        members: how many members posted them.
        map: where they lie among the server's songs.
        moved: whose taste moved most; None: nobody's.
        again: an older song worth another listen; None: there is none.
    """

    songs: tuple[Song, ...]
    count: int
    members: int
    map: SongMap
    moved: TasteMove | None
    again: Song | None


class WeeklyService:
    """Knows which servers get a card, when, and what it shows."""

    def __init__(
        self,
        cards: WeeklyCards,
        songs: Songs,
        ratings: Ratings,
        cache: VectorCache,
        maps: SongMaps,
        tastes: TasteService,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Join the parts.

        Args:
            cards: which servers get one, and when it is due.
            songs: the stored songs.
            ratings: thumbs.
            cache: vectors.
            maps: lays songs out.
            tastes: knows who agreed that others see their taste.
            now: a clock with a time zone.
        """
        self._cards = cards
        self._songs = songs
        self._ratings = ratings
        self._cache = cache
        self._maps = maps
        self._tastes = tastes
        self._now = now

    async def switch_on(self, guild_id: int, channel_id: int, by: int) -> datetime:
        """Send cards to a channel from now on; return when the first is due."""
        due = next_card(self._now())
        await self._cards.set(guild_id, channel_id, by, due)
        return due

    async def switch_off(self, guild_id: int) -> bool:
        """Send no more cards; False when none were sent."""
        return await self._cards.remove(guild_id)

    async def due(self) -> tuple[WeeklyCard, ...]:
        """List the cards that are due."""
        return await self._cards.due(self._now())

    async def claim(self, card: WeeklyCard) -> bool:
        """Take on a card that is due; True for one caller only, ever.

        Claimed before it is sent: after a crash in between it is left out, never sent twice.

        Returns:
            Whether to send it. A card that is much too late is claimed, but not to be sent.
        """
        now = self._now()
        claimed = await self._cards.claim(card, next_card(now))
        return claimed and now - card.due_at <= LATE

    async def digest(
        self, guild_id: int, reach: ReadableChannels, until: datetime
    ) -> WeeklyDigest | None:
        """Gather what was posted in the week before a moment; None: nothing was.

        Args:
            guild_id: the server.
            reach: channels that everyone can read who reads the card.
            until: the end of the week.
        """
        since = until - WEEK
        posted = await self._songs.posted_between(
            guild_id, reach.channels, since, until, limit=MOST_SONGS
        )
        new = {song.recording_id: song for song in posted}  # of each the first post of the week
        songs = sorted(new.values(), key=lambda song: song.post.posted_at, reverse=True)
        if not songs:
            return None
        listed = songs[:SONGS_LISTED]
        around = await self._maps.map(
            guild_id,
            reach,
            marked=[song.song_id for song in listed],
            limit=SONGS_AROUND,
            titles=0,
        )
        return WeeklyDigest(
            songs=tuple(listed),
            count=len(songs),
            members=len({song.post.poster_id for song in posted}),
            map=around,
            moved=await self._moved(guild_id, reach, posted),
            again=await self._again(guild_id, reach, songs, until - OLD),
        )

    async def _moved(
        self, guild_id: int, reach: ReadableChannels, posted: Sequence[Song]
    ) -> TasteMove | None:
        agreed = await self._tastes.sharing.members(guild_id)
        members = {song.post.poster_id for song in posted} & agreed
        week = {song.song_id: song for song in posted if song.post.poster_id in members}
        if not week:
            return None
        found = await self._in_thread(guild_id, reach, _most_moved, members, set(week))
        return TasteMove(week[found].post.poster_id, week[found]) if found is not None else None

    async def _again(
        self, guild_id: int, reach: ReadableChannels, week: Sequence[Song], before: datetime
    ) -> Song | None:
        old = await self._songs.ids_posted_before(guild_id, reach.channels, before)
        thumbs = await self._ratings.liked(guild_id)
        new = {song.song_id for song in week}
        found = await self._in_thread(guild_id, reach, _worth_hearing, new, old - new, thumbs)
        return None if found is None else await self._songs.song(guild_id, found)

    async def _in_thread(
        self,
        guild_id: int,
        reach: ReadableChannels,
        work: Callable[..., int | None],
        *arguments: object,
    ) -> int | None:
        while True:
            matrix = await self._cache.matrix(guild_id)
            wanted = row_filter(matrix, reach, Filters())
            found = await asyncio.to_thread(work, matrix.snapshot(), wanted, *arguments)
            if not matrix.wiped:  # else it was evicted meanwhile
                return found


@dataclass(frozen=True, slots=True, eq=False)
class _Copied:
    """Songs copied out of a matrix, of each recording one; vectors are (n, dimensions)."""

    facts: RowFacts
    vectors: Vector

    @classmethod
    def of(cls, snapshot: Snapshot, wanted: RowFilter, first: Collection[int]) -> _Copied:
        """Copy what is wanted; the songs `first` stand for their recordings."""
        if not snapshot:
            return cls(RowFacts.empty(0), _NOTHING)
        facts = RowFacts.joined([block.facts[:used] for block, used in snapshot])
        rows = one_of_each(facts, np.flatnonzero(wanted.admits(facts)), first)
        blocks = [block.vectors[:used] for block, used in snapshot]
        return cls(facts[rows], gather(blocks, rows))


_NOTHING = np.empty((0, 1), np.float32)


def _most_moved(
    snapshot: Snapshot, wanted: RowFilter, members: Collection[int], week: Collection[int]
) -> int | None:
    """Return the song of the week farthest from its member's earlier songs; None: none is far."""
    copied = _Copied.of(snapshot, wanted, week)
    new = np.isin(copied.facts.song_ids, list(week))
    found, least = None, MOVED
    for member_id in sorted(members):
        own = copied.facts.poster_ids == member_id
        before, now = copied.vectors[own & ~new], copied.vectors[own & new]
        if len(before) < FEWEST_BEFORE or len(now) == 0:
            continue
        middle = unit(before.mean(axis=0, keepdims=True))[0]
        moved = float(unit(now.mean(axis=0, keepdims=True))[0] @ middle)
        if moved < least:
            ids = copied.facts.song_ids[own & new]
            found, least = int(ids[np.vecdot(now, middle).argmin()]), moved
    return found


def _worth_hearing(
    snapshot: Snapshot,
    wanted: RowFilter,
    week: Collection[int],
    old: Collection[int],
    thumbs: dict[int, int],
) -> int | None:
    """Return the old song that fits the week best, and that members liked."""
    copied = _Copied.of(snapshot, wanted, week)
    ids = copied.facts.song_ids
    new, earlier = np.isin(ids, list(week)), np.isin(ids, list(old))
    if not new.any() or not earlier.any():
        return None
    middle = unit(copied.vectors[new].mean(axis=0, keepdims=True))[0]
    liked = np.array([thumbs.get(song_id, 0) for song_id in ids[earlier].tolist()])
    score = np.vecdot(copied.vectors[earlier], middle) + THUMB * liked
    return int(ids[earlier][score.argmax()])
