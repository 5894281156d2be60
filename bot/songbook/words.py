"""Read what members type to find songs: genres, moods, key, tempo, and words of titles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.i18n import LOCALES, translator_for
from bot.i18n.catalogue import genre_name
from ml.music.hearing import TONICS, key_of
from ml.music.taxonomy import GENRE_KEYS, TAGS
from storage.codecs import fold

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
