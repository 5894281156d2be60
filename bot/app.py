"""The composition root: builds, joins and closes every part of the bot.

Only this module calls `bot.services`, which builds the services of each feature, and nothing is
joined later: every part gets what it needs by its constructor. Importing this module loads
discord.py, which takes a second, so the command line imports it only for the commands that need
it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from discord import app_commands

from bot.concurrency import Executors
from bot.database import open_database
from bot.discord.client import Usamimi
from bot.discord.cog import Cog
from bot.discord.messages import SongMessages
from bot.discord.requests import RequestGate
from bot.engines import load_server_portraits, picture_limits
from bot.lessons.models import ServerModels, ServerPortraitModels
from bot.listening.admission import RateLimits
from bot.listening.service import ListeningService
from bot.metrics import Metrics
from bot.portraits.inference import PortraitModels
from bot.services import (
    Foundation,
    Services,
    join,
    lesson_services,
    portrait_services,
    songbook_services,
)
from bot.settings import Settings
from bot.sharding import Alone, Peers
from cogs.erasure import ErasureCog
from cogs.help import HelpCog
from cogs.lessons import ContributeCog, CorrectionCog, ModelsCog, TrainCog
from cogs.listening import GenreCog
from cogs.portraits import AvatarCog, GalleryCog, IconCog
from cogs.privacy import PrivacyCog
from cogs.similar import SimilarCog
from cogs.songbook import (
    HousekeepingCog,
    RepeatNotices,
    SongbookFindCog,
    SongbookForgetCog,
    SongbookImportCog,
    SongbookPermissionsCog,
    SongbookViewsCog,
    SongbookWatchCog,
    WeeklyCog,
    setup_group,
    songbook_group,
)
from cogs.taste import TasteCog
from ml.images.decoding import PictureDecoder
from ml.sandbox.pool import Sandbox
from storage.taught_models import TaughtModels


@asynccontextmanager
async def open_services(
    settings: Settings,
    executors: Executors,
    listening: ListeningService,
    shipped: PortraitModels,
    sandbox: Sandbox,
    peers: Peers | None = None,
) -> AsyncIterator[Services]:
    """Open the database and build every service on it; all closes with the block.

    Args:
        settings: what the host set.
        executors: run what blocks.
        listening: hears songs.
        shipped: the portrait model of every server that trained none.
        sandbox: decodes members' pictures, and songs for `listening`.
        peers: the other processes of this bot; None: there are none.

    Raises:
        StartError: the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        base = Foundation(settings, executors, listening, database, peers or Alone())
        book = songbook_services(base)
        stack.push_async_callback(book.vectors.close)
        models = ServerModels(TaughtModels(database), base.models)
        portrait_models = ServerPortraitModels(shipped, models, load_server_portraits(settings))
        await portrait_models.open()
        decoder = PictureDecoder(sandbox, picture_limits(settings))
        drawing = portrait_services(base, portrait_models, decoder)
        teaching = lesson_services(base, models, drawing.lesson_pictures, book.songbook)
        stack.push_async_callback(teaching.lesson_runner.close)
        await teaching.lesson_runner.open()
        yield join(base, book, drawing, teaching, portrait_models)


def _listening_cogs(gate: RequestGate, messages: SongMessages, services: Services) -> list[Cog]:
    return [
        GenreCog(
            gate,
            services.listening,
            services.ingest,
            services.server_genres,
            services.contributions,
            message_content=services.settings.message_content,
        ),
        SimilarCog(
            gate,
            services.listening,
            services.songbook,
            services.ingest,
            services.similarity,
            services.post_check,
            messages,
            services.ratings,
        ),
    ]


def _portrait_cogs(gate: RequestGate, services: Services) -> list[Cog]:
    return [
        AvatarCog(
            gate,
            services.portraits,
            services.morphs,
            services.explanations,
            services.galleries,
            services.uploads,
            services.erasure,
        ),
        GalleryCog(gate, services.portraits, services.galleries),
        IconCog(gate, services.portraits, services.icons),
    ]


def _lesson_cogs(gate: RequestGate, services: Services) -> list[Cog]:
    settings = services.settings
    return [
        ContributeCog(
            gate,
            services.consents,
            services.contributions,
            services.lesson_pictures,
            services.listening,
            services.erasure,
        ),
        CorrectionCog(gate, services.consents, services.contributions),
        TrainCog(
            gate,
            services.lessons,
            services.lesson_reporter,
            services.lesson_runner,
            services.server_models,
            services.server_genres,
            memory_mb=settings.lesson_memory_mb,
            minutes=settings.portrait_lesson_minutes,
            shards=services.shards,
        ),
        ModelsCog(gate, services.server_models, services.server_genres),
    ]


def make_bot(services: Services) -> Usamimi:
    """Build the Discord client with every cog."""
    settings, metrics = services.settings, Metrics()
    gate = RequestGate(RateLimits(settings.member_requests, settings.server_requests), metrics)
    group, setup = songbook_group(), setup_group()
    messages = SongMessages(services.listening, message_content=settings.message_content)
    cogs = [
        *_listening_cogs(gate, messages, services),
        *_songbook_cogs(gate, group, setup, messages, services),
        *_finding_cogs(gate, group, messages, services),
        *_portrait_cogs(gate, services),
        *_lesson_cogs(gate, services),
        PrivacyCog(gate, services.privacy, services.erasure),
        HelpCog(gate, services.ingest, services.privacy),
        ErasureCog(
            gate,
            services.erasure,
            services.guild_sync,
            services.songbook,
            message_content=settings.message_content,
        ),
    ]
    bot = Usamimi(
        cogs,
        gate,
        [group, setup],
        message_content=settings.message_content,
        limits={"song": settings.max_song_mb, "picture": settings.max_picture_mb},
        look=services.health_checks.run,
        metrics=metrics,
        shards=services.shards,
        peers=services.peers,
    )
    _watch_services(metrics, services, bot)
    return bot


def _songbook_cogs(
    gate: RequestGate,
    group: app_commands.Group,
    setup: app_commands.Group,
    messages: SongMessages,
    services: Services,
) -> list[Cog]:
    content = services.settings.message_content
    listening, ingest, songbook = services.listening, services.ingest, services.songbook
    return [
        SongbookPermissionsCog(gate, group, setup, listening, ingest, songbook, services.songs),
        SongbookWatchCog(
            gate,
            setup,
            listening,
            ingest,
            services.watching,
            RepeatNotices(services.repeats, songbook, messages),
            message_content=content,
        ),
        SongbookImportCog(gate, setup, listening, services.importing, message_content=content),
        HousekeepingCog(
            gate,
            messages,
            services.reembedding,
            services.retention,
            services.peers,
            message_content=content,
        ),
        SongbookForgetCog(gate, group, setup, services.removal, songbook),
        WeeklyCog(gate, setup, services.weekly, songbook),
    ]


def _finding_cogs(
    gate: RequestGate, group: app_commands.Group, messages: SongMessages, services: Services
) -> list[Cog]:
    songbook = services.songbook
    return [
        SongbookViewsCog(gate, group, songbook, services.maps, services.ingest),
        SongbookFindCog(
            gate,
            group,
            songbook,
            services.similarity,
            services.paths,
            services.finder,
            messages,
        ),
        TasteCog(gate, songbook, services.tastes),
    ]


def _watch_services(metrics: Metrics, services: Services, bot: Usamimi) -> None:
    """Add gauges of every service to `/metrics`."""
    listening, inference, watch = services.listening, services.portrait_inference, metrics.watch
    admission = listening.admission
    watch("requests_in_flight", "Requests being answered", lambda: bot.gate.inside)
    watch("songs_in_flight", "Songs fetched, waiting or being heard", lambda: admission.in_flight)
    watch("songs_waiting", "Songs waiting for their server's turn", lambda: admission.turns.waiting)
    watch("portraits_in_flight", "Portraits waiting or being drawn", lambda: inference.in_flight)
    cache = "Memory of vectors kept for searching"
    watch("songbook_memory_bytes", cache, lambda: services.vectors.nbytes)
    watch("servers", "Servers the bot is in", lambda: len(bot.guilds))
    watch("gateway_latency_seconds", "From heartbeat to its answer", lambda: bot.latency)
    watch_each = metrics.watch_each
    watch_each("shard_up", "Whether a shard's line is open", "shard", bot.open_shards)
    watch_each("shard_servers", "Servers of a shard", "shard", bot.guilds_by_shard)
    watch_each("shard_latency_seconds", "Latency of a shard", "shard", lambda: dict(bot.latencies))
    watch("loop_lag_p50_seconds", "Event-loop lag, last minute, p50", lambda: bot.lag.quantile(0.5))
    watch(
        "loop_lag_p99_seconds", "Event-loop lag, last minute, p99", lambda: bot.lag.quantile(0.99)
    )
    watch("loop_lag_worst_seconds", "Worst lag since start", lambda: bot.lag.worst_seconds)
    watch("model", "The music model; always 1", lambda: 1.0, version=listening.model)
    drawing = inference.version or "none"
    watch("portrait_model", "The portrait model; always 1", lambda: 1.0, version=drawing)
