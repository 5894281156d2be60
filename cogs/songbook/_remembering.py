"""Which songs are remembered: `/setup` allow, watch, unwatch; `/songbook` optout, optin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import discord
import structlog
from discord import ButtonStyle, app_commands
from discord.ext import commands
from discord.utils import escape_markdown, format_dt

from bot.discord.attachments import remembered_unasked, songs_of
from bot.discord.cog import Cog, ShardedBot, Text, localised
from bot.discord.map_answers import message_link
from bot.discord.messages import SongMessages, poster_of
from bot.discord.permissions import (
    common_reach,
    require_administrator,
    require_own_permissions,
)
from bot.discord.requests import GuildRequest, Request, RequestGate
from bot.discord.ui import Answer, PersistentButton, QuestionView, buttons
from bot.errors import (
    BotError,
    NeedsMessageContentError,
    NothingToHearError,
    RememberingNotAllowedError,
)
from bot.i18n import Translator, translator_for
from bot.i18n.error_messages import least_sound
from bot.listening.service import ListeningService
from bot.rendering.palette import LAVENDER
from bot.sharding import Peers
from bot.songbook.ingest import ChannelWatch, PostedSong, Reembedding, SongIngest
from bot.songbook.service import Songbook
from bot.songbook.sync import RepeatCheck, Retention
from ml.audio.errors import AudioError
from storage.errors import StorageError
from storage.song_values import Outcome, Post, Song
from storage.songs import Songs

log = structlog.stdlib.get_logger(__name__)
Command = TypeVar("Command")

COLOUR = discord.Colour.from_rgb(*LAVENDER)
REMEMBERED_REACTION = "👂"
HOUSEKEEPING_SECONDS = 24 * 3600.0  # between two runs of retention and re-embedding
OUTCOMES = {
    Outcome.REMEMBERED: "songbook-remembered",
    Outcome.KNOWN: "songbook-known",
    Outcome.REFUSED: "songbook-refused",
    Outcome.NOT_MUSIC: "songbook-not-music",
    Outcome.TOO_SHORT: "songbook-too-short",
    Outcome.FORGOTTEN: "songbook-deleted-meanwhile",
}
Watchable = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.ForumChannel
    | discord.Thread
)


def songbook_group() -> app_commands.Group:
    """Build the group `/songbook`, without commands."""
    return app_commands.Group(
        name=localised("command-songbook"),
        description=localised("command-songbook.description"),
        guild_only=True,
    )


def setup_group() -> app_commands.Group:
    """Build the group `/setup`, without commands.

    Discord gives permissions to whole groups only, so what only administrators may do has a group
    of its own that members are not offered. A server can give it to others: the commands check.
    """
    return app_commands.Group(
        name=localised("command-setup"),
        description=localised("command-setup.description"),
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )


def about_channel(description: Text) -> Callable[[Command], Command]:
    """Name a command's option `channel` and describe which channel is meant."""

    def declared(command: Command) -> Command:
        named = app_commands.rename(channel=localised("option-songbook-channel"))
        return named(app_commands.describe(channel=description)(command))

    return declared


def outcome_text(outcome: Outcome, post: Post, tr: Translator) -> str:
    """Word what became of a song that was to be remembered."""
    return tr(
        OUTCOMES[outcome],
        title=escape_markdown(post.title),
        poster=f"<@{post.poster_id}>",
        needed=least_sound(tr),
    )


class AllowSongbook(PersistentButton, template="songbook:allow", action="allow_pressed"):
    """Lets the bot remember songs, where an administrator presses it."""


class WatchHere(PersistentButton, template="songbook:watch", action="watch_pressed"):
    """Watches the channel of its message, where an administrator presses it."""


class SongbookPermissionsCog(Cog):
    """Records what server and posters allow, and remembers single messages."""

    persistent_items = (AllowSongbook,)

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        setup: app_commands.Group,
        listening: ListeningService,
        ingest: SongIngest,
        songbook: Songbook,
        songs: Songs,
    ) -> None:
        """Join the parts and put commands into `group`, administrators' into `setup`."""
        super().__init__(gate)
        self._listening = listening
        self._ingest = ingest
        self._songbook = songbook
        self._songs = songs
        self.add_menu(localised("menu-remember"), self.remember)
        self.add_to(
            setup,
            localised("command-setup-allow"),
            localised("command-setup-allow.description"),
            self.allow,
        )
        self.add_to(
            group,
            localised("command-songbook-optout"),
            localised("command-songbook-optout.description"),
            self.opt_out,
        )
        self.add_to(
            group,
            localised("command-songbook-optin"),
            localised("command-songbook-optin.description"),
            self.opt_in,
        )

    @app_commands.rename(allowed=localised("option-songbook-allowed"))
    @app_commands.describe(allowed=localised("option-songbook-allowed.description"))
    async def allow(self, interaction: discord.Interaction, allowed: bool) -> None:
        """Set whether songs may be remembered in this server."""
        async with self.gate.handle_guild(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            await self._set_allowed(request, allowed=allowed)

    async def allow_pressed(self, interaction: discord.Interaction) -> None:
        """Let songs be remembered, as `allow` does."""
        async with self.gate.handle_guild(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            await self._set_allowed(request, allowed=True)

    async def _set_allowed(self, request: GuildRequest, *, allowed: bool) -> None:
        await self._ingest.channels.allow_remembering(request.guild_id, allowed=allowed)
        key = "songbook-allowed" if allowed else "songbook-not-allowed"
        embed = discord.Embed(description=request.tr(key))
        view = buttons(WatchHere(request.tr("setup-watch-here"))) if allowed else None
        await request.answer(embed, view=view)

    async def opt_out(self, interaction: discord.Interaction) -> None:
        """Remember none of the caller's songs again; ask what is to become of those there are."""
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=True)
            known = await self._songs.count_by_poster(request.guild_id, interaction.user.id)
            if not known:
                await self._opt_out(request, forget=False)
                return
            text = request.tr("songbook-optout-question", count=known)
            view = self._optout_choices(request.tr, known)
            await request.answer(discord.Embed(description=text), view=view)

    def _optout_choices(self, tr: Translator, known: int) -> QuestionView:
        stop, forget = (partial(self._opt_out, forget=forget) for forget in (False, True))
        label = tr("songbook-optout-forget", count=known)
        answers = (
            Answer(tr("songbook-optout-stop"), stop, ButtonStyle.primary),
            Answer(label, forget, ButtonStyle.danger),
        )
        return QuestionView(self.gate, answers)

    async def _opt_out(self, request: Request, *, forget: bool) -> None:
        guild_id, member_id = request.interaction.guild_id or 0, request.interaction.user.id
        gone = await self._songbook.opt_out(guild_id, member_id, forget=forget)
        left = await self._songs.count_by_poster(guild_id, member_id)
        text = request.tr("songbook-opted-out", count=gone, left=left)
        await request.answer_in_place(discord.Embed(description=text))

    async def opt_in(self, interaction: discord.Interaction) -> None:
        """Take an opt-out back."""
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=True)
            await self._songbook.opt_in(request.guild_id, interaction.user.id)
            await request.send_ephemeral(request.tr("songbook-opted-in"))

    @app_commands.guild_only()
    async def remember(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Remember the songs of a message; its poster's opt-out counts, whoever asks."""
        async with self.gate.handle_guild(interaction) as request:
            if not await self._ingest.allowed(request.guild_id):
                raise RememberingNotAllowedError
            if not songs_of(message, self._listening):
                raise NothingToHearError
            await request.defer(private=True)
            poster_id = await poster_of(interaction.client, message)
            await self._remember_each(request, songs_of(message, self._listening, poster_id))

    async def _remember_each(self, request: Request, songs: Sequence[PostedSong]) -> None:
        for song in songs:
            async with request.report_errors():  # one bad file does not cost the others
                outcome = await self._ingest.remember(song)
                post = replace(song.post, title=await self._ingest.title(song.post))
                await request.send_ephemeral(outcome_text(outcome, post, request.tr))


class SongbookWatchCog(Cog):
    """Remembers what is posted in the channels that administrators switched on."""

    persistent_items = (WatchHere,)

    def __init__(
        self,
        gate: RequestGate,
        setup: app_commands.Group,
        listening: ListeningService,
        ingest: SongIngest,
        watching: ChannelWatch,
        repeats: RepeatNotices,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts and put commands into `group`.

        Args:
            gate: where requests come in.
            setup: administrators' group.
            listening: knows how large a song may be.
            ingest: remembers.
            watching: knows the watched channels.
            repeats: tells when a song was posted before.
            message_content: whether the host switched the message-content intent on.
        """
        super().__init__(gate)
        self._listening = listening
        self._ingest = ingest
        self._watching = watching
        self._repeats = repeats
        self._bot: ShardedBot | None = None
        self._message_content = message_content
        watch, about_watch = "command-setup-watch", "command-setup-watch.description"
        unwatch, about_unwatch = "command-setup-unwatch", "command-setup-unwatch.description"
        self.add_to(setup, localised(watch), localised(about_watch), self.watch)
        self.add_to(setup, localised(unwatch), localised(about_unwatch), self.unwatch)

    async def ready(self, bot: ShardedBot) -> None:
        """Hold the client, to look first posts up with."""
        self._bot = bot

    @about_channel(localised("option-songbook-channel.description"))
    @app_commands.rename(repeats=localised("option-songbook-repeats"))
    @app_commands.describe(repeats=localised("option-songbook-repeats.description"))
    async def watch(
        self, interaction: discord.Interaction, channel: Watchable, repeats: bool | None = None
    ) -> None:
        """Remember songs as they are posted; in the channel and its threads."""
        async with self.gate.handle_guild(interaction) as request:
            await self._watch(request, channel, repeats)

    async def watch_pressed(self, interaction: discord.Interaction) -> None:
        """Watch the channel of the button's message, as `watch` does."""
        async with self.gate.handle_guild(interaction) as request:
            assert isinstance(interaction.channel, Watchable)  # of a server, with messages in it
            await self._watch(request, interaction.channel, None)

    async def _watch(self, request: GuildRequest, channel: Watchable, repeats: bool | None) -> None:
        require_administrator(request.interaction)
        if not self._message_content:
            raise NeedsMessageContentError
        require_own_permissions(channel, "view_channel")
        await request.defer(private=True)
        by = request.member.id
        new = await self._watching.watch(channel.guild.id, channel.id, by, tell_repeats=repeats)
        key = "songbook-watching" if new else "songbook-watched-already"
        lines = [request.tr(key, channel=channel.mention)]
        if repeats is not None:
            told = "songbook-repeats-told" if repeats else "songbook-repeats-not-told"
            lines.append(request.tr(told))
        await request.send_ephemeral("\n".join(lines))

    @about_channel(localised("option-songbook-channel.description"))
    async def unwatch(self, interaction: discord.Interaction, channel: Watchable) -> None:
        """Remember no more songs of a channel as they are posted."""
        async with self.gate.handle_guild(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            was = await self._watching.channels.unwatch(channel.guild.id, channel.id)
            key = "songbook-unwatched" if was else "songbook-not-watched"
            await request.send_ephemeral(request.tr(key, channel=channel.mention))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Remember the songs of a message posted in a watched channel."""
        if not self._message_content or message.guild is None or not remembered_unasked(message):
            return
        songs = songs_of(message, self._listening)
        if not songs:
            return
        watched = await self._watching.watches(message.guild.id, _channel_ids(message.channel))
        if watched is None:
            return
        outcomes = [await self._remember(song) for song in songs]
        if Outcome.REMEMBERED in outcomes:
            await _add_remembered_reaction(message, message.guild)
        if watched.tells_repeats and self._bot is not None:
            new = zip(songs, outcomes, strict=True)
            remembered = [song.post for song, what in new if what is Outcome.REMEMBERED]
            await self._repeats.tell(message, message.guild, remembered, self._bot)

    async def _remember(self, song: PostedSong) -> Outcome | None:
        """Remember one song; nobody asked, so an error is only logged."""
        try:
            return await self._ingest.remember_in_background(song)
        except (AudioError, BotError) as error:
            log.info("song_not_remembered", reason=type(error).__name__, guild=song.post.guild_id)
            return None


class RepeatNotices:
    """Tells, in a silent reply, that a song was posted before."""

    def __init__(self, repeats: RepeatCheck, songbook: Songbook, messages: SongMessages) -> None:
        """Ask `repeats`; `songbook` knows the channels, `messages` fetches first posts again."""
        self._repeats = repeats
        self._songbook = songbook
        self._messages = messages

    async def tell(
        self,
        message: discord.Message,
        guild: discord.Guild,
        posts: Sequence[Post],
        bot: discord.Client,
    ) -> None:
        """Reply once with the first posts of those songs of a message that come again.

        Nobody asked, so an error is only logged.

        Args:
            message: posted just now.
            guild: its server.
            posts: its songs that were remembered.
            bot: the client to look first posts up with.
        """
        if not _may_reply(message, guild):
            return
        tr = translator_for(guild.preferred_locale.value)
        find = partial(self._messages.find, bot)
        try:
            reach = await common_reach(guild, message.channel.id, self._songbook)
            firsts = [await self._repeats.first_post(post, reach, find) for post in posts]
            lines = [repeat_text(first, tr) for first in firsts if first is not None]
            if lines:
                # In an embed, where naming a member does not ping them.
                embed = discord.Embed(description="\n".join(lines), colour=COLOUR)
                await message.reply(embed=embed, mention_author=False, silent=True)
        except (discord.Forbidden, discord.NotFound, StorageError) as error:
            log.info("repeat_not_told", reason=type(error).__name__, guild=guild.id)


def repeat_text(first: Song, tr: Translator) -> str:
    """Word that a song was posted before, when and by whom."""
    post = first.post
    return tr(
        "songbook-repeat",
        title=escape_markdown(post.title),
        poster=f"<@{post.poster_id}>",
        when=format_dt(post.posted_at, "D"),
        link=message_link(post),
    )


def _may_reply(message: discord.Message, guild: discord.Guild) -> bool:
    permissions = message.channel.permissions_for(guild.me)
    in_thread = isinstance(message.channel, discord.Thread)
    may = permissions.send_messages_in_threads if in_thread else permissions.send_messages
    return may and permissions.read_message_history


def _channel_ids(channel: discord.abc.MessageableChannel) -> Sequence[int]:
    return [channel.id, channel.parent_id] if isinstance(channel, discord.Thread) else [channel.id]


async def _add_remembered_reaction(message: discord.Message, guild: discord.Guild) -> None:
    """Show that the song was remembered, where the bot may react."""
    permissions = message.channel.permissions_for(guild.me)
    if not (permissions.add_reactions and permissions.read_message_history):
        return
    try:
        await message.add_reaction(REMEMBERED_REACTION)
    except (discord.Forbidden, discord.NotFound):
        log.debug("reaction_refused", guild=guild.id)  # blocked by its author, or just deleted


class HousekeepingCog(Cog):
    """Runs retention and re-embedding at every start and once a day."""

    def __init__(
        self,
        gate: RequestGate,
        messages: SongMessages,
        reembedding: Reembedding,
        retention: Retention,
        peers: Peers,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts.

        Args:
            gate: where requests come in.
            messages: fetches a song's message again.
            reembedding: embeds songs of earlier models again.
            retention: forgets by age.
            peers: of the bot's processes, one forgets for all.
            message_content: whether the files of messages can be seen.
        """
        super().__init__(gate)
        self._messages = messages
        self._reembedding = reembedding
        self._retention = retention
        self._peers = peers
        self._message_content = message_content
        self._task: asyncio.Task[None] | None = None

    async def ready(self, bot: ShardedBot) -> None:
        """Begin once all servers are known; from then on once a day."""
        if bot.complete and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run_daily(bot), name="housekeeping")

    async def cog_unload(self) -> None:
        """Stop; the next start goes on."""
        if self._task is not None:
            self._task.cancel()

    async def _run_daily(self, bot: ShardedBot) -> None:
        # Not a loop of discord.py's, which makes up for every day that the clock jumped over.
        while True:
            await self._run_once(bot)
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def _run_once(self, bot: ShardedBot) -> None:
        try:
            if await self._peers.lead():
                await self._retention.sweep()
            # Without the intent no file of a message can be fetched.
            if self._message_content:
                await self._reembedding.run(partial(self._messages.find, bot))
        except Exception:  # it is tried again tomorrow; an exception would end the loop
            log.exception("housekeeping_failed")
