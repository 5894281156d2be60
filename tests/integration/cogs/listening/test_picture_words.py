"""No word of the catalogues is cut in pictures, in either language."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from PIL import ImageDraw

from bot.i18n import LOCALES, Translator, finest, genre_name, key_name, translator_for
from bot.rendering.song_map import LIST, NEAR, WHOLE, Dot, MapStyle, SongMapLabels, song_map
from bot.rendering.text import ELLIPSIS, Pen, width
from cogs.listening._answer import DENSE, LOOPED, NEW, SPARSE, answer_for, tempo_line
from ml.music.hearing import Hearing, Key, Rhythm, Verdict
from ml.music.taxonomy import FAMILIES, STYLES, TAGS
from tests.factories import hearing, timeline

Thing = TypeVar("Thing")
EVEN = np.full(4, 0.5, np.float32)
TONICS = ("C", "C#", "Db", "F#", "Bb")
BEAT = Rhythm(
    tempo_bpm=198.0,
    onsets_per_second=4.0,
    break_density=0.2,
    variety=0.1,
    drill_n_bass=0.0,
    bars=(1.0,),
    bar_starts=(0.0,),
    repeats=(None,),
    profile=np.zeros(16, np.float32),
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written on pictures, piece by piece."""
    pieces: list[str] = []
    text = ImageDraw.ImageDraw.text

    def noted(self: ImageDraw.ImageDraw, at: object, piece: str, **how: object) -> None:
        pieces.append(piece)
        text(self, at, piece, **how)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", noted)
    return pieces


def widest(things: Iterable[Thing], said: Callable[[Thing], str]) -> list[Thing]:
    """Return those of which the widest is said first."""
    return sorted(things, key=lambda thing: -width(said(thing), Pen(40)))


def songs(tr: Translator) -> Iterator[Hearing]:
    """Songs that between them have the widest names, tags, keys, rhythms and headlines."""
    genres = widest((*FAMILIES, *STYLES), lambda genre: genre_name(genre, tr))
    plain = replace(
        hearing(),
        families=dict.fromkeys(FAMILIES, 0.5),
        styles=dict.fromkeys(STYLES, 0.5),
        timeline=timeline(dict.fromkeys(genres, EVEN)),
        rhythm=BEAT,
    )
    for start in range(0, len(genres) // 3, 4):
        said = Verdict(tuple(genres[start : start + 4]))
        yield replace(plain, families=dict.fromkeys(genres, 0.5), verdict=said)
    for sure, probability in ((True, 0.9), (False, 0.9), (False, 0.2)):
        of_styles = [
            replace(
                plain,
                styles={**plain.styles, style: probability},
                verdict=Verdict((family,), style, sure, (style,)),
            )
            for style in STYLES
            for family in STYLES[style].families
        ]
        yield widest(of_styles, lambda song: finest(song, tr))[0]
    family = widest(FAMILIES, lambda genre: genre_name(genre, tr))[0]
    yield replace(plain, verdict=Verdict(), families={family: 0.3}, styles={})
    yield replace(plain, key=None, rhythm=None)
    keys = [Key(tonic, mode, "12A", 0.9) for tonic in TONICS for mode in ("major", "minor")]
    yield replace(plain, key=widest(keys, lambda key: key_name(key.tonic, key.mode, tr))[0])
    rhythms = [
        replace(BEAT, break_density=density, variety=variety)
        for density in (SPARSE - 0.1, SPARSE + 0.1, DENSE + 0.1)
        for variety in (None, LOOPED - 0.01, LOOPED + 0.01, NEW + 0.1)
    ]
    yield replace(plain, rhythm=widest(rhythms, lambda rhythm: tempo_line(rhythm, tr))[0])
    yield replace(plain, tags={widest(TAGS, lambda tag: tr(f"tag-{tag}"))[0]: 0.9})


@pytest.mark.parametrize("locale", LOCALES)
def test_no_word_of_ours_is_cut(locale: str, drawn: list[str]) -> None:
    tr = translator_for(locale)
    for song in songs(tr):
        drawn.clear()
        answer_for(song, "Redline", tr)
        assert drawn, "nothing was written"
        assert not [piece for piece in drawn if ELLIPSIS in piece]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("style", [WHOLE, NEAR, LIST], ids=["whole", "near", "list"])
def test_no_genre_is_cut_under_a_map(locale: str, style: MapStyle, drawn: list[str]) -> None:
    tr = translator_for(locale)
    names = {genre: genre_name(genre, tr) for genre in FAMILIES}
    counts = [(genre, 1) for genre in widest(FAMILIES, lambda genre: names[genre])]
    labels = SongMapLabels("7", names, counts, tr("genre-none"), tr("card-others"))
    song_map([Dot(0.5, 0.5, "rock")], labels, style)
    assert names[counts[0][0] or ""] in "".join(drawn)
    assert not [piece for piece in drawn if ELLIPSIS in piece]


def test_a_title_that_is_too_long_is_cut(drawn: list[str]) -> None:
    """So this file would see a word that is."""
    answer_for(next(songs(translator_for("en"))), "long " * 40, translator_for("en"))
    assert any(ELLIPSIS in piece for piece in drawn)
