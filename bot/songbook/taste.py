"""What members of a server like: by the songs they posted, and by their thumbs.

Songs say whose taste is near; thumbs, how much each part of the vectors counts in the server.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.retrieval.search import RowFilter, Snapshot, gather
from bot.retrieval.vectors import RowFacts, VectorCache, unit
from bot.songbook.map import one_of_each, row_filter
from bot.songbook.similar import Weights
from bot.songbook.values import Closeness, Filters, ReadableChannels
from ml.music.hearing import SimilarityParts, SimilarityScale
from ml.music.taxonomy import TAG_SURE, TAGS
from storage.erasure import Erased, Scope
from storage.members import Rating, Ratings, TasteSharing
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
            sharing: knows who agreed; cogs record it there.
        """
        self._songs = songs
        self._statistics = statistics
        self._facts = facts
        self._cache = cache
        self.sharing = sharing

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
        agreed = await self.sharing.members(guild_id)
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
    facts = RowFacts.joined([block.facts[:used] for block, used in snapshot])
    blocks = [block.vectors[:used] for block, used in snapshot]
    admitted = wanted.admits(facts)
    found = {}
    for member_id in members:
        rows = np.flatnonzero(admitted & (facts.poster_ids == member_id))
        rows = one_of_each(facts, rows, ())
        if len(rows) >= FEWEST_SONGS:
            vectors = gather(blocks, rows)
            middle = unit(vectors.mean(axis=0, keepdims=True))[0]
            found[member_id] = MemberSongs(facts.song_ids[rows], vectors, middle)
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


FEWEST = 8  # ratings of a server, thumbs up and down among them, before they change anything
LARGEST = 3.0  # weight of a part, and one over it the least
RIDGE = 3.0  # ratings that must speak for it before a weight moves far from 1
PER_MEMBER = 25.0  # ratings that one member counts for at most
STEPS, STEP = 400, 0.05

Floats = npt.NDArray[np.float64]


class RatingService:
    """Records thumbs, and learns a server's weights from them."""

    def __init__(self, stored: Ratings, model: str, scale: SimilarityScale) -> None:
        """Record in `stored` what members think of what `model` found on `scale`."""
        self._stored = stored
        self._model = model
        self._scale = scale
        self._learned: dict[int, Weights] = {}

    async def rate(
        self,
        guild_id: int,
        member_id: int,
        song_id: int,
        asked_id: int | None,
        parts: SimilarityParts,
        *,
        liked: bool,
    ) -> bool:
        """Record what a member thinks of a song as an answer; twice the same takes it back.

        Args:
            guild_id: the server.
            member_id: who thinks so.
            song_id: the song that was found.
            asked_id: the song asked about; None: a file, or several songs.
            parts: how alike the two are.
            liked: whether it is a good answer.

        Returns:
            False when the rating was taken back.

        Raises:
            StorageError: the database could not do it.
        """
        try:
            return await self._stored.rate(
                guild_id,
                member_id,
                song_id,
                asked_id,
                liked=liked,
                model=self._model,
                shares=parts.shares,
            )
        finally:
            self._learned.pop(guild_id, None)

    async def weights(self, guild_id: int) -> Weights:
        """Return how much each part counts in a server; empty where nobody taught anything.

        Raises:
            StorageError: the database could not do it.
        """
        learned = self._learned.get(guild_id)
        if learned is None:
            ratings = await self._stored.of_server(guild_id, self._model)
            learned = self._learned[guild_id] = learned_weights(ratings, self._scale)
        return learned

    # Observes `bot.privacy.erasure`

    def before_erasure(self, scope: Scope) -> None:
        """Nothing is under way here that an erasure must stop."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Learn anew without what was erased; ratings go with their songs, too."""
        self._learned.clear()


def learned_weights(ratings: Sequence[Rating], scale: SimilarityScale) -> Weights:
    """Fit weights under which songs that members liked come before those they disliked.

    Logistic regression on what each part adds to the cosine, with the slope of `scale`. The
    logarithms of the weights are pulled to 0 and bounded, so that a few thumbs change little and
    no part ever vanishes.

    Returns:
        By part, `1 / LARGEST` to `LARGEST`; empty with too few ratings.
    """
    liked = np.array([rating.liked for rating in ratings], np.float64)
    if len(ratings) < FEWEST or liked.min() == liked.max():
        return {}
    names = list(scale.parts)
    shares = np.array([[rating.shares.get(name, 0.0) for name in names] for rating in ratings])
    logs = _fitted(scale.slope * shares, liked, _voices(ratings))
    return {name: float(weight) for name, weight in zip(names, np.exp(logs), strict=True)}


def _voices(ratings: Sequence[Rating]) -> Floats:
    """Weigh ratings, so that no member outvotes all others."""
    counts = Counter(rating.member_id for rating in ratings)
    return np.array([min(1.0, PER_MEMBER / counts[rating.member_id]) for rating in ratings])


def _fitted(features: Floats, liked: Floats, voices: Floats) -> Floats:
    """Descend the gradient of the loss.

    Args:
        features: (ratings, parts).
        liked: (ratings,) 1 or 0.
        voices: (ratings,) how much each counts.

    Returns:
        (parts,) logarithms of the weights.
    """
    bound = np.log(LARGEST)
    logs, offset = np.zeros(features.shape[1]), 0.0
    scale = voices.sum() + RIDGE
    for _ in range(STEPS):
        odds = features @ np.exp(logs) + offset
        wrong = voices * (1 / (1 + np.exp(-odds)) - liked)
        slope = (wrong @ features) * np.exp(logs) + 2 * RIDGE * logs
        logs = np.clip(logs - STEP * slope / scale, -bound, bound)
        offset -= 2 * STEP * wrong.sum() / scale
    return np.asarray(logs, np.float64)
