"""The taught models in use: genre heads and portrait models of servers."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from bot.lessons.errors import OtherMusicModel
from bot.lessons.models import ServerModels
from bot.portraits.models import DrawsPortraits, Latents, Pictures, PortraitModels, Studio
from ml.finetuning.genre_head import GenreHead, LessonDataError
from ml.music.hearing import Hearing
from storage.lesson_values import Kind, TaughtModel

log = structlog.stdlib.get_logger(__name__)

MOST_HEADS = 500  # in memory, of the servers that asked last; each takes some kilobytes


class ServerGenres:
    """Names songs as a server taught, where what it taught is sure."""

    def __init__(self, models: ServerModels, music_model: str) -> None:
        """Work with the heads in `models`, for hearings of `music_model`."""
        self._models = models
        self._music_model = music_model
        self._heads: OrderedDict[int, tuple[TaughtModel, GenreHead] | None] = OrderedDict()
        models.tell(self._changed)

    async def name(
        self, guild_id: int | None, hearing: Hearing
    ) -> tuple[Hearing, TaughtModel | None]:
        """Name a song as the server would.

        Returns:
            The hearing with the server's genres among the others and the model that knows them;
            or as it was, and None, where the server taught nothing or the song is none of it.
        """
        found = await self._head(guild_id) if guild_id is not None else None
        if found is None or hearing.model != found[1].music_model:
            return hearing, None
        model, head = found
        named = head.named(hearing.vector, hearing.genres)
        if named is None:
            return hearing, None
        return replace(hearing, genres=named, genre=next(iter(named))), model

    async def check(self, model: TaughtModel) -> None:
        """Make sure that a model can name what is heard now.

        Raises:
            OtherEar: it was made for another ear.
        """
        if not self.understands(model):
            raise OtherMusicModel(model.number)

    def understands(self, model: TaughtModel) -> bool:
        """Tell whether a model is of use with the ear that listens now."""
        return model.kind is not Kind.GENRE or model.card.get("ear") == self._music_model

    async def _head(self, guild_id: int) -> tuple[TaughtModel, GenreHead] | None:
        if guild_id not in self._heads:
            self._heads[guild_id] = await self._load(guild_id)
        self._heads.move_to_end(guild_id)
        while len(self._heads) > MOST_HEADS:
            self._heads.popitem(last=False)
        return self._heads[guild_id]

    async def _load(self, guild_id: int) -> tuple[TaughtModel, GenreHead] | None:
        model = await self._models.serving(guild_id, Kind.GENRE)
        if model is None:
            return None
        try:
            return model, await asyncio.to_thread(GenreHead.load, self._models.path(model))
        except LessonDataError:  # the ear's own genres go on serving
            log.exception("a genre model cannot be read", guild=guild_id, model=model.model_id)
            return None

    async def _changed(self, guild_id: int, kind: Kind, _: TaughtModel | None) -> None:
        if kind is Kind.GENRE:
            self._heads.pop(guild_id, None)


MOST_LOADED = 2  # painters of servers in memory, those that drew last


class ServerPortraitModels:
    """Lends each server the painter it taught, and no other server's."""

    def __init__(
        self, shipped: PortraitModels, models: ServerModels, load: Callable[[Path], DrawsPortraits]
    ) -> None:
        """Join the parts.

        Args:
            shipped: knows the painter for everybody else.
            models: knows what servers taught; tells when that changes.
            load: opens a painter's file; blocking, and called where torch runs.
        """
        self._shipped = shipped
        self._models = models
        self._loaded = _Loaded(load)
        self._serving: dict[int, Studio] = {}
        self._of_server: dict[int, dict[str, Studio]] = {}
        models.tell(self._changed)

    async def open(self) -> None:
        """Learn which painters there are; one whose file is damaged is passed over."""
        for guild_id in await self._models.servers(Kind.AVATAR):
            serving = await self._models.serving(guild_id, Kind.AVATAR)
            await self._changed(guild_id, Kind.AVATAR, serving)

    def model_for(self, guild_id: int, model: str | None = None) -> Studio:
        """Give the painter of a server's new portraits, or the one called `model`.

        Raises:
            NoPortraitModel: there is none.
            OtherPortraitModel: there is none of that name for this server.
        """
        if model is not None and model in self._of_server.get(guild_id, {}):
            return self._of_server[guild_id][model]
        if model is None and guild_id in self._serving:
            return self._serving[guild_id]
        return self._shipped.model_for(guild_id, model)

    async def _changed(self, guild_id: int, kind: Kind, serving: TaughtModel | None) -> None:
        if kind is not Kind.AVATAR:
            return
        studios: dict[int, Studio] = {}
        for model in (await self._models.shelf(guild_id)).models:
            if model.kind is not Kind.AVATAR:
                continue
            if not await self._models.sound(model):
                log.error("a portrait model is damaged", guild=guild_id, model=model.model_id)
                continue
            portrait_model = _Painter(model.card["painter"], self._models.path(model), self._loaded)
            studios[model.model_id] = Studio(portrait_model, of_members=True)
        self._of_server[guild_id] = {each.portrait_model.name: each for each in studios.values()}
        self._serving.pop(guild_id, None)
        if serving is not None and serving.model_id in studios:
            self._serving[guild_id] = studios[serving.model_id]


class _Loaded:
    """Keeps the painters that drew last in memory."""

    def __init__(self, load: Callable[[Path], DrawsPortraits]) -> None:
        self._load = load
        self._painters: OrderedDict[Path, DrawsPortraits] = OrderedDict()
        self._lock = threading.Lock()

    def portrait_model(self, file: Path) -> DrawsPortraits:
        with self._lock:
            if file not in self._painters:
                self._painters[file] = self._load(file)
            self._painters.move_to_end(file)
            while len(self._painters) > MOST_LOADED:
                self._painters.popitem(last=False)
            return self._painters[file]


class _Painter:
    """A painter that is opened when it first draws: each takes tens of megabytes."""

    def __init__(self, name: str, file: Path, loaded: _Loaded) -> None:
        self.name = name
        self._file = file
        self._loaded = loaded

    def latents(self, seeds: Sequence[int]) -> Latents:
        return self._opened().latents(seeds)

    def draw(self, latents: Latents) -> Pictures:
        return self._opened().draw(latents)

    def encode(self, pictures: Pictures) -> Latents:
        return self._opened().encode(pictures)

    def blend(self, a: Latents, b: Latents, shares: Sequence[float]) -> Latents:
        return self._opened().blend(a, b, shares)

    def vary(self, latent: Latents, seeds: Sequence[int], strength: float) -> Latents:
        return self._opened().vary(latent, seeds, strength)

    def morph(self, a: Latents, b: Latents, frames: int) -> Latents:
        return self._opened().morph(a, b, frames)

    def _opened(self) -> DrawsPortraits:
        return self._loaded.portrait_model(self._file)
