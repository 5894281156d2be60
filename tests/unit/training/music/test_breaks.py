"""Written breaks tell the truth about themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.audio.excerpts import SAMPLE_RATE
from training.music.breaks import STEPS, Score, make_break, variety_of

STRAIGHT = Score(seed=3, bpm=160, bars=8)


def test_the_same_score_gives_the_same_samples() -> None:
    assert np.array_equal(make_break(STRAIGHT).wave, make_break(STRAIGHT).wave)


def test_another_seed_gives_another_kit() -> None:
    other = make_break(replace(STRAIGHT, seed=4))
    assert not np.array_equal(make_break(STRAIGHT).wave, other.wave)


def test_a_loop_has_no_variety_and_copies_its_first_bar() -> None:
    loop = make_break(STRAIGHT)
    assert loop.variety == pytest.approx(0, abs=1e-6)
    assert loop.copies == (None, 0, 0, 0, 0, 0, 0, 0)


def test_variety_grows_with_the_share_of_bars_that_are_cut() -> None:
    shares = (0.0, 0.3, 0.6, 1.0)
    means = [
        np.mean([make_break(Score(seed, bars=12, edited=share)).variety for seed in range(12)])
        for share in shares
    ]
    assert means == sorted(means)


def test_bars_without_a_hit_in_common_have_all_the_variety_there_is() -> None:
    pattern = np.zeros((2, 3, STEPS), np.float32)
    pattern[0, 0, 0] = pattern[1, 0, 16] = 1
    assert variety_of(pattern) == 1


def test_a_gap_repeats_nothing_but_is_no_error() -> None:
    assert variety_of(np.zeros((3, 3, STEPS), np.float32)) == 1


def test_sixteenth_hats_strike_half_of_the_steps() -> None:
    hats = make_break(replace(STRAIGHT, hats=16, ghosts=0))
    assert hats.density == 0.5


def test_no_hats_leave_only_kicks_and_snares() -> None:
    bare = make_break(replace(STRAIGHT, groove="four_on_the_floor", hats=0, ghosts=0))
    assert bare.density == 4 / STEPS


def test_onsets_are_where_the_wave_begins_to_sound() -> None:
    clean = make_break(replace(STRAIGHT, groove="four_on_the_floor", hats=0, ghosts=0, rough=False))
    for second in clean.onsets[1:4]:
        at = round(second * SAMPLE_RATE)
        before, after = clean.wave[at - 200 : at - 20], clean.wave[at : at + 400]
        assert np.abs(after).max() > 10 * np.abs(before).max()


def test_beats_are_a_tempo_apart() -> None:
    beats = make_break(replace(STRAIGHT, groove="four_on_the_floor", hats=0, ghosts=0)).onsets
    assert np.diff(beats) == pytest.approx(60 / 160)


def test_swing_delays_only_every_second_sixteenth() -> None:
    hats = replace(STRAIGHT, hats=16, ghosts=0)
    straight, swung = make_break(hats).onsets, make_break(replace(hats, swing=0.5)).onsets
    late = np.array(swung[:4]) - np.array(straight[:4])
    assert late == pytest.approx([0, 0.5 * 60 / 160 / 4, 0, 0.5 * 60 / 160 / 4])


@pytest.mark.parametrize("rough", [False, True])
def test_the_wave_stays_below_full_scale(rough: bool) -> None:
    wave = make_break(replace(STRAIGHT, edited=1, backing=0.8, rough=rough)).wave
    assert wave.dtype == np.float32
    assert np.abs(wave).max() <= 0.9001


def test_a_backing_sounds_where_the_drums_are_silent() -> None:
    score = replace(STRAIGHT, groove="four_on_the_floor", hats=0, ghosts=0, rough=False)
    gap = slice(int(0.9 * 60 / 160 * SAMPLE_RATE), int(60 / 160 * SAMPLE_RATE))
    dry, wet = make_break(score), make_break(replace(score, backing=0.5))
    assert np.abs(wet.wave[gap]).mean() > 5 * np.abs(dry.wave[gap]).mean()
