"""The models a server taught: which one serves, and how that changes."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from bot.lessons.errors import ModelDamaged, NoSuchModel, NothingBefore
from ml.finetuning.genre_head import digest_of
from storage.lesson_values import Job, Kind, TaughtModel
from storage.taught_models import TaughtModels

log = structlog.stdlib.get_logger(__name__)

SUFFIX = ".safetensors"


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


# Told after a server's model of a kind changed; None: what is shipped serves.
Changed = Callable[[int, Kind, TaughtModel | None], Awaitable[None]]


class ServerModels:
    """Keeps the models of every server; nothing a server taught serves another one."""

    def __init__(self, stored: TaughtModels, folder: Path) -> None:
        """Work on `stored` and on the files in `folder`."""
        self._stored = stored
        self._folder = folder
        self._listeners: list[Changed] = []

    def tell(self, changed: Changed) -> None:
        """Have `changed` told from now on."""
        self._listeners.append(changed)

    def path(self, model: TaughtModel) -> Path:
        """Tell where a model's file is."""
        return self._folder / model.file

    async def adopt(
        self, job: Job, made: Path, card: Mapping[str, Any], sources: Collection[int]
    ) -> TaughtModel | None:
        """Take over what a lesson made, without letting it serve, and end the lesson.

        The file comes first and the row last: cut off in between, the file belongs to nothing
        and `sweep` removes it.

        Returns:
            The model; None when the lesson was ended meanwhile, or a source taken back.

        Raises:
            OSError: there is no room for it.
        """
        name = f"{job.guild_id}-{job.kind.value}-{job.job_id}{SUFFIX}"
        await asyncio.to_thread(_put, made, self._folder / name)
        model = TaughtModel(
            guild_id=job.guild_id,
            kind=job.kind,
            number=0,
            file=name,
            digest=await asyncio.to_thread(digest_of, self._folder / name),
            made_at=datetime.now(UTC),
            made_by=job.member_id,
            card=card,
        )
        kept = await self._stored.keep(model, sources, job.job_id)
        if kept is None:
            await self._remove(name)
        return kept

    async def shelf(self, guild_id: int) -> ModelList:
        """List a server's models."""
        serving = [await self._stored.serving(guild_id, kind) for kind in Kind]
        return ModelList(
            await self._stored.of_server(guild_id),
            frozenset(model.model_id for model in serving if model is not None),
        )

    async def serving(self, guild_id: int, kind: Kind) -> TaughtModel | None:
        """Find the model that serves a server; None: what is shipped."""
        return await self._stored.serving(guild_id, kind)

    async def servers(self, kind: Kind) -> tuple[int, ...]:
        """List the servers that taught models of this kind."""
        return await self._stored.servers(kind)

    async def find(self, guild_id: int, model_id: int) -> TaughtModel:
        """Find one of this server's models.

        Raises:
            NoSuchModel: it was deleted, or never was.
        """
        model = await self._stored.find(guild_id, model_id)
        if model is None:
            raise NoSuchModel
        return model

    async def sound(self, model: TaughtModel) -> bool:
        """Tell whether a model's file is there, and what it was."""
        try:
            return await asyncio.to_thread(digest_of, self.path(model)) == model.digest
        except OSError:
            return False

    async def worse(self, model: TaughtModel) -> WorseModel | None:
        """Tell whether a model did worse than what served when it was taught."""
        before, after = model.card.get("score_before"), model.card.get("score")
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
        if not await self.sound(model):
            raise ModelDamaged(model.number)
        serving = await self._stored.serving(guild_id, model.kind)
        if serving is None or serving.model_id != model_id:
            if not await self._stored.promote(guild_id, model.kind, model_id, by):
                raise NoSuchModel
            await self._changed(guild_id, model.kind)
        return model

    async def use_shipped(self, guild_id: int, kind: Kind, by: int) -> None:
        """Let what is shipped serve again; what served before can be rolled back to."""
        if await self._stored.serving(guild_id, kind) is not None:
            await self._stored.promote(guild_id, kind, None, by)
            await self._changed(guild_id, kind)

    async def roll_back(self, guild_id: int, kind: Kind) -> TaughtModel | None:
        """Let what served before serve again; None: what is shipped.

        Raises:
            NothingBefore: nothing did.
        """
        if not await self._stored.step_back(guild_id, kind):
            raise NothingBefore
        await self._changed(guild_id, kind)
        return await self._stored.serving(guild_id, kind)

    async def delete(self, guild_id: int, model_id: int) -> TaughtModel:
        """Delete a model; where it served, what served before serves again.

        Raises:
            NoSuchModel: it was deleted, or never was.
        """
        model = await self._stored.delete(guild_id, model_id)
        if model is None:
            raise NoSuchModel
        await self._changed(guild_id, model.kind)
        await self._remove(model.file)
        return model

    async def taught_by(self, member_id: int) -> tuple[TaughtModel, ...]:
        """List the models that learned from a member's contributions, in all servers."""
        return await self._stored.taught_by(member_id)

    async def taught_from(self, guild_id: int, contribution_id: int) -> tuple[TaughtModel, ...]:
        """List the models of a server that learned from one contribution."""
        return await self._stored.taught_from(guild_id, contribution_id)

    async def server_left(self, guild_id: int) -> None:
        """Tell everybody that a server's models are gone; its rows are gone already."""
        for kind in Kind:
            await self._changed(guild_id, kind)
        await self.sweep()

    async def sources(self, model: TaughtModel) -> frozenset[int]:
        """List the contributions that a model learned from and that are still there."""
        return await self._stored.sources(model.model_id)

    async def forget_member(self, member_id: int) -> None:
        """Remove a member's id from models and promotions, which belong to the server."""
        await self._stored.forget_member(member_id)

    async def sweep(self) -> None:
        """Remove files that belong to no model: left by a crash, or by a server that left."""
        known = await self._stored.files()
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        there = await asyncio.to_thread(lambda: [path.name for path in self._folder.iterdir()])
        for name in there:
            if name not in known:
                await self._remove(name)

    async def _changed(self, guild_id: int, kind: Kind) -> None:
        serving = await self._stored.serving(guild_id, kind)
        for listener in self._listeners:
            await listener(guild_id, kind, serving)

    async def _remove(self, name: str) -> None:
        await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)


def _put(made: Path, to: Path) -> None:
    """Copy a file so that it is whole under its name, also after a power cut."""
    to.parent.mkdir(parents=True, exist_ok=True)
    partial = to.with_suffix(".part")
    try:
        shutil.copyfile(made, partial)
        with partial.open("rb") as copied:
            os.fsync(copied.fileno())
        partial.replace(to)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
