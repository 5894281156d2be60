"""The models that servers taught: which one serves, and how that changes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.lessons.errors import ModelDamaged, NoSuchModel, NothingBefore
from ml.checkpoints import sha256_of
from ml.files import write_atomically
from ml.finetuning.events import PortraitCard
from ml.music.genre_head import GenreCard
from storage.lesson_values import Job, Kind, TaughtModel
from storage.taught_models import TaughtModels

SUFFIX = ".safetensors"

ModelCard = GenreCard | PortraitCard


def card_of(model: TaughtModel) -> ModelCard:
    """Read the card that is stored with a model."""
    card: type[ModelCard] = GenreCard if model.kind is Kind.GENRE else PortraitCard
    return card.from_json(model.card)


@dataclass(frozen=True, slots=True)
class ModelList:
    """A server's models, the newest first, and the ids of those that serve."""

    models: tuple[TaughtModel, ...]
    serving: frozenset[int]


@dataclass(frozen=True, slots=True)
class WorseModel:
    """A model did worse than what serves, on songs or pictures that neither learned from."""

    model: TaughtModel
    before: float
    after: float


# Called after a server's model of a kind changed; None: what is shipped serves.
ModelObserver = Callable[[int, Kind, TaughtModel | None], Awaitable[None]]


class ServerModels:
    """Stores the models of every server; nothing a server taught serves another one.

    Attributes:
        stored: the table, for whoever only reads.
    """

    def __init__(self, stored: TaughtModels, folder: Path) -> None:
        """Work on `stored` and on the files in `folder`."""
        self.stored = stored
        self._folder = folder
        self._observers: list[ModelObserver] = []

    def observe(self, observer: ModelObserver) -> None:
        """Call `observer` after each change from now on."""
        self._observers.append(observer)

    def path(self, model: TaughtModel) -> Path:
        """Return where a model's file is."""
        return self._folder / model.file

    async def adopt(
        self, job: Job, made: Path, card: ModelCard, sources: Collection[int]
    ) -> TaughtModel | None:
        """Store what a lesson made, without letting it serve, and end the lesson.

        The file comes first and the row last: cut off in between, the file belongs to nothing
        and `sweep` removes it.

        Returns:
            The model; None when the lesson was ended meanwhile, or a source taken back.

        Raises:
            OSError: there is no room for it.
        """
        name = f"{job.guild_id}-{job.kind.value}-{job.job_id}{SUFFIX}"
        copy = partial(shutil.copyfile, made)
        await asyncio.to_thread(write_atomically, self._folder / name, copy)
        model = TaughtModel(
            guild_id=job.guild_id,
            kind=job.kind,
            number=0,
            file=name,
            digest=await asyncio.to_thread(sha256_of, self._folder / name),
            made_at=datetime.now(UTC),
            made_by=job.member_id,
            card=asdict(card),
        )
        kept = await self.stored.keep(model, sources, job.job_id)
        if kept is None:
            await self._remove(name)
        return kept

    async def list_models(self, guild_id: int) -> ModelList:
        """List a server's models."""
        serving = [await self.stored.serving(guild_id, kind) for kind in Kind]
        return ModelList(
            await self.stored.of_server(guild_id),
            frozenset(model.model_id for model in serving if model is not None),
        )

    async def find(self, guild_id: int, model_id: int) -> TaughtModel:
        """Find one of this server's models.

        Raises:
            NoSuchModel: it was deleted, or never was.
        """
        model = await self.stored.find(guild_id, model_id)
        if model is None:
            raise NoSuchModel
        return model

    async def is_intact(self, model: TaughtModel) -> bool:
        """Return whether a model's file is there, and what it was."""
        try:
            return await asyncio.to_thread(sha256_of, self.path(model)) == model.digest
        except OSError:
            return False

    async def worse(self, model: TaughtModel) -> WorseModel | None:
        """Return whether a model did worse than what served when it was taught."""
        card = card_of(model)
        before, after = card.score_before, card.score
        better_high = model.kind is Kind.GENRE  # portraits are scored by a distance
        if before is None or after is None:
            return None
        if (after < before) if better_high else (after > before):
            return WorseModel(model, before, after)
        return None

    async def use(self, guild_id: int, model_id: int, by: int) -> TaughtModel:
        """Let a model serve from now on; what served before can be rolled back to.

        Raises:
            NoSuchModel: it was deleted, or never was.
            ModelDamaged: its file is not what it was; what served goes on serving.
        """
        model = await self.find(guild_id, model_id)
        if not await self.is_intact(model):
            raise ModelDamaged(model.number)
        serving = await self.stored.serving(guild_id, model.kind)
        if serving is None or serving.model_id != model_id:
            if not await self.stored.promote(guild_id, model.kind, model_id, by):
                raise NoSuchModel
            await self._changed(guild_id, model.kind)
        return model

    async def use_shipped(self, guild_id: int, kind: Kind, by: int) -> None:
        """Let what is shipped serve again; what served before can be rolled back to."""
        if await self.stored.serving(guild_id, kind) is not None:
            await self.stored.promote(guild_id, kind, None, by)
            await self._changed(guild_id, kind)

    async def roll_back(self, guild_id: int, kind: Kind) -> TaughtModel | None:
        """Let what served before serve again; None: what is shipped.

        Raises:
            NothingBefore: nothing did.
        """
        if not await self.stored.step_back(guild_id, kind):
            raise NothingBefore
        await self._changed(guild_id, kind)
        return await self.stored.serving(guild_id, kind)

    async def delete(self, guild_id: int, model_id: int) -> TaughtModel:
        """Delete a model; where it served, what served before serves again.

        Raises:
            NoSuchModel: it was deleted, or never was.
        """
        model = await self.stored.delete(guild_id, model_id)
        if model is None:
            raise NoSuchModel
        await self._changed(guild_id, model.kind)
        await self._remove(model.file)
        return model

    async def sweep(self) -> None:
        """Remove files that belong to no model: left by a crash, or by a server that left."""
        known = await self.stored.files()
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        there = await asyncio.to_thread(lambda: [path.name for path in self._folder.iterdir()])
        for name in there:
            if name not in known:
                await self._remove(name)

    async def _changed(self, guild_id: int, kind: Kind) -> None:
        serving = await self.stored.serving(guild_id, kind)
        for observer in self._observers:
            await observer(guild_id, kind, serving)

    async def _remove(self, name: str) -> None:
        await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)
