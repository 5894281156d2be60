"""Find songs by what members type, and pick one at random.

What is typed is read as genres, moods, key, tempo, and words of titles.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bot.i18n import LOCALES, genre_name, translator_for
from bot.songbook.ingest import Find
from bot.songbook.map import SongMaps
from bot.songbook.sync import LOOK_SECONDS, PostCheck
from bot.songbook.values import ReadableChannels, SongMap
from ml.music.hearing import TONICS, key_of
from ml.music.taxonomy import GENRE_KEYS, TAGS
from storage.codecs import fold
from storage.song_queries import SongFacts, SongFactsList
from storage.song_values import Song
from storage.songs import Songs

AROUND_BPM = 6.0  # beats a minute, as far as "around" goes to each side
SLOWEST, FASTEST = 20, 400  # beats a minute
MOST_WORDS = 8  # of titles that are looked at
KEYS = 24

# Words for what the model hears under another name. Folded, as `fold` has them.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "calm": ("quiet", "mellow", "chill"),
    "relaxing": ("chill", "mellow", "quiet"),
    "relaxed": ("chill", "mellow"),
    "peaceful": ("quiet", "beautiful"),
    "gentle": ("quiet", "mellow"),
    "soft": ("quiet",),
    "energetic": ("party", "fast", "loud"),
    "upbeat": ("happy", "party"),
    "heavy": ("loud",),
    "dark": ("sad", "weird"),
    "melancholic": ("sad",),
    "vocal": ("female_voice", "male_voice"),
    "vocals": ("female_voice", "male_voice"),
    "singing": ("female_voice", "male_voice"),
    "synth": ("synth",),
    "beat": ("beats",),
    "穏やか": ("quiet", "mellow", "chill"),
    "落ち着": ("quiet", "mellow", "chill"),
    "静か": ("quiet",),
    "癒": ("chill", "quiet", "beautiful"),
    "明る": ("happy",),
    "元気": ("happy", "party"),
    "暗": ("sad",),
    "切な": ("sad",),
    "悲し": ("sad",),
    "楽し": ("happy",),
    "美し": ("beautiful",),
    "きれい": ("beautiful",),
    "激し": ("loud",),
    "うるさ": ("loud",),
    "速": ("fast",),
    "遅": ("slow",),
    "ゆっくり": ("slow",),
    "踊": ("danceable",),
    "歌": ("female_voice", "male_voice"),
    "電子音楽": ("electronic",),
    "しんせ": ("synth",),
    "いんすと": ("instrumental",),
    "弦楽器": ("strings",),
    "びーと": ("beats",),
    "ぽっぷ": ("pop",),
}
_SPACED = re.compile(r"[a-z0-9]")  # scripts whose words stand apart
# Left over between what was understood; they find nothing.
_FILLERS = re.compile(
    "a|an|the|in|of|at|with|and|or|for|like|some|any|songs?|music|tracks?|key|tempo|bpm|around"
    "|about|something|that|is|sounds?|sounding|please|find|me"
)
_PARTICLES = re.compile("(?:の|な|い|く|た|で|を|が|は|に|と|も|曲|音楽|っぽい|系|感じ|きょく)+")
_RANGE = re.compile(r"(?<!\d)(\d{2,3}) ?(?:-|–|~|〜|to|から) ?(\d{2,3}) ?(?:bpm|まで)?(?!\d)")
_TEMPO = re.compile(
    r"(?:(?:around|about|at|ca\.?|~|約|およそ|bpm) ?(\d{2,3})(?!\d)(?: ?bpm)?)"
    r"|(?:(?<!\d)(\d{2,3}) ?(?:bpm|くらい|ぐらい|前後|あたり))"
)
_FLATS = {"db": "C#", "d#": "Eb", "gb": "F#", "g#": "Ab", "a#": "Bb", "cb": "B", "e#": "F"}
_TONICS = {tonic.casefold(): tonic for tonic in TONICS} | _FLATS
_SIGNS = {"#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b", "": ""}
_KEY = re.compile(
    r"(?:\bin )?(?<![a-z0-9])([a-g])[ -]?(sharp|flat|#|♯|♭|b)?"
    r" ?(major|minor|maj|min|めじゃー|まいなー)"
)
_KANA = dict(zip("はにほへといろ", "cdefgab", strict=True))
_KEY_JA = re.compile(f"([嬰変])?([{''.join(_KANA)}])([長短])調")
_CAMELOT = re.compile(r"(?<![a-z0-9])(1[0-2]|[1-9])([ab])(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class SongTerm:
    """One thing a song is to be: a genre or a tag, or a word of its title.

    Attributes:
        words: as typed, folded; a title that has them fits as well.
        genres: keys of genres, any of which fits.
        tags: keys of tags, any of which fits.
    """

    words: str
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SongWords:
    """What was understood of a member's words.

    Attributes:
        terms: genres, tags and words of titles, all of which are to fit.
        tempo_bpm: lowest and highest beats a minute; None: any.
        camelot: code of the key; None: any.
    """

    terms: tuple[SongTerm, ...] = ()
    tempo_bpm: tuple[float, float] | None = None
    camelot: str | None = None

    @property
    def anything(self) -> bool:
        """Whether anything was understood at all."""
        return self != SongWords()


def read_words(typed: str) -> SongWords:
    """Read what a member typed, in English or Japanese; width, case and kana do not matter."""
    text = fold(typed)
    camelot, text = _read_key(text)
    tempo, text = _read_tempo(text)
    terms, text = _read_terms(text)
    left = [word for word in text.split() if not _finds_nothing(word)]
    titles = [SongTerm(word) for word in left[:MOST_WORDS]]
    return SongWords((*terms, *titles), tempo, camelot)


def _finds_nothing(word: str) -> bool:
    return any(each.fullmatch(word) for each in (_FILLERS, _PARTICLES))


def _read_key(text: str) -> tuple[str | None, str]:
    """Find a key; return its Camelot code, and the text without it."""
    if match := _KEY.search(text):
        tonic = match[1] + _SIGNS[match[2] or ""]
        minor = match[3] in ("minor", "min", "まいなー")
        return _camelot(tonic, minor=minor), _without(text, match)
    if match := _KEY_JA.search(text):
        sign = {"嬰": "#", "変": "b", None: ""}[match[1]]
        return _camelot(_KANA[match[2]] + sign, minor=match[3] == "短"), _without(text, match)
    if match := _CAMELOT.search(text):
        return f"{match[1]}{match[2].upper()}", _without(text, match)
    return None, text


def _camelot(tonic: str, *, minor: bool) -> str | None:
    name = _TONICS.get(tonic)
    keys = (key_of(index, 1.0) for index in range(KEYS))
    wanted = (name, "minor" if minor else "major")
    return next((key.camelot for key in keys if (key.tonic, key.mode) == wanted), None)


def _read_tempo(text: str) -> tuple[tuple[float, float] | None, str]:
    """Find a tempo; return its range, and the text without it."""
    if match := _RANGE.search(text):
        low, high = sorted((float(match[1]), float(match[2])))
        if low >= SLOWEST and high <= FASTEST:
            return (low, high), _without(text, match)
    if match := _TEMPO.search(text):
        bpm = float(match[1] or match[2])
        if SLOWEST <= bpm <= FASTEST:
            return (bpm - AROUND_BPM, bpm + AROUND_BPM), _without(text, match)
    return None, text


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _read_terms(text: str) -> tuple[list[SongTerm], str]:
    """Find genres and tags, the longest names first; return them, and the text without them."""
    found: list[tuple[int, SongTerm]] = []
    for name, term in _vocabulary().items():
        at = _place(name, text)
        if at is not None:
            found.append((at, term))
            text = text[:at] + " " * len(name) + text[at + len(name) :]
    return [term for _, term in sorted(found, key=lambda pair: pair[0])], text


def _place(name: str, text: str) -> int | None:
    """Return where a name stands in a text; as a word of its own in scripts that have spaces."""
    if not _SPACED.search(name):
        at = text.find(name)
        return at if at >= 0 else None
    match = re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text)
    return match.start() if match else None


@cache
def _vocabulary() -> dict[str, SongTerm]:
    """Return every name of a genre or tag in both languages, folded, the longest first."""
    genres: dict[str, list[str]] = {}
    tags: dict[str, list[str]] = {}
    for locale in LOCALES:
        tr = translator_for(locale)
        for key in sorted(GENRE_KEYS):
            for name in _names(genre_name(key, tr), key):
                genres.setdefault(name, []).append(key)
        for key in TAGS:
            for name in _names(tr(f"tag-{key}"), key):
                tags.setdefault(name, []).append(key)
    for name, keys in SYNONYMS.items():
        known = genres if keys[0] in GENRE_KEYS and keys[0] not in TAGS else tags
        known.setdefault(fold(name), []).extend(keys)
    every = sorted({*genres, *tags}, key=lambda name: (-len(name), name))
    return {
        name: SongTerm(
            name,
            tuple(dict.fromkeys(genres.get(name, ()))),
            tuple(dict.fromkeys(tags.get(name, ()))),
        )
        for name in every
    }


def _names(name: str, key: str) -> set[str]:
    """Return how a name may be typed: as it is, without hyphens or dots, and as its key reads."""
    folded = fold(name)
    joined = folded.replace("-", "").replace("・", "")
    return {folded, folded.replace("-", " "), joined, fold(key)}


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
