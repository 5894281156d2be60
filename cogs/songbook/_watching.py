"""`/songbook watch`: songs are remembered as they are posted."""

from __future__ import annotations

from collections.abc import Sequence

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.discord.attachments import is_by_people, songs_of
from bot.discord.cog import Cog, localised
from bot.discord.permissions import require_administrator, require_own_permissions
from bot.discord.requests import RequestGate
from bot.errors import BotError, NeedsMessageContent
from bot.listening.service import ListeningService
from bot.songbook.ingest import ChannelWatch, PostedSong, SongIngest
from cogs.songbook._texts import about_channel
from ml.audio.errors import AudioError
from storage.song_values import Outcome

log = structlog.stdlib.get_logger(__name__)

EARS = "👂"
Watchable = (
    discord.TextChannel
    | discord.VoiceChannel
    | discord.StageChannel
    | discord.ForumChannel
    | discord.Thread
)


class SongbookWatchCog(Cog):
    """Remembers what is posted where administrators switched it on."""

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        listening: ListeningService,
        ingest: SongIngest,
        watching: ChannelWatch,
        *,
        message_content: bool,
    ) -> None:
        """Join the parts and put commands into `group`.

        Args:
            gate: where requests come in.
            group: `/songbook`.
            listening: knows how large a song may be.
            ingest: remembers.
            watching: knows the watched channels.
            message_content: whether the host switched the message-content intent on.
        """
        super().__init__(gate)
        self._listening = listening
        self._remembering = ingest
        self._watching = watching
        self._message_content = message_content
        self.add_to(
            group,
            localised("command-songbook-watch"),
            localised("command-songbook-watch.description"),
            self.watch,
        )
        self.add_to(
            group,
            localised("command-songbook-unwatch"),
            localised("command-songbook-unwatch.description"),
            self.unwatch,
        )

    @about_channel(localised("option-songbook-channel.description"))
    async def watch(self, interaction: discord.Interaction, channel: Watchable) -> None:
        """Remember songs in a channel as they are posted, its threads' as well."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            if not self._message_content:
                raise NeedsMessageContent
            require_own_permissions(channel, "view_channel")
            await request.defer(private=True)
            by = interaction.user.id
            new = await self._watching.watch(channel.guild.id, channel.id, by)
            key = "songbook-watching" if new else "songbook-watched-already"
            await request.send_ephemeral(request.tr(key, channel=channel.mention))

    @about_channel(localised("option-songbook-channel.description"))
    async def unwatch(self, interaction: discord.Interaction, channel: Watchable) -> None:
        """Remember no more songs of a channel as they are posted."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            await request.defer(private=True)
            was = await self._watching.unwatch(channel.guild.id, channel.id)
            key = "songbook-unwatched" if was else "songbook-not-watched"
            await request.send_ephemeral(request.tr(key, channel=channel.mention))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Remember the songs of a message posted in a watched channel."""
        if not self._message_content or message.guild is None or not is_by_people(message):
            return
        songs = songs_of(message, self._listening)
        if songs and await self._watching.watches(message.guild.id, _places(message.channel)):
            outcomes = [await self._remember(song) for song in songs]
            if Outcome.REMEMBERED in outcomes:
                await _add_remembered_reaction(message, message.guild)

    async def _remember(self, song: PostedSong) -> Outcome | None:
        """Remember one song; nobody asked, so nobody is told when that cannot be."""
        try:
            return await self._remembering.remember_in_turn(song)
        except (AudioError, BotError) as error:
            log.info("not remembered", reason=type(error).__name__, guild=song.post.guild_id)
            return None


def _places(channel: discord.abc.MessageableChannel) -> Sequence[int]:
    return [channel.id, channel.parent_id] if isinstance(channel, discord.Thread) else [channel.id]


async def _add_remembered_reaction(message: discord.Message, guild: discord.Guild) -> None:
    """Show that the song was remembered, where the bot may react."""
    permissions = message.channel.permissions_for(guild.me)
    if not (permissions.add_reactions and permissions.read_message_history):
        return
    try:
        await message.add_reaction(EARS)
    except (discord.Forbidden, discord.NotFound):
        log.debug("could not react", guild=guild.id)  # blocked by its author, or just deleted
