"""What is said and shown of a song: one source for headline, strips and description."""

from dataclasses import replace

import numpy as np
import pytest

from bot.i18n import finest, translator_for
from cogs.listening._answer import answer_for, genres_to_show, tempo_line
from ml.music.hearing import Rhythm, Verdict
from ml.music.taxonomy import DRILL_N_BASS
from tests.factories import hearing, timeline

ENGLISH, JAPANESE = translator_for("en"), translator_for("ja")
PLAIN = Rhythm(
    tempo_bpm=127.6,
    onsets_per_second=4.0,
    break_density=0.25,
    variety=0.1,
    drill_n_bass=0.0,
    bars=(1.0, 0.2, 0.0),
    bar_starts=(0.0, 1.9, 3.8),
    repeats=(None, None, 1),
    profile=np.zeros(16, np.float32),
)
RISING, EVEN = np.linspace(0.6, 1, 8, dtype=np.float32), np.full(8, 0.5, np.float32)
FAINT = np.full(8, 0.1, np.float32)
FALLING = np.linspace(1, 0, 8, dtype=np.float32)
TECHNO = replace(
    hearing(),
    families={"electronic": 0.8, "soundtrack": 0.5, "jazz": 0.1},
    styles={"techno": 0.5, "house": 0.1},
    verdict=Verdict(("electronic", "soundtrack"), "techno", False, ("techno",)),
    rhythm=PLAIN,
    timeline=timeline(
        {
            "electronic": RISING,
            "soundtrack": EVEN,
            "techno": FALLING,
            "jazz": FAINT,
            "house": FAINT,
        }
    ),
)


TECHNO_SAID = Verdict(("electronic",), "techno", False, ("techno",))


@pytest.mark.parametrize(
    ("said", "english", "japanese"),
    [
        (TECHNO_SAID, "Electronic, probably techno", "おそらくテクノ"),
        (replace(TECHNO_SAID, sure_of_style=True), "Electronic: techno", "（テクノ）"),
        (Verdict(("electronic",)), "Electronic", "エレクトロニック"),
        (Verdict(("electronic",), DRILL_N_BASS, True), "Electronic: Drill'n'Bass", "ドリルン"),
        (Verdict(), "Not sure, maybe Electronic", "はっきりしませんが"),
        (Verdict(("東方アレンジ",)), "東方アレンジ", "東方アレンジ"),
    ],
    ids=["probable style", "sure style", "family", "drill", "unsure", "taught"],
)
def test_the_finest_thing_that_is_sure_is_said(said: Verdict, english: str, japanese: str) -> None:
    heard = replace(TECHNO, verdict=said)
    assert finest(heard, ENGLISH) == english
    assert japanese in finest(heard, JAPANESE)


def test_a_style_of_which_little_speaks_is_only_a_maybe() -> None:
    faint = replace(TECHNO, styles={"techno": 0.2})
    assert finest(faint, ENGLISH) == "Electronic, maybe techno"
    assert "もしかすると" in finest(faint, JAPANESE)


def test_what_is_said_first_leads_the_strips_and_everything_sure_follows() -> None:
    assert genres_to_show(TECHNO) == ("electronic", "techno", "soundtrack", "jazz")


def test_of_an_unsure_song_the_likeliest_are_shown() -> None:
    unsure = replace(TECHNO, verdict=Verdict(), families={"jazz": 0.4, "blues": 0.3, "pop": 0.01})
    assert genres_to_show(unsure) == ("jazz", "blues", "pop")


def test_the_answer_says_genre_shares_tags_key_and_tempo() -> None:
    text = answer_for(TECHNO, "Redline", ENGLISH).embed.description or ""
    assert text.startswith("**Electronic, probably techno**\nElectronic 80% · techno 50%")
    assert "instrumental 90%, guitar 80%, mellow 70%" in text
    assert "Key: A minor (Camelot 8A) · 128 BPM · steady · varies from bar to bar" in text


def test_a_song_without_a_clear_key_says_so() -> None:
    text = answer_for(replace(TECHNO, key=None), "Redline", ENGLISH).embed.description or ""
    assert "No clear key" in text


def test_the_description_tells_the_course_of_the_song() -> None:
    alt = answer_for(TECHNO, "Redline", ENGLISH).alt
    assert "“Redline”: Electronic, probably techno" in alt
    assert "techno 50%, most around 0:00 and least around 4:02" in alt
    assert "Soundtrack 50%, much the same throughout" in alt
    assert "A minor (Camelot 8A)" in alt


def test_no_model_is_named_in_the_answer() -> None:
    embed = answer_for(TECHNO, "Redline", ENGLISH).embed
    assert TECHNO.model not in (embed.footer.text or "") + (embed.description or "")


def test_where_nothing_is_sure_the_asker_is_invited_to_name_it() -> None:
    unsure = replace(TECHNO, verdict=Verdict())
    with_button = answer_for(unsure, "Redline", ENGLISH, can_be_named=True).embed.description or ""
    without = answer_for(unsure, "Redline", ENGLISH).embed.description or ""
    assert "name it with the button" in with_button
    assert "button" not in without


@pytest.mark.parametrize(
    ("kind", "english", "japanese"),
    [
        ("speech", "Speech", "話し声"),
        ("noise", "Noise", "ノイズ"),
        ("tone", "single sound", "単音"),
    ],
)
def test_what_is_no_music_is_named_and_gets_no_genre(
    kind: str, english: str, japanese: str
) -> None:
    heard = replace(TECHNO, kind=kind, verdict=Verdict())
    for tr, word in ((ENGLISH, english), (JAPANESE, japanese)):
        answer = answer_for(heard, "memo", tr)
        assert word in (answer.embed.description or "")
        assert "%" not in (answer.embed.description or "")
        assert answer.file() is None


def test_a_plain_song_reads_plainly() -> None:
    assert tempo_line(PLAIN, ENGLISH) == "128 BPM · steady · varies from bar to bar"
    assert tempo_line(PLAIN, JAPANESE) == "128 BPM · 一定の刻み · 小節ごとに変化"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"break_density": 0.1}, "sparse"),
        ({"break_density": 0.6}, "busy"),
        ({"variety": 0.01}, "loops"),
        ({"variety": 0.3}, "hardly ever repeats"),
        ({"tempo_bpm": None, "variety": None}, "no steady beat"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_special_about_a_rhythm_is_said(change: dict[str, float | None], word: str) -> None:
    rhythm = replace(PLAIN, **change)  # type: ignore[arg-type]  # a test's table
    assert word in tempo_line(rhythm, ENGLISH)


def test_without_variety_nothing_is_said_of_repeating() -> None:
    assert tempo_line(replace(PLAIN, variety=None), ENGLISH) == "128 BPM · steady"
