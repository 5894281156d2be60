"""What a song is called: by the tags of its file, else by the file's name."""

from __future__ import annotations

import re
import unicodedata

TITLE_LIMIT = 200  # characters; an embed's title holds 256, after escaping

_HIDDEN = ("Cc", "Cf", "Cs", "Co")  # among them the marks that turn the direction of writing
_JOINERS = "\u200c\u200d"  # which Persian, the scripts of India and emoji are written with
_JOINED = ("L", "M", "S")  # letters, marks and symbols: joiners belong between two of them
_NO_TITLE = re.compile(
    r"(audio ?)?(track|titre|titel|piste|spur|トラック) ?\d+|untitled( track)?|no title"
    r"|(unknown )?title|unknown|無題|<unknown>|-",
    re.IGNORECASE,
)
_NO_ARTIST = re.compile(
    r"(unknown|various)( artists?)?|artist|va|n/a|none|不明なアーティスト|<unknown>|-",
    re.IGNORECASE,
)
_SPOILER = "SPOILER_"  # which Discord puts before the names of hidden files
_UNDERSCORES = re.compile(r"(?<![\^<>=;.])_+|_+(?![\^<>=;.])")  # but not in faces like ^_^
# A number is a track's where it begins with a zero, or where more than a space follows it:
# "01 Reisen", "12. Reisen" and "1-03 Reisen", but not "99 Luftballons" or "7 rings".
_TRACK_NUMBER = re.compile(
    r"^(?:[1-4][-.])?0\d{1,2}[ .)\-–—]+(?=\W*[^\W\d_])"
    r"|^0\d{1,2} ?[-–—.)] (?=\w)"
    r"|^[1-4]-\d{2}[ .)\-–—]+(?=[^\W\d_])"
    r"|^\d{1,3}(?:[.)] ?| [-–—] )(?=[^\W\d_])"
)
_INNER_TRACK_NUMBER = re.compile(r"(?<= [-–—] )0\d(?:\.? [-–—] |\.? )(?=[^\W\d_])")


def tagged_title(title: str | None, artist: str | None) -> str | None:
    """Return "artist – title" by a file's tags.

    Args:
        title: as strangers wrote it; None: no such tag.
        artist: likewise.

    Returns:
        One line of at most `TITLE_LIMIT` characters; None where the tags name no title.
    """
    name, by = harmless_line(title or ""), harmless_line(artist or "")
    if not name or _NO_TITLE.fullmatch(name):
        return None
    named = re.match(rf"{re.escape(by)}\s*[-–—:]", name, re.IGNORECASE)
    if by and not named and not _NO_ARTIST.fullmatch(by):
        name = f"{by} – {name}"
    return _shortened(name)


def readable_title(name: str) -> str:
    """Return a file's name, without its suffix, as a person would write it.

    Underscores are spaces, and what hides a file or counts tracks is left out. Everything else
    may be part of the title and stays: what is in brackets, versions, years.
    """
    line = harmless_line(name.removeprefix(_SPOILER))
    spaced = " ".join(_UNDERSCORES.sub(" ", line).split())
    for number in (_TRACK_NUMBER, _INNER_TRACK_NUMBER):
        spaced = number.sub("", spaced, count=1)
    return _shortened(spaced) or _shortened(line) or "?"


def harmless_line(text: str) -> str:
    """Return text as one line, without what could deceive the eye.

    Control characters and marks that turn the direction of writing are left out. Joiners stay
    between letters and between the parts of an emoji.
    """
    text = unicodedata.normalize("NFC", text)
    kept = [
        " " if character.isspace() else character
        for place, character in enumerate(text)
        if character.isspace()
        or unicodedata.category(character) not in _HIDDEN
        or (character in _JOINERS and _joins(text, place))
    ]
    return " ".join("".join(kept).split())


def _joins(text: str, place: int) -> bool:
    around = (text[max(0, place - 1) : place], text[place + 1 : place + 2])
    return all(side and unicodedata.category(side)[0] in _JOINED for side in around)


def _shortened(line: str) -> str:
    return line[:TITLE_LIMIT].rstrip(f" {_JOINERS}")
