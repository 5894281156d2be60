"""`/models`: what a server taught, and which of it serves."""

from __future__ import annotations

from collections.abc import Collection

import discord
from discord import ButtonStyle, app_commands
from discord.ui import View

from bot.discord.cog import Cog, localised
from bot.discord.permissions import is_administrator, require_administrator
from bot.discord.requests import Request, RequestGate
from bot.i18n import Translator
from bot.lessons.errors import NoSuchModelError
from bot.lessons.models import ModelList, ServerGenres, ServerModels
from cogs.lessons._texts import (
    SHIPPED,
    embed_of,
    model_name,
    models_embed,
    name_on,
)
from cogs.lessons._train import TeachAgain, promoted_answer, worse_question
from storage.lessons import Kind

CHOICES, CHOICE_LIMIT, ID_DIGITS = 25, 100, 18
SHIPPED_VALUE = "shipped-"  # before the kind, among the choices


class ModelsCog(Cog):
    """Lists, chooses and deletes models."""

    models = app_commands.Group(
        name=localised("command-models"),
        description=localised("command-models.description"),
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )

    def __init__(self, gate: RequestGate, models: ServerModels, genres: ServerGenres) -> None:
        """Choose among `models`; `genres` knows which of them are of use now."""
        super().__init__(gate)
        self._models = models
        self._genres = genres

    @models.command(
        name=localised("command-models-list"),
        description=localised("command-models-list.description"),
    )
    @app_commands.rename(public=localised("option-training-public"))
    @app_commands.describe(public=localised("option-training-public.description"))
    async def list_models(self, interaction: discord.Interaction, public: bool = False) -> None:
        """List them, with a button for those that had better be taught anew."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=not public)
            known = await self._models.list_models(interaction.guild_id or 0)
            unusable = {m.model_id for m in known.models if not self._genres.understands(m)}
            view = _again_view(known, unusable, request.tr)
            await request.answer(models_embed(known, unusable, request.tr), view=view)

    async def _suggest(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _choices(await self._names(interaction), typed)

    async def _suggest_with_shipped(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        tr = Request(interaction).tr
        names = await self._names(interaction)
        if is_administrator(interaction):
            names |= {f"{SHIPPED_VALUE}{kind.value}": tr(SHIPPED[kind]) for kind in Kind}
        return _choices(names, typed)

    async def _names(self, interaction: discord.Interaction) -> dict[str, str]:
        """Name the models that an administrator may choose from, by their id."""
        if not is_administrator(interaction):
            return {}
        tr = Request(interaction).tr
        known = await self._models.list_models(interaction.guild_id or 0)
        return {str(each.model_id): name_on(known, each, tr) for each in known.models}

    @models.command(
        name=localised("command-models-use"),
        description=localised("command-models-use.description"),
    )
    @app_commands.rename(model=localised("option-models-model"))
    @app_commands.describe(model=localised("option-models-model.description"))
    @app_commands.autocomplete(model=_suggest_with_shipped)
    async def use(self, interaction: discord.Interaction, model: str) -> None:
        """Let a model serve; one that did worse only when that is really meant."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            guild_id, by, tr = interaction.guild_id or 0, interaction.user.id, request.tr
            for kind in Kind:
                if model == f"{SHIPPED_VALUE}{kind.value}":
                    await self._models.use_shipped(guild_id, kind, by)
                    text = tr("models-used", name=tr(SHIPPED[kind]))
                    await request.answer(embed_of([text]))
                    return
            chosen = await self._models.find(guild_id, _model_id(model))
            worse = await self._models.worse(chosen)
            if worse is not None:
                embed, view = worse_question(worse, tr)
                await request.answer(embed, view=view)
                return
            await self._genres.check(chosen)
            await self._models.use(guild_id, chosen.model_id, by)
            await request.answer(*promoted_answer(chosen, tr))

    @models.command(
        name=localised("command-models-rollback"),
        description=localised("command-models-rollback.description"),
    )
    @app_commands.rename(kind=localised("option-models-kind"))
    @app_commands.describe(kind=localised("option-models-kind.description"))
    @app_commands.choices(
        kind=[
            app_commands.Choice(name=localised("choice-train-genre"), value=Kind.GENRE.value),
            app_commands.Choice(name=localised("choice-train-avatar"), value=Kind.AVATAR.value),
        ]
    )
    async def rollback(self, interaction: discord.Interaction, kind: str) -> None:
        """Let what served before serve again."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            serving = await self._models.roll_back(interaction.guild_id or 0, Kind(kind))
            tr = request.tr
            name = model_name(serving, tr) if serving else tr(SHIPPED[Kind(kind)])
            await request.answer(embed_of([tr("models-rolled-back", name=name)]))

    @models.command(
        name=localised("command-models-delete"),
        description=localised("command-models-delete.description"),
    )
    @app_commands.rename(model=localised("option-models-model"))
    @app_commands.describe(model=localised("option-models-model.description"))
    @app_commands.autocomplete(model=_suggest)
    async def delete(self, interaction: discord.Interaction, model: str) -> None:
        """Delete a model; where it served, what served before serves again."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            deleted = await self._models.delete(interaction.guild_id or 0, _model_id(model))
            name = model_name(deleted, request.tr)
            await request.answer(embed_of([request.tr("models-deleted", name=name)]))


def _model_id(typed: str) -> int:
    """Read what was chosen, not only typed.

    Raises:
        NoSuchModelError: it was typed.
    """
    if not typed.isdecimal() or len(typed) > ID_DIGITS:
        raise NoSuchModelError
    return int(typed)


def _choices(names: dict[str, str], typed: str) -> list[app_commands.Choice[str]]:
    return [
        app_commands.Choice(name=name[:CHOICE_LIMIT], value=value)
        for value, name in names.items()
        if typed.casefold() in name.casefold()
    ][:CHOICES]


def _again_view(known: ModelList, unusable: Collection[int], tr: Translator) -> View | None:
    """Offer to teach anew what learned from something taken back, or for an earlier model."""
    marked = {model.kind for model in known.models if model.taken_back}
    kinds = marked | {model.kind for model in known.models if model.model_id in unusable}
    if not kinds:
        return None
    view = View(timeout=None)
    for kind in sorted(kinds, key=lambda each: each.value):
        key = "models-retrain" if kind in marked else "models-retrain-older"
        view.add_item(TeachAgain(tr(key), ButtonStyle.primary, kind=kind))
    return view
