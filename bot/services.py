"""Build the services of every feature on what all of them need.

`bot.app` opens the database and the models, calls these functions in turn and closes what must be
closed. Every part gets what it needs by its constructor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from bot.concurrency import Executors
from bot.engines import cut_to_face, device_of, explainer, lesson_memory_mb, picture_limits
from bot.health import HealthChecks
from bot.lessons.contributions import (
    ConsentService,
    ContributionService,
    ContributionStore,
    FaceCrops,
)
from bot.lessons.models import ServerGenres, ServerModels, ServerPortraitModels
from bot.lessons.runner import LessonRole, LessonRunner
from bot.lessons.service import JobQueue, LessonReporter, LessonService, QueueLimits
from bot.lessons.subjects import (
    MAX_STRANGERS,
    GenreLessons,
    LessonSubject,
    PortraitLessons,
    TrainingPlan,
)
from bot.listening.service import ListeningService
from bot.portraits.galleries import GalleryService
from bot.portraits.inference import PortraitInference, PortraitModels
from bot.portraits.morphing import MorphService
from bot.portraits.service import ExplanationService, PortraitService
from bot.portraits.uploads import ImageUploads
from bot.privacy.erasure import ErasureService
from bot.privacy.service import PrivacyService
from bot.retrieval.vectors import VectorCache
from bot.settings import Settings
from bot.sharding import ALL_SHARDS, Peers, Shards
from bot.songbook.finding import SongFinder
from bot.songbook.importing import ImportService
from bot.songbook.ingest import ChannelWatch, Reembedding, SongIngest
from bot.songbook.map import SongMaps
from bot.songbook.path import SongPaths
from bot.songbook.service import Songbook, SongRemoval
from bot.songbook.similar import SimilaritySearch, SimilarityService
from bot.songbook.sync import GuildSync, PostCheck, RepeatCheck, Retention
from bot.songbook.taste import RatingService, TasteService
from bot.songbook.weekly import WeeklyService
from ml.images.decoding import PictureDecoder, Screen
from storage.channels import Channels, Imports, WeeklyCards
from storage.database import Database
from storage.erasure import Erasure
from storage.files import DataFolder, Files
from storage.lessons import Contributions, Jobs, Kind
from storage.members import Consents, OptOuts, Ratings, TasteSharing
from storage.portraits import Icons, Portraits
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
    lesson_reporter: LessonReporter
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


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every service is built on."""

    settings: Settings
    executors: Executors
    listening: ListeningService
    database: Database
    peers: Peers

    @property
    def data(self) -> DataFolder:
        """Where files lie."""
        return DataFolder(self.settings.data_dir)

    @property
    def crops(self) -> Files:
        """Crops that members contributed."""
        return self.database.files(self.data.art)

    @property
    def models(self) -> Files:
        """Models that servers trained."""
        return self.database.files(self.data.models)

    @property
    def shards(self) -> Shards:
        """The part of all servers that this process serves."""
        return Shards(self.settings.shard_numbers, self.settings.shard_count)


def join(
    base: Foundation,
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


def songbook_services(base: Foundation) -> SongbookServices:
    """Build what remembers songs, and finds them again."""
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


def portrait_services(
    base: Foundation, models: PortraitModels, decoder: PictureDecoder
) -> PortraitServices:
    """Build what draws portraits, and stores them."""
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
        explanations=ExplanationService(inference, portraits, explainer(settings)),
        galleries=GalleryService(stored, settings.gallery_portraits),
        uploads=uploads(cut_to_face),
        icons=Icons(database),
        lesson_pictures=uploads(),  # whole: faces are searched for in all of a member's drawing
    )


def lesson_services(
    base: Foundation, models: ServerModels, pictures: ImageUploads, songbook: Songbook
) -> LessonServices:
    """Build what is contributed, and what servers train of it."""
    settings, listening, database = base.settings, base.listening, base.database
    contributions = ContributionService(
        Contributions(database), listening, FaceCrops(pictures), base.crops, songbook
    )
    subjects = _lesson_subjects(settings, contributions, models, listening.model, database)
    jobs, shared = Jobs(database), settings.database_url is not None
    queue = _job_queue(settings, jobs, subjects, base.shards)
    reporter = LessonReporter(jobs, queue, models)
    return LessonServices(
        consents=ConsentService(Consents(database)),
        contributions=contributions,
        lessons=LessonService(jobs, queue, subjects, models),
        lesson_reporter=reporter,
        lesson_runner=LessonRunner(
            jobs,
            queue,
            reporter,
            subjects,
            models,
            contributions,
            base.data.lessons,
            memory_mb=lesson_memory_mb(settings),
            role=LessonRole(teaches=not (shared and settings.leave_lessons), shared=shared),
        ),
        server_models=models,
        server_genres=ServerGenres(models, listening.model),
    )


def lesson_teacher(settings: Settings, database: Database, music_model: str) -> LessonRunner:
    """Build what carries out the lessons of every server, for the processes that show them.

    Args:
        settings: what the host set.
        database: where the lessons are.
        music_model: name of the model that hears songs in those processes.
    """
    data, jobs = DataFolder(settings.data_dir), Jobs(database)
    contributions = ContributionStore(Contributions(database), database.files(data.art))
    models = ServerModels(TaughtModels(database), database.files(data.models))
    subjects = _lesson_subjects(settings, contributions, models, music_model, database)
    queue = _job_queue(settings, jobs, subjects, ALL_SHARDS)
    return LessonRunner(
        jobs,
        queue,
        LessonReporter(jobs, queue, models),
        subjects,
        models,
        contributions,
        data.lessons,
        memory_mb=lesson_memory_mb(settings),
        role=LessonRole(shows=False, shared=True),
    )


def _job_queue(
    settings: Settings, jobs: Jobs, subjects: Mapping[Kind, LessonSubject], shards: Shards
) -> JobQueue:
    limits = QueueLimits(settings.member_lessons, settings.server_lessons, settings.waiting_lessons)
    return JobQueue(jobs, limits, {kind: each.seconds for kind, each in subjects.items()}, shards)


def _lesson_subjects(
    settings: Settings,
    contributions: ContributionStore,
    models: ServerModels,
    music_model: str,
    database: Database,
) -> dict[Kind, LessonSubject]:
    async def remembered(guild_id: int) -> npt.NDArray[np.float32] | None:
        page = await Songs(database).vectors(guild_id, music_model, limit=MAX_STRANGERS)
        return page.vectors if page else None

    permitted = remembered if settings.discord_permits_training else None
    plan = TrainingPlan(
        minutes=settings.portrait_lesson_minutes,
        base=settings.portrait_model,
        device=device_of(settings),
    )
    return {
        Kind.GENRE: GenreLessons(contributions, models, music_model, permitted),
        Kind.AVATAR: PortraitLessons(contributions, models, plan),
    }
