"""Forget what somebody names: a song, a member's songs, a channel's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.songbook.service import Songbook
from bot.songbook.values import ReadableChannels
from storage.codecs import fold
from storage.song_queries import SongTitles
from storage.song_values import Song, Title
from storage.songs import Songs

SUGGESTIONS = 25  # choices that Discord shows
ID_DIGITS = 18  # more would not fit the database's numbers
SONGS_SEARCHED = 1000  # of a member's songs, the last posted, for a suggestion


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
    """Suggests songs to forget, finds them and forgets them."""

    def __init__(self, songbook: Songbook, songs: Songs, titles: SongTitles) -> None:
        """Forget in `songbook` what is found in `songs` and their `titles`."""
        self._songbook = songbook
        self._songs = songs
        self._titles = titles

    async def suggest(
        self, guild_id: int, asker_id: int, typed: str, reach: ReadableChannels | None
    ) -> tuple[Title, ...]:
        """Suggest songs by what was typed.

        The asker's own, then those within `reach`, if any.
        """
        words = fold(typed).split()
        own = await self._songs.by_poster(guild_id, asker_id, limit=SONGS_SEARCHED)
        found = {
            song.song_id: Title(song.song_id, song.post.title, asker_id)
            for song in own
            if all(word in fold(song.post.title) for word in words)
        }
        if reach is not None:
            channels = reach.channels
            others = await self._titles.matching(guild_id, typed, channels, limit=SUGGESTIONS)
            found = {title.song_id: title for title in others} | found
        return tuple(found.values())[:SUGGESTIONS]

    async def chosen_song(self, guild_id: int, choice: str) -> Song | None:
        """Find the song whose id a choice holds.

        None for what was only typed.

        The song may be anywhere in the server: the caller checks who may learn of it.
        """
        if not choice.isdecimal() or len(choice) > ID_DIGITS:
            return None
        return await self._songs.song(guild_id, int(choice))

    async def knows(self, named: Named) -> bool:
        """Return whether anything of what was named is remembered."""
        match named.subject:
            case RemovalTarget.SONG:
                return await self._songs.song(named.guild_id, named.subject_id) is not None
            case RemovalTarget.MEMBER:
                by_member = self._songs.by_poster(named.guild_id, named.subject_id, limit=1)
                return bool(await by_member)
            case RemovalTarget.CHANNEL:
                places = await self._songs.places(named.guild_id)
                return any(named.subject_id in (each.channel_id, each.parent_id) for each in places)

    async def forget(self, named: Named) -> int:
        """Forget it; return how many songs were forgotten."""
        match named.subject:
            case RemovalTarget.SONG:
                return await self._songbook.forget_song(named.guild_id, named.subject_id)
            case RemovalTarget.MEMBER:
                return await self._songbook.forget_poster(named.guild_id, named.subject_id)
            case RemovalTarget.CHANNEL:
                return await self._songbook.forget_channel_songs(named.guild_id, named.subject_id)
