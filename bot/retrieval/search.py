"""Exact nearest-neighbour search over one server's vectors. Plain numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bot.retrieval.vectors import RowBlock, RowFacts

DEPTH = 256  # songs that pages are made of; beyond them nothing is near any more
Snapshot = Sequence[tuple[RowBlock, int]]  # of `SongMatrix.snapshot`: blocks and rows in use
Row = TypeVar("Row", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class RowFilter:
    """Which songs are admitted, in the numbers of the matrix it is about.

    Attributes:
        channels: (channels of the matrix,) bool, which songs may come from.
        genres: (lists of genres of the matrix,) bool, which are wanted; None for any.
        poster_id: the member wanted, None for any.
        tempo_bpm: lowest and highest tempo wanted, None for any.
        recordings: whose posts are all left out.
        contents: first 8 bytes of the hashes of files that are left out.
    """

    channels: npt.NDArray[np.bool_]
    genres: npt.NDArray[np.bool_] | None = None
    poster_id: int | None = None
    tempo_bpm: tuple[float, float] | None = None
    recordings: tuple[int, ...] = ()
    contents: tuple[int, ...] = ()

    def admits(self, facts: RowFacts) -> npt.NDArray[np.bool_]:
        """Return which of (n,) facts are of songs that are admitted."""
        fitting = facts.alive & self.channels[facts.channels]
        for recording in self.recordings:
            fitting &= facts.recordings != recording
        for content in self.contents:
            fitting &= facts.contents != content
        if self.genres is not None:
            fitting &= self.genres[facts.genres]
        if self.poster_id is not None:
            fitting &= facts.poster_ids == self.poster_id
        if self.tempo_bpm is not None:
            lowest, highest = self.tempo_bpm
            fitting &= (facts.tempos >= lowest) & (facts.tempos <= highest)
        return fitting


@dataclass(frozen=True, slots=True, eq=False)
class VectorQuery:
    """One search, in the numbers of the matrix it is about.

    Attributes:
        vector: (dimensions,) float32; its product with a song's vector is the song's score.
        asked: (songs asked about, dimensions) float32 of unit length.
        rows: which songs are admitted; none that was asked about.
        same_song: cosine from which two vectors are one song in two encodings.
        levels: scores at which likeness rises a level, rising. Below the first, a song does not
            sound like those asked about.
        per_poster: how many songs of one member a page shows, where others are as alike.
        limit: songs a page.
        page: number of the page, from 0.
    """

    vector: npt.NDArray[np.float32]
    asked: npt.NDArray[np.float32]
    rows: RowFilter
    same_song: float
    levels: tuple[float, ...]
    per_poster: int
    limit: int
    page: int


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A song found; `vector` is a copy of its (dimensions,) unit vector."""

    song_id: int
    score: float
    vector: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """One page of the nearest songs, each recording once.

    Attributes:
        hits: the page's songs, the most alike level first.
        alike: how many songs reach the first level, at most `DEPTH`. Where none does, the first
            page has the nearest all the same.
        compared: how many songs were admitted.
    """

    hits: tuple[Hit, ...]
    alike: int
    compared: int


def search(snapshot: Snapshot, query: VectorQuery) -> Ranking:
    """Find one page of the songs nearest to the query."""
    rows, scores = _nearest(snapshot, query)
    if len(rows) == 0:
        return Ranking((), 0, 0)
    vectors = gather([block.vectors[:used] for block, used in snapshot], rows)
    facts = gather_facts(snapshot, rows)
    first = _first_of_each(vectors, facts, query.same_song)
    alike = first[scores[first] >= query.levels[0]]
    nothing_alike = len(alike) == 0 and query.page == 0
    chosen = first[: query.limit] if nothing_alike else _page(scores, facts, alike, query)
    ids = facts.song_ids
    hits = (Hit(int(ids[i]), float(scores[i]), np.array(vectors[i])) for i in chosen)
    return Ranking(tuple(hits), len(alike), _compared(snapshot, query))


def _nearest(
    snapshot: Snapshot, query: VectorQuery
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Find the nearest rows that the query admits, at most `DEPTH`.

    The facts are read for the nearest rows only, and for more where too few are admitted: what
    was left out is farther than all that were looked at, so with `DEPTH` found none is missed.

    Returns:
        Rows counted through all blocks, and their scores; nearest first, then oldest.
    """
    if not snapshot:
        return np.empty(0, np.intp), np.empty(0, np.float32)
    # Row by row at the speed of memory: for 100,000 vectors of 160 numbers `np.vecdot` takes
    # 6.4 ms of one processor, BLAS's matrix-vector product 15 and torch's 12.
    parts = [np.vecdot(block.vectors[:used], query.vector) for block, used in snapshot]
    scores = np.concatenate(parts)
    for depth in (4 * DEPTH, 64 * DEPTH, len(scores)):
        rows = _highest(scores, depth)
        rows = rows[_admitted(snapshot, rows, query)]
        rows = rows[~_is_asked(snapshot, rows, query)]
        if len(rows) >= DEPTH or depth >= len(scores):
            break
    rows.sort()  # the oldest first, so that a stable sort keeps them so among equals
    rows = rows[np.argsort(-scores[rows], kind="stable")[:DEPTH]]
    return rows, scores[rows]


def _highest(values: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    """Return where the `count` highest of (n,) values are, in no order."""
    if count >= len(values):
        return np.arange(len(values))
    return np.argpartition(values, -count)[-count:]


def gather(tables: Sequence[npt.NDArray[Row]], rows: npt.NDArray[np.intp]) -> npt.NDArray[Row]:
    """Copy rows counted through several tables, without joining the tables."""
    if len(tables) == 1:
        return tables[0].take(rows, axis=0)
    starts = np.cumsum([0, *map(len, tables)])
    numbers = np.searchsorted(starts, rows, side="right") - 1
    gathered = np.empty((len(rows), *tables[0].shape[1:]), tables[0].dtype)
    for number in np.unique(numbers):
        here = numbers == number
        gathered[here] = tables[number][rows[here] - starts[number]]
    return gathered


def gather_facts(snapshot: Snapshot, rows: npt.NDArray[np.intp]) -> RowFacts:
    """Copy what is known of rows counted through all blocks."""
    blocks = [block.facts[:used].columns for block, used in snapshot]
    return RowFacts(*(gather(tables, rows) for tables in zip(*blocks, strict=True)))


def _admitted(
    snapshot: Snapshot, rows: npt.NDArray[np.intp], query: VectorQuery
) -> npt.NDArray[np.bool_]:
    """Return which rows hold songs that the query's filters admit."""
    return query.rows.admits(gather_facts(snapshot, rows))


def _is_asked(
    snapshot: Snapshot, rows: npt.NDArray[np.intp], query: VectorQuery
) -> npt.NDArray[np.bool_]:
    """Return which rows are one of the songs asked about, in another encoding."""
    vectors = gather([block.vectors[:used] for block, used in snapshot], rows)
    same = np.zeros(len(rows), bool)
    for asked in query.asked:
        same |= np.vecdot(vectors, asked) >= query.same_song
    return same


def _compared(snapshot: Snapshot, query: VectorQuery) -> int:
    """Count the recordings that the query's filters admit."""
    # A recording is called after its first song, and most have no other: `np.unique` of all takes
    # nine times as long as the search.
    count, firsts, others = 0, [], []
    for block, used in snapshot:
        facts = block.facts[:used]
        recordings, admitted = facts.recordings, query.rows.admits(facts)
        is_first = recordings == facts.song_ids
        count += int(np.count_nonzero(admitted & is_first))
        firsts.append((recordings, admitted & is_first))
        others.append(recordings[admitted > is_first])
    other = np.unique(np.concatenate(others))
    if len(other) == 0:
        return count
    first = np.concatenate([recordings[chosen] for recordings, chosen in firsts])
    return count + len(other) - int(np.isin(other, first).sum())


def _first_of_each(
    vectors: npt.NDArray[np.float32], facts: RowFacts, same_song: float
) -> npt.NDArray[np.intp]:
    """Return the nearest of each recording.

    Args:
        vectors: (n, dimensions), nearest first.
        facts: (n,) of the same songs.
        same_song: cosine from which two are one recording, though they were not stored as such.
    """
    recordings, contents = facts.recordings, facts.contents
    same = vectors @ vectors.T >= same_song  # at most `DEPTH` squared
    same |= recordings[:, np.newaxis] == recordings
    same |= (contents[:, np.newaxis] == contents) & (contents != 0)
    same = np.triu(same, k=1)  # only what comes later is left out
    left = np.ones(len(facts), bool)
    for i in np.flatnonzero(same.any(axis=1)):
        if left[i]:
            left &= ~same[i]
    return np.flatnonzero(left)


def _page(
    scores: npt.NDArray[np.float32],
    facts: RowFacts,
    alike: npt.NDArray[np.intp],
    query: VectorQuery,
) -> npt.NDArray[np.intp]:
    """Choose the page's songs, all pages but the last being full.

    Within a level of likeness a page shows other members' songs before a third one of the same;
    no song comes before one that is more alike by a level.
    """
    levels = np.searchsorted(query.levels, scores, side="right").tolist()
    posters = facts.poster_ids.tolist()
    waiting = alike.tolist()  # nearest first, so that those of a level stand together
    chosen: list[int] = []
    for _ in range(query.page + 1):
        chosen = []
        shown: Counter[int] = Counter()
        while waiting and len(chosen) < query.limit:
            _, equal = next(groupby(waiting, levels.__getitem__))
            fresh = (i for i in equal if shown[posters[i]] < query.per_poster)
            taken = next(fresh, waiting[0])
            waiting.remove(taken)
            chosen.append(taken)
            shown[posters[taken]] += 1
    return np.array(chosen, np.intp)
