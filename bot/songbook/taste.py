"""What members of a server like, by the songs they posted, and whose taste is near."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.retrieval.search import RowFilter, Snapshot, gather
from bot.retrieval.vectors import VectorCache, unit
from bot.songbook.map import one_of_each, row_filter
from bot.songbook.values import Closeness, Filters, ReadableChannels
from ml.music.taxonomy import TAG_SURE, TAGS
from storage.members import TasteSharing
from storage.song_queries import SongFacts, SongFactsList, SongStatistics
from storage.song_values import Song, SongStats
from storage.songs import Songs

FEWEST_SONGS = 3  # recordings of a member that make a taste
MOST_NEAR = 3  # members named
MOST_MOODS = 4
MOODS = frozenset({"mood", "energy"})  # groups of tags
SONGS_LOOKED_AT = 1000  # of a member, the last posted, for their moods
# Least cosine of the middles of two members' songs. Middles lie nearer to each other than songs.
LEAST: Mapping[Closeness, float] = {
    Closeness.VERY_CLOSE: 0.7,
    Closeness.CLOSE: 0.45,
    Closeness.RELATED: 0.2,
}

Vector = npt.NDArray[np.float32]


class NoTasteYetError(Exception):
    """A member posted too few songs to have a taste.

    Attributes:
        member_id: the member.
        fewest: how many songs it takes.
    """

    code = "no_taste_yet"

    def __init__(self, member_id: int, fewest: int) -> None:
        super().__init__(f"fewer than {fewest} songs")
        self.member_id = member_id
        self.fewest = fewest


class TasteNotSharedError(Exception):
    """A member did not agree that others see their taste."""

    code = "taste_not_shared"

    def __init__(self, member_id: int) -> None:
        super().__init__("not shared")
        self.member_id = member_id


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A member whose taste is near.

    Attributes:
        member_id: the member.
        closeness: how near.
        song: the song of theirs that fits the asker's taste best; None: it is gone.
    """

    member_id: int
    closeness: Closeness
    song: Song | None


@dataclass(frozen=True, slots=True)
class Taste:
    """What a member likes.

    Attributes:
        member_id: the member.
        stats: of the songs they posted.
        moods: (tag, songs) of moods and energy, most frequent first.
        shared: whether they agreed that others see it.
        near: members whose taste is near; None where the member does not share their own.
    """

    member_id: int
    stats: SongStats
    moods: tuple[tuple[str, int], ...]
    shared: bool
    near: tuple[Neighbour, ...] | None


class TasteService:
    """Reads tastes out of the songbook; only of members who agreed, and of the asker."""

    def __init__(
        self,
        songs: Songs,
        statistics: SongStatistics,
        facts: SongFactsList,
        cache: VectorCache,
        sharing: TasteSharing,
    ) -> None:
        """Join the parts.

        Args:
            songs: the stored songs.
            statistics: counts of them.
            facts: what is known of them.
            cache: their vectors.
            sharing: knows who agreed.
        """
        self._songs = songs
        self._statistics = statistics
        self._facts = facts
        self._cache = cache
        self._sharing = sharing

    async def share(self, guild_id: int, member_id: int, *, shared: bool) -> None:
        """Record whether other members of a server may see this one's taste."""
        await self._sharing.share(guild_id, member_id, shared=shared)

    async def sharing(self, guild_id: int) -> frozenset[int]:
        """List the members who agreed."""
        return await self._sharing.members(guild_id)

    async def of(
        self, guild_id: int, member_id: int, asker_id: int, reach: ReadableChannels
    ) -> Taste:
        """Return a member's taste.

        Args:
            guild_id: the server.
            member_id: whose taste.
            asker_id: who asks; everybody may see their own.
            reach: the channels whose songs count.

        Raises:
            TasteNotSharedError: the member did not agree.
            NoTasteYetError: they posted too few songs.
            StorageError: the database could not do it.
        """
        agreed = await self._sharing.members(guild_id)
        if member_id != asker_id and member_id not in agreed:
            raise TasteNotSharedError(member_id)
        stats = await self._statistics.of(guild_id, reach.channels, poster_id=member_id)
        if stats.songs < FEWEST_SONGS:
            raise NoTasteYetError(member_id, FEWEST_SONGS)
        near = None
        if member_id in agreed:
            near = await self._near(guild_id, member_id, agreed - {member_id}, reach)
        facts = await self._facts.latest(
            guild_id, reach.channels, limit=SONGS_LOOKED_AT, poster_id=member_id
        )
        return Taste(member_id, stats, moods_of(facts), member_id in agreed, near)

    async def _near(
        self, guild_id: int, member_id: int, others: Collection[int], reach: ReadableChannels
    ) -> tuple[Neighbour, ...]:
        while True:
            matrix = await self._cache.matrix(guild_id)
            wanted = row_filter(matrix, reach, Filters())
            tastes = await asyncio.to_thread(
                member_songs, matrix.snapshot(), wanted, {member_id, *others}
            )
            if not matrix.wiped:  # else it was evicted meanwhile
                break
        own = tastes.pop(member_id, None)
        if own is None:
            return ()
        ranked = sorted(
            ((float(own.middle @ other.middle), each) for each, other in tastes.items()),
            key=lambda pair: (-pair[0], pair[1]),
        )
        near = [(each, word) for cosine, each in ranked if (word := _word(cosine)) is not None]
        best = {each: tastes[each].best_for(own.middle) for each, _ in near[:MOST_NEAR]}
        songs = {s.song_id: s for s in await self._songs.songs(guild_id, list(best.values()))}
        return tuple(
            Neighbour(each, word, songs.get(best[each])) for each, word in near[:MOST_NEAR]
        )


@dataclass(frozen=True, slots=True, eq=False)
class MemberSongs:
    """A member's songs, of each recording one.

    Attributes:
        ids: (n,) their ids.
        vectors: (n, dimensions) of unit length.
        middle: (dimensions,) of unit length.
    """

    ids: npt.NDArray[np.int64]
    vectors: Vector
    middle: Vector

    def best_for(self, taste: Vector) -> int:
        """Return the id of the song nearest to a taste."""
        return int(self.ids[np.vecdot(self.vectors, taste).argmax()])


def member_songs(
    snapshot: Snapshot, wanted: RowFilter, members: Collection[int]
) -> dict[int, MemberSongs]:
    """Copy members' songs; those with too few are left out.

    Args:
        snapshot: a server's songs.
        wanted: which of them count.
        members: whose.
    """
    if not snapshot:
        return {}
    facts = np.concatenate([block.facts[:used] for block, used in snapshot])
    blocks = [block.vectors[:used] for block, used in snapshot]
    admitted = wanted.admits(facts)
    found = {}
    for member_id in members:
        rows = np.flatnonzero(admitted & (facts["poster_id"] == member_id))
        rows = one_of_each(facts, rows, ())
        if len(rows) >= FEWEST_SONGS:
            vectors = gather(blocks, rows)
            middle = unit(vectors.mean(axis=0, keepdims=True))[0]
            found[member_id] = MemberSongs(facts["song_id"][rows], vectors, middle)
    return found


def moods_of(facts: Sequence[SongFacts]) -> tuple[tuple[str, int], ...]:
    """Count the moods that songs surely have, each recording once, the most frequent first."""
    tags = {song.recording_id: json.loads(song.tags) for song in facts}
    counts = Counter(
        tag
        for shares in tags.values()
        for tag, share in shares.items()
        if share >= TAG_SURE and tag in TAGS and TAGS[tag].group in MOODS
    )
    return tuple(counts.most_common(MOST_MOODS))


def _word(cosine: float) -> Closeness | None:
    """Word how near two tastes are; None: not near."""
    return next((each for each, least in LEAST.items() if cosine >= least), None)
