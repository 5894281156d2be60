"""Builds and joins what lessons and privacy need, for `bot.__main__`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.device import device_of
from bot.settings import Settings

if TYPE_CHECKING:  # importing torch takes seconds, which `health` need not wait
    import numpy as np
    import numpy.typing as npt

    from bot.lessons.contributions import ContributionService
    from bot.lessons.features import LessonServices
    from bot.lessons.genre_lessons import Remembered
    from bot.lessons.models import ServerModels
    from bot.lessons.service import LessonService
    from bot.lessons.values import LessonSubject
    from bot.listening.service import ListeningService
    from bot.portraits.drawing import PortraitInference
    from bot.portraits.uploads import ImageUploads
    from bot.songbook.service import Songbook
    from storage.database import Database
    from storage.lesson_values import Kind

MEGABYTE = 1024 * 1024


@asynccontextmanager
async def open_lesson_services(
    settings: Settings,
    listening: ListeningService,
    portrait_inference: PortraitInference,
    songbook: Songbook,
    database: Database,
) -> AsyncIterator[LessonServices]:
    """Join what the cogs of training and privacy are given; lessons stop with the block.

    `portrait_inference` lends servers the painters they taught for as long as the block lasts.
    """
    from bot.lessons.art_crops import FaceCrops
    from bot.lessons.consent import ConsentService
    from bot.lessons.contributions import ContributionService
    from bot.lessons.features import LessonServices
    from bot.lessons.models import ServerModels
    from bot.lessons.serving import ServerGenres
    from bot.privacy.service import PrivacyService
    from storage.backup import DataFolder
    from storage.contributions import Contributions as StoredContributions
    from storage.member_choices import Consents
    from storage.member_data import MemberData
    from storage.portraits import Portraits
    from storage.taught_models import TaughtModels

    folder = DataFolder(settings.data_dir)
    async with AsyncExitStack() as stack:
        executor = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="art"))
        pictures = _pictures(settings, portrait_inference, executor)
        models = ServerModels(TaughtModels(database), folder.models)
        contributions = ContributionService(
            StoredContributions(database), listening, FaceCrops(pictures), folder.art
        )
        subjects = _subjects(settings, contributions, models, listening, database)
        lessons = _lessons(settings, subjects, models, contributions, database)
        stack.push_async_callback(lessons.close)
        await lessons.open()
        await stack.enter_async_context(_own_painters(settings, portrait_inference, models))
        consenting = ConsentService(Consents(database))
        yield LessonServices(
            consenting=consenting,
            contributions=contributions,
            lessons=lessons,
            models=models,
            genres=ServerGenres(models, listening.model),
            privacy=PrivacyService(
                MemberData(database),
                songbook,
                Portraits(database),
                consenting,
                contributions,
                lessons,
                models,
            ),
            pictures=pictures,
            memory_mb=settings.lesson_memory_mb,
            minutes=settings.portrait_lesson_minutes,
        )


def memory_of(settings: Settings) -> int:
    """Give what a lesson may allocate, in MB; 0, no limit, on a GPU, which maps all its memory."""
    return 0 if device_of(settings) == "cuda" else settings.lesson_memory_mb


def _pictures(
    settings: Settings, portrait_inference: PortraitInference, executor: ThreadPoolExecutor
) -> ImageUploads:
    """Open members' art whole: who looks for faces must see all of it."""
    from bot.portraits.uploads import ImageUploads
    from ml.images.limits import PictureLimits

    limits = PictureLimits(
        max_bytes=settings.max_picture_mb * MEGABYTE,
        max_pixels=settings.max_picture_megapixels * 1_000_000,
    )
    return ImageUploads(portrait_inference, limits, executor)


def _subjects(
    settings: Settings,
    contributions: ContributionService,
    models: ServerModels,
    listening: ListeningService,
    database: Database,
) -> dict[Kind, LessonSubject]:
    from bot.lessons.genre_lessons import MOST_STRANGERS, GenreLessons
    from bot.lessons.portrait_lessons import PortraitLessons, TrainingPlan
    from storage.lesson_values import Kind
    from storage.songs import Songs

    async def remembered(guild_id: int) -> npt.NDArray[np.float32] | None:
        page = await Songs(database).vectors(guild_id, listening.model, limit=MOST_STRANGERS)
        return page.vectors if page else None

    permitted: Remembered | None = remembered if settings.discord_permits_training else None
    plan = TrainingPlan(
        minutes=settings.portrait_lesson_minutes,
        memory_mb=memory_of(settings),
        base=settings.portrait_model,
        device=device_of(settings),
    )
    return {
        Kind.GENRE: GenreLessons(contributions, models, listening.model, permitted),
        Kind.AVATAR: PortraitLessons(contributions, models, plan),
    }


def _lessons(
    settings: Settings,
    subjects: Mapping[Kind, LessonSubject],
    models: ServerModels,
    contributions: ContributionService,
    database: Database,
) -> LessonService:
    from bot.lessons.queue import JobQueue, QueueLimits
    from bot.lessons.service import LessonService
    from storage.backup import DataFolder
    from storage.jobs import Jobs

    jobs, seconds = Jobs(database), {kind: each.seconds for kind, each in subjects.items()}
    limits = QueueLimits(settings.member_lessons, settings.server_lessons, settings.waiting_lessons)
    return LessonService(
        jobs,
        JobQueue(jobs, limits, seconds),
        subjects,
        models,
        contributions,
        DataFolder(settings.data_dir).lessons,
        memory_mb=memory_of(settings),
    )


@asynccontextmanager
async def _own_painters(
    settings: Settings, portrait_inference: PortraitInference, models: ServerModels
) -> AsyncIterator[None]:
    from bot.lessons.serving import ServerPortraitModels
    from ml.avatar.inference import PortraitModel

    device = device_of(settings)

    def load(file: Path) -> PortraitModel:
        return PortraitModel.load(file, device)

    shipped = portrait_inference.models
    painters = ServerPortraitModels(shipped, models, load)
    await painters.open()
    portrait_inference.models = painters
    try:
        yield
    finally:
        portrait_inference.models = shipped
