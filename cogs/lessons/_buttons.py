"""What can be pressed under a lesson; it works in messages from before a restart, too."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any, Protocol, Self, cast

import discord
from discord import ButtonStyle
from discord.ext import commands
from discord.ui import Button, DynamicItem, View

from bot.i18n import Translator
from storage.lesson_values import JobState, Kind, TaughtModel


class LessonActions(Protocol):
    """Our own cog, as the buttons see it."""

    def start(self, interaction: discord.Interaction, kind: Kind) -> Awaitable[None]:
        """Begin a lesson."""

    def cancel(self, interaction: discord.Interaction, job_id: int) -> Awaitable[None]:
        """Call a lesson off."""

    def promote(
        self, interaction: discord.Interaction, model_id: int, *, anyway: bool
    ) -> Awaitable[None]:
        """Let a model serve."""

    def discard(self, interaction: discord.Interaction, model_id: int) -> Awaitable[None]:
        """Delete a model."""

    def again(self, interaction: discord.Interaction, kind: Kind) -> Awaitable[None]:
        """Report on a lesson that leaves out what was taken back."""


def _cog_of(interaction: discord.Interaction) -> LessonActions:
    # Discord hands a press to the client alone; this leads back to the button's own cog.
    return cast(LessonActions, cast(commands.Bot, interaction.client).get_cog("TrainCog"))


class StartLesson(DynamicItem[Button[Any]], template=r"lesson:start:(?P<kind>genre|avatar)"):
    """Begins a lesson."""

    def __init__(self, kind: Kind, label: str = "·") -> None:
        custom_id = f"lesson:start:{kind.value}"
        super().__init__(Button(label=label, style=ButtonStyle.success, custom_id=custom_id))
        self.kind = kind

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(Kind(match["kind"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Begin."""
        await _cog_of(interaction).start(interaction, self.kind)


class TeachAgain(DynamicItem[Button[Any]], template=r"lesson:again:(?P<kind>genre|avatar)"):
    """Leads to a lesson that leaves out what was taken back."""

    def __init__(self, kind: Kind, label: str = "·") -> None:
        custom_id = f"lesson:again:{kind.value}"
        super().__init__(Button(label=label, style=ButtonStyle.primary, custom_id=custom_id))
        self.kind = kind

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(Kind(match["kind"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Report."""
        await _cog_of(interaction).again(interaction, self.kind)


class CancelLesson(DynamicItem[Button[Any]], template=r"lesson:cancel:(?P<job>\d{1,18})"):
    """Calls a lesson off."""

    def __init__(self, job_id: int, label: str = "·") -> None:
        custom_id = f"lesson:cancel:{job_id}"
        super().__init__(Button(label=label, style=ButtonStyle.secondary, custom_id=custom_id))
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(int(match["job"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Call it off."""
        await _cog_of(interaction).cancel(interaction, self.job_id)


class PromoteModel(
    DynamicItem[Button[Any]],
    template=r"lesson:promote:(?P<model>\d{1,18}):(?P<anyway>[01])",
):
    """Lets a model serve."""

    def __init__(self, model_id: int, label: str = "·", *, anyway: bool = False) -> None:
        custom_id = f"lesson:promote:{model_id}:{int(anyway)}"
        style = ButtonStyle.danger if anyway else ButtonStyle.success
        super().__init__(Button(label=label, style=style, custom_id=custom_id))
        self.model_id = model_id
        self.anyway = anyway

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(int(match["model"]), anyway=match["anyway"] == "1")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Let it serve."""
        await _cog_of(interaction).promote(interaction, self.model_id, anyway=self.anyway)


class DiscardModel(DynamicItem[Button[Any]], template=r"lesson:discard:(?P<model>\d{1,18})"):
    """Deletes a model that does not serve."""

    def __init__(self, model_id: int, label: str = "·") -> None:
        custom_id = f"lesson:discard:{model_id}"
        super().__init__(Button(label=label, style=ButtonStyle.secondary, custom_id=custom_id))
        self.model_id = model_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Any, match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(int(match["model"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Delete it."""
        await _cog_of(interaction).discard(interaction, self.model_id)


LASTING = (StartLesson, TeachAgain, CancelLesson, PromoteModel, DiscardModel)


def view_of(state: JobState, job_id: int, model: TaughtModel | None, tr: Translator) -> View | None:
    """Make what can be pressed under a lesson."""
    view = View(timeout=None)
    if state in (JobState.WAITING, JobState.RUNNING):
        view.add_item(CancelLesson(job_id, tr("lesson-cancel")))
        return view
    if state is JobState.DONE and model is not None and not model.decided:
        view.add_item(PromoteModel(model.model_id, tr("lesson-promote")))
        view.add_item(DiscardModel(model.model_id, tr("lesson-discard")))
        return view
    return None
