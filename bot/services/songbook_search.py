"""The exact search over one server's vectors, and its rules of politeness. Plain numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.services.songbook_matrix import Block, Slot

DEPTH = 256  # songs that pages are made of; beyond them nothing is near any more
FIRST_PIECE, LARGEST_PIECE = 2 * DEPTH, 16_384  # rows looked at together
Snapshot = tuple[tuple[Block, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
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


def search(snapshot: Snapshot, question: Question) -> tuple[tuple[Hit, ...], bool]:
    """Find one page of the songs nearest to the question.

    Returns:
        The hits, nearest first, and whether another page follows.
    """
    places, cosines = _nearest(snapshot, question)
    if len(places) == 0:
        return (), False
    starts = np.cumsum([0, *(used for _, used in snapshot)])
    blocks = np.searchsorted(starts, places, side="right") - 1
    rows = places - starts[blocks]
    vectors, facts = _gather(snapshot, blocks, rows)
    chosen, more = _page(vectors, facts, question)
    hits = (
        Hit(int(facts["song_id"][i]), float(cosines[i]), Slot(int(blocks[i]), int(rows[i])))
        for i in chosen
    )
    return tuple(hits), more


def _nearest(
    snapshot: Snapshot, question: Question
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Find the nearest rows that may be shown, at most `DEPTH`.

    Returns:
        Their places, counted through all blocks, and their cosines; nearest first, then oldest.
    """
    places: list[npt.NDArray[np.intp]] = []
    cosines: list[npt.NDArray[np.float32]] = []
    least = np.float32(-np.inf)  # what a row must exceed to be among the nearest so far
    for start, vectors, facts in _pieces(snapshot):
        # Row by row at the speed of memory; BLAS's matrix-vector product took three times as long.
        part = np.vecdot(vectors, question.vector)
        rows = np.flatnonzero(part > least)
        rows = rows[_admitted(facts.take(rows), part[rows], question)]
        places.append(rows + start)
        cosines.append(part[rows])
        if sum(map(len, places)) >= 2 * DEPTH:
            best = _nearest_of(places, cosines)
            places, cosines, least = [best[0]], [best[1]], best[1][-1]
    return _nearest_of(places, cosines)


def _pieces(
    snapshot: Snapshot,
) -> Iterator[tuple[int, npt.NDArray[np.float32], npt.NDArray[np.void]]]:
    """Cut the blocks into pieces, each with its first place.

    Each piece is twice the one before: of the first, every row may be among the nearest and
    costs time, of those after it, ever fewer.
    """
    start, most = 0, FIRST_PIECE
    for block, used in snapshot:
        row = 0
        while row < used:
            rows = slice(row, min(row + most, used))
            yield start + row, block.vectors[rows], block.facts[rows]
            row, most = rows.stop, min(2 * most, LARGEST_PIECE)
        start += used


def _nearest_of(
    places: list[npt.NDArray[np.intp]], cosines: list[npt.NDArray[np.float32]]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    every = np.concatenate([np.empty(0, np.float32), *cosines])
    order = np.argsort(-every, kind="stable")[:DEPTH]
    return np.concatenate([np.empty(0, np.intp), *places])[order], every[order]


def _gather(
    snapshot: Snapshot, blocks: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.void]]:
    """Copy rows that lie in several blocks: (n, dimensions) vectors and (n,) facts."""
    first = snapshot[0][0]
    vectors = np.empty((len(rows), first.vectors.shape[1]), first.vectors.dtype)
    facts = np.empty(len(rows), first.facts.dtype)
    for number in np.unique(blocks):
        block, here = snapshot[number][0], blocks == number
        vectors[here] = block.vectors[rows[here]]
        facts[here] = block.facts[rows[here]]
    return vectors, facts


def _admitted(
    facts: npt.NDArray[np.void], cosines: npt.NDArray[np.float32], question: Question
) -> npt.NDArray[np.bool_]:
    admitted = facts["alive"] & question.channels[facts["channel"]]
    admitted &= cosines < question.same_song
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
    return admitted  # type: ignore[no-any-return]  # fields of a structured array are Any


def _page(
    vectors: npt.NDArray[np.float32], facts: npt.NDArray[np.void], question: Question
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
    same: npt.NDArray[np.bool_] = vectors @ vectors[i] >= same_song
    if facts["content"][i]:
        same |= facts["content"] == facts["content"][i]
    same[i] = True
    return same
