"""The command line, and the one place where the parts are built and joined.

python -m bot            serve Discord, or the local page when there is no token
python -m bot check      look at settings, model, decoder and data folder; no network
python -m bot analyze    hear files
python -m bot avatar     draw portraits
python -m bot health     ask the running bot how it is
python -m bot backup     copy everything that is kept while the bot runs
python -m bot restore    put such a copy in the place of what is kept
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bot.concurrency import configure_process
from bot.device import device_of
from bot.errors import SettingsError, StartError
from bot.logging import configure_logging
from bot.open_atelier import (
    load_portrait_model,
    open_portrait_inference,
    open_portrait_services,
)
from bot.open_classroom import open_lesson_services
from bot.settings import Settings, read_settings

if TYPE_CHECKING:  # importing torch and discord.py takes seconds, which `health` need not wait
    from bot.discord.client import Usamimi
    from bot.health import HealthChecks
    from bot.lessons.features import LessonServices
    from bot.listening.service import ListeningService
    from bot.portraits.drawing import PortraitInference
    from bot.portraits.features import PortraitServices
    from bot.songbook.importing import ImportService
    from bot.songbook.ingest import ChannelWatch, SongIngest
    from bot.songbook.reembedding import Reembedding
    from bot.songbook.retention import Retention
    from bot.songbook.service import Songbook
    from bot.songbook.sync import GuildSync
    from ml.audio.sandbox import SandboxedDecoder
    from ml.music.inference import MusicModel
    from storage.channels import Channels
    from storage.database import Database

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Services:
    """What the cogs are given."""

    listening: ListeningService
    songbook: Songbook
    channels: Channels
    importing: ImportService
    ingest: SongIngest
    watching: ChannelWatch
    reembedding: Reembedding
    retention: Retention
    portrait_inference: PortraitInference
    portrait_services: PortraitServices
    lesson_services: LessonServices
    guild_sync: GuildSync
    health_checks: HealthChecks
    settings: Settings


@contextmanager
def open_decoder(settings: Settings) -> Iterator[SandboxedDecoder]:
    """Start the decoding children; they end with the block."""
    from ml.audio.excerpts import ExcerptPlan
    from ml.audio.limits import DecodingLimits
    from ml.audio.sandbox import SandboxedDecoder
    from ml.music.rhythm import PASSAGE_SECONDS

    limits = DecodingLimits(
        max_bytes=settings.max_song_mb * MEGABYTE,
        max_seconds=60.0 * settings.max_song_minutes,
        memory_bytes=settings.decoder_memory_mb * MEGABYTE,
        cpu_seconds=settings.decoder_seconds,
        wall_seconds=float(settings.decoder_seconds),
    )
    plan = ExcerptPlan(passage_seconds=PASSAGE_SECONDS)
    with SandboxedDecoder(settings.decoder_workers, limits, plan) as decoder:
        yield decoder


def load_music_model(settings: Settings) -> MusicModel:
    """Load the music model.

    Raises:
        StartError: the device or the model cannot be used.
    """
    from ml.music.checkpoint import MusicModelError
    from ml.music.inference import MusicModel

    device = device_of(settings)
    try:
        return MusicModel.load(settings.music_model, device=device)
    except MusicModelError as error:
        raise StartError(f"the music model cannot be used: {error}") from error


def open_torch() -> ThreadPoolExecutor:
    """Make the one executor that runs torch, whoever asks for it."""
    return ThreadPoolExecutor(1, thread_name_prefix="torch")


@contextmanager
def open_listening(settings: Settings, torch_executor: Executor) -> Iterator[ListeningService]:
    """Open what hears songs: model and decoding children."""
    from bot.listening.service import ListeningService

    with ExitStack() as stack:
        music_model = torch_executor.submit(load_music_model, settings).result()
        decoder = stack.enter_context(open_decoder(settings))
        listening = ListeningService(
            decoder,
            music_model,
            torch_executor=torch_executor,
            decoders=settings.decoder_workers,
            max_bytes=settings.max_song_mb * MEGABYTE,
            max_waiting=settings.waiting_songs,
        )
        stack.callback(listening.close)
        yield listening


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database in the data folder; it closes with the block.

    Raises:
        StartError: it cannot be used.
    """
    from storage.backup import DataFolder
    from storage.database import Database
    from storage.errors import StorageError

    async with AsyncExitStack() as stack:
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            path = DataFolder(settings.data_dir).database
            database = await stack.enter_async_context(Database.open(path))
        except (StorageError, OSError) as error:
            raise StartError(f"the data folder {settings.data_dir}: {error}") from error
        yield database


@asynccontextmanager
async def open_services(
    settings: Settings, listening: ListeningService, portrait_inference: PortraitInference
) -> AsyncIterator[Services]:
    """Open everything else the cogs need, the database first; all of it closes with the block.

    Raises:
        StartError: the database cannot be used.
    """
    from bot.concurrency import open_search_thread
    from bot.health import HealthChecks
    from bot.songbook.importing import ImportService
    from bot.songbook.ingest import ChannelWatch, SongIngest
    from bot.songbook.nearest import SAME_SONG, SimilarityExplainer
    from bot.songbook.reembedding import Reembedding
    from bot.songbook.retention import Retention
    from bot.songbook.service import Songbook
    from bot.songbook.sync import GuildSync
    from bot.songbook.values import SongbookOptions
    from storage.channels import Channels
    from storage.imports import Imports
    from storage.servers import Servers

    options = SongbookOptions(
        memory_bytes=settings.songbook_memory_mb * MEGABYTE,
        same_song=SAME_SONG,
        explain=SimilarityExplainer(listening.why),
    )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        searches = stack.enter_context(open_search_thread())
        songbook = Songbook(database, listening.model, searches, options)
        stack.push_async_callback(songbook.close)
        channels = Channels(database)
        ingest = SongIngest(listening, songbook, channels)
        portrait_services = stack.enter_context(
            open_portrait_services(settings, portrait_inference, database)
        )
        lesson_services = await stack.enter_async_context(
            open_lesson_services(settings, listening, portrait_inference, songbook, database)
        )
        yield Services(
            listening=listening,
            songbook=songbook,
            channels=channels,
            importing=ImportService(Imports(database), ingest),
            ingest=ingest,
            watching=ChannelWatch(channels, ingest),
            reembedding=Reembedding(songbook, ingest),
            retention=Retention(songbook, database, settings.keep_songs_days),
            portrait_inference=portrait_inference,
            portrait_services=portrait_services,
            lesson_services=lesson_services,
            guild_sync=GuildSync(
                songbook, portrait_services, lesson_services.lessons, Servers(database)
            ),
            health_checks=HealthChecks(database, listening),
            settings=settings,
        )


def make_bot(services: Services) -> Usamimi:
    """Join the cogs and the client."""
    from bot.discord.client import Usamimi
    from bot.discord.messages import SongMessages
    from bot.discord.requests import RequestGate
    from bot.measuring import watch_services
    from bot.metrics import Metrics
    from bot.rate_limits import RateLimits
    from cogs.erasure import GuildErasureCog
    from cogs.lessons import training_cogs
    from cogs.listening import GenreCog
    from cogs.portraits import avatar_cogs
    from cogs.privacy import PrivacyCog
    from cogs.similar import SimilarCog
    from cogs.songbook import songbook_cogs, songbook_group

    settings, metrics = services.settings, Metrics()
    limits = RateLimits(settings.member_requests, settings.server_requests)
    gate, group = RequestGate(limits, metrics), songbook_group()
    messages = SongMessages(services.listening, message_content=settings.message_content)
    cogs = [
        GenreCog(gate, services.listening, services.ingest, services.lesson_services),
        SimilarCog(gate, services.listening, services.songbook, services.ingest, messages),
        *songbook_cogs(gate, group, messages, services),
        *avatar_cogs(gate, services.portrait_services),
        *training_cogs(gate, services.lesson_services, services.listening),
        PrivacyCog(gate, services.lesson_services),
        GuildErasureCog(gate, services.guild_sync),
    ]
    bot = Usamimi(
        cogs,
        gate,
        [group],
        message_content=settings.message_content,
        look=services.health_checks.look,
        metrics=metrics,
    )
    watch_services(metrics, services, bot)
    return bot


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Serve Discord, or the local page when there is no token."""
    with (
        open_torch() as torch_executor,
        open_listening(settings, torch_executor) as listening,
        open_portrait_inference(settings, torch_executor) as portrait_inference,
    ):
        asyncio.run(_serve(settings, listening, portrait_inference))
    return 0


async def _serve(
    settings: Settings, listening: ListeningService, portrait_inference: PortraitInference
) -> None:
    if settings.discord_token:
        from bot.discord.serving import serve_discord

        async with open_services(settings, listening, portrait_inference) as services:
            await serve_discord(lambda: make_bot(services), settings)
        return
    from bot.demo import serve_page

    # The demo server is new at every start: what is remembered of it must not outlive it.
    with TemporaryDirectory(prefix="usamimi-page-") as folder:
        # Nothing here is anybody's: the page shows what the message-content intent brings.
        passing = settings.model_copy(update={"data_dir": Path(folder), "message_content": True})
        async with open_services(passing, listening, portrait_inference) as services:
            await serve_page(lambda: make_bot(services), settings)


def check(settings: Settings, _: argparse.Namespace) -> int:
    """Look at everything that can be wrong on this machine, without a network."""
    from bot.cli.check import print_checks

    return print_checks(
        settings,
        load_music_model=lambda: load_music_model(settings),
        open_decoder=lambda: open_decoder(settings),
        load_portrait_model=lambda: load_portrait_model(settings),
    )


def analyze(settings: Settings, arguments: argparse.Namespace) -> int:
    """Hear files and print what was found."""
    from bot.cli.analyze import outcomes, print_json, print_table

    music_model = load_music_model(settings)
    with open_decoder(settings) as decoder:
        found = outcomes(arguments.files, decoder, music_model)
        return print_json(found) if arguments.json else print_table(found, len(arguments.files))


def avatar(settings: Settings, arguments: argparse.Namespace) -> int:
    """Draw portraits into PNG files."""
    from bot.cli.avatar import draw_files

    portrait_model = load_portrait_model(settings)
    if portrait_model is None:
        raise StartError("no portrait model is installed; name one with USAMIMI_PORTRAIT_MODEL")
    return draw_files(
        portrait_model, arguments.seed, arguments.count, arguments.size, arguments.out
    )


def health(settings: Settings, _: argparse.Namespace) -> int:
    """Ask the running bot how it is."""
    from bot.health import ask_health

    well, said = ask_health(settings.health_host, settings.health_port)
    print(said)  # noqa: T201
    return 0 if well else 1


def backup(settings: Settings, arguments: argparse.Namespace) -> int:
    """Copy everything that is kept to FILE, complete and checked, while the bot may go on."""
    from storage.backup import DataFolder
    from storage.backup import backup as copy

    return _copying(copy(DataFolder(settings.data_dir), arguments.file), arguments.file)


def restore(settings: Settings, arguments: argparse.Namespace) -> int:
    """Put the backup FILE in the place of what is kept; stop the bot first."""
    from storage.backup import DataFolder
    from storage.backup import restore as put_back

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return _copying(put_back(arguments.file, DataFolder(settings.data_dir)), settings.data_dir)


def _copying(work: Coroutine[Any, Any, None], to_path: Path) -> int:
    """Carry it out and say how it went."""
    from storage.errors import StorageError

    try:
        asyncio.run(work)
    except FileNotFoundError as error:
        print(f"nothing was copied: there is no {error}", file=sys.stderr)  # noqa: T201
        return 1
    except (StorageError, OSError) as error:
        print(f"nothing was copied: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"written and checked: {to_path}")  # noqa: T201
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    configure_process()
    try:
        settings = read_settings()
        configure_logging(settings.log_level, settings.log_format)
        return int(parsed.command(settings, parsed))
    except SettingsError as error:
        lines = [f"  {name}: {problem}" for name, problem in error.problems]
        print("These settings cannot be used:", *lines, sep="\n", file=sys.stderr)  # noqa: T201
    except StartError as error:
        print(f"usamimi cannot start: {error}", file=sys.stderr)  # noqa: T201
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="usamimi, a Discord bot")
    parser.set_defaults(command=run)
    commands = parser.add_subparsers(title="commands")
    for command in (run, check, analyze, avatar, health, backup, restore):
        sub = commands.add_parser(command.__name__, help=(command.__doc__ or "").rstrip("."))
        sub.set_defaults(command=command)
        if command is analyze:
            sub.add_argument("files", nargs="+", type=Path, metavar="FILE")
            sub.add_argument("--json", action="store_true", help="one JSON object a line")
        if command is avatar:
            sub.add_argument("--seed", help="any word or number; none makes one up")
            sub.add_argument("--count", type=int, default=1, help="how many, of the seeds after it")
            sub.add_argument("--size", type=int, default=768, metavar="PX", help="side of each")
            sub.add_argument("--out", type=Path, default=Path(), metavar="DIR")
        if command in (backup, restore):
            sub.add_argument("file", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
