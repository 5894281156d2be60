"""Fetching what members attached: the size first, then one mapping of Discord's errors."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import pytest

from bot.discord.attachments import fetch, title_of
from bot.discord.requests import GuildRequest, Request
from bot.errors import CannotFetchError, FileGoneError
from ml.audio.errors import FileTooLargeError


class Limits:
    """Allows ten bytes."""

    def check_size(self, size_bytes: int) -> None:
        if size_bytes > 10:
            raise FileTooLargeError(size_bytes, 10)


@dataclass
class File:
    """An attachment that gives these bytes, or fails so."""

    content: bytes | Exception
    size: int = 4
    reads: int = 0

    async def read(self) -> bytes:
        self.reads += 1
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


def refused(kind: type[discord.HTTPException]) -> discord.HTTPException:
    response: Any = type("Response", (), {"status": 500, "reason": "?"})
    return kind(response, "refused")


async def fetched(file: Any) -> bytes:
    return await fetch(file, Limits())


async def test_a_file_arrives_whole() -> None:
    assert await fetched(File(b"song")) == b"song"


async def test_a_file_that_is_too_large_is_not_even_fetched() -> None:
    file = File(b"", size=11)
    with pytest.raises(FileTooLargeError):
        await fetched(file)
    assert file.reads == 0


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (refused(discord.NotFound), FileGoneError),
        (refused(discord.Forbidden), FileGoneError),
        (refused(discord.HTTPException), CannotFetchError),
        (aiohttp.ClientConnectionError(), CannotFetchError),
        (TimeoutError(), CannotFetchError),
        (b"son", CannotFetchError),  # shorter than announced: it broke off
    ],
)
async def test_what_discord_says_becomes_an_error_of_ours(
    trouble: bytes | Exception, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await fetched(File(trouble))


@dataclass
class Name:
    """An attachment with these names."""

    filename: str
    title: str | None = None


@pytest.mark.parametrize(
    ("filename", "title", "shown"),
    [
        ("01_My_Song.mp3", None, "My Song"),
        ("SPOILER_song.flac", None, "song"),
        ("a.wav", "می\u200cخواهم.wav", "می\u200cخواهم"),
        ("Vol_2.5.mp3", None, "Vol 2.5"),
        ("song.wav.mp3", None, "song"),
        ("x.aiff", "うさぎ", "うさぎ"),
    ],
)
def test_a_song_is_called_by_its_file_without_the_suffix(
    filename: str, title: str | None, shown: str
) -> None:
    file: Any = Name(filename, title)
    assert title_of(file) == shown


def interaction(guild_id: int | None) -> Any:
    facts = {"guild_id": guild_id, "channel_id": 5, "locale": discord.Locale.japanese}
    kind = discord.InteractionType.component
    return type("Interaction", (), {**facts, "user": None, "command": None, "type": kind})


def test_a_request_of_a_server_knows_its_ids() -> None:
    request = GuildRequest(interaction(3))
    assert (request.guild_id, request.channel_id) == (3, 5)


def test_a_request_outside_servers_is_no_guild_request() -> None:
    assert not isinstance(Request(interaction(None)), GuildRequest)
    with pytest.raises(TypeError):
        GuildRequest(interaction(None))
