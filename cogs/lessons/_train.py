"""`/train`: from the report to a model that serves."""

from __future__ import annotations

import asyncio
from functools import partial

import discord
from discord import ButtonStyle, app_commands
from discord.abc import Messageable
from discord.ui import View

from bot.discord.cog import Cog, ShardedBot, localised
from bot.discord.permissions import is_administrator, require_administrator
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import (
    FLAG,
    ID,
    InteractionMessage,
    LiveMessage,
    MessageContent,
    PersistentButton,
    buttons,
    choice,
)
from bot.errors import NotYoursError
from bot.i18n import Translator, translator_for
from bot.lessons.errors import NoSuchModelError
from bot.lessons.models import ServerGenres, ServerModels, WorseModel
from bot.lessons.runner import LessonRunner
from bot.lessons.service import LessonProgress, LessonReporter, LessonService, Prospect
from bot.rendering.lesson_card import LessonLabels, lesson_card
from bot.sharding import Shards
from cogs.lessons._texts import (
    UNDER_WAY,
    announcement,
    embed_of,
    model_name,
    progress_embed,
    promoted_words,
    report_embed,
    score_lines,
    score_text,
    share_done,
)
from storage.lessons import Job, JobNotice, JobState, Kind
from storage.taught_models import TaughtModel

PICTURE_NAME = "lesson.png"
ENDED = (JobState.DONE, JobState.CANCELLED, JobState.FAILED)
# Which of the losses is drawn: the one on what a lesson does not learn from.
CURVES = {Kind.GENRE: "unseen", Kind.AVATAR: "distance"}
CURVE_LABELS = {Kind.GENRE: "lesson-curve-genre", Kind.AVATAR: "lesson-curve-avatar"}


class StartLesson(
    PersistentButton, template="lesson:start:{kind}", fields={"kind": choice(Kind)}, action="start"
):
    """Begins a lesson."""


class TeachAgain(
    PersistentButton, template="lesson:again:{kind}", fields={"kind": choice(Kind)}, action="again"
):
    """Reports on a lesson that leaves out what was taken back."""


class CancelLesson(
    PersistentButton, template="lesson:cancel:{job_id}", fields={"job_id": ID}, action="cancel"
):
    """Cancels a lesson."""


class PromoteModel(
    PersistentButton,
    template="lesson:promote:{model_id}:{anyway}",
    fields={"model_id": ID, "anyway": FLAG},
    action="promote",
):
    """Lets a model serve."""


class DiscardModel(
    PersistentButton,
    template="lesson:discard:{model_id}",
    fields={"model_id": ID},
    action="discard",
):
    """Deletes a model that does not serve."""


class ShowNumbers(
    PersistentButton,
    template="lesson:numbers:{model_id}",
    fields={"model_id": ID},
    action="show_numbers",
):
    """Shows the numbers behind a lesson's result."""


class AnnounceModel(
    PersistentButton,
    template="lesson:announce:{model_id}",
    fields={"model_id": ID},
    action="announce",
):
    """Tells the channel about a model that serves."""


class TrainCog(Cog):
    """Teaches, when an administrator says so."""

    persistent_items = (
        StartLesson,
        TeachAgain,
        CancelLesson,
        PromoteModel,
        DiscardModel,
        ShowNumbers,
        AnnounceModel,
    )

    def __init__(
        self,
        gate: RequestGate,
        lessons: LessonService,
        reporter: LessonReporter,
        runner: LessonRunner,
        models: ServerModels,
        genres: ServerGenres,
        *,
        memory_mb: int,
        minutes: float,
        shards: Shards,
    ) -> None:
        """Show what `reporter` reports.

        Args:
            gate: admits requests.
            lessons: reports and queues.
            reporter: knows how far lessons are.
            runner: carries lessons out.
            models: what came of them.
            genres: knows which models can name what is heard now.
            memory_mb: that a lesson may allocate, for the words when it was too little.
            minutes: that a portrait lesson may take.
            shards: whose servers' lessons are shown; other processes show theirs.
        """
        super().__init__(gate)
        self._lessons = lessons
        self._reporter = reporter
        self._runner = runner
        self._models = models
        self._genres = genres
        self._memory_mb = memory_mb
        self._minutes = minutes
        self._shards = shards
        self._bot: ShardedBot | None = None
        self._messages: dict[int, LiveMessage[LessonProgress]] = {}
        reporter.observers.append(self._show)

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
            answer = None if public else InteractionMessage(interaction)
            self._messages[job.job_id] = self._message_of(job, answer)
            content = await self._render(await self._reporter.progress(job))
            await request.answer_in_place(content.embed, view=content.view)
            self._runner.resume()

    async def cancel(self, interaction: discord.Interaction, job_id: int) -> None:
        """Cancel a lesson, for whoever began it or an administrator."""
        async with self.gate.handle(interaction) as request:
            job = await self._lessons.jobs.find(interaction.guild_id or 0, job_id)
            theirs = job is not None and job.member_id != interaction.user.id
            if theirs and not is_administrator(interaction):
                raise NotYoursError
            await request.defer_in_place()
            ended = job is not None and await self._runner.cancel(job.guild_id, job_id)
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
                embed, view = worse_question(worse, request.tr)
                await request.answer(embed, view=view)
                return
            await request.defer_in_place()
            await self._genres.check(model)
            await self._models.use(guild_id, model_id, interaction.user.id)
            await request.answer_in_place(*promoted_answer(model, request.tr))

    async def show_numbers(self, interaction: discord.Interaction, model_id: int) -> None:
        """Show the asker the numbers behind a lesson's result."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            model = await self._models.find(interaction.guild_id or 0, model_id)
            lines = score_lines(model, request.tr)
            await request.answer(embed_of(lines, model_name(model, request.tr)))

    async def announce(self, interaction: discord.Interaction, model_id: int) -> None:
        """Tell everybody in the channel about a model, in the server's language."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            guild_id = interaction.guild_id or 0
            model = await self._models.find(guild_id, model_id)
            if model_id not in (await self._models.list_models(guild_id)).serving:
                raise NoSuchModelError
            await request.defer(private=False)
            locale = interaction.guild_locale or interaction.locale
            await request.answer(announcement(model, translator_for(locale.value)))

    async def discard(self, interaction: discord.Interaction, model_id: int) -> None:
        """Delete what a lesson made."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer_in_place()
            model = await self._models.delete(interaction.guild_id or 0, model_id)
            text = request.tr("lesson-discarded", number=model.number)
            await request.answer_in_place(embed_of([text], model_name(model, request.tr)))

    async def ready(self, bot: ShardedBot) -> None:
        """Show what a restart kept from being shown, and resume what it interrupted."""
        self._bot = bot
        for progress in await self._reporter.to_show():
            if progress.job.job_id not in self._messages:
                self._show(progress)
        self._runner.resume()

    async def cog_unload(self) -> None:
        """Stop; lessons continue after the next start."""
        self._reporter.observers.remove(self._show)
        await self._runner.close()
        await asyncio.gather(*(message.close() for message in self._messages.values()))

    async def _report(self, interaction: discord.Interaction, request: Request, kind: Kind) -> None:
        assert interaction.guild_id is not None  # its commands are a server's
        prospect = await self._lessons.prospect(interaction.guild_id, interaction.user.id, kind)
        embed = report_embed(prospect, self._minutes, request.tr)
        await request.answer(embed, view=_start_view(prospect, request.tr))

    def _show(self, progress: LessonProgress) -> None:
        job = progress.job
        if not self._shards.owns(job.guild_id):
            return
        message = self._messages.get(job.job_id)
        if message is None:
            message = self._messages[job.job_id] = self._message_of(job)
        message.show(progress)

    def _message_of(
        self, job: Job, answer: InteractionMessage | None = None
    ) -> LiveMessage[LessonProgress]:
        notice = job.notice
        return LiveMessage(
            self._render,
            partial(self._channel_of, job),
            None if notice is None else notice.message_id,
            answer=answer,
            moved=None if notice is None else partial(self._moved, job.job_id, notice),
            shown=self._shown,
        )

    async def _moved(self, job_id: int, notice: JobNotice, message_id: int) -> None:
        moved = JobNotice(notice.channel_id, message_id, notice.locale)
        await self._lessons.jobs.set_notice(job_id, moved)

    async def _shown(self, progress: LessonProgress) -> None:
        if progress.state in ENDED:
            await self._lessons.jobs.mark_end_shown(progress.job.job_id)
            self._messages.pop(progress.job.job_id, None)

    async def _channel_of(self, job: Job) -> Messageable | None:
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

    async def _render(self, progress: LessonProgress) -> MessageContent:
        """Word and draw progress in its starter's language."""
        job = progress.job
        tr = translator_for(job.notice.locale if job.notice else "en")
        embed = progress_embed(progress, self._memory_mb, tr)
        view = _view_of(progress, tr)
        curve = _curve(progress)
        if len(curve) < 2 and progress.sheet is None:
            return MessageContent(embed, view)
        picture = await asyncio.to_thread(
            lesson_card, share_done(progress), curve, _labels(progress, tr), progress.sheet
        )
        embed.set_image(url=f"attachment://{PICTURE_NAME}")
        alt = tr("lesson-curve-alt", sheet="yes" if progress.sheet else "no")
        return MessageContent(embed, view, picture, PICTURE_NAME, alt)


def promoted_answer(model: TaughtModel, tr: Translator) -> tuple[discord.Embed, None, View]:
    """Say that a model serves, and offer to tell everybody."""
    announce = AnnounceModel(tr("lesson-announce"), model_id=model.model_id)
    return embed_of([promoted_words(model, tr)]), None, buttons(announce)


def worse_question(worse: WorseModel, tr: Translator) -> tuple[discord.Embed, View]:
    """Ask whether a model that did worse is really to serve."""
    model = worse.model
    text = tr(
        "lesson-really-worse",
        number=model.number,
        before=score_text(worse.before),
        after=score_text(worse.after),
    )
    view = View(timeout=None)
    label = tr("lesson-promote-anyway")
    view.add_item(PromoteModel(label, ButtonStyle.danger, model_id=model.model_id, anyway=True))
    return embed_of([text]), view


def _start_view(prospect: Prospect, tr: Translator) -> View | None:
    if prospect.report.missing or prospect.under_way is not None:
        return None
    view = View(timeout=None)
    view.add_item(StartLesson(tr("train-start"), ButtonStyle.success, kind=prospect.report.kind))
    return view


def _view_of(progress: LessonProgress, tr: Translator) -> View | None:
    """Make what can be pressed under a lesson."""
    view = View(timeout=None)
    if progress.state not in ENDED:
        view.add_item(CancelLesson(tr("lesson-cancel"), job_id=progress.job.job_id))
        return view
    model: TaughtModel | None = progress.model
    if progress.state is not JobState.DONE or model is None or model.decided:
        return None
    promote = tr("lesson-promote")
    view.add_item(PromoteModel(promote, ButtonStyle.success, model_id=model.model_id, anyway=False))
    view.add_item(DiscardModel(tr("lesson-discard"), model_id=model.model_id))
    view.add_item(ShowNumbers(tr("lesson-numbers"), model_id=model.model_id))
    return view


def _curve(progress: LessonProgress) -> list[tuple[float, float]]:
    name = CURVES[progress.job.kind]
    return [(step, losses[name]) for step, losses in progress.curve if name in losses]


def _labels(progress: LessonProgress, tr: Translator) -> LessonLabels:
    title = tr(UNDER_WAY[progress.job.kind])
    if progress.state is JobState.DONE and progress.model is not None:
        title = model_name(progress.model, tr)
    return LessonLabels(title, tr(CURVE_LABELS[progress.job.kind]))
