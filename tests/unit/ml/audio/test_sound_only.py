"""Silence, dither and hiss take no part in what is listened to."""

import numpy as np
import pytest

from ml.audio.activity import LEAST_SECONDS_OF_SOUND, sounding
from ml.audio.decoding import read_excerpts
from ml.audio.errors import SilentError
from ml.audio.excerpts import SAMPLE_RATE
from tests.unit.ml.audio.encoding import FORMATS, encode, lateness, murmur
from tests.unit.ml.audio.faults import PLAN, floats, heard, hiss, likeness, silence

QUIET = {
    "digital silence": silence(10.0),
    "the dither of 16 bits": hiss(10.0, -93.0),
    "hiss at -80 dB": hiss(10.0, -80.0),
}


@pytest.mark.parametrize("quiet", QUIET)
@pytest.mark.parametrize("place", ["before", "in", "after"])
def test_silence_changes_neither_windows_nor_passage(quiet: str, place: str) -> None:
    song, pause = murmur(20.0), QUIET[quiet]
    cut = {"before": 0, "in": len(song) // 2, "after": len(song)}[place]
    clean, paused = heard(song), heard(np.concatenate([song[:cut], pause, song[cut:]]))
    assert len(paused.windows) == len(clean.windows)
    assert paused.seconds == pytest.approx(30.0, abs=0.01)
    assert paused.seconds_of_sound == pytest.approx(20.0, abs=0.1)
    assert abs(lateness(paused.passage, 0.0, song)) < 0.05
    for row, window in enumerate(paused.windows[:9]):
        assert abs(lateness(window, clean.starts[row], song)) < 0.05


def test_windows_say_when_in_the_file_they_lie() -> None:
    song = murmur(20.0)
    starts = heard(np.concatenate([song[: 10 * SAMPLE_RATE], silence(30.0), song])).starts
    assert starts[9] < 10
    assert starts[11] > 40


@pytest.mark.parametrize("seconds", [5.0, 30.0])
def test_a_pause_in_a_long_song_is_left_out(seconds: float) -> None:
    song = murmur(100.0)
    middle = len(song) // 2
    excerpts = heard(np.concatenate([song[:middle], silence(seconds), song[middle:]]))
    assert excerpts.seconds_of_sound == pytest.approx(100.0, abs=0.5)
    assert np.abs(excerpts.windows).max(axis=1).min() > 0.1


def test_a_tail_that_fades_below_hearing_is_left_out() -> None:
    song = murmur(40.0)
    fade = np.ones(len(song), np.float32)
    fade[20 * SAMPLE_RATE :] = 10 ** (-np.linspace(0, 100, len(song) - 20 * SAMPLE_RATE) / 20)
    excerpts = heard(song * fade)
    assert 28 < excerpts.seconds_of_sound < 32


def test_rests_shorter_than_a_second_belong_to_the_music() -> None:
    song = murmur(20.0).copy()
    for second in range(20):
        song[second * SAMPLE_RATE :][: SAMPLE_RATE // 2] = 0
    assert len(sounding(song)) == 1


@pytest.mark.parametrize("seconds", [0.1, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("around", [0.0, 5.0])
def test_a_short_sound_tells_how_short_it_is(seconds: float, around: float) -> None:
    shot = np.concatenate([silence(around), murmur(seconds), silence(around)])
    assert heard(shot).seconds_of_sound < LEAST_SECONDS_OF_SOUND


def test_what_is_silent_everywhere_is_told() -> None:
    for quiet in (silence(5.0), hiss(5.0, -93.0)):
        with pytest.raises(SilentError):
            heard(quiet)


def test_a_quiet_song_is_heard() -> None:
    assert heard(murmur(20.0) * 0.003).seconds_of_sound == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize("offset", [0.01, 0.3, -0.08])
def test_an_offset_that_nobody_hears_changes_nothing(offset: float) -> None:
    song = murmur(10.0)
    clean, shifted = heard(song), heard(song + np.float32(offset))
    assert np.abs(clean.windows - shifted.windows).max() < 0.01


def test_rumble_below_hearing_is_taken_away() -> None:
    song = murmur(10.0)
    rumble = np.sin(2 * np.pi * 6 * np.arange(len(song)) / SAMPLE_RATE).astype(np.float32)
    clean, shaken = heard(song), heard(song + 0.1 * rumble)
    assert likeness(clean.windows.ravel(), shaken.windows.ravel()) > 0.999


def test_opposite_phase_is_not_silence() -> None:
    song = murmur(10.0)
    assert likeness(read_excerpts(floats(song, -song), PLAN).passage, heard(song).passage) > 0.999


def test_a_turned_channel_leaves_the_song_as_it_was() -> None:
    middle, side = murmur(21.0)[: 20 * SAMPLE_RATE], murmur(21.0)[SAMPLE_RATE:] * 0.5
    right_way = read_excerpts(floats(middle + side, middle - side), PLAN)
    turned = read_excerpts(floats(middle + side, side - middle), PLAN)
    assert likeness(right_way.passage, turned.passage) > 0.999


def test_one_channel_alone_is_heard() -> None:
    song = murmur(10.0)
    alone = read_excerpts(floats(song, 0 * song), PLAN)
    assert likeness(alone.passage, heard(song).passage) > 0.999


def test_numbers_that_are_none_do_not_click() -> None:
    song = murmur(10.0)
    spoilt = song.copy()
    spoilt[::5_000] = np.nan
    assert likeness(heard(spoilt).passage, heard(song).passage) > 0.999


def test_overs_are_cut_off_as_players_do() -> None:
    song = 10 * murmur(10.0)
    excerpts = heard(song)
    assert np.abs(excerpts.windows).max() <= 1
    assert likeness(excerpts.passage, heard(np.clip(song, -1, 1)).passage) > 0.999


@pytest.mark.parametrize("name", ["mp3", "ogg opus", "m4a"])
def test_the_second_half_of_silence_in_a_lossy_song_is_left_out(name: str) -> None:
    form = FORMATS[name]
    sound = np.concatenate([murmur(12.0, form.rate), np.zeros(12 * form.rate, np.float32)])
    excerpts = read_excerpts(encode(sound, form), PLAN)
    assert len(excerpts.windows) == 12
    assert excerpts.seconds == pytest.approx(24.0, abs=0.1)
