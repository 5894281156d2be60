"""How fast the songbook searches, remembers and starts, and how much memory it takes.

    python -m benchmarks.songbook_search [--songs 100000] [--servers 1000] [--json]

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
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.services.songbook import Songbook
from bot.services.songbook_search import Question, search
from bot.services.songbook_shelf import SongShelf
from bot.services.songbook_values import Query, Reach, SongbookOptions, Sound
from storage.database import Database
from storage.song_values import Heard, Post, Traits
from storage.songs import Songs

DIMENSIONS = 256
LIMIT = 10  # songs a question
MODEL = "benchmark"
CHANNELS = 20
REACH = Reach(frozenset(range(CHANNELS)), frozenset(), asked_in=0)
TRAITS = Traits(200.0, {"rock": 0.9, "pop": 0.1}, "rock", 120.0)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in milliseconds, other units in the name."""

    name: str
    median: float
    lowest: float
    highest: float
    measured: int
    to_reach: str
    reached: bool | None

    @classmethod
    def of_all(
        cls,
        name: str,
        values: Sequence[float],
        to_reach: str = "",
        reaches: Callable[[float], bool] | None = None,
    ) -> Row:
        """Sum up measurements; `reaches` judges their median."""
        middle = statistics.median(values)
        reached = None if reaches is None else reaches(middle)
        return cls(name, middle, min(values), max(values), len(values), to_reach, reached)

    @classmethod
    def of(cls, name: str, values: Sequence[float], most: float) -> Row:
        """Sum up measurements of which the median may be at most `most`."""
        return cls.of_all(name, values, f"≤ {most:g}", lambda middle: middle <= most)


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


Rival = Callable[[int], tuple[float, float, set[int]]]


def made_up_vectors(count: int) -> Vectors:
    """Give (count, 256) random directions, which no index could prune: the hardest case."""
    vectors = np.random.default_rng(0).standard_normal((count, DIMENSIONS), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


async def fill(path: Path, vectors: Vectors, servers: int) -> None:
    """Write a database in which every server has these songs, from one real song as pattern."""
    pattern = Post(-1, 0, 1, 1, 1, "Lunatic Eyes.mp3", datetime.now(UTC), None, 4_000_000)
    async with Database.open(path) as database:
        await Songs(database).remember(pattern, Heard(MODEL, vectors[0], TRAITS))
    await asyncio.to_thread(_copy_pattern, path, vectors, servers)


def _copy_pattern(path: Path, vectors: Vectors, servers: int) -> None:
    count = len(vectors)
    varied = "guild_id, channel_id, message_id, attachment_id, poster_id"
    same = """title, title_key, posted_at, remembered_at, file_bytes, content_hash, seconds, genre,
        genres, tempo_bpm, rhythm, model_id"""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            f"""INSERT INTO songs (song_id, {varied}, {same})
                SELECT ?, ?, ?, ?, ?, ?, {same} FROM songs WHERE song_id = 1""",
            (
                (2 + server * count + i, server, i % CHANNELS, i, i, i)
                for server in range(servers)
                for i in range(count)
            ),
        )
        connection.executemany(
            "INSERT INTO vectors (song_id, vector) VALUES (?, ?)",
            (
                (2 + server * count + i, vectors[i].tobytes())
                for server in range(servers)
                for i in range(count)
            ),
        )


@asynccontextmanager
async def opened(path: Path, memory_bytes: int = 1 << 40) -> AsyncIterator[Songbook]:
    """Open a songbook with one thread to search on."""
    with ThreadPoolExecutor(1) as executor:
        async with Database.open(path) as database:
            songbook = Songbook(database, MODEL, executor, SongbookOptions(memory_bytes))
            yield songbook
            await songbook.close()


def about(vectors: Vectors, number: int) -> Query:
    """Ask about one of the songs."""
    return Query(MODEL, Sound(vectors[number]))


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds that `work` took."""
    started = time.perf_counter()
    await work()
    return 1e3 * (time.perf_counter() - started)


def resident_bytes() -> int:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def measure_start(path: Path, vectors: Vectors) -> list[Row]:
    """Time the first question, how long the loop stood still meanwhile, and the memory."""
    lags: list[float] = []

    async def feel_the_pulse() -> None:
        while True:
            lags.append(await timed(lambda: asyncio.sleep(0.001)) - 1)

    async with opened(path) as songbook:
        gc.collect()
        before = resident_bytes()
        pulse = asyncio.create_task(feel_the_pulse())
        first = await timed(lambda: songbook.nearest(0, about(vectors, 1), REACH, limit=LIMIT))
        pulse.cancel()
        gc.collect()
        grown = (resident_bytes() - before) / vectors.nbytes
        held = songbook.memory_bytes / vectors.nbytes
    p99 = float(np.percentile(lags, 99))
    return [
        Row.of("first question after a start, ms", [first], 1500),
        Row.of("· the loop's lag meanwhile, 99th percentile, ms", [p99], 50),
        Row.of("· memory of the process ÷ vectors", [grown], 2),
        Row.of("· memory accounted ÷ vectors", [held], 2),
    ]


async def measure_searches(
    path: Path, vectors: Vectors, rounds: int, rival: Rival | None
) -> list[Row]:
    """Search and let the rival search in turns, and compare both with float64 arithmetic."""
    numbers = np.random.default_rng(1).integers(0, len(vectors), rounds).tolist()
    exact = [true_nearest(vectors, number) for number in numbers]
    ours, theirs = Searches(), Searches()
    with ThreadPoolExecutor(1) as executor:
        async with Database.open(path) as database:
            shelf = SongShelf(Songs(database), MODEL, 1 << 40, executor)
            matrix = await shelf.matrix(0)
            for number, nearest in zip([numbers[0], *numbers], [exact[0], *exact], strict=True):
                question = question_about(vectors[number])
                started, busy = time.perf_counter(), time.process_time()
                hits, _ = search(matrix.snapshot(), question)
                clock = 1e3 * (time.perf_counter() - started)
                processor = 1e3 * (time.process_time() - busy)
                ours.add(clock, processor, nearest, {hit.song_id - 2 for hit in hits})
                if rival:
                    clock, processor, found = rival(number)
                    theirs.add(clock, processor, nearest, found)
            await shelf.close()
    return _search_rows(ours, theirs)


def question_about(vector: Vectors) -> Question:
    """Ask without any filter."""
    everywhere = np.ones(CHANNELS, bool)
    return Question(vector, 0, 0, everywhere, None, None, None, 0.98, 2, LIMIT, 0)


def _search_rows(ours: Searches, theirs: Searches) -> list[Row]:
    rows = [
        Row.of("search, warm, ms", ours.clock[1:], 10),
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


async def measure_answers(path: Path, vectors: Vectors, rounds: int) -> list[Row]:
    """Time whole answers: the search, and the songs read from the database."""
    times = []
    async with opened(path) as songbook:
        await songbook.nearest(0, about(vectors, 0), REACH)
        for number in range(rounds):
            query = about(vectors, number)
            times.append(await timed(lambda q=query: songbook.nearest(0, q, REACH)))  # type: ignore[misc]
    return [Row.of_all("a whole answer through the service, ms", times)]


def true_nearest(vectors: Vectors, number: int) -> set[int]:
    """Rows of the nearest in float64, the row itself left out."""
    cosines = vectors.astype(np.float64) @ vectors[number].astype(np.float64)
    cosines[number] = -2
    return set(np.argpartition(cosines, -LIMIT)[-LIMIT:].tolist())


async def measure_remembering(path: Path, vectors: Vectors, rounds: int) -> list[Row]:
    """Time writes, first alone, then while the server is searched without a pause."""
    rows = []
    async with opened(path) as songbook:
        await songbook.nearest(0, about(vectors, 0), REACH)

        async def ask_on() -> None:
            while True:
                await songbook.nearest(0, about(vectors, 0), REACH)

        for name, first in (("alone", 10**9), ("while searches run", 2 * 10**9)):
            asking = asyncio.create_task(ask_on()) if first > 10**9 else None
            times = []
            for number in range(first, first + rounds):
                post = Post(0, 0, number, number, number, f"Song {number}", datetime.now(UTC))
                heard = Heard(MODEL, vectors[number % len(vectors)], TRAITS)
                times.append(await timed(lambda p=post, h=heard: songbook.remember(p, h)))  # type: ignore[misc]
            if asking:
                asking.cancel()
            rows.append(Row.of(f"remember a song, {name}, ms", times, 5))
    return rows


async def measure_many_servers(path: Path, vectors: Vectors, servers: int) -> list[Row]:
    """Ask every server once with room for a tenth of them."""
    limit = servers * vectors.nbytes // 10
    most, times = 0, []
    async with opened(path, memory_bytes=limit) as songbook:
        for server in range(servers):
            times.append(
                await timed(lambda s=server: songbook.nearest(s, about(vectors, 0), REACH))  # type: ignore[misc]
            )
            most = max(most, songbook.memory_bytes)
    return [
        Row.of("most memory ÷ the setting", [most / limit], 1),
        Row.of_all("first question to each, ms", times),
    ]


@contextmanager
def rival_process(vectors: Vectors, folder: Path) -> Iterator[Rival | None]:
    """Start sqlite-vec beside us, or give None and say why there is none."""
    python = rival_python()
    if python is None:
        yield None
        return
    np.save(folder / "vectors.npy", vectors)
    script = Path(__file__).with_name("songbook_rival.py")
    command = [str(python), str(script), str(folder / "vectors.npy"), str(LIMIT + 1)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        questions, answers = child.stdin, child.stdout
        print(f"rival: {answers.readline().strip()}", file=sys.stderr)

        def ask(number: int) -> tuple[float, float, set[int]]:
            print(number, file=questions, flush=True)
            clock, processor, found = json.loads(answers.readline())
            return clock, processor, set(found) - {number}

        yield ask
        questions.close()


def rival_python() -> Path | None:
    """Give the Python of an environment with sqlite-vec, made where it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "usamimi" / "sqlite-vec-0.1"
    python = folder / "bin" / "python"
    if python.exists():
        return python
    packages = ["sqlite-vec==0.1.*", "pysqlite3-binary==0.5.*", "numpy>=2,<3"]
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *packages], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        print(
            f"NO COMPARISON WITH SQLITE-VEC: it could not be installed ({error})", file=sys.stderr
        )
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return python


async def measure(songs: int, servers: int, rounds: int) -> dict[str, list[Row]]:
    """Measure everything; gives the rows under their headings."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vectors = made_up_vectors(songs)
        one = folder / "one.db"
        await fill(one, vectors, servers=1)
        large = f"{songs:,} songs × {DIMENSIONS} dimensions in one server, one thread"
        tables = {large: await measure_start(one, vectors)}
        with rival_process(vectors, folder) as rival:
            tables[large] += await measure_searches(one, vectors, rounds, rival)
        tables[large] += await measure_answers(one, vectors, rounds)
        tables[large] += await measure_remembering(one, vectors, rounds)
        if servers:
            many = folder / "many.db"
            await fill(many, vectors[:1000], servers)
            tables[f"{servers:,} servers × 1,000 songs"] = await measure_many_servers(
                many, vectors[:1000], servers
            )
    return tables


def print_tables(tables: dict[str, list[Row]]) -> None:
    """Print Markdown."""
    for heading, rows in tables.items():
        print(f"\n**{heading}**\n\n| what | median | min to max | measured | to reach | |")
        print("| --- | ---: | --- | ---: | --- | --- |")
        for row in rows:
            mark = {True: "yes", False: "**no**", None: ""}[row.reached]
            print(
                f"| {row.name} | {row.median:.2f} | {row.lowest:.2f} to {row.highest:.2f} "
                f"| {row.measured} | {row.to_reach} | {mark} |"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--songs", type=int, default=100_000)
    parser.add_argument("--servers", type=int, default=1000, help="0 leaves this part out")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in THREADS):
        # Numpy reads these when it is imported, so we start once more.
        command = [sys.executable, "-m", "benchmarks.songbook_search", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | dict.fromkeys(THREADS, "1"))
    tables = asyncio.run(measure(arguments.songs, arguments.servers, arguments.rounds))
    if arguments.json:
        rows = {heading: [asdict(row) for row in rows] for heading, rows in tables.items()}
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print_tables(tables)


if __name__ == "__main__":
    main()
