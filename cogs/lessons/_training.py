"""`/train`: from the report to a model that serves."""

from __future__ import annotations

import asyncio

import discord
import structlog
from discord import app_commands
from discord.abc import Messageable
from discord.ext import commands
from discord.ui import View

from bot.discord.cog import Cog, localised
from bot.discord.permissions import is_administrator, require_administrator
from bot.discord.requests import Request, RequestGate
from bot.errors import NotYours
from bot.i18n import Translator, translator_for
from bot.lessons.features import LessonServices
from bot.lessons.values import LessonProgress, Prospect
from bot.rendering.lesson_card import LessonLabels, lesson_card
from cogs.lessons._buttons import LASTING, PromoteModel, StartLesson, view_of
from cogs.lessons._message import PICTURE_NAME, Board, InteractionSurface, LessonView
from cogs.lessons._texts import (
    UNDER_WAY,
    embed_of,
    model_name,
    progress_embed,
    promoted_words,
    report_embed,
    score_text,
    share_done,
)
from storage.lesson_values import Job, JobNotice, JobState, Kind

log = structlog.stdlib.get_logger(__name__)

# Which of the losses is drawn: what says how a lesson does on what it did not learn from.
CURVES = {Kind.GENRE: "unseen", Kind.AVATAR: "distance"}
CURVE_LABELS = {Kind.GENRE: "lesson-curve-genre", Kind.AVATAR: "lesson-curve-avatar"}


class TrainCog(Cog):
    """Teaches, when an administrator says so."""

    lasting = LASTING

    def __init__(self, gate: RequestGate, lesson_services: LessonServices) -> None:
        """Join the desk and the services."""
        super().__init__(gate)
        self._lessons = lesson_services.lessons
        self._models = lesson_services.models
        self._genres = lesson_services.genres
        self._memory_mb = lesson_services.memory_mb
        self._minutes = lesson_services.minutes
        self._bot: commands.Bot | None = None
        self._boards: dict[int, Board] = {}
        self._lessons.show = self._show

    @app_commands.command(
        name=localised("command-train"), description=localised("command-train.description")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.rename(
        what=localised("option-train-what"), public=localised("option-training-public")
    )
    @app_commands.describe(
        what=localised("option-train-what.description"),
        public=localised("option-training-public.description"),
    )
    @app_commands.choices(
        what=[
            app_commands.Choice(name=localised("choice-train-genre"), value=Kind.GENRE.value),
            app_commands.Choice(name=localised("choice-train-avatar"), value=Kind.AVATAR.value),
        ]
    )
    async def train(
        self, interaction: discord.Interaction, what: str, public: bool = False
    ) -> None:
        """Report what there is to learn from, with a button that begins."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=not public)
            await self._report(interaction, request, Kind(what))

    async def again(self, interaction: discord.Interaction, kind: Kind) -> None:
        """Report on a lesson that leaves out what was taken back."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            await self._report(interaction, request, kind)

    async def start(self, interaction: discord.Interaction, kind: Kind) -> None:
        """Queue a lesson and show it where the report was."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer_in_place()
            assert interaction.guild_id is not None  # its commands are a server's
            assert interaction.channel_id is not None
            message = interaction.message
            public = message is not None and not message.flags.ephemeral
            notice = JobNotice(
                interaction.channel_id,
                message.id if message is not None and public else None,
                interaction.locale.value,
            )
            job = await self._lessons.start(interaction.guild_id, interaction.user.id, kind, notice)
            answer = None if public else InteractionSurface(interaction)
            self._boards[job.job_id] = Board(job, self, answer)
            progress = await self._lessons.progress(job)
            face = await self.face(progress)
            await request.answer_in_place(face.embed, view=face.view)
            self._lessons.go_on()

    async def cancel(self, interaction: discord.Interaction, job_id: int) -> None:
        """Call a lesson off, for whoever began it or an administrator."""
        async with self.gate.handle(interaction) as request:
            job = await self._lessons.find(interaction.guild_id or 0, job_id)
            theirs = job is not None and job.member_id != interaction.user.id
            if theirs and not is_administrator(interaction):
                raise NotYours
            await request.defer_in_place()
            ended = job is not None and await self._lessons.cancel(job.guild_id, job_id)
            await request.send_ephemeral(
                request.tr("lesson-cancelling" if ended else "lesson-over")
            )

    async def promote(
        self, interaction: discord.Interaction, model_id: int, *, anyway: bool
    ) -> None:
        """Let a model serve; one that did worse only when that is really meant."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            guild_id = interaction.guild_id or 0
            model = await self._models.find(guild_id, model_id)
            worse = None if anyway else await self._models.worse(model)
            if worse is not None:
                await request.defer(private=True)
                before, after = score_text(worse.before), score_text(worse.after)
                text = request.tr(
                    "lesson-really-worse", number=model.number, before=before, after=after
                )
                view = View(timeout=None)
                label = request.tr("lesson-promote-anyway")
                view.add_item(PromoteModel(model_id, label, anyway=True))
                await request.answer(embed_of([text]), view=view)
                return
            await request.defer_in_place()
            await self._genres.check(model)
            await self._models.use(guild_id, model_id, interaction.user.id)
            await request.answer_in_place(embed_of([promoted_words(model, request.tr)]))

    async def discard(self, interaction: discord.Interaction, model_id: int) -> None:
        """Delete what a lesson made."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer_in_place()
            model = await self._models.delete(interaction.guild_id or 0, model_id)
            text = request.tr("lesson-discarded", number=model.number)
            await request.answer_in_place(embed_of([text], model_name(model, request.tr)))

    async def ready(self, bot: commands.Bot) -> None:
        """Show what a restart kept from being shown, and go on with what it interrupted."""
        self._bot = bot
        for progress in (*await self._lessons.untold(), *await self._lessons.waiting()):
            if progress.job.job_id not in self._boards:
                self._show(progress)
        self._lessons.go_on()

    async def cog_unload(self) -> None:
        """Stop; lessons go on after the next start."""
        await self._lessons.close()
        await asyncio.gather(*(board.close() for board in self._boards.values()))

    # What boards need

    async def room(self, job: Job) -> Messageable | None:
        """Find the channel in which a lesson is shown."""
        if self._bot is None or job.notice is None:
            return None
        channel = self._bot.get_channel(job.notice.channel_id)
        if channel is None:
            try:
                channel = await self._bot.fetch_channel(job.notice.channel_id)
            except (discord.NotFound, discord.Forbidden):
                return None
        return channel if isinstance(channel, Messageable) else None

    async def face(self, progress: LessonProgress) -> LessonView:
        """Word and draw progress in its starter's language."""
        job = progress.job
        tr = translator_for(job.notice.locale if job.notice else "en")
        embed = progress_embed(progress, self._memory_mb, tr)
        view = view_of(progress.state, job.job_id, progress.model, tr)
        curve = _curve(progress)
        if len(curve) < 2 and progress.sheet is None:
            return LessonView(embed, view, None)
        picture = await asyncio.to_thread(
            lesson_card, share_done(progress), curve, _labels(progress, tr), progress.sheet
        )
        embed.set_image(url=f"attachment://{PICTURE_NAME}")
        alt = tr("lesson-curve-alt", sheet="yes" if progress.sheet else "no")
        return LessonView(embed, view, picture, alt)

    async def moved(self, job: Job, notice: JobNotice) -> None:
        """Note that a lesson is shown in another message from now on."""
        await self._lessons.put_up(job.job_id, notice)

    async def told(self, job: Job) -> None:
        """Note that the end of a lesson was shown."""
        await self._lessons.told(job.job_id)
        self._boards.pop(job.job_id, None)

    def _show(self, progress: LessonProgress) -> None:
        board = self._boards.get(progress.job.job_id)
        if board is None:
            board = self._boards[progress.job.job_id] = Board(progress.job, self)
        board.show(progress)

    async def _report(self, interaction: discord.Interaction, request: Request, kind: Kind) -> None:
        assert interaction.guild_id is not None  # its commands are a server's
        prospect = await self._lessons.prospect(interaction.guild_id, interaction.user.id, kind)
        embed = report_embed(prospect, self._minutes, request.tr)
        await request.answer(embed, view=_start_view(prospect, request.tr))


def _start_view(prospect: Prospect, tr: Translator) -> View | None:
    if prospect.report.missing or prospect.under_way is not None:
        return None
    view = View(timeout=None)
    view.add_item(StartLesson(prospect.report.kind, tr("train-start")))
    return view


def _curve(progress: LessonProgress) -> list[tuple[float, float]]:
    name = CURVES[progress.job.kind]
    return [(step, losses[name]) for step, losses in progress.curve if name in losses]


def _labels(progress: LessonProgress, tr: Translator) -> LessonLabels:
    title = tr(UNDER_WAY[progress.job.kind])
    if progress.state is JobState.DONE and progress.model is not None:
        title = model_name(progress.model, tr)
    return LessonLabels(title, tr(CURVE_LABELS[progress.job.kind]))
