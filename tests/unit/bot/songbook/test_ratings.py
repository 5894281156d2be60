"""What members' thumbs teach a server, and what they cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bot.songbook.similar import Weights
from bot.songbook.taste import FEWEST, LARGEST, RatingService, learned_weights
from ml.music.hearing import SimilarityScale
from storage.database import SqliteDatabase
from storage.members import Rating, Ratings
from tests.factories import heard_song
from tests.helpers.databases import migrated_file
from tests.unit.bot.songbook.factories import (
    EVERYWHERE,
    MODEL,
    NOW,
    SERVER,
    Book,
    keep,
    open_book,
    post,
)

Vector = npt.NDArray[np.float32]
PARTS = {"timbre": slice(0, 24), "harmony": slice(24, 40), "rhythm": slice(40, 52)}
WEIGHTS = {"timbre": 0.55, "harmony": 0.30, "rhythm": 0.15}
SCALE = SimilarityScale(PARTS, slope=10.0, offset=20.0)  # nothing is cut off


def made_up(random: np.random.Generator) -> Vector:
    """A song that is like no other in any part."""
    parts = []
    for name, stretch in PARTS.items():
        part = random.standard_normal(stretch.stop - stretch.start)
        parts.append(np.sqrt(WEIGHTS[name]) * part / np.linalg.norm(part))
    return np.concatenate(parts).astype(np.float32)


def rating(member_id: int, *, liked: bool, **shares: float) -> Rating:
    return Rating(SERVER, member_id, 1, None, liked, MODEL, shares, NOW)


def same_rhythm(one: Vector, other: Vector) -> bool:
    return SCALE.compare(one, other).cosines["rhythm"] > 0.3


async def precision(book: Book, vectors: Sequence[Vector], ids: Sequence[int]) -> float:
    """The share of the first five answers that members of this server would like."""
    liked = []
    numbers = {song_id: number for number, song_id in enumerate(ids)}
    for number in range(60, 100):
        query = await book.search.query_about(SERVER, ids[number], EVERYWHERE)
        page = await book.search.nearest(SERVER, query, EVERYWHERE)
        liked += [
            same_rhythm(vectors[number], vectors[numbers[match.song.song_id]])
            for match in page.matches
        ]
    return float(np.mean(liked))


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


async def test_thumbs_help_a_server_whose_members_care_for_rhythm_only(
    tmp_path: Path, executor: Executor
) -> None:
    random = np.random.default_rng(5)
    vectors = [made_up(random) for _ in range(100)]
    async with SqliteDatabase.open(await migrated_file(tmp_path / "songs.db")) as database:
        ratings = RatingService(Ratings(database), MODEL, SCALE)
        async with open_book(database, executor, scale=SCALE, weights=ratings.weights) as book:
            ids = [
                await keep(book, post(number), heard_song(vector=vector))
                for number, vector in enumerate(vectors, 1)
            ]
            before = await precision(book, vectors, ids)
            for asked in range(12):  # five thumbs under each of twelve answers, by two members
                query = await book.search.query_about(SERVER, ids[asked], EVERYWHERE)
                page = await book.search.nearest(SERVER, query, EVERYWHERE)
                for match in page.matches:
                    found = vectors[ids.index(match.song.song_id)]
                    await ratings.rate(
                        SERVER,
                        asked % 2,
                        match.song.song_id,
                        ids[asked],
                        match.parts,
                        liked=same_rhythm(vectors[asked], found),
                    )
            after = await precision(book, vectors, ids)
            weights = await ratings.weights(SERVER)
    assert weights["rhythm"] > max(weights["timbre"], weights["harmony"])
    assert after > before + 0.15


def test_a_few_thumbs_change_nothing() -> None:
    few = [rating(i, liked=i % 2 == 0, rhythm=0.1 * (i % 2)) for i in range(FEWEST - 1)]
    assert learned_weights(few, SCALE) == {}


def test_thumbs_that_all_point_one_way_say_nothing_of_the_parts() -> None:
    assert learned_weights([rating(i, liked=True, rhythm=0.1) for i in range(50)], SCALE) == {}


def test_no_part_ever_vanishes_however_many_thumbs_there_are() -> None:
    many = [
        rating(i, liked=i % 2 == 0, rhythm=0.15 * (i % 2 == 0), timbre=0.5 * (i % 2))
        for i in range(1000)
    ]
    weights = learned_weights(many, SCALE)
    assert weights["rhythm"] == pytest.approx(LARGEST)
    assert weights["timbre"] == pytest.approx(1 / LARGEST)


def test_one_member_does_not_outvote_many() -> None:
    def voted(loud: int) -> Weights:
        """Many who care for rhythm, and one who cares for harmony with so many thumbs."""
        quiet = [
            rating(i, liked=i % 2 == 0, rhythm=0.15 * (i % 2 == 0), harmony=0.1) for i in range(60)
        ]
        one = [
            rating(99, liked=i % 2 == 0, harmony=0.3 * (i % 2 == 0), rhythm=0.15 * (i % 2))
            for i in range(loud)
        ]
        return learned_weights([*quiet, *one], SCALE)

    assert voted(30)["rhythm"] == pytest.approx(voted(3000)["rhythm"], abs=0.25)


async def test_the_same_thumb_again_takes_it_back_and_the_other_changes_it(
    tmp_path: Path, executor: Executor
) -> None:
    async with (
        SqliteDatabase.open(await migrated_file(tmp_path / "songs.db")) as database,
        open_book(database, executor) as book,
    ):
        song_id = await keep(book, post(1), heard_song())
        stored = Ratings(database)
        service = RatingService(stored, MODEL, SCALE)
        parts = SCALE.compare(made_up(np.random.default_rng(0)), made_up(np.random.default_rng(1)))
        said = [
            await service.rate(SERVER, 7, song_id, None, parts, liked=liked)
            for liked in (True, False, False)
        ]
        assert said == [True, True, False]
        assert await stored.of_member(7) == ()


async def test_ratings_go_with_their_song(tmp_path: Path, executor: Executor) -> None:
    async with (
        SqliteDatabase.open(await migrated_file(tmp_path / "songs.db")) as database,
        open_book(database, executor) as book,
    ):
        song_id = await keep(book, post(1), heard_song())
        stored = Ratings(database)
        await stored.rate(SERVER, 7, song_id, song_id, liked=True, model=MODEL, shares={})
        assert len(await stored.of_server(SERVER, MODEL)) == 1
        await book.songbook.forget_song(SERVER, song_id)
        assert await stored.of_server(SERVER, MODEL) == ()
