"""How fast the songbook searches, remembers and starts, and how much memory it takes.

    python -m benchmarks.songbook_search [--songs 100000] [--servers 1000] [--postgres] [--json]

With `--postgres` the songs are moved to a PostgreSQL of the run's own afterwards, and the first
question and whole answers are timed there too. It shares the machine's cores.

Compares with sqlite-vec in the same run, question by question in turns. As many Pythons
cannot load extensions, sqlite-vec runs with pysqlite3 in an environment of its own, made once
in the user's cache folder; where that cannot be had, the table says so.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.pulse import pulse, timed
from benchmarks.songbook_made_up import (
    CHANNELS,
    DIMENSIONS,
    MODEL,
    TRAITS,
    Vectors,
    fill,
    made_up_vectors,
)
from benchmarks.songbook_rival_process import Rival, rival_process
from benchmarks.tables import Row, print_tables
from bot.concurrency import open_executors
from bot.retrieval.search import RowFilter, VectorQuery, search
from bot.retrieval.vectors import VectorCache
from bot.songbook.service import Songbook
from bot.songbook.similar import SimilaritySearch
from bot.songbook.values import Query, ReadableChannels
from ml.music.hearing import SimilarityScale
from storage.database import SqliteDatabase
from storage.files import DataFolder
from storage.moving import move
from storage.song_values import HeardSong, Post
from storage.songs import Songs
from tests.helpers.databases import Opens
from tests.helpers.postgres import postgres_server

LIMIT = 10  # songs a question
STARTS = 5  # how often the first question is timed
SAME_SONG = 0.98  # cosine
SCALE = SimilarityScale(offset=20.0)  # any two songs sound alike: nothing is cut off
ALL_ALIKE = (-1.0,)
REACH = ReadableChannels(frozenset(range(CHANNELS)), frozenset(), asked_in=0)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(slots=True)
class Searches:
    """Times and recalls of searches; the first is for warming up."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)

    def add(self, clock: float, processor: float, nearest: set[int], found: set[int]) -> None:
        """Add a search of so many milliseconds, which should have found `nearest`."""
        self.clock.append(clock)
        self.processor.append(processor)
        self.recalls.append(len(nearest & found) / len(nearest))


@dataclass(frozen=True, slots=True)
class Opened:
    """A songbook with its vectors and the search over them."""

    cache: VectorCache
    songbook: Songbook
    search: SimilaritySearch


@asynccontextmanager
async def opened(where: str | Path, memory_bytes: int = 1 << 40) -> AsyncIterator[Opened]:
    """Open a songbook, of a file or an address, with one thread to search on."""
    with open_executors(1) as executors:
        async with Opens(str(where))() as database:
            songs = Songs(database)
            cache = VectorCache(songs, MODEL, memory_bytes, executors.search)
            search = SimilaritySearch(songs, cache, executors.search, SCALE, same_song=SAME_SONG)
            yield Opened(cache, Songbook(database, cache), search)
            await cache.close()


def about(vectors: Vectors, number: int) -> Query:
    """Ask about one of the songs."""
    return Query(MODEL, vectors[number][np.newaxis])


def resident_bytes() -> int:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def measure_start(where: str | Path, vectors: Vectors, most: float = 1500) -> list[Row]:
    """Time the first question, how long the loop stood still meanwhile, and the memory.

    Args:
        where: a file or an address.
        vectors: what the songs of each server are.
        most: milliseconds that the first question may take.
    """
    found = [await _start_once(where, vectors) for _ in range(STARTS)]
    first, p99, grown, held = zip(*found, strict=True)
    return [
        Row.of("first question after a start, ms", first, most),
        Row.of("· the loop's lag meanwhile, 99th percentile, ms", p99, 50),
        # Once: the memory that a start leaves is used by the next.
        Row.of("· memory of the process ÷ vectors", grown[:1], 2),
        Row.of("· memory accounted ÷ vectors", held, 2),
    ]


async def _start_once(where: str | Path, vectors: Vectors) -> tuple[float, float, float, float]:
    async with opened(where) as book:
        gc.collect()
        before = resident_bytes()
        async with pulse() as lags:
            first = await timed(
                lambda: book.search.nearest(0, about(vectors, 1), REACH, limit=LIMIT)
            )
        gc.collect()
        grown = (resident_bytes() - before) / vectors.nbytes
        held = book.cache.nbytes / vectors.nbytes
    return first, float(np.percentile(lags, 99)), grown, held


async def measure_searches(
    path: Path, vectors: Vectors, rounds: int, rival: Rival | None
) -> list[Row]:
    """Search and let the rival search in turns, and compare both with float64 arithmetic."""
    numbers = np.random.default_rng(1).integers(0, len(vectors), rounds).tolist()
    exact = [true_nearest(vectors, number) for number in numbers]
    ours, theirs = Searches(), Searches()
    with open_executors(1) as executors:
        executor = executors.search
        async with SqliteDatabase.open(path) as database:
            cache = VectorCache(Songs(database), MODEL, 1 << 40, executor)
            matrix = await cache.matrix(0)
            for number, nearest in zip([numbers[0], *numbers], [exact[0], *exact], strict=True):
                question = question_about(vectors[number])
                started, busy = time.perf_counter(), time.process_time()
                hits = search(matrix.snapshot(), question).hits
                clock = 1e3 * (time.perf_counter() - started)
                processor = 1e3 * (time.process_time() - busy)
                ours.add(clock, processor, nearest, {hit.song_id - 2 for hit in hits})
                if rival:
                    clock, processor, found = rival(number)
                    theirs.add(clock, processor, nearest, found)
            await cache.close()
    return _search_rows(ours, theirs)


def question_about(vector: Vectors) -> VectorQuery:
    """Ask without any filter."""
    everywhere = RowFilter(np.ones(CHANNELS, bool))
    return VectorQuery(vector, vector[np.newaxis], everywhere, SAME_SONG, ALL_ALIKE, 2, LIMIT, 0)


def _search_rows(ours: Searches, theirs: Searches) -> list[Row]:
    rows = [
        Row.of("search, warm, ms", ours.clock[1:], 8),
        Row.of_all("· of the processor, ms", ours.processor[1:]),
        Row.of_all("· recall at 10", ours.recalls, "1.0", lambda recall: recall == 1.0),
    ]
    if theirs.clock:
        rows += [
            Row.of_all("sqlite-vec, the same search, ms", theirs.clock[1:]),
            Row.of_all("· of the processor, ms", theirs.processor[1:]),
            Row.of_all("· its recall at 10", theirs.recalls),
            _ratio("sqlite-vec ÷ ours, pair by pair", theirs.clock, ours.clock),
            _ratio("· of the processor", theirs.processor, ours.processor),
        ]
    return rows


def _ratio(name: str, theirs: list[float], ours: list[float]) -> Row:
    ratios = [their / our for their, our in zip(theirs[1:], ours[1:], strict=True)]
    return Row.of_all(name, ratios, "≥ 6", lambda ratio: ratio >= 6)


async def measure_answers(where: str | Path, vectors: Vectors, rounds: int) -> list[Row]:
    """Time whole answers: the search, and the songs read from the database."""
    times = []
    async with opened(where) as book:
        await book.search.nearest(0, about(vectors, 0), REACH)
        for number in range(rounds):
            query = about(vectors, number)
            times.append(await timed(lambda q=query: book.search.nearest(0, q, REACH)))  # type: ignore[misc]
    return [Row.of_all("a whole answer through the service, ms", times)]


def true_nearest(vectors: Vectors, number: int) -> set[int]:
    """Rows of the nearest in float64, the row itself left out."""
    cosines = vectors.astype(np.float64) @ vectors[number].astype(np.float64)
    cosines[number] = -2
    return set(np.argpartition(cosines, -LIMIT)[-LIMIT:].tolist())


async def measure_remembering(path: Path, vectors: Vectors, rounds: int) -> list[Row]:
    """Time writes, first alone, then while the server is searched without a pause."""
    rows = []
    async with opened(path) as book:
        await book.search.nearest(0, about(vectors, 0), REACH)

        async def ask_on() -> None:
            while True:
                await book.search.nearest(0, about(vectors, 0), REACH)

        for name, first in (("alone", 10**9), ("while searches run", 2 * 10**9)):
            asking = asyncio.create_task(ask_on()) if first > 10**9 else None
            times = []
            for number in range(first, first + rounds):
                post = Post(0, 0, number, number, number, f"Song {number}", datetime.now(UTC))
                heard = HeardSong(MODEL, vectors[number % len(vectors)], TRAITS)
                times.append(await timed(lambda p=post, h=heard: book.songbook.remember(p, h)))  # type: ignore[misc]
            if asking:
                asking.cancel()
            rows.append(Row.of(f"remember a song, {name}, ms", times, 5))
    return rows


async def measure_many_servers(path: Path, vectors: Vectors, servers: int) -> list[Row]:
    """Ask every server once with room for a tenth of them."""
    limit = servers * vectors.nbytes // 10
    most, times = 0, []
    async with opened(path, memory_bytes=limit) as book:
        for server in range(servers):
            times.append(
                await timed(lambda s=server: book.search.nearest(s, about(vectors, 0), REACH))  # type: ignore[misc]
            )
            most = max(most, book.cache.nbytes)
    return [
        Row.of("most memory ÷ the setting", [most / limit], 1),
        Row.of_all("first question to each, ms", times),
    ]


async def measure_postgres(data: DataFolder, vectors: Vectors, rounds: int) -> list[Row]:
    """Move the songs to PostgreSQL, and time the first question and whole answers there."""
    with postgres_server() as server:
        url = await server.empty_database()
        await move(data, url)
        rows = await measure_start(url, vectors, most=1000)
        return rows + await measure_answers(url, vectors, rounds)


async def measure(options: argparse.Namespace) -> dict[str, list[Row]]:
    """Measure everything; gives the rows under their headings."""
    songs, servers, rounds = options.songs, options.servers, options.rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vectors = made_up_vectors(songs)
        data = DataFolder(folder / "data")
        data.path.mkdir()
        one = data.database
        await fill(one, vectors, servers=1)
        large = f"{songs:,} songs × {DIMENSIONS} dimensions in one server, one thread"
        tables = {large: await measure_start(one, vectors)}
        with rival_process(vectors, folder, LIMIT) as rival:
            tables[large] += await measure_searches(one, vectors, rounds, rival)
        tables[large] += await measure_answers(one, vectors, rounds)
        tables[large] += await measure_remembering(one, vectors, rounds)
        if options.postgres:
            tables["The same in PostgreSQL"] = await measure_postgres(data, vectors, rounds)
        if servers:
            many = folder / "many.db"
            await fill(many, vectors[:1000], servers)
            tables[f"{servers:,} servers × 1,000 songs"] = await measure_many_servers(
                many, vectors[:1000], servers
            )
    return tables


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--songs", type=int, default=100_000)
    parser.add_argument("--servers", type=int, default=1000, help="0 leaves this part out")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--postgres", action="store_true", help="the same there")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in THREADS):
        # Numpy reads these when it is imported, so we start once more.
        command = [sys.executable, "-m", "benchmarks.songbook_search", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | dict.fromkeys(THREADS, "1"))
    tables = asyncio.run(measure(arguments))
    if arguments.json:
        rows = {heading: [asdict(row) for row in rows] for heading, rows in tables.items()}
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print_tables(tables)


if __name__ == "__main__":
    main()
