"""Which of a server's models serves, and that a better one is never replaced unnoticed."""

from pathlib import Path

import pytest

from bot.lessons.errors import ModelDamagedError, NoSuchModelError, NothingBeforeError
from bot.lessons.models import ModelCard, ServerModels
from ml.finetuning.events import PortraitCard
from ml.music.genre_head import GenreCard
from storage.database import Database
from storage.lessons import Jobs, Kind
from storage.taught_models import TaughtModel, TaughtModels
from tests.unit.storage import OTHER_SERVER, SERVER
from tests.unit.storage.lessons import MEMBER, NOTICE

BETTER = GenreCard(score=0.9, score_before=0.5)


class Shop:
    """Models on a shelf, and a maker of more."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.jobs = Jobs(database)
        self.files = database.files(folder / "models")
        self.models = ServerModels(TaughtModels(database), self.files)
        self._folder = folder

    async def made(
        self, card: ModelCard, kind: Kind = Kind.GENRE, guild_id: int = SERVER
    ) -> TaughtModel:
        job = await self.jobs.queue(guild_id, MEMBER, kind, NOTICE)
        assert job is not None
        job = await self.jobs.begin(job.job_id)
        assert job is not None
        made = self._folder / "made"
        made.write_bytes(b"numbers")
        model = await self.models.adopt(job, made, card, [])
        assert model is not None
        return model


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path)


async def test_using_and_rolling_back_is_told_to_whoever_serves(shop: Shop) -> None:
    served: list[TaughtModel | None] = []

    async def changed(_: int, __: Kind, serving: TaughtModel | None) -> None:
        served.append(serving)

    shop.models.observers.append(changed)
    model = await shop.made(BETTER)
    await shop.models.use(SERVER, model.model_id, MEMBER)
    await shop.models.use(SERVER, model.model_id, MEMBER)  # it serves already
    assert await shop.models.roll_back(SERVER, Kind.GENRE) is None
    assert [each.number if each else None for each in served] == [1, None]
    with pytest.raises(NothingBeforeError):
        await shop.models.roll_back(SERVER, Kind.GENRE)


@pytest.mark.parametrize(
    ("kind", "card", "worse"),
    [
        (Kind.GENRE, GenreCard(score=0.4, score_before=0.5), True),
        (Kind.GENRE, BETTER, False),
        (
            Kind.AVATAR,
            PortraitCard(score=0.02, score_before=0.3),
            False,
        ),  # a distance: less is better
        (Kind.AVATAR, PortraitCard(score=0.4, score_before=0.3), True),
        (Kind.AVATAR, PortraitCard(), False),
    ],
)
async def test_what_did_worse_is_noticed(
    shop: Shop, kind: Kind, card: ModelCard, worse: bool
) -> None:
    found = await shop.models.worse(await shop.made(card, kind))
    assert (found is not None) is worse


@pytest.mark.parametrize("harm", ["cut", "gone"])
async def test_a_damaged_file_is_not_used_and_what_served_goes_on(shop: Shop, harm: str) -> None:
    first, second = await shop.made(BETTER), await shop.made(BETTER)
    await shop.models.use(SERVER, first.model_id, MEMBER)
    if harm == "cut":
        (await shop.models.path(second)).write_bytes(b"num")
    else:
        await shop.files.remove([second.file])
    with pytest.raises(ModelDamagedError):
        await shop.models.use(SERVER, second.model_id, MEMBER)
    serving = await shop.models.stored.serving(SERVER, Kind.GENRE)
    assert serving is not None
    assert serving.model_id == first.model_id


async def test_another_server_can_neither_use_nor_delete_it(shop: Shop) -> None:
    model = await shop.made(BETTER)
    for attempt in (
        shop.models.use(OTHER_SERVER, model.model_id, MEMBER),
        shop.models.delete(OTHER_SERVER, model.model_id),
    ):
        with pytest.raises(NoSuchModelError):
            await attempt
    assert await shop.models.stored.serving(OTHER_SERVER, Kind.GENRE) is None
    assert await shop.models.is_intact(model)


async def test_deleting_takes_the_file_along(shop: Shop) -> None:
    model = await shop.made(BETTER)
    await shop.models.delete(SERVER, model.model_id)
    with pytest.raises(FileNotFoundError):
        await shop.models.path(model)
    assert (await shop.models.list_models(SERVER)).models == ()
