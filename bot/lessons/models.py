"""The models that servers taught: stored, chosen, and used in their place."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

import structlog

from bot.lessons.errors import (
    ModelDamagedError,
    NoSuchModelError,
    NothingBeforeError,
    OtherMusicModelError,
)
from bot.portraits.inference import DrawsPortraits, PortraitModels, ServedModel
from ml.checkpoints import sha256_of
from ml.finetuning.events import PortraitCard
from ml.music.genre_head import GenreCard, GenreHead, GenreHeadError
from ml.music.hearing import Hearing
from storage.erasure import Erased, Scope, ScopeKind
from storage.files import Files
from storage.lessons import Job, Kind
from storage.taught_models import TaughtModel, TaughtModels

log = structlog.stdlib.get_logger(__name__)

SUFFIX = ".safetensors"
MAX_HEADS = 500  # in memory, of the servers that asked last; each takes some kilobytes
MAX_LOADED = 2  # portrait models of servers in memory, those that drew last

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
        observers: called after each change.
    """

    def __init__(self, stored: TaughtModels, files: Files) -> None:
        """Work on `stored` and on the files that it names."""
        self.stored = stored
        self._files = files
        self.observers: list[ModelObserver] = []

    async def path(self, model: TaughtModel) -> Path:
        """Return where a model's file is on this machine.

        Raises:
            FileNotFoundError: it is gone.
        """
        return await self._files.local(model.file)

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
        # Two processes never write one file, not even where one was wrongly taken for dead.
        name = f"{job.guild_id}-{job.kind.value}-{job.job_id}-{token_hex(4)}{SUFFIX}"
        content = await asyncio.to_thread(made.read_bytes)
        await self._files.put(name, content)
        model = TaughtModel(
            guild_id=job.guild_id,
            kind=job.kind,
            number=0,
            file=name,
            digest=await asyncio.to_thread(lambda: sha256(content).digest()),
            made_at=datetime.now(UTC),
            made_by=job.member_id,
            card=asdict(card),
        )
        stored = await self.stored.add(model, sources, job)
        if stored is None:
            await self._files.remove([name])
        return stored

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
            NoSuchModelError: it was deleted, or never was.
        """
        model = await self.stored.find(guild_id, model_id)
        if model is None:
            raise NoSuchModelError
        return model

    async def is_intact(self, model: TaughtModel) -> bool:
        """Return whether a model's file is there, and what it was."""
        try:
            return await asyncio.to_thread(sha256_of, await self.path(model)) == model.digest
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
            NoSuchModelError: it was deleted, or never was.
            ModelDamagedError: its file is not what it was; what served goes on serving.
        """
        model = await self.find(guild_id, model_id)
        if not await self.is_intact(model):
            raise ModelDamagedError(model.number)
        serving = await self.stored.serving(guild_id, model.kind)
        if serving is None or serving.model_id != model_id:
            if not await self.stored.promote(guild_id, model.kind, model_id, by):
                raise NoSuchModelError
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
            NothingBeforeError: nothing did.
        """
        if not await self.stored.step_back(guild_id, kind):
            raise NothingBeforeError
        await self._changed(guild_id, kind)
        return await self.stored.serving(guild_id, kind)

    async def delete(self, guild_id: int, model_id: int) -> TaughtModel:
        """Delete a model; where it served, what served before serves again.

        Raises:
            NoSuchModelError: it was deleted, or never was.
        """
        model = await self.stored.delete(guild_id, model_id)
        if model is None:
            raise NoSuchModelError
        await self._changed(guild_id, model.kind)
        await self._files.remove([model.file])
        return model

    async def sweep(self) -> None:
        """Remove files that belong to no model: left by a crash, or by a server that left."""
        await self._files.sweep(await self.stored.files())

    async def _changed(self, guild_id: int, kind: Kind) -> None:
        serving = await self.stored.serving(guild_id, kind)
        for observer in self.observers:
            await observer(guild_id, kind, serving)


# In use


class ServerGenres:
    """Names songs as a server taught, where what it taught is sure."""

    def __init__(self, models: ServerModels, music_model: str) -> None:
        """Work with the heads in `models`, for hearings of `music_model`."""
        self._models = models
        self._music_model = music_model
        self._heads: OrderedDict[int, tuple[TaughtModel, GenreHead] | None] = OrderedDict()
        models.observers.append(self._changed)

    async def name(
        self, guild_id: int | None, hearing: Hearing
    ) -> tuple[Hearing, TaughtModel | None]:
        """Name a song as the server would.

        Returns:
            The hearing with the server's genres among the others and the model that knows them;
            or as it was, and None, where the server taught nothing or the song is none of it.
        """
        if guild_id is None or hearing.kind != "music" or hearing.too_short:
            return hearing, None
        found = await self._head(guild_id)
        if found is None or hearing.model != found[1].music_model:
            return hearing, None
        model, head = found
        named = head.named(hearing)
        return (hearing, None) if named is None else (named, model)

    async def check(self, model: TaughtModel) -> None:
        """Make sure that a model can name what is heard now.

        Raises:
            OtherMusicModelError: it was made for another model.
        """
        if not self.understands(model):
            raise OtherMusicModelError(model.number)

    def understands(self, model: TaughtModel) -> bool:
        """Return whether a model is of use with the music model that listens now."""
        card = card_of(model)
        return not isinstance(card, GenreCard) or card.music_model == self._music_model

    async def _head(self, guild_id: int) -> tuple[TaughtModel, GenreHead] | None:
        if guild_id not in self._heads:
            self._heads[guild_id] = await self._load(guild_id)
        self._heads.move_to_end(guild_id)
        while len(self._heads) > MAX_HEADS:
            self._heads.popitem(last=False)
        return self._heads[guild_id]

    async def _load(self, guild_id: int) -> tuple[TaughtModel, GenreHead] | None:
        model = await self._models.stored.serving(guild_id, Kind.GENRE)
        if model is None:
            return None
        try:
            return model, await asyncio.to_thread(GenreHead.load, await self._models.path(model))
        except (GenreHeadError, OSError):  # the music model's own genres go on serving
            log.exception("genre_model_damaged", guild=guild_id, model=model.model_id)
            return None

    def before_erasure(self, scope: Scope) -> None:
        """Wait for the commit: nothing is stored here."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Drop the genres that an erased server trained, and what names an erased member."""
        if erased is None:
            self._heads.clear()
            return
        stale = set(scope.ids) if scope.subject is ScopeKind.GUILD else set()
        stale.update(model.guild_id for model in erased.marked)
        for guild_id in stale:
            self._heads.pop(guild_id, None)

    async def _changed(self, guild_id: int, kind: Kind, _: TaughtModel | None) -> None:
        if kind is Kind.GENRE:
            self._heads.pop(guild_id, None)


class ServerPortraitModels:
    """Returns each server the portrait model it taught, and no other server's."""

    def __init__(
        self, shipped: PortraitModels, models: ServerModels, load: Callable[[Path], DrawsPortraits]
    ) -> None:
        """Join the parts.

        Args:
            shipped: returns the model of everybody else.
            models: what servers taught; observed for changes.
            load: opens a model's file; blocking, and called where torch runs.
        """
        self._shipped = shipped
        self._models = models
        self._loaded = _PortraitModelCache(load)
        self._serving: dict[int, ServedModel] = {}
        self._of_server: dict[int, dict[str, ServedModel]] = {}
        models.observers.append(self._changed)

    async def open(self) -> None:
        """Read which models there are; one whose file is damaged is passed over."""
        for guild_id in await self._models.stored.servers(Kind.AVATAR):
            serving = await self._models.stored.serving(guild_id, Kind.AVATAR)
            await self._changed(guild_id, Kind.AVATAR, serving)

    def model_for(self, guild_id: int, model: str | None = None) -> ServedModel:
        """Return the model of a server's new portraits, or the one called `model`.

        Raises:
            NoPortraitModelError: there is none.
            OtherPortraitModelError: there is none of that name for this server.
        """
        if model is not None and model in self._of_server.get(guild_id, {}):
            return self._of_server[guild_id][model]
        if model is None and guild_id in self._serving:
            return self._serving[guild_id]
        return self._shipped.model_for(guild_id, model)

    def before_erasure(self, scope: Scope) -> None:
        """Wait for the commit: nothing is stored here."""

    def after_erasure(self, scope: Scope, erased: Erased | None) -> None:
        """Drop the models that an erased server trained."""
        if scope.subject is ScopeKind.GUILD:
            for guild_id in scope.ids:
                self._of_server.pop(guild_id, None)
                self._serving.pop(guild_id, None)

    async def _changed(self, guild_id: int, kind: Kind, serving: TaughtModel | None) -> None:
        if kind is not Kind.AVATAR:
            return
        found: dict[int, ServedModel] = {}
        for model in (await self._models.list_models(guild_id)).models:
            if model.kind is not Kind.AVATAR:
                continue
            if not await self._models.is_intact(model):
                log.error("portrait_model_damaged", guild=guild_id, model=model.model_id)
                continue
            card = card_of(model)
            assert isinstance(card, PortraitCard)  # as its kind says
            # Each takes tens of megabytes: it is opened when it first draws.
            load = partial(self._loaded.portrait_model, await self._models.path(model))
            found[model.model_id] = ServedModel(card.portrait_model, load, of_members=True)
        self._of_server[guild_id] = {each.name: each for each in found.values()}
        self._serving.pop(guild_id, None)
        if serving is not None and serving.model_id in found:
            self._serving[guild_id] = found[serving.model_id]


class _PortraitModelCache:
    """Holds the portrait models that drew last in memory."""

    def __init__(self, load: Callable[[Path], DrawsPortraits]) -> None:
        self._load = load
        self._models: OrderedDict[Path, DrawsPortraits] = OrderedDict()
        self._lock = threading.Lock()

    def portrait_model(self, file: Path) -> DrawsPortraits:
        with self._lock:
            if file not in self._models:
                self._models[file] = self._load(file)
            self._models.move_to_end(file)
            while len(self._models) > MAX_LOADED:
                self._models.popitem(last=False)
            return self._models[file]
