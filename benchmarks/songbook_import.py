"""How fast a history is imported, beside `analyze` on the same files, and the loop's lag meanwhile.

    python -m benchmarks.songbook_import [--songs 100] [--rounds 3] [--folder FOLDER] [--json]

Everything is real but Discord: the decoding children, the model, the database on disk, the
importing service. The files are the licensed songs of `immich-memories-music`, or all songs of a
folder, over and over until there are enough. Both ways take turns and begin with the same warm-up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

import immich_memories_music
import numpy as np
import torch

from benchmarks.pulse import pulse
from benchmarks.tables import Row, print_tables
from bot.cli.analyze import outcomes
from bot.concurrency import open_executors
from bot.listening.admission import Admission
from bot.listening.service import ListeningService, SongInference
from bot.retrieval.vectors import VectorCache
from bot.songbook.importing import ImportService, PostedMessage
from bot.songbook.ingest import PostedSong, SongIngest
from bot.songbook.service import Songbook
from ml.audio.sandbox import SandboxedDecoder, open_decoder
from ml.music.hearing import Hearing
from ml.music.song_model import SONG_PLAN, MusicModel
from storage.channels import Channels, Imports
from storage.database import SqliteDatabase
from storage.members import OptOuts
from storage.song_values import Post
from storage.songs import Songs

WORKERS = 2
MOST_BYTES = 25 * 2**20
SERVER, CHANNEL, POSTER = 1, 2, 3
SUFFIXES = {".mp3", ".m4a", ".ogg", ".opus", ".flac", ".wav"}


@dataclass(frozen=True, slots=True)
class Parts:
    """What both ways use."""

    decoder: SandboxedDecoder
    music_model: MusicModel
    listening: ListeningService
    pool: Executor


@dataclass(frozen=True, slots=True)
class Posted:
    """A channel's history in which every message holds one file; see `importing.History`."""

    files: Sequence[Path]

    @property
    def last_id(self) -> int:
        """Tell how far there is to go."""
        return len(self.files)

    async def after(self, message_id: int | None) -> AsyncIterator[PostedMessage]:
        """Give the messages in order."""
        for number, file in enumerate(self.files, start=1):
            if number > (message_id or 0):
                yield PostedMessage(number, (_posted(number, file),))


def _posted(number: int, file: Path) -> PostedSong:
    async def fetch() -> bytes:
        return await asyncio.to_thread(file.read_bytes)

    return PostedSong(
        Post(SERVER, CHANNEL, number, number, POSTER, file.stem, datetime.now(UTC)), fetch
    )


@contextmanager
def opened() -> Iterator[Parts]:
    """Open what hears songs, as the bot does."""
    with ExitStack() as stack:
        decoder = stack.enter_context(open_decoder(WORKERS, plan=SONG_PLAN))
        executors = stack.enter_context(open_executors(WORKERS))
        music_model = MusicModel.load()
        listening = ListeningService(
            SongInference(decoder, music_model, executors),
            Admission(slots=32, decoders=WORKERS),
            max_bytes=MOST_BYTES,
        )
        yield Parts(decoder, music_model, listening, executors.decode)


def analyzed(files: Sequence[Path], parts: Parts) -> float:
    """Hear files as `analyze` does; gives songs a second, of those that can be heard."""
    started = time.perf_counter()
    found = outcomes(files, parts.decoder, parts.music_model, parts.pool, MOST_BYTES)
    heard = [outcome for _, outcome in found]
    return sum(isinstance(each, Hearing) for each in heard) / (time.perf_counter() - started)


async def imported(files: Sequence[Path], parts: Parts) -> tuple[float, list[float]]:
    """Import files into an empty songbook; gives songs a second, and the loop's lags in ms."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as searches:
        async with SqliteDatabase.open(Path(folder) / "songs.db") as database:
            songs = Songs(database)
            cache = VectorCache(songs, parts.listening.model, 2**28, searches)
            songbook, channels = Songbook(database, cache), Channels(database)
            ingest = SongIngest(parts.listening, songbook, songs, OptOuts(database), channels)
            await channels.allow_remembering(SERVER, allowed=True)
            importing = ImportService(Imports(database), ingest)
            begun = await importing.start(SERVER, CHANNEL, POSTER)
            started = time.perf_counter()
            async with pulse() as lags:
                ended = await importing.run(begun, Posted(files), lambda _: None)
            passed = time.perf_counter() - started
            await cache.close()
    return ended.counts.remembered / passed, lags


def measure(files: Sequence[Path], rounds: int) -> list[Row]:
    """Import and analyze in turns, after a warm-up of both."""
    theirs, ours, ratios, late = [], [], [], []
    with opened() as parts:
        few = files[: 2 * WORKERS]
        analyzed(few, parts)
        asyncio.run(imported(few, parts))
        for _ in range(rounds):
            theirs.append(analyzed(files, parts))
            speed, lags = asyncio.run(imported(files, parts))
            ours.append(speed)
            ratios.append(100 * ours[-1] / theirs[-1])
            late.append(float(np.percentile(lags, 99)))
    return [
        Row.of_all("analyze, songs a second", theirs),
        Row.of_all("import, songs a second", ours),
        Row.of_all("import ÷ analyze, %", ratios, "≥ 90", lambda share: share >= 90),
        Row.of("the loop's lag while importing, 99th percentile, ms", late, 50),
    ]


def songs_in(folder: Path, count: int) -> list[Path]:
    """Give so many songs of a folder, from the first again where there are fewer."""
    songs = [file for file in sorted(folder.rglob("*")) if file.suffix.lower() in SUFFIXES]
    if not songs:
        raise SystemExit(f"no songs in {folder}")
    return list(islice(cycle(songs), count))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--songs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(immich_memories_music.__file__).parent)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(WORKERS)
    files = songs_in(arguments.folder, arguments.songs)
    rows = measure(files, arguments.rounds)
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
    else:
        print_tables({f"{arguments.songs:,} songs": rows})


if __name__ == "__main__":
    main()
