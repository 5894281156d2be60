"""The genres a server taught, in the answers to `/genre`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace

import structlog

from bot.services.lesson_errors import OtherEar
from bot.services.server_models import ServerModels
from ml.lessons.genre_head import GenreHead
from ml.lessons.songs import LessonError
from ml.music.hearing import Hearing
from storage.lesson_values import Kind, TaughtModel

log = structlog.stdlib.get_logger(__name__)

MOST_HEADS = 500  # in memory, of the servers that asked last; each takes some kilobytes


class ServerGenres:
    """Names songs as a server taught, where what it taught is sure."""

    def __init__(self, models: ServerModels, ear: str) -> None:
        """Work with the heads in `models`, for hearings of `ear`."""
        self._models = models
        self._ear = ear
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
        if found is None or hearing.model != found[1].ear:
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
            raise OtherEar(model.number)

    def understands(self, model: TaughtModel) -> bool:
        """Tell whether a model is of use with the ear that listens now."""
        return model.kind is not Kind.GENRE or model.card.get("ear") == self._ear

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
        except LessonError:  # the ear's own genres go on serving
            log.exception("a genre model cannot be read", guild=guild_id, model=model.model_id)
            return None

    async def _changed(self, guild_id: int, kind: Kind, _: TaughtModel | None) -> None:
        if kind is Kind.GENRE:
            self._heads.pop(guild_id, None)
