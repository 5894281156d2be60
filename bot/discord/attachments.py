"""The files of messages: which are songs, their titles, and fetching their bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import PurePath
from typing import Any, Protocol

import aiohttp
import discord

from bot.discord.requests import GuildRequest, Request
from bot.errors import CannotFetchError, FileGoneError, MoreThanAnnouncedError
from bot.listening.service import ListeningService
from bot.listening.titles import readable_title
from bot.songbook.ingest import PostedSong
from storage.song_values import Post

SUFFIXES = frozenset(
    (
        *(".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".flac", ".wav", ".webm", ".mp4"),
        *(".aif", ".aiff", ".aifc", ".caf", ".au", ".snd", ".w64", ".wv", ".tta", ".ape", ".mpc"),
        *(".dsf", ".wma", ".wmv", ".mp2", ".ac3", ".eac3", ".amr", ".3gp", ".3g2", ".avi", ".mkv"),
        *(".mka", ".mov", ".flv", ".mpg", ".mpeg", ".spx", ".m4b", ".m4v"),
    )
)


def files_of(message: discord.Message) -> list[discord.Attachment]:
    """Return the files of a message, and those of the message that it forwards."""
    forwarded = (file for each in message.message_snapshots for file in each.attachments)
    return [*message.attachments, *forwarded]


def songs_among(attachments: Sequence[discord.Attachment]) -> list[discord.Attachment]:
    """Return the attachments that look like songs; the decoder decides for good."""
    return [
        each
        for each in attachments
        if (each.content_type or "").startswith(("audio/", "video/"))
        or PurePath(each.filename).suffix.lower() in SUFFIXES
    ]


def title_of(attachment: discord.Attachment) -> str:
    """Return the song's title by the name of its file, made readable.

    Discord strips other scripts from `filename` and keeps the name in `title`.
    """
    suffix = PurePath(attachment.filename).suffix
    name = attachment.title or attachment.filename.removesuffix(suffix)
    while (last := PurePath(name).suffix).lower() in SUFFIXES:
        name = name.removesuffix(last)
    return readable_title(name)


class ChecksSize(Protocol):
    """What knows how large a file may be, such as `ListeningService` and `ImageUploads`."""

    def check_size(self, size_bytes: int) -> None:
        """Raise an error with the facts where a file of this size is refused."""


async def fetch(attachment: discord.Attachment, limits: ChecksSize) -> bytes:
    """Fetch an attachment's bytes, after a check of its announced size.

    Raises:
        AudioError, PictureError: `limits` refuse the announced size.
        FileGoneError, CannotFetchError, MoreThanAnnouncedError: as `read`.
        CannotFetchError: the file broke off.
    """
    limits.check_size(attachment.size)
    data = await read(attachment)
    if len(data) < attachment.size:
        raise CannotFetchError
    return data


async def read(file: discord.Attachment | discord.Asset) -> bytes:
    """Read a file of Discord's: the one place that maps Discord's errors to ours.

    Raises:
        FileGoneError: Discord no longer has the file.
        CannotFetchError: Discord, or the way to it, failed just now.
        MoreThanAnnouncedError: the file is larger than any that may be read.
    """
    try:
        return await file.read()
    except (discord.NotFound, discord.Forbidden) as error:
        raise FileGoneError from error
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        raise CannotFetchError from error


def remembered_unasked(message: discord.Message) -> bool:
    """Return whether songs of a message may be remembered although nobody asks for it.

    Only what a member posted: no bot's and no webhook's message, no voice message, and nothing
    forwarded, which does not say whose it is (`docs/decisions/0016-whose-song.md`).
    """
    by_member = not message.author.bot and message.webhook_id is None
    return by_member and not message.flags.voice and not message.message_snapshots


def songs_of(
    message: discord.Message, listening: ListeningService, poster_id: int | None = None
) -> tuple[PostedSong, ...]:
    """Return the songs of a server's message, or of the one it forwards.

    Args:
        message: without files where the bot may not see them (see the message-content intent).
        listening: knows how large a song may be.
        poster_id: whose songs they are; None: the author's.
    """
    assert message.guild is not None
    guild_id, thread = message.guild.id, message.channel
    return tuple(
        PostedSong(
            Post(
                guild_id=guild_id,
                channel_id=message.channel.id,
                message_id=message.id,
                attachment_id=song.id,
                poster_id=poster_id or message.author.id,
                title=title_of(song),
                posted_at=message.created_at,
                parent_id=thread.parent_id if isinstance(thread, discord.Thread) else None,
                file_bytes=song.size,
            ),
            partial(fetch, song, listening),
        )
        for song in songs_among(files_of(message))
    )


async def announce_left_out(request: Request, songs: int, limit: int) -> None:
    """Tell the asker of a message with more songs than are answered that some were left out."""
    if songs > limit:
        text = request.tr("menu-left-out", songs=songs, shown=limit)
        await request.send_ephemeral(text)


def song_of_command(
    request: GuildRequest, message_id: int, song: discord.Attachment, listening: ListeningService
) -> PostedSong:
    """Return the song handed to a server's command, posted with the answer `message_id`."""
    interaction = request.interaction
    thread = interaction.channel
    post = Post(
        guild_id=request.guild_id,
        channel_id=request.channel_id,
        message_id=message_id,
        attachment_id=song.id,
        poster_id=interaction.user.id,
        title=title_of(song),
        posted_at=interaction.created_at,
        parent_id=thread.parent_id if isinstance(thread, discord.Thread) else None,
        file_bytes=song.size,
        by_command=True,
    )
    return PostedSong(post, partial(fetch, song, listening))


CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 15.0  # without a byte


@asynccontextmanager
async def bounded_downloads(
    max_bytes: int, seconds: float
) -> AsyncIterator[Callable[[str], Coroutine[Any, Any, bytes]]]:
    """Open what can stand in for discord.py's own download, which has no bounds.

    What Discord announces of a file is checked before; this holds when the file is another.

    Args:
        max_bytes: a file that goes on after these is dropped.
        seconds: for the whole file.

    Yields:
        A function from a link to the file's bytes. It raises `discord.NotFound`,
        `discord.Forbidden` and `discord.HTTPException` as discord.py does, `TimeoutError`,
        `aiohttp.ClientError` for a broken connection, and `MoreThanAnnouncedError`.
    """
    timeout = aiohttp.ClientTimeout(
        total=seconds, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
    )
    cookies = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=cookies) as session:

        async def read(url: str) -> bytes:
            async with session.get(url) as response:
                _require_success(response)
                return await _read(response, max_bytes)

        yield read


def _require_success(response: aiohttp.ClientResponse) -> None:
    if response.status == 200:
        return
    refused = {404: discord.NotFound, 403: discord.Forbidden}
    raise refused.get(response.status, discord.HTTPException)(response, "no such file")


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    pieces, size = [], 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > max_bytes:
            raise MoreThanAnnouncedError(max_bytes)
        pieces.append(piece)
    return b"".join(pieces)
