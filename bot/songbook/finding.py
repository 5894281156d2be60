"""Find songs by what members type, and pick one at random."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.songbook.ingest import Find
from bot.songbook.map import SongMaps
from bot.songbook.sync import LOOK_SECONDS, PostCheck
from bot.songbook.values import ReadableChannels, SongMap
from bot.songbook.words import SongTerm, SongWords, read_words
from storage.song_queries import SongFacts, SongFactsList
from storage.song_values import Song
from storage.songs import Songs

SONGS_FOUND = 10  # shown of those that fit
SONGS_SEARCHED = 10_000  # the last posted; more would hold up everybody else's answers
SONGS_AROUND = 600  # on the map
LIKELY = 0.3  # least probability of a genre or tag that is asked for
ONLY_LIKELIEST = 0.7  # what a genre counts that is the likeliest, but not sure


class NothingTypedError(Exception):
    """Nothing was typed that a song could be found by."""

    code = "nothing_typed"


class NoSongFoundError(Exception):
    """No song has anything of what was typed."""

    code = "no_song_found"

    def __init__(self, typed: str) -> None:
        super().__init__(f"{len(typed)} characters typed")  # what they are is in no log
        self.typed = typed


@dataclass(frozen=True, slots=True)
class FoundSongs:
    """Songs that fit what was typed, best first.

    Attributes:
        songs: at most `SONGS_FOUND`.
        count: how many there are.
        complete: whether they fit in everything; otherwise no song does, and these do in most.
        words: what was understood.
        map: where they lie.
    """

    songs: tuple[Song, ...]
    count: int
    complete: bool
    words: SongWords
    map: SongMap


class SongFinder:
    """Finds songs of a server by genres, moods, key, tempo and words of their titles."""

    def __init__(
        self,
        songs: Songs,
        facts: SongFactsList,
        maps: SongMaps,
        post_check: PostCheck,
        choose: Callable[[Sequence[int]], int] = secrets.choice,
    ) -> None:
        """Join the parts.

        Args:
            songs: the stored songs.
            facts: what is known of them.
            maps: lays them out.
            post_check: finds out which of them are no longer posted.
            choose: picks one of several.
        """
        self._songs = songs
        self._facts = facts
        self._maps = maps
        self._post_check = post_check
        self._choose = choose

    async def find(
        self, guild_id: int, typed: str, reach: ReadableChannels, find: Find
    ) -> FoundSongs:
        """Find songs by what a member typed.

        Args:
            guild_id: the server.
            typed: words, in English or Japanese.
            reach: the channels to answer from.
            find: fetches a song's message again, to leave out what is no longer posted.

        Raises:
            NothingTypedError, NoSongFoundError: there is nothing to answer with.
            StorageError: the database could not do it.
        """
        words = read_words(typed)
        if not words.anything:
            raise NothingTypedError
        deadline = asyncio.get_running_loop().time() + LOOK_SECONDS
        while True:
            ids, complete = await self._fitting(guild_id, words, reach)
            if not ids:
                raise NoSongFoundError(typed)
            songs = await self._songs.songs(guild_id, ids[:SONGS_FOUND])
            if not await self._post_check.forget_gone(songs, find, deadline):
                break
        marked = [song.song_id for song in songs]
        around = await self._maps.map(guild_id, reach, marked=marked, limit=SONGS_AROUND, titles=0)
        return FoundSongs(songs, len(ids), complete, words, around)

    async def random(self, guild_id: int, typed: str, reach: ReadableChannels, find: Find) -> Song:
        """Pick a song at random, among those that fit best what was typed, if anything was.

        Raises:
            NoSongFoundError: there is none.
            StorageError: the database could not do it.
        """
        words = read_words(typed)
        deadline = asyncio.get_running_loop().time() + LOOK_SECONDS
        while True:
            ids, _ = await self._fitting(guild_id, words, reach)
            if not ids:
                raise NoSongFoundError(typed)
            songs = await self._songs.songs(guild_id, [self._choose(ids)])
            if songs and not await self._post_check.forget_gone(songs, find, deadline):
                return songs[0]

    async def _fitting(
        self, guild_id: int, words: SongWords, reach: ReadableChannels
    ) -> tuple[list[int], bool]:
        facts = await self._facts.latest(guild_id, reach.channels, limit=SONGS_SEARCHED)
        return await asyncio.to_thread(best_fitting, facts, words)


def best_fitting(facts: Sequence[SongFacts], words: SongWords) -> tuple[list[int], bool]:
    """Rank songs by how well they fit, of each recording the best.

    Args:
        facts: the songs, the last posted first; among equals this order stays.
        words: what is wanted. Nothing wanted fits every song.

    Returns:
        Ids of the songs that fit in most, best first; and whether that is in everything.
    """
    wanted = len(words.terms) + (words.tempo_bpm is not None) + (words.camelot is not None)
    fits = [(song, _fits(song, words)) for song in facts]
    most = max((sum(fit > 0 for fit in each) for _, each in fits), default=0)
    if wanted and most == 0:
        return [], False
    best = [(song, sum(each)) for song, each in fits if sum(fit > 0 for fit in each) == most]
    best.sort(key=lambda pair: -pair[1])
    first = {song.recording_id: song.song_id for song, _ in reversed(best)}
    chosen = [song.song_id for song, _ in best if first[song.recording_id] == song.song_id]
    return chosen, most == wanted


def _fits(song: SongFacts, words: SongWords) -> list[float]:
    """Return how well a song fits in each thing that is wanted, 0 (not at all) to 1."""
    fits = [_fits_term(song, term) for term in words.terms]
    if words.tempo_bpm is not None:
        low, high = words.tempo_bpm
        fits.append(float(song.tempo_bpm is not None and low <= song.tempo_bpm <= high))
    if words.camelot is not None:
        fits.append(float(song.camelot == words.camelot))
    return fits


def _fits_term(song: SongFacts, term: SongTerm) -> float:
    if term.words in song.title_key:
        return 1.0
    shares = [_share(song.tags, tag) for tag in term.tags]
    for genre in term.genres:
        shares += [_share(song.genres, genre), _share(song.styles, genre)]
        if genre in song.names:
            shares.append(1.0 if genre in song.names[1:] else ONLY_LIKELIEST)
    best = max(shares, default=0.0)
    return best if best >= LIKELY else 0.0


def _share(probabilities: str, key: str) -> float:
    """Read one probability out of JSON; most texts lack the key and are not parsed."""
    if f'"{key}"' not in probabilities:
        return 0.0
    return float(json.loads(probabilities)[key])
