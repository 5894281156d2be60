"""Rhythm is heard in breaks whose truth is known, and where there is none it says so."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from ml.audio.excerpts import SAMPLE_RATE
from ml.music.hearing import Rhythm
from ml.music.rhythm import PROFILE_SIZE, analyse
from training.music.breaks import Score, make_break

LOOP = Score(seed=1, bpm=170, bars=16, backing=0.3)
DRILL = replace(LOOP, hats=16, edited=1, cuts=5)
HOUSE = Score(seed=2, bpm=126, bars=12, groove="four_on_the_floor", hats=4, backing=0.3)


def heard(score: Score) -> Rhythm:
    return analyse(make_break(score).wave)


def same_beat(bpm: float | None, true: float) -> bool:
    return bpm is not None and abs(np.log2(bpm / true) - round(np.log2(bpm / true))) < 0.03


@pytest.mark.parametrize("bpm", [124.0, 151.5, 172.0, 198.0])
def test_tempo_of_a_break_is_found_but_for_its_octave(bpm: float) -> None:
    assert same_beat(heard(replace(LOOP, bpm=bpm)).tempo_bpm, bpm)


def test_tempo_of_four_on_the_floor_is_found_exactly() -> None:
    assert heard(HOUSE).tempo_bpm == pytest.approx(126, rel=0.02)


def test_a_loop_varies_less_than_the_same_loop_cut_by_hand() -> None:
    loop, drill = heard(LOOP).variety, heard(DRILL).variety
    assert loop is not None
    assert drill is not None
    assert loop < 0.05
    assert drill > 0.2


def test_variety_keeps_the_order_of_the_truth() -> None:
    scores = [replace(LOOP, seed=seed, edited=seed / 9, cuts=3) for seed in range(10)]
    breaks = [make_break(score) for score in scores]
    true = np.array([b.variety for b in breaks])
    found = np.array([analyse(b.wave).variety for b in breaks])
    assert np.corrcoef(true.argsort().argsort(), found.argsort().argsort())[0, 1] > 0.85


def test_every_bar_of_a_loop_after_the_first_is_a_copy() -> None:
    repeats = heard(replace(LOOP, backing=0)).repeats
    assert repeats[0] is None
    assert None not in repeats[1:]
    assert all(earlier < bar for bar, earlier in enumerate(repeats) if earlier is not None)


def test_bars_of_drill_are_seldom_copies() -> None:
    repeats = heard(DRILL).repeats
    assert repeats.count(None) > 0.6 * len(repeats)


def test_bars_last_four_beats() -> None:
    lengths = [after - before for before, after in pairwise(heard(LOOP).bar_starts)]
    assert lengths == pytest.approx([240 / 170] * len(lengths), rel=0.02)


def test_bars_are_told_in_the_time_of_the_song() -> None:
    wave = make_break(LOOP).wave
    early, late = analyse(wave), analyse(wave, start=100.0)
    assert late.bar_starts == pytest.approx([100 + second for second in early.bar_starts])


def test_full_hits_are_counted() -> None:
    written = make_break(replace(LOOP, ghosts=0))
    rate = len(written.onsets) * SAMPLE_RATE / written.wave.size
    assert analyse(written.wave).onsets_per_second == pytest.approx(rate, rel=0.2)


def test_rolls_are_denser_than_eighths() -> None:
    plain, busy = (heard(replace(LOOP, ghosts=0, hats=hats)) for hats in (4, 16))
    assert plain.break_density < busy.break_density <= 1


def test_only_what_is_fast_dense_and_never_the_same_is_drill_n_bass() -> None:
    assert heard(DRILL).drill_n_bass > 0.5
    assert heard(replace(DRILL, edited=0)).drill_n_bass < 0.2
    assert heard(replace(DRILL, bpm=90, hats=8)).drill_n_bass < 0.2
    assert heard(HOUSE).drill_n_bass < 0.1


def test_loudness_changes_nothing() -> None:
    wave = make_break(DRILL).wave
    loud, quiet = analyse(wave), analyse(wave * np.float32(0.05))
    assert quiet.tempo_bpm == pytest.approx(loud.tempo_bpm, rel=1e-3)
    assert quiet.variety == pytest.approx(loud.variety, abs=0.02)


def test_a_profile_is_nearer_to_another_take_of_the_beat_than_to_another_beat() -> None:
    loop = heard(LOOP).profile
    faster, house = heard(replace(LOOP, bpm=173, seed=1)).profile, heard(HOUSE).profile
    assert np.linalg.norm(loop - faster) < np.linalg.norm(loop - house)


def silence(seconds: float) -> npt.NDArray[np.float32]:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def hum(seconds: float) -> npt.NDArray[np.float32]:
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * 220 * t)).astype(np.float32)


@pytest.mark.parametrize(
    "passage",
    [silence(0), silence(30), hum(20), make_break(LOOP).wave[: 3 * SAMPLE_RATE]],
    ids=["nothing", "silence", "one long note", "three seconds"],
)
def test_without_a_beat_nothing_is_invented(passage: npt.NDArray[np.float32]) -> None:
    rhythm = analyse(passage)
    assert (rhythm.tempo_bpm, rhythm.variety, rhythm.drill_n_bass) == (None, None, 0)
    assert (rhythm.bars, rhythm.bar_starts, rhythm.repeats) == ((), (), ())
    assert not rhythm.profile.any()


def test_a_short_passage_has_a_tempo_but_perhaps_no_two_bars() -> None:
    rhythm = analyse(make_break(replace(LOOP, bpm=120)).wave[: 5 * SAMPLE_RATE])
    assert same_beat(rhythm.tempo_bpm, 120)
    assert len(rhythm.bars) == len(rhythm.bar_starts) == len(rhythm.repeats)


def test_values_keep_their_ranges() -> None:
    for rhythm in (heard(DRILL), heard(HOUSE)):
        assert rhythm.profile.shape == (PROFILE_SIZE,)
        assert rhythm.profile.dtype == np.float32
        assert np.abs(rhythm.profile).max() <= 1
        assert all(0 <= new <= 1 for new in rhythm.bars)
        assert rhythm.bars[0] == 1


def test_stereo_is_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        analyse(np.zeros((2, 5 * SAMPLE_RATE), np.float32))
