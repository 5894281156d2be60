"""Whether a server's members find what the model finds: post, remember, `/similar`.

    python -m benchmarks.songbook_quality --songs DIR... --cache DIR [--weights FILE]

The second half of every song is posted and remembered, each by a member of its own, through the
bot's own services: decoding children, real model, real database. Then every first half is asked
about as a file, and every remembered song by its id. Beside what the songbook answers stands what
the same model's vectors say without a songbook. Both are printed with the songbook's rules lifted
(one song twice, a few of one member a page) and as members meet them. Songs are found again
whether or not the weights heard them in training: what counts here is that both columns agree.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.sounds import Song, excerpt, songs_in
from bot.concurrency import open_executors
from bot.listening.admission import Admission
from bot.listening.service import ListeningService, SongInference
from bot.retrieval.vectors import VectorCache
from bot.songbook.ingest import PostedSong, SongIngest
from bot.songbook.service import Songbook
from bot.songbook.similar import SimilaritySearch
from bot.songbook.values import Page, Query, ReadableChannels
from ml.audio.sandbox import open_decoder
from ml.music.hearing import Hearing
from ml.music.song_model import SONG_PLAN, MusicModel
from storage.channels import Channels
from storage.database import SqliteDatabase
from storage.members import OptOuts
from storage.song_values import Outcome, Post, Remembered
from storage.songs import Songs

SERVER, CHANNEL = 1, 2
REACH = ReadableChannels(frozenset({CHANNEL}), frozenset(), CHANNEL)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
DECODERS, MOST_BYTES = 2, 25 * 2**20
NO_TWO_ALIKE = 2.0  # a cosine that none reaches: no two songs are taken for one
MEMORY_BYTES = 1 << 30
FIRST_PAGE = 5  # songs

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the bot that a post and `/similar` go through.

    Attributes:
        listening: decodes and hears.
        ingest: stores what was heard.
        songs: what is stored.
        searches: by the name of their rules, over the same songs.
    """

    listening: ListeningService
    ingest: SongIngest
    songs: Songs
    searches: Mapping[str, SimilaritySearch]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was answered, by songs' numbers: the nearest of each file, the page of each song."""

    nearest: list[int]
    pages: list[list[int]]


@asynccontextmanager
async def bot_services(music_model: MusicModel, folder: Path) -> AsyncIterator[Service]:
    """Join the services as the bot does."""
    async with AsyncExitStack() as stack:
        decoder = stack.enter_context(open_decoder(DECODERS, plan=SONG_PLAN))
        executors = stack.enter_context(open_executors(DECODERS))
        listening = ListeningService(
            SongInference(decoder, music_model, executors),
            Admission(slots=DECODERS, decoders=DECODERS),
            max_bytes=MOST_BYTES,
        )
        database = await stack.enter_async_context(SqliteDatabase.open(folder / "songs.db"))
        songs, executor = Songs(database), executors.search
        cache = VectorCache(songs, music_model.model, MEMORY_BYTES, executor)
        stack.push_async_callback(cache.close)
        searches = {
            "songbook, its rules lifted": SimilaritySearch(
                songs, cache, executor, music_model.scale, same_song=NO_TWO_ALIKE
            ),
            "songbook, as members meet it": SimilaritySearch(
                songs, cache, executor, music_model.scale
            ),
        }
        songbook, channels = Songbook(database, cache), Channels(database)
        ingest = SongIngest(listening, songbook, songs, OptOuts(database), channels)
        await channels.allow_remembering(SERVER, allowed=True)
        yield Service(listening, ingest, songs, searches)


async def remember(service: Service, songs: Sequence[Song], cache: Path) -> list[Hearing]:
    """Post every second half; the song's number is its message."""
    hearings = []
    for number, song in enumerate(track(songs, "posting"), start=1):
        file = excerpt(song, "second", cache)

        async def fetch(file: Path = file) -> bytes:
            return await asyncio.to_thread(file.read_bytes)

        post = Post(SERVER, CHANNEL, number, number, 1_000 + number, song.path.stem, NOON)
        hearing, remembered = await service.ingest.hear(PostedSong(post, fetch))
        assert isinstance(remembered, Remembered)
        assert remembered.outcome is Outcome.REMEMBERED
        hearings.append(hearing)
    return hearings


async def hear(service: Service, songs: Sequence[Song], cache: Path) -> list[Hearing]:
    """Hear every first half, as a file that somebody asks about."""
    files = [excerpt(song, "first", cache) for song in track(songs, "cutting")]
    return [await service.listening.hear(file.read_bytes()) for file in track(files, "hearing")]


async def ask(songs: Songs, search: SimilaritySearch, hearings: Sequence[Hearing]) -> Found:
    """Ask about every file that was heard, and about every remembered song."""
    nearest, pages = [], []
    for number, hearing in enumerate(track(hearings, "asking"), start=1):
        asked = Query(hearing.model, hearing.vector[np.newaxis])
        about_file = await search.nearest(SERVER, asked, REACH)
        nearest.append(_numbers(about_file)[0])
        (song,) = await songs.posted_with(SERVER, number)
        query = await search.query_about(SERVER, song.song_id, REACH)
        pages.append(_numbers(await search.nearest(SERVER, query, REACH, limit=FIRST_PAGE)))
    return Found(nearest, pages)


def _numbers(page: Page) -> list[int]:
    return [match.song.post.message_id - 1 for match in page.matches]


def directly(asked: Vectors, remembered: Vectors) -> Found:
    """Answer the same questions by vectors alone."""
    nearest = (asked @ remembered.T).argmax(axis=1).tolist()
    among = remembered @ remembered.T
    np.fill_diagonal(among, -2)
    pages = np.argsort(-among, axis=1, kind="stable")[:, :FIRST_PAGE].tolist()
    return Found(nearest, pages)


def row(name: str, found: Found, songs: Sequence[Song], reference: Found) -> tuple[str, ...]:
    """Sum up: same song, same soundtrack, and how often the answer is the model's own."""
    tracks = [song.soundtrack for song in songs]
    fellows = [
        np.mean([tracks[other] == tracks[at] for other in page])
        for at, page in enumerate(found.pages)
        if tracks.count(tracks[at]) > FIRST_PAGE
    ]
    right = np.mean([answer == at for at, answer in enumerate(found.nearest)])
    agreed = [
        *(a == b for a, b in zip(found.nearest, reference.nearest, strict=True)),
        *(a == b for a, b in zip(found.pages, reference.pages, strict=True)),
    ]
    return name, f"{right:.3f}", f"{np.mean(fellows):.3f}", f"{np.mean(agreed):.3f}"


async def measure(options: argparse.Namespace) -> Table:
    """Post, remember and ask, with the songbook's rules and without them."""
    music_model, songs = MusicModel.load(options.weights), songs_in(options.songs)
    title = f"{len(songs)} songs, {music_model.model}"
    table = Table("way", "same song, R@1", "same soundtrack, P@5", "as the model", title=title)
    with tempfile.TemporaryDirectory() as folder:
        async with bot_services(music_model, Path(folder)) as service:
            remembered = await remember(service, songs, options.cache)
            asked = await hear(service, songs, options.cache)
            vectors = [np.stack([each.vector for each in heard]) for heard in (asked, remembered)]
            reference = directly(*vectors)
            table.add_row(*row("the model's vectors alone", reference, songs, reference))
            for name, search in service.searches.items():
                answers = await ask(service.songs, search, asked)
                table.add_row(*row(name, answers, songs, reference))
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="+", required=True, help="one a soundtrack")
    parser.add_argument("--weights", type=Path, help="instead of the shipped ones")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    Console().print(asyncio.run(measure(options)))


if __name__ == "__main__":
    main()
