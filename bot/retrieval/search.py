"""The exact search over one server's vectors, and its rules of politeness. Plain numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bot.retrieval.index import RowBlock, Slot

DEPTH = 256  # songs that pages are made of; beyond them nothing is near any more
SAMPLED = 16  # of so many ceilings one tells how high the highest are
DEAR = 8  # to read a row out of its turn takes as long as so many in their turn
Snapshot = tuple[tuple[RowBlock, int], ...]
Near = tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]  # places and cosines
Row = TypeVar("Row", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class VectorQuery:
    """What the search needs to know, in the numbers of the matrix it is about.

    Attributes:
        vector: (dimensions,) float32 of unit length.
        song_id: the song asked about, 0 when it is not remembered.
        content: first 8 bytes of its file's hash, 0 when unknown.
        channels: (channels of the matrix,) bool, which may be answered from.
        genre: number of the genre wanted, None for any.
        poster_id: the member wanted, None for any.
        tempo_bpm: lowest and highest tempo wanted, None for any.
        same_song: cosine from which two vectors are one song in two encodings.
        per_poster: how many songs of one member a page may show.
        limit: songs a page.
        page: number of the page, from 0.
    """

    vector: npt.NDArray[np.float32]
    song_id: int
    content: int
    channels: npt.NDArray[np.bool_]
    genre: int | None
    poster_id: int | None
    tempo_bpm: tuple[float, float] | None
    same_song: float
    per_poster: int
    limit: int
    page: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A song found: its id, the cosine, and where it lies in the matrix."""

    song_id: int
    cosine: float
    slot: Slot


def search(snapshot: Snapshot, question: VectorQuery) -> tuple[tuple[Hit, ...], bool]:
    """Find one page of the songs nearest to the question.

    Returns:
        The hits, nearest first, and whether another page follows.
    """
    places, cosines = _nearest(snapshot, question)
    if len(places) == 0:
        return (), False
    blocks, rows = _located(snapshot, places)
    vectors = _gather([block.vectors for block, _ in snapshot], blocks, rows)
    facts = _gather([block.facts for block, _ in snapshot], blocks, rows)
    chosen, more = _page(vectors, facts, question)
    hits = (
        Hit(int(facts["song_id"][i]), float(cosines[i]), Slot(int(blocks[i]), int(rows[i])))
        for i in chosen
    )
    return tuple(hits), more


def _nearest(
    snapshot: Snapshot, question: VectorQuery
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Find the nearest rows that may be shown, at most `DEPTH`.

    Returns:
        Their places, counted through all blocks, and their cosines; nearest first, then oldest.
    """
    if not snapshot:
        return np.empty(0, np.intp), np.empty(0, np.float32)
    found = None
    if any(block.coarse is not None for block, _ in snapshot):
        found = _nearest_by_ceilings(snapshot, question)
    places, cosines = found or _nearest_by_cosines(snapshot, question)
    order = np.argsort(-cosines, kind="stable")[:DEPTH]
    return places[order], cosines[order]


def _nearest_by_ceilings(snapshot: Snapshot, question: VectorQuery) -> Near | None:
    """Compute few cosines; None where too many songs are about as near, or few may be shown."""

    def weigh(places: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        vectors = _gather([block.vectors for block, _ in snapshot], *_located(snapshot, places))
        return np.vecdot(vectors, question.vector)  # type: ignore[no-any-return]  # typed as Any

    ceilings = _joined([block.ceilings(question.vector, used) for block, used in snapshot])
    return _above_a_bar(snapshot, question, ceilings, weigh, most=len(ceilings) // DEAR)


def _nearest_by_cosines(snapshot: Snapshot, question: VectorQuery) -> Near:
    """Compute every cosine."""
    cosines = _joined([block.cosines(question.vector, used) for block, used in snapshot])
    weigh = cosines.__getitem__
    found = _above_a_bar(snapshot, question, cosines, weigh, most=len(cosines))
    assert found is not None  # as any number may be weighed
    return found


def _above_a_bar(
    snapshot: Snapshot,
    question: VectorQuery,
    ceilings: npt.NDArray[np.float32],
    weigh: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.float32]],
    most: int,
) -> Near | None:
    """Find all songs that may be shown whose cosine is above a bar, `DEPTH` or more of them.

    Args:
        snapshot: the songs.
        question: what may be shown.
        ceilings: (songs,) what no cosine is above.
        weigh: gives the cosines at some places.
        most: how many cosines it makes sense to weigh.

    Returns:
        Places and cosines, of some songs below the bar as well; None when more should be weighed.
    """
    for wanted in (4 * DEPTH, 16 * DEPTH, 64 * DEPTH, len(ceilings)):
        bar = _bar(ceilings, wanted)
        places = _admitted(snapshot, np.flatnonzero(ceilings >= bar), question)
        if len(places) > most:
            break
        cosines = weigh(places)
        others = cosines < question.same_song  # than other files of the song asked about
        places, cosines = places[others], cosines[others]
        # Songs left out have cosines below the bar: with enough above it, none is missed.
        if bar == -np.inf or np.count_nonzero(cosines >= bar) >= DEPTH:
            return places, cosines
    return None


def _bar(ceilings: npt.NDArray[np.float32], wanted: int) -> float:
    """Find what about so many of the highest ceilings reach.

    It is told from a sample: to sort even a part of all would take longer than one look at each.
    """
    sample = ceilings[::SAMPLED]
    enough = wanted // SAMPLED
    return float(np.partition(sample, -enough)[-enough]) if enough < len(sample) else -np.inf


def _joined(parts: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Join what belongs to several blocks, without copying that of a single one."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _located(
    snapshot: Snapshot, places: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Tell the blocks and their rows of places counted through all blocks."""
    if len(snapshot) == 1:
        return np.zeros_like(places), places
    starts = np.cumsum([0, *(used for _, used in snapshot)])
    blocks = np.searchsorted(starts, places, side="right") - 1
    return blocks, places - starts[blocks]


def _gather(
    tables: Sequence[npt.NDArray[Row]], blocks: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]
) -> npt.NDArray[Row]:
    """Copy rows that lie in several blocks, of which `tables` are the vectors or the facts."""
    if len(tables) == 1:
        return tables[0].take(rows, axis=0)
    gathered = np.empty((len(rows), *tables[0].shape[1:]), tables[0].dtype)
    for number in np.unique(blocks):
        here = blocks == number
        gathered[here] = tables[number][rows[here]]
    return gathered


def _admitted(
    snapshot: Snapshot, places: npt.NDArray[np.intp], question: VectorQuery
) -> npt.NDArray[np.intp]:
    """Keep the places of songs that may be shown."""
    facts = _gather([block.facts for block, _ in snapshot], *_located(snapshot, places))
    admitted = facts["alive"] & question.channels[facts["channel"]]
    admitted &= facts["song_id"] != question.song_id
    if question.content:
        admitted &= facts["content"] != question.content
    if question.genre is not None:
        admitted &= facts["genre"] == question.genre
    if question.poster_id is not None:
        admitted &= facts["poster_id"] == question.poster_id
    if question.tempo_bpm is not None:
        lowest, highest = question.tempo_bpm
        admitted &= (facts["tempo"] >= lowest) & (facts["tempo"] <= highest)
    return places[admitted]  # type: ignore[no-any-return]  # fields of a structured array are Any


def _page(
    vectors: npt.NDArray[np.float32], facts: npt.NDArray[np.void], question: VectorQuery
) -> tuple[list[int], bool]:
    """Choose the page's songs among the nearest; what one page defers, a later one shows.

    Args:
        vectors: (n, dimensions), nearest first.
        facts: (n,) of the same songs.
        question: the page and its rules.
    """
    left = np.ones(len(facts), bool)
    chosen: list[int] = []
    for _ in range(question.page + 1):
        chosen = []
        shown: Counter[int] = Counter()
        for i in np.flatnonzero(left):
            poster = int(facts["poster_id"][i])
            if not left[i] or shown[poster] == question.per_poster:
                continue
            chosen.append(int(i))
            shown[poster] += 1
            left &= ~_same_song(vectors, facts, int(i), question.same_song)
            if len(chosen) == question.limit:
                break
    return chosen, bool(left.any())


def _same_song(
    vectors: npt.NDArray[np.float32], facts: npt.NDArray[np.void], i: int, same_song: float
) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = np.vecdot(vectors, vectors[i]) >= same_song
    if facts["content"][i]:
        same |= facts["content"] == facts["content"][i]
    same[i] = True
    return same
