"""Forgetting what somebody names: a song, a member's songs, a channel's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.songbook.service import Songbook
from bot.songbook.values import ReadableChannels
from storage.song_values import Song, Title, fold

MOST_SUGGESTED = 25  # choices that Discord shows
MOST_LOOKED_THROUGH = 1000  # of a member's songs, the last posted, for a suggestion


class RemovalTarget(Enum):
    """What kind of thing is to be forgotten."""

    SONG = "song"
    MEMBER = "member"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Named:
    """What is to be forgotten in a server.

    Attributes:
        subject: its kind.
        subject_id: id of the song, member or channel.
        name: a song's title, otherwise empty.
        owner_id: the member whose songs they are; None for a channel's.
    """

    guild_id: int
    subject: RemovalTarget
    subject_id: int
    name: str = ""
    owner_id: int | None = None


class SongRemoval:
    """Suggests, finds and forgets."""

    def __init__(self, songbook: Songbook) -> None:
        """Work on `songbook`."""
        self._songbook = songbook

    async def suggest(
        self, guild_id: int, asker_id: int, typed: str, reach: ReadableChannels | None
    ) -> tuple[Title, ...]:
        """Suggest songs by what was typed: the asker's own, then those within `reach`, if any."""
        words = fold(typed).split()
        own = await self._songbook.posted_by(guild_id, asker_id, limit=MOST_LOOKED_THROUGH)
        found = {
            song.song_id: Title(song.song_id, song.post.title, asker_id)
            for song in own
            if all(word in fold(song.post.title) for word in words)
        }
        if reach is not None:
            others = await self._songbook.titles(guild_id, typed, reach, limit=MOST_SUGGESTED)
            found = {title.song_id: title for title in others} | found
        return tuple(found.values())[:MOST_SUGGESTED]

    async def song(self, guild_id: int, song_id: int) -> Song | None:
        """Find a song anywhere in the server; who may hear of it is the caller's to ask."""
        places = await self._songbook.places(guild_id)
        everywhere = ReadableChannels(
            frozenset(place.channel_id for place in places), frozenset(), 0
        )
        return await self._songbook.song(guild_id, song_id, everywhere)

    async def knows(self, named: Named) -> bool:
        """Tell whether anything of what was named is remembered."""
        match named.subject:
            case RemovalTarget.SONG:
                return await self.song(named.guild_id, named.subject_id) is not None
            case RemovalTarget.MEMBER:
                return bool(
                    await self._songbook.posted_by(named.guild_id, named.subject_id, limit=1)
                )
            case RemovalTarget.CHANNEL:
                places = await self._songbook.places(named.guild_id)
                return any(named.subject_id in (each.channel_id, each.parent_id) for each in places)

    async def forget(self, named: Named) -> int:
        """Forget it; gives how many songs were forgotten."""
        match named.subject:
            case RemovalTarget.SONG:
                return await self._songbook.forget_song(named.guild_id, named.subject_id)
            case RemovalTarget.MEMBER:
                return await self._songbook.forget_poster(named.guild_id, named.subject_id)
            case RemovalTarget.CHANNEL:
                return await self._songbook.forget_channel_songs(named.guild_id, named.subject_id)
