"""Messages with songs: follow a link, find a channel's last song, read its history."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import aiohttp
import discord

from bot.discord.attachments import files_of, remembered_unasked, songs_among, songs_of
from bot.errors import (
    CannotFetchError,
    NeedsPermissionsError,
    NoSongHereError,
    NotALinkError,
    OutsideLinkError,
    UnreadableLinkError,
)
from bot.listening.service import ListeningService
from bot.songbook.importing import PostedMessage
from bot.songbook.ingest import PostedSong
from storage.song_values import Post

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
NEEDED = ("view_channel", "read_message_history")
UNKNOWN = (10003, 10008)  # channel, message; any other 404 may be a proxy's


MOST_READ = 100  # messages looked through for the last song of a channel
MESSAGE_LINK = re.compile(
    r"https?://(?:\w+\.)?discord(?:app)?\.com/channels/(\d{1,20})/(\d{1,20})/(\d{1,20})/?\s*"
)
SITE = re.compile(r"(?:https?://)?(?:[\w-]+\.)*?([\w-]+\.[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)
SITES = {
    "youtube.com": "YouTube",
    "youtu.be": "YouTube",
    "soundcloud.com": "SoundCloud",
    "spotify.com": "Spotify",
    "bandcamp.com": "Bandcamp",
    "nicovideo.jp": "niconico",
    "nico.ms": "niconico",
    "apple.com": "Apple Music",
    "bilibili.com": "bilibili",
}
DISCORD = ("discord.com", "discordapp.com", "discordapp.net")  # also serve the files of messages


@dataclass(frozen=True, slots=True)
class MessageLink:
    """Where a link to a message leads."""

    guild_id: int
    channel_id: int
    message_id: int


def is_link(typed: str) -> bool:
    """Return whether somebody pasted a link rather than typed words."""
    return "://" in typed or SITE.fullmatch(typed.strip()) is not None


def message_link(typed: str) -> MessageLink:
    """Read a link to a message.

    Raises:
        OutsideLinkError: it leads somewhere else.
        NotALinkError: it is none, or one of Discord's to something else, such as a file: that
            does not say who may read the message.
    """
    found = MESSAGE_LINK.fullmatch(typed.strip())
    if found is not None:
        return MessageLink(*map(int, found.groups()))
    site = SITE.fullmatch(typed.strip())
    if site is None:
        raise NotALinkError
    domain = site[1].lower()
    if domain in DISCORD:
        raise NotALinkError
    raise OutsideLinkError(SITES.get(domain, domain), streams=domain in SITES)


def links_among(typed: Iterable[str]) -> dict[str, MessageLink]:
    """Read those of some typed texts that are links to messages: text -> where it leads.

    Raises:
        OutsideLinkError, NotALinkError: as `message_link`.
    """
    return {each: message_link(each) for each in typed if is_link(each)}


async def linked_message(member: discord.Member, link: MessageLink) -> discord.Message:
    """Fetch the message of a link, for a member who can read it.

    Raises:
        UnreadableLinkError: they cannot, or it is not there.
        CannotFetchError: Discord, or the way to it, failed.
        NeedsPermissionsError: the bot itself cannot read the channel.
    """
    guild = member.guild
    channel = guild.get_channel_or_thread(link.channel_id)
    if link.guild_id != guild.id or not isinstance(channel, Readable):
        raise UnreadableLinkError
    may = channel.permissions_for(member)
    if not (may.view_channel and may.read_message_history):
        raise UnreadableLinkError
    if isinstance(channel, discord.Thread) and channel.is_private():
        raise UnreadableLinkError  # only Discord knows who is in it
    message = await _fetched(channel, link.message_id)
    if message is None:
        raise UnreadableLinkError
    return message


async def last_with_songs(channel: discord.abc.Messageable, channel_id: int) -> discord.Message:
    """Find the last message of a channel that has songs.

    Raises:
        NoSongHereError: none of its last messages has.
        CannotFetchError: Discord, or the way to it, failed.
        NeedsPermissionsError: the channel cannot be read.
    """
    try:
        async for message in channel.history(limit=MOST_READ):
            if songs_among(files_of(message)):
                return message
    except (discord.Forbidden, discord.NotFound) as error:
        raise NeedsPermissionsError(channel_id, NEEDED) from error
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        raise CannotFetchError from error
    raise NoSongHereError(MOST_READ, seen=True)


class SongMessages:
    """Fetches the messages of remembered songs again."""

    def __init__(self, listening: ListeningService, *, message_content: bool) -> None:
        """Join the parts; `message_content` tells whether the files of messages can be seen."""
        self._listening = listening
        self._message_content = message_content

    async def find(self, bot: discord.Client, post: Post) -> PostedSong | None:
        """Find a song again; None when its message, or the file in it, is gone.

        Args:
            bot: the client to ask with; before it is connected, nothing can be found out.
            post: where the song was posted.

        Raises:
            CannotFetchError: Discord failed, the server is out of reach, or the message's files
                cannot be seen: those of others without the message-content intent, and what the
                bot's own answers stand for never.
            NeedsPermissionsError: the channel cannot be read.
        """
        message = await _fetch(bot, post)
        if message is None:
            return None
        assert message.guild is not None
        if not self._message_content or message.author.id == message.guild.me.id:
            raise CannotFetchError
        songs = {song.post.attachment_id: song for song in songs_of(message, self._listening)}
        return songs.get(post.attachment_id)


async def poster_of(bot: discord.Client, message: discord.Message) -> int:
    """Return the id of the member whose songs a server's message holds.

    A forwarded song belongs to whoever posted it first, where that was in this server and the bot
    can read it there; otherwise to whoever forwarded it.
    """
    reference, guild = message.reference, message.guild
    if not message.message_snapshots or reference is None or guild is None:
        return message.author.id
    if reference.guild_id != guild.id or reference.message_id is None:
        return message.author.id
    channel = bot.get_partial_messageable(reference.channel_id, guild_id=guild.id)
    try:
        original = await channel.fetch_message(reference.message_id)
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError):
        return message.author.id
    return message.author.id if original.author.bot else original.author.id


async def _fetch(bot: discord.Client, post: Post) -> discord.Message | None:
    guild = bot.get_guild(post.guild_id)
    if guild is None or guild.unavailable:
        raise CannotFetchError
    channel = bot.get_partial_messageable(post.channel_id, guild_id=post.guild_id)
    return await _fetched(channel, post.message_id)


async def _fetched(
    channel: discord.PartialMessageable | Readable, message_id: int
) -> discord.Message | None:
    """Fetch a message; None when it, or its channel, is gone."""
    try:
        return await channel.fetch_message(message_id)
    except discord.Forbidden as error:
        raise NeedsPermissionsError(channel.id, NEEDED) from error
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as error:
        if isinstance(error, discord.NotFound) and error.code in UNKNOWN:
            return None
        raise CannotFetchError from error


class ChannelHistory:
    """Reads a channel from its beginning; discord.py keeps to Discord's rate limits."""

    def __init__(self, channel: Readable, listening: ListeningService) -> None:
        """Read `channel`; `listening` knows how large a song may be."""
        self._channel = channel
        self._listening = listening

    @property
    def last_id(self) -> int | None:
        """Tell how far there is to go."""
        return self._channel.last_message_id

    async def after(self, message_id: int | None) -> AsyncIterator[PostedMessage]:
        """Give every message after `message_id`, the oldest first.

        Without songs those of which none is remembered unasked: bots' own, forwards, voice.

        Raises:
            CannotFetchError: Discord, or the way to it, failed.
            NeedsPermissionsError: the channel cannot be read, or no longer.
        """
        start = discord.Object(message_id) if message_id is not None else None
        messages = self._channel.history(limit=None, after=start, oldest_first=True)
        try:
            async for message in messages:
                wanted = remembered_unasked(message)
                songs = songs_of(message, self._listening) if wanted else ()
                yield PostedMessage(message.id, songs)
        except (discord.Forbidden, discord.NotFound) as error:
            raise NeedsPermissionsError(self._channel.id, NEEDED) from error
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            raise CannotFetchError from error
