"""Songs that come and go by hand: `/setup import`, `/songbook forget`, `/setup forget`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import discord
import structlog
from discord import app_commands
from discord.abc import Messageable
from discord.ext import commands
from discord.ui import View
from discord.utils import escape_markdown

from bot.discord.cog import Cog, ShardedBot, localised
from bot.discord.messages import NEEDED, ChannelHistory, Readable
from bot.discord.permissions import (
    is_administrator,
    require_administrator,
    require_own_permissions,
    sight_of,
)
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import (
    Answer,
    Field,
    LiveMessage,
    MessageContent,
    PersistentButton,
    QuestionView,
)
from bot.errors import (
    NeedsMessageContentError,
    NothingToForgetError,
    NotYoursError,
    OneAtATimeError,
)
from bot.i18n import Translator, translator_for
from bot.i18n.error_messages import error_message
from bot.listening.service import ListeningService
from bot.rendering.palette import LAVENDER
from bot.songbook.importing import ImportService, Progress
from bot.songbook.service import Named, RemovalTarget, Songbook, SongRemoval
from cogs.songbook._remembering import Watchable, about_channel
from storage.channels import Import, ImportState, Notice

log = structlog.stdlib.get_logger(__name__)

HEADINGS = {
    ImportState.RUNNING: "songbook-import-running",
    ImportState.DONE: "songbook-import-done",
    ImportState.CANCELLED: "songbook-import-cancelled",
    ImportState.FAILED: "songbook-import-failed",
}


def progress_embed(progress: Progress, channel_id: int, tr: Translator) -> discord.Embed:
    """Word an import's progress."""
    counts = progress.counts
    heading = tr(HEADINGS[progress.state], channel=f"<#{channel_id}>")
    lines = [f"**{heading}**", tr("songbook-import-songs", count=counts.remembered)]
    others = {
        "songbook-import-known": counts.known,
        "songbook-import-refused": counts.refused,
        "songbook-import-unheard": counts.unheard,
        "songbook-import-too-short": counts.too_short,
        "songbook-import-messages": counts.messages,
    }
    lines.append(" · ".join(tr(key, count=count) for key, count in others.items() if count))
    if progress.state is ImportState.RUNNING:
        lines += _pace(progress, tr)
    if progress.state is ImportState.DONE and counts.remembered + counts.known:
        lines.append(tr("songbook-import-next"))
    if progress.stopped_by is not None:
        lines.append(error_message(progress.stopped_by, tr) or tr("songbook-import-trouble"))
    text = "\n".join(line for line in lines if line)
    return discord.Embed(description=text, colour=discord.Colour.from_rgb(*LAVENDER))


def _pace(progress: Progress, tr: Translator) -> list[str]:
    lines, pace = [], []
    if progress.title is not None:
        lines.append(tr("songbook-import-now", title=escape_markdown(progress.title)))
    if progress.songs_a_minute is not None:
        pace.append(tr("songbook-import-pace", songs=round(progress.songs_a_minute)))
    if progress.left_seconds is not None:
        minutes = tr("minutes", minutes=max(1, round(progress.left_seconds / 60)))
        pace.append(tr("songbook-import-left", minutes=minutes))
    return [*lines, " · ".join(pace)]


IMPORT_ID = Field(r"[0-9]{1,18}", int)


class CancelButton(
    PersistentButton,
    template="songbook:cancel:{import_id}",
    fields={"import_id": IMPORT_ID},
    action="cancel",
):
    """Cancels an import."""


class SongbookImportCog(Cog):
    """Runs imports, over restarts."""

    persistent_items = (CancelButton,)

    def __init__(
        self,
        gate: RequestGate,
        setup: app_commands.Group,
        listening: ListeningService,
        importing: ImportService,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts and put the command into `setup`.

        Args:
            gate: where requests come in.
            setup: administrators' group.
            listening: knows how large a song may be.
            importing: imports.
            message_content: whether the host switched the message-content intent on.
        """
        super().__init__(gate)
        self._listening = listening
        self._importing = importing
        self._message_content = message_content
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.add_to(
            setup,
            localised("command-setup-import"),
            localised("command-setup-import.description"),
            self.import_channel,
        )

    @about_channel(localised("option-songbook-history"))
    async def import_channel(self, interaction: discord.Interaction, channel: Readable) -> None:
        """Remember the songs of a channel's history."""
        async with self.gate.handle_guild(interaction) as request:
            require_administrator(interaction)
            if not self._message_content:
                raise NeedsMessageContentError
            require_own_permissions(channel, *NEEDED)
            await self._importing.require_allowed(channel.guild.id)
            await request.defer(private=False)
            by = interaction.user.id
            begun = await self._importing.start(channel.guild.id, channel.id, by)
            progress = Progress(ImportState.RUNNING, begun.counts)
            embed = progress_embed(progress, channel.id, request.tr)
            await request.answer(embed, view=_view(begun.import_id, request.tr))
            assert request.message_id is not None  # Discord returns it for every answer
            locale = interaction.locale.value
            notice = Notice(request.channel_id, request.message_id, locale)
            self._run_in_background(replace(begun, notice=notice), channel)

    async def cancel(self, interaction: discord.Interaction, import_id: int) -> None:
        """End an import for whoever began it, or an administrator."""
        async with self.gate.handle_guild(interaction) as request:
            cancelled = await self._importing.cancel(
                request.guild_id,
                import_id,
                interaction.user.id,
                administrator=is_administrator(interaction),
            )
            await request.defer_in_place()
            key = "songbook-import-ending" if cancelled else "songbook-import-over"
            await request.send_ephemeral(request.tr(key))

    async def ready(self, bot: ShardedBot) -> None:
        """Go on with what a restart interrupted."""
        for guild in bot.guilds:
            await self.on_guild_available(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Resume the imports of a server that was out of reach."""
        if not guild.unavailable:
            for begun in await self._importing.resumable(guild.id):
                await self._resume(begun, guild)

    async def cog_unload(self) -> None:
        """Stop; what is not done goes on after the next start."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _resume(self, begun: Import, guild: discord.Guild) -> None:
        try:
            channel = await guild.fetch_channel(begun.channel_id)
        except (discord.NotFound, discord.Forbidden):
            await self._importing.abandon(begun)
            return
        if isinstance(channel, Readable):
            self._run_in_background(begun, channel)

    def _run_in_background(self, begun: Import, channel: Readable) -> None:
        if begun.import_id in self._tasks:
            return
        task = asyncio.create_task(self._run(begun, channel), name="import")
        self._tasks[begun.import_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(begun.import_id, None))

    async def _run(self, begun: Import, channel: Readable) -> None:
        notice = begun.notice
        message: LiveMessage[Progress] = LiveMessage(
            partial(_content, begun, translator_for(notice.locale if notice else "en")),
            partial(_channel_of, notice, channel.guild),
            notice.message_id if notice else None,
        )
        history = ChannelHistory(channel, self._listening)
        log.info("import_running", import_id=begun.import_id, guild=begun.guild_id)
        try:
            ended = await self._importing.run(begun, history, message.show, notice)
        except Exception as error:  # of the database, or unforeseen: it goes on after a restart
            log.error("import_stopped", import_id=begun.import_id, exc_info=error)
            ended = Progress(ImportState.RUNNING, begun.counts, stopped_by=error)
        except asyncio.CancelledError:
            await message.close()
            raise
        log.info("import_ended", import_id=begun.import_id, state=ended.state.value)
        await message.finish(ended)


async def _content(begun: Import, tr: Translator, progress: Progress) -> MessageContent:
    goes_on = progress.state is ImportState.RUNNING and progress.stopped_by is None
    view = _view(begun.import_id, tr) if goes_on else None
    return MessageContent(progress_embed(progress, begun.channel_id, tr), view)


async def _channel_of(notice: Notice | None, guild: discord.Guild) -> Messageable | None:
    """Find the channel that shows the progress.

    None where there is none any more.
    """
    channel = guild.get_channel_or_thread(notice.channel_id) if notice else None
    return channel if isinstance(channel, Messageable) else None


def _view(import_id: int, tr: Translator) -> View:
    view = View(timeout=None)
    view.add_item(CancelButton(tr("songbook-import-cancel"), import_id=import_id))
    return view


CHOICE_LENGTH = 100  # characters of a choice's name
QUESTIONS = {
    RemovalTarget.SONG: "songbook-forget-song",
    RemovalTarget.MEMBER: "songbook-forget-member",
    RemovalTarget.CHANNEL: "songbook-forget-channel",
}


def question(named: Named, tr: Translator) -> discord.Embed:
    """Ask whether that is really meant."""
    mention = f"<#{named.subject_id}>" if named.owner_id is None else f"<@{named.owner_id}>"
    text = tr(QUESTIONS[named.subject], title=escape_markdown(named.name), mention=mention)
    return discord.Embed(description=text)


class SongbookForgetCog(Cog):
    """Lets posters and administrators remove songs."""

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        setup: app_commands.Group,
        removal: SongRemoval,
        songbook: Songbook,
    ) -> None:
        """Join the parts and put commands into `group`, administrators' into `setup`."""
        super().__init__(gate)
        self._removal = removal
        self._songbook = songbook
        self.add_to(
            group,
            localised("command-songbook-forget"),
            localised("command-songbook-forget.description"),
            self.forget,
        )
        self.add_to(
            setup,
            localised("command-setup-forget"),
            localised("command-setup-forget.description"),
            self.forget_others,
        )

    async def _suggest(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        assert interaction.guild_id is not None
        reach = None
        if is_administrator(interaction):
            sight = await sight_of(interaction, self._songbook, private=True, asking=False)
            reach = sight.reach
        titles = await self._removal.suggest(
            interaction.guild_id, interaction.user.id, typed, reach
        )
        return [
            app_commands.Choice(name=each.title[:CHOICE_LENGTH], value=str(each.song_id))
            for each in titles
        ]

    @app_commands.rename(song=localised("option-songbook-song"))
    @app_commands.describe(song=localised("option-songbook-song.description"))
    @app_commands.autocomplete(song=_suggest)
    async def forget(self, interaction: discord.Interaction, song: str | None = None) -> None:
        """Forget one song, or all of one's own when none is named."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            await self._ask(request, await self._named(interaction, song, None, None))

    @app_commands.rename(
        song=localised("option-songbook-song"),
        member=localised("option-songbook-member"),
        channel=localised("option-songbook-forget-channel"),
    )
    @app_commands.describe(
        song=localised("option-songbook-song.description"),
        member=localised("option-songbook-member.description"),
        channel=localised("option-songbook-forget-channel.description"),
    )
    @app_commands.autocomplete(song=_suggest)
    async def forget_others(
        self,
        interaction: discord.Interaction,
        song: str | None = None,
        member: discord.User | None = None,
        channel: Watchable | None = None,
    ) -> None:
        """Forget one song, a member's or a channel's."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            if sum(each is not None for each in (song, member, channel)) != 1:
                raise OneAtATimeError
            await request.defer(private=True)
            await self._ask(request, await self._named(interaction, song, member, channel))

    async def _ask(self, request: Request, named: Named) -> None:
        if not await self._removal.knows(named):
            raise NothingToForgetError
        view = self._confirmation(named, request.tr)
        await request.answer(question(named, request.tr), view=view)

    def _confirmation(self, named: Named, tr: Translator) -> QuestionView:
        async def forget(pressed: Request) -> None:
            if named.owner_id != pressed.interaction.user.id:
                require_administrator(pressed.interaction)  # it may have changed since the question
            text = pressed.tr("songbook-forgot", count=await self._removal.forget(named))
            await pressed.answer_in_place(discord.Embed(description=text))

        async def dismiss(pressed: Request) -> None:
            text = pressed.tr("songbook-kept")
            await pressed.answer_in_place(discord.Embed(description=text))

        answers = (
            Answer(tr("songbook-forget-yes"), forget, discord.ButtonStyle.danger),
            Answer(tr("songbook-forget-no"), dismiss),
        )
        return QuestionView(self.gate, answers)

    async def _named(
        self,
        interaction: discord.Interaction,
        song: str | None,
        member: discord.User | None,
        channel: Watchable | None,
    ) -> Named:
        """Return what was named; check that the caller may have it forgotten."""
        assert interaction.guild_id is not None
        if channel is not None:
            require_administrator(interaction)
            return Named(interaction.guild_id, RemovalTarget.CHANNEL, channel.id)
        if song is None:
            named = member or interaction.user
            if named.id != interaction.user.id:
                require_administrator(interaction)
            return Named(interaction.guild_id, RemovalTarget.MEMBER, named.id, owner_id=named.id)
        return await self._named_song(interaction, interaction.guild_id, song)

    async def _named_song(
        self, interaction: discord.Interaction, guild_id: int, song: str
    ) -> Named:
        found = await self._removal.chosen_song(guild_id, song)
        if found is None:
            raise NothingToForgetError
        if found.post.poster_id != interaction.user.id:
            await self._require_sight(interaction, found.post.channel_id)
        return Named(
            guild_id, RemovalTarget.SONG, found.song_id, found.post.title, found.post.poster_id
        )

    async def _require_sight(self, interaction: discord.Interaction, channel_id: int) -> None:
        """Allow others' songs to administrators, where they can read them."""
        if not is_administrator(interaction):
            raise NotYoursError
        sight = await sight_of(interaction, self._songbook, private=True)
        if channel_id not in sight.reach.readable:
            raise NothingToForgetError
