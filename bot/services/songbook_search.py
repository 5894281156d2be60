"""The exact search over one server's vectors, and its rules of politeness. Plain numpy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.services.songbook_matrix import Block, Slot

DEPTH = 1024  # songs that pages are made of; beyond them nothing is near any more
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
    scores = _scores(snapshot, question)
    near = _nearest(scores, DEPTH)
    if len(near) == 0:
        return (), False
    starts = np.cumsum([0, *(used for _, used in snapshot)])
    blocks = np.searchsorted(starts, near, side="right") - 1
    rows = near - starts[blocks]
    vectors, facts = _gather(snapshot, blocks, rows)
    chosen, more = _page(vectors, facts, question)
    hits = (
        Hit(int(facts["song_id"][i]), float(scores[near[i]]), Slot(int(blocks[i]), int(rows[i])))
        for i in chosen
    )
    return tuple(hits), more


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


def _scores(snapshot: Snapshot, question: Question) -> npt.NDArray[np.float32]:
    """Cosine of every row to the question, -inf where the row is out of the question."""
    scores = np.empty(sum(used for _, used in snapshot), np.float32)
    start = 0
    for block, used in snapshot:
        part = scores[start : start + used]
        # Row by row at the speed of memory; BLAS's matrix-vector product took three times as long.
        np.vecdot(block.vectors[:used], question.vector, out=part)
        part[~_admitted(block.facts[:used], part, question)] = -np.inf
        start += used
    return scores


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


def _nearest(scores: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    """Places of the `count` highest scores that are not -inf, highest first, then oldest."""
    places = np.arange(len(scores))
    if len(scores) > count:
        places = np.sort(np.argpartition(scores, -count)[-count:])
    places = places[np.argsort(-scores[places], kind="stable")]
    return places[np.isfinite(scores[places])]


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
