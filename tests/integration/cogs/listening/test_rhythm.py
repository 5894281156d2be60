"""The rhythm line says what a rhythm is like, and the bars show where it changes."""

from dataclasses import replace

import numpy as np
import pytest

from bot.i18n import translator_for
from cogs.listening._answer import bar_heights, rhythm_line
from ml.music.hearing import Rhythm

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


def test_a_plain_song_reads_plainly() -> None:
    assert rhythm_line(PLAIN, translator_for("en")) == "128 BPM · steady · varies from bar to bar"
    assert rhythm_line(PLAIN, translator_for("ja")) == "128 BPM · 一定の刻み · 小節ごとに変化"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"break_density": 0.1}, "sparse"),
        ({"break_density": 0.6}, "densely cut"),
        ({"variety": 0.01}, "loops"),
        ({"variety": 0.3}, "hardly ever repeats"),
        ({"drill_n_bass": 0.9}, "Drill'n'Bass!"),
        ({"tempo_bpm": None, "variety": None}, "no steady beat"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_special_is_said(change: dict[str, float | None], word: str) -> None:
    rhythm = replace(PLAIN, **change)  # type: ignore[arg-type]  # a test's table
    assert word in rhythm_line(rhythm, translator_for("en"))


def test_without_variety_nothing_is_said_of_repeating() -> None:
    assert rhythm_line(replace(PLAIN, variety=None), translator_for("en")) == "128 BPM · steady"


def test_a_new_bar_stands_as_tall_as_the_first() -> None:
    assert bar_heights(replace(PLAIN, bars=(1.0, 0.4, 0.2, 0.0))) == (1.0, 1.0, 0.5, 0.0)


def test_a_song_without_bars_has_no_strip() -> None:
    assert bar_heights(None) == ()
