"""The composition root: builds, joins and closes every part of the bot.

Nothing else constructs services, and nothing is joined later: every part gets what it needs by its
constructor. Importing this module loads torch and discord.py, which takes seconds, so the command
line imports it only for the commands that need it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from discord import app_commands

from bot.concurrency import Executors
from bot.database import open_database
from bot.discord.client import Usamimi
from bot.discord.cog import Cog
from bot.discord.messages import SongMessages
from bot.discord.requests import RequestGate
from bot.engines import cut_to_face, device_of, explainer, lesson_memory_mb, picture_limits
from bot.health import HealthChecks
from bot.lessons.contributions import ConsentService, ContributionService, FaceCrops
from bot.lessons.models import ServerGenres, ServerModels, ServerPortraitModels
from bot.lessons.runner import LessonRunner
from bot.lessons.service import JobQueue, LessonService, QueueLimits
from bot.lessons.subjects import (
    MAX_STRANGERS,
    GenreLessons,
    LessonSubject,
    PortraitLessons,
    TrainingPlan,
)
from bot.listening.admission import RateLimits
from bot.listening.service import ListeningService
from bot.metrics import Metrics
from bot.portraits.explaining import ExplanationService
from bot.portraits.galleries import GalleryService
from bot.portraits.inference import PortraitInference, PortraitModels
from bot.portraits.morphing import MorphService
from bot.portraits.service import PortraitService
from bot.portraits.uploads import ImageUploads
from bot.privacy.erasure import ErasureService
from bot.privacy.service import PrivacyService
from bot.retrieval.vectors import VectorCache
from bot.settings import Settings
from bot.sharding import Alone, Peers, Shards
from bot.songbook.finding import SongFinder
from bot.songbook.importing import ImportService
from bot.songbook.ingest import ChannelWatch, Reembedding, SongIngest
from bot.songbook.map import SongMaps
from bot.songbook.path import SongPaths
from bot.songbook.ratings import RatingService
from bot.songbook.service import Songbook, SongRemoval
from bot.songbook.similar import SimilaritySearch, SimilarityService
from bot.songbook.sync import GuildSync, PostCheck, RepeatCheck, Retention
from bot.songbook.taste import TasteService
from bot.songbook.weekly import WeeklyService
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
from ml.avatar.inference import PortraitModel
from ml.images.decoding import PictureDecoder
from ml.images.screening import Screen
from ml.sandbox.pool import Sandbox
from storage.channels import Channels, WeeklyCards
from storage.data_folder import DataFolder
from storage.database import Database
from storage.erasure import Erasure
from storage.files import Files
from storage.imports import Imports
from storage.lessons import Contributions, Jobs, Kind
from storage.members import Consents, OptOuts, TasteSharing
from storage.portraits import Icons, Portraits
from storage.ratings import Ratings
from storage.song_queries import SongFactsList, SongTitles
from storage.songs import Songs
from storage.taught_models import TaughtModels

MEGABYTE = 1024 * 1024  # bytes


@dataclass(frozen=True)
class SongbookServices:
    """What remembers songs, and finds them again."""

    vectors: VectorCache
    songs: Songs
    songbook: Songbook
    similarity: SimilarityService
    post_check: PostCheck
    ratings: RatingService
    repeats: RepeatCheck
    paths: SongPaths
    finder: SongFinder
    tastes: TasteService
    weekly: WeeklyService
    maps: SongMaps
    removal: SongRemoval
    channels: Channels
    importing: ImportService
    ingest: SongIngest
    watching: ChannelWatch
    reembedding: Reembedding
    retention: Retention


@dataclass(frozen=True)
class PortraitServices:
    """What draws portraits, and stores them."""

    portrait_inference: PortraitInference
    portraits: PortraitService
    morphs: MorphService
    explanations: ExplanationService
    galleries: GalleryService
    uploads: ImageUploads
    icons: Icons
    lesson_pictures: ImageUploads


@dataclass(frozen=True)
class LessonServices:
    """What is contributed, and what servers train of it."""

    consents: ConsentService
    contributions: ContributionService
    lessons: LessonService
    lesson_runner: LessonRunner
    server_models: ServerModels
    server_genres: ServerGenres


@dataclass(frozen=True)
class Services(SongbookServices, PortraitServices, LessonServices):
    """Everything the cogs are given."""

    settings: Settings
    shards: Shards
    peers: Peers
    listening: ListeningService
    privacy: PrivacyService
    erasure: ErasureService
    guild_sync: GuildSync
    health_checks: HealthChecks


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
        base = _Base(settings, executors, listening, database, peers or Alone())
        book = _songbook_services(base)
        stack.push_async_callback(book.vectors.close)
        models = ServerModels(TaughtModels(database), base.models)
        portrait_models = ServerPortraitModels(
            shipped, models, lambda file: PortraitModel.load(file, device_of(settings))
        )
        await portrait_models.open()
        decoder = PictureDecoder(sandbox, picture_limits(settings))
        drawing = _portrait_services(base, portrait_models, decoder)
        teaching = _lesson_services(base, models, drawing.lesson_pictures, book.songbook)
        stack.push_async_callback(teaching.lesson_runner.close)
        await teaching.lesson_runner.open()
        yield _joined(base, book, drawing, teaching, portrait_models)


@dataclass(frozen=True, slots=True)
class _Base:
    """What every service is built on."""

    settings: Settings
    executors: Executors
    listening: ListeningService
    database: Database
    peers: Peers

    @property
    def data(self) -> DataFolder:
        return DataFolder(self.settings.data_dir)

    @property
    def crops(self) -> Files:
        return self.database.files(self.data.art)

    @property
    def models(self) -> Files:
        return self.database.files(self.data.models)

    @property
    def shards(self) -> Shards:
        return Shards(self.settings.shard_numbers, self.settings.shard_count)


def _joined(
    base: _Base,
    book: SongbookServices,
    drawing: PortraitServices,
    teaching: LessonServices,
    portrait_models: ServerPortraitModels,
) -> Services:
    """Add what reaches into all of them: erasure, export, health."""
    stored = Erasure(base.database)
    holders = (teaching.contributions, teaching.lesson_runner, teaching.server_genres)
    observers = (book.songbook, book.ratings, *holders, portrait_models, drawing.galleries)
    erasure = ErasureService(stored, base.crops, base.models, observers)
    base.peers.observe(erasure.reread)
    return Services(
        **vars(book),
        **vars(drawing),
        **vars(teaching),
        settings=base.settings,
        shards=base.shards,
        peers=base.peers,
        listening=base.listening,
        privacy=PrivacyService(base.database, teaching.contributions),
        erasure=erasure,
        guild_sync=GuildSync(erasure, stored, base.shards),
        health_checks=HealthChecks(base.database, base.listening),
    )


def _songbook_services(base: _Base) -> SongbookServices:
    settings, listening, database = base.settings, base.listening, base.database
    songs, titles, channels = Songs(database), SongTitles(database), Channels(database)
    memory_bytes = settings.songbook_memory_mb * MEGABYTE
    vectors = VectorCache(songs, listening.model, memory_bytes, base.executors.search)
    songbook = Songbook(database, vectors)
    ingest = SongIngest(listening, songbook, songs, OptOuts(database), channels)
    maps, post_check = SongMaps(songs, vectors), PostCheck(songbook)
    ratings = RatingService(Ratings(database), listening.model, listening.scale)
    search = SimilaritySearch(
        songs, vectors, base.executors.search, listening.scale, weights=ratings.weights
    )
    tastes = TasteService(
        songs, songbook.statistics, SongFactsList(database), vectors, TasteSharing(database)
    )
    return SongbookServices(
        vectors=vectors,
        songs=songs,
        songbook=songbook,
        similarity=SimilarityService(listening, songs, titles, search, maps, post_check),
        post_check=post_check,
        ratings=ratings,
        repeats=RepeatCheck(songs, post_check),
        paths=SongPaths(songs, vectors, maps, post_check, listening.scale),
        finder=SongFinder(songs, SongFactsList(database), maps, post_check),
        tastes=tastes,
        weekly=WeeklyService(
            WeeklyCards(database), songs, Ratings(database), vectors, maps, tastes
        ),
        maps=maps,
        removal=SongRemoval(songbook, songs, titles),
        channels=channels,
        importing=ImportService(Imports(database), ingest, base.shards),
        ingest=ingest,
        watching=ChannelWatch(channels, ingest),
        reembedding=Reembedding(songbook, songs, ingest, base.shards),
        retention=Retention(songbook, database, settings.keep_songs_days),
    )


def _portrait_services(
    base: _Base, models: PortraitModels, decoder: PictureDecoder
) -> PortraitServices:
    settings, executors, database = base.settings, base.executors, base.database
    inference = PortraitInference(
        models,
        torch_executor=executors.torch,
        screen=partial(Screen, settings.unsafe_above),
        screen_executor=executors.images,
        waiting_limit=settings.waiting_portraits,
    )
    uploads = partial(ImageUploads, inference, picture_limits(settings), decoder, executors.images)
    stored = Portraits(database)
    portraits = PortraitService(inference, stored)
    return PortraitServices(
        portrait_inference=inference,
        portraits=portraits,
        morphs=MorphService(inference, portraits, stored),
        explanations=ExplanationService(inference, portraits, explainer()),
        galleries=GalleryService(stored, settings.gallery_portraits),
        uploads=uploads(cut_to_face),
        icons=Icons(database),
        lesson_pictures=uploads(),  # whole: faces are searched for in all of a member's drawing
    )


def _lesson_services(
    base: _Base, models: ServerModels, pictures: ImageUploads, songbook: Songbook
) -> LessonServices:
    settings, listening, database = base.settings, base.listening, base.database
    contributions = ContributionService(
        Contributions(database), listening, FaceCrops(pictures), base.crops, songbook
    )
    subjects = _lesson_subjects(settings, contributions, models, listening, database)
    jobs, seconds = Jobs(database), {kind: each.seconds for kind, each in subjects.items()}
    limits = QueueLimits(settings.member_lessons, settings.server_lessons, settings.waiting_lessons)
    queue = JobQueue(jobs, limits, seconds, base.shards)
    return LessonServices(
        consents=ConsentService(Consents(database)),
        contributions=contributions,
        lessons=LessonService(jobs, queue, subjects, models),
        lesson_runner=LessonRunner(
            jobs,
            queue,
            subjects,
            models,
            contributions,
            base.data.lessons,
            memory_mb=lesson_memory_mb(settings),
        ),
        server_models=models,
        server_genres=ServerGenres(models, listening.model),
    )


def _lesson_subjects(
    settings: Settings,
    contributions: ContributionService,
    models: ServerModels,
    listening: ListeningService,
    database: Database,
) -> dict[Kind, LessonSubject]:
    async def remembered(guild_id: int) -> npt.NDArray[np.float32] | None:
        page = await Songs(database).vectors(guild_id, listening.model, limit=MAX_STRANGERS)
        return page.vectors if page else None

    permitted = remembered if settings.discord_permits_training else None
    plan = TrainingPlan(
        minutes=settings.portrait_lesson_minutes,
        base=settings.portrait_model,
        device=device_of(settings),
    )
    return {
        Kind.GENRE: GenreLessons(contributions, models, listening.model, permitted),
        Kind.AVATAR: PortraitLessons(contributions, models, plan),
    }


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
        SongbookViewsCog(gate, group, songbook, services.maps, ingest),
        SongbookFindCog(
            gate,
            group,
            songbook,
            services.similarity,
            services.paths,
            services.finder,
            messages,
        ),
        WeeklyCog(gate, setup, services.weekly, songbook),
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
