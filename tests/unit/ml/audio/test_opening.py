"""What is reached without reading all of a file is the same as what is in all of it."""

import numpy as np
import pytest

from ml.audio import opening
from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan, Excerpts
from ml.audio.flac_frames import FlacSong
from ml.audio.limits import DecodingLimits
from ml.audio.ogg_pages import OggSong
from ml.audio.opening import opened
from ml.audio.packets import Packets
from ml.audio.sample_table import SoughtSong
from tests.unit.ml.audio.encoding import FORMATS, song

LENGTH = 31.5
CODERS_NOISE = {"m4a", "mp4", "mp4 in fragments", "raw aac"}  # AAC's decoder makes some up


def read_from_all_packets(
    data: bytes, plan: ExcerptPlan, monkeypatch: pytest.MonkeyPatch
) -> Excerpts:
    """Take no short cut."""
    with monkeypatch.context() as patch:
        patch.setattr(opening, "QUICK_WAYS", {})
        return read_excerpts(data, plan)


@pytest.mark.parametrize("seconds", [0.3, 1.2, LENGTH])
@pytest.mark.parametrize("name", FORMATS)
def test_short_cuts_change_nothing_that_is_heard(
    name: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, plan = song(seconds, name), ExcerptPlan(windows=10, passage_seconds=4)
    quick, whole = read_excerpts(data, plan), read_from_all_packets(data, plan, monkeypatch)
    assert quick.seconds == pytest.approx(whole.seconds, abs=1e-6)
    assert quick.starts == pytest.approx(whole.starts)
    most = 0.2 if name in CODERS_NOISE else 1e-4
    assert np.abs(quick.windows - whole.windows).max() < most
    # An MP3's last packet tells how much of it is padding; a short cut passes over that.
    both = min(len(quick.passage), len(whole.passage)) - 100
    assert abs(len(quick.passage) - len(whole.passage)) < 0.05 * SAMPLE_RATE
    assert np.abs(quick.passage[:both] - whole.passage[:both]).max() < most


@pytest.mark.parametrize("name", ["mp3", "mp3 of changing bit rate without a Xing header"])
def test_mp3_is_cut_into_frames_without_ffmpeg(name: str) -> None:
    with opened(song(LENGTH, name), DecodingLimits()) as quick:
        assert isinstance(quick, Packets)
        assert not isinstance(quick.packets, list)


@pytest.mark.parametrize("name", ["flac", "a studio's rate"])
def test_of_flac_files_only_some_frames_are_found(name: str) -> None:
    with opened(song(LENGTH, name), DecodingLimits()) as quick:
        assert isinstance(quick, FlacSong)


@pytest.mark.parametrize("name", ["ogg vorbis", "ogg opus"])
def test_of_ogg_files_only_some_pages_are_read(name: str) -> None:
    with opened(song(LENGTH, name), DecodingLimits()) as quick:
        assert isinstance(quick, OggSong)


@pytest.mark.parametrize("name", ["m4a", "m4a lossless", "mp4"])
def test_in_mp4_files_each_window_is_sought(name: str) -> None:
    with opened(song(LENGTH, name), DecodingLimits()) as quick:
        assert isinstance(quick, SoughtSong)


@pytest.mark.parametrize("name", ["mp3", "ogg vorbis", "ogg opus", "flac"])
def test_one_file_behind_another_is_read_packet_by_packet(name: str) -> None:
    with opened(2 * song(10.5, name), DecodingLimits()) as both:
        assert isinstance(both, Packets)
        assert isinstance(both.packets, list)
