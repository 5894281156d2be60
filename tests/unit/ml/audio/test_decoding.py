import io
import socket
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from ml.audio.decoding import read_excerpts
from ml.audio.errors import (
    AudioError,
    EmptyFileError,
    FileTooLargeError,
    NoSoundError,
    NotAudioError,
    SilentError,
    SongDamagedError,
    SongTooLongError,
    UnknownFormatError,
)
from ml.audio.excerpts import DecodingLimits, ExcerptPlan
from ml.audio.timeline import Link
from tests.unit.ml.audio.encoding import FORMATS, encode, lateness, murmur, song

PLAN = ExcerptPlan()
LENGTH = 16.5  # of what is encoded in every format
LONGER = 31.5


@pytest.mark.parametrize("name", FORMATS)
def test_every_window_holds_its_second_of_the_song(name: str) -> None:
    excerpts = read_excerpts(song(LENGTH, name), PLAN)
    whole = murmur(LENGTH)
    assert excerpts.seconds == pytest.approx(LENGTH, abs=2 * FORMATS[name].tolerance + 0.03)
    assert excerpts.windows.shape == (16, 22_050)
    for start, window in zip(excerpts.starts, excerpts.windows, strict=True):
        assert abs(lateness(window, start, whole)) <= FORMATS[name].tolerance, start


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg opus"])
def test_the_passage_is_unbroken_and_holds_the_same_as_its_windows(name: str) -> None:
    excerpts = read_excerpts(song(LONGER, name), ExcerptPlan(60, passage_seconds=20))
    assert excerpts.passage.shape == (20 * 22_050,)
    assert excerpts.passage_start == pytest.approx(excerpts.seconds / 2 - 10, abs=0.001)
    assert abs(lateness(excerpts.passage, excerpts.passage_start, murmur(LONGER))) <= 0.001
    first = round((excerpts.starts[15] - excerpts.passage_start) * 22_050)
    assert (excerpts.passage[first : first + 22_050] == excerpts.windows[15]).all()


def test_level_and_shape_survive_decoding() -> None:
    windows = read_excerpts(song(10.0, "wav"), PLAN).windows
    heard, whole = np.abs(np.fft.rfft(windows.ravel())), np.abs(np.fft.rfft(murmur(10.0)))
    audible = slice(10 * 60, 10 * 2_900)  # Hz; filters take away what lies below 20
    assert np.abs(heard[audible] - whole[audible]).mean() < 0.01 * whole[audible].mean()


def test_a_minute_gives_sixty_windows() -> None:
    excerpts = read_excerpts(song(61.0, "ogg opus"), PLAN)
    assert excerpts.windows.shape == (60, 22_050)
    assert abs(lateness(excerpts.windows[59], excerpts.starts[59], murmur(61.0))) <= 0.001


@pytest.mark.parametrize("name", ["mp3", "ogg vorbis", "ogg opus", "flac"])
def test_two_threads_hear_what_one_hears(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data, plan = song(70.0, name), ExcerptPlan(passage_seconds=20)
    shared = read_excerpts(data, plan)
    monkeypatch.setattr(Link, "twin", lambda _: None)
    alone = read_excerpts(data, plan)
    # Not to the last bit: what leads up to a window comes out of MP3's decoder a little otherwise.
    assert np.abs(shared.windows - alone.windows).max() < 0.001
    assert np.abs(shared.passage - alone.passage).max() < 0.001


@pytest.mark.parametrize("name", ["mp3", "mp4", "webm"])
def test_ten_seconds_give_ten_windows(name: str) -> None:
    assert len(read_excerpts(song(10.5, name), PLAN).windows) == 10


@pytest.mark.parametrize("name", ["mp3", "m4a", "ogg opus", "ogg vorbis", "flac", "wav", "webm"])
def test_a_third_of_a_second_gives_one_window_padded_with_zeros(name: str) -> None:
    excerpts = read_excerpts(song(0.3, name), PLAN)
    assert excerpts.windows.shape == (1, 22_050)
    assert np.abs(excerpts.windows[0, :6_000]).max() > 0.1
    assert not excerpts.windows[0, 9_000:].any()


def test_a_path_is_read_like_bytes(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(song(10.5, "mp3"))
    from_path = read_excerpts(path, PLAN)
    assert (from_path.windows == read_excerpts(path.read_bytes(), PLAN).windows).all()


@pytest.mark.parametrize("name", ["mp3", "mp4 in fragments", "ogg vorbis", "flac", "wav", "webm"])
def test_a_song_cut_short_is_heard_as_far_as_it_goes(name: str) -> None:
    data = song(LONGER, name)
    excerpts = read_excerpts(data[: len(data) // 2], PLAN)
    assert 10 < excerpts.seconds < 20
    whole = murmur(LONGER)
    for start, window in zip(excerpts.starts[:-1], excerpts.windows, strict=False):
        assert abs(lateness(window, start, whole)) <= FORMATS[name].tolerance


def test_a_damaged_middle_costs_only_its_windows() -> None:
    data = bytearray(song(LONGER, "mp3"))
    middle = len(data) // 2
    data[middle : middle + len(data) // 20] = bytes(len(data) // 20)
    assert len(read_excerpts(bytes(data), PLAN).windows) > 25


def test_tags_that_are_not_utf8_are_no_obstacle() -> None:
    data = encode(murmur(2.0, 44_100), FORMATS["mp3"], {"title": "QQQQ"})
    assert b"QQQQ" in data
    read_excerpts(data.replace(b"QQQQ", "うさ".encode("shift_jis")), PLAN)


def test_cover_art_is_not_mistaken_for_the_song() -> None:
    art = io.BytesIO()
    Image.new("RGB", (64, 64)).save(art, "PNG")
    frame = b"\0image/png\0\3\0" + art.getvalue()
    tag = b"APIC" + len(frame).to_bytes(4, "big") + b"\0\0" + frame
    sizes = bytes((len(tag) >> 7 * place) & 127 for place in (3, 2, 1, 0))
    data = (
        b"ID3\3\0\0"
        + sizes
        + tag
        + encode(murmur(10.5, 44_100), FORMATS["mp3 without a Xing header"])
    )
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.video
    assert len(read_excerpts(data, PLAN).windows) == 10


def test_the_sound_of_a_film_is_heard() -> None:
    film = _film(song(10.5, "mp4"))
    excerpts = read_excerpts(film, PLAN)
    assert len(excerpts.windows) == 10
    assert abs(lateness(excerpts.windows[5], excerpts.starts[5], murmur(10.5))) <= 0.03


def test_samples_beyond_full_scale_and_no_numbers_are_bounded() -> None:
    loud = murmur(3.0, 44_100) * 100
    loud[1_000:1_100] = np.nan
    loud[2_000], loud[3_000] = np.inf, -np.inf
    windows = read_excerpts(encode(loud, FORMATS["wav of floats"]), PLAN).windows
    assert np.isfinite(windows).all()
    assert np.abs(windows).max() == 1


def test_a_recording_whose_clock_leaps_keeps_its_true_length() -> None:
    data = song(10.5, "webm as a browser records it")
    assert read_excerpts(data + data, PLAN).seconds == pytest.approx(21, abs=0.5)


REFUSED = {
    "nothing": (b"", EmptyFileError),
    "no samples": (encode(murmur(1.0)[:0], FORMATS["wav"]), EmptyFileError),
    "a text": (b"la la la " * 5_000, NotAudioError),
    "noise": (np.random.default_rng(0).bytes(100_000), NotAudioError),
    "a MIDI score": (b"MThd" + bytes(100), UnknownFormatError),
    "a still picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), NoSoundError),
    "a header without a body": (song(2.0, "m4a")[:40], SongDamagedError),
    "an m4a that lost its end": (song(5.0, "m4a")[:20_000], SongDamagedError),
    "digital silence": (encode(0 * murmur(3.0, 44_100), FORMATS["mp3"]), SilentError),
    "next to silence": (encode(3e-4 * murmur(3.0, 44_100), FORMATS["flac"]), SilentError),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_heard_is_named(what: str) -> None:
    data, error = REFUSED[what]
    with pytest.raises(error):
        read_excerpts(data, PLAN)


def test_a_film_without_sound_has_no_sound() -> None:
    silent_film = io.BytesIO()
    with av.open(silent_film, "w", "mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(NoSoundError):
        read_excerpts(silent_film.getvalue(), PLAN)


def test_too_many_bytes_are_refused_with_both_sizes() -> None:
    with pytest.raises(FileTooLargeError) as caught:
        read_excerpts(bytes(1_001), PLAN, DecodingLimits(max_bytes=1_000))
    assert (caught.value.size_bytes, caught.value.limit_bytes) == (1_001, 1_000)


@pytest.mark.parametrize("name", FORMATS)
def test_too_many_seconds_are_refused_in_every_format(name: str) -> None:
    with pytest.raises(SongTooLongError) as caught:
        read_excerpts(song(LENGTH, name), PLAN, DecodingLimits(max_seconds=13))
    assert caught.value.length_seconds >= 13
    assert caught.value.limit_seconds == 13


@pytest.mark.parametrize("text", ["sdp", "hls", "concat"])
def test_a_text_that_names_other_sources_opens_none(text: str, tmp_path: Path) -> None:
    """The playlists name a real song and a listening port, so that opening either would show."""
    (tmp_path / "real.wav").write_bytes(song(2.0, "wav"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        scripts = {
            "sdp": f"v=0\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n",
            "hls": f"#EXTM3U\n#EXTINF:2,\n{tmp_path}/real.wav\n#EXTINF:2,\n"
            f"http://127.0.0.1:{port}/a.mp3\n#EXT-X-ENDLIST\n",
            "concat": f"ffconcat version 1.0\nfile {tmp_path}/real.wav\n",
        }
        path = tmp_path / "song.ogg"
        path.write_text(scripts[text])
        with pytest.raises(NotAudioError):
            read_excerpts(path, PLAN)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_errors_have_distinct_codes() -> None:
    codes = [error.code for error in AudioError.__subclasses__()]
    assert len(codes) == len(set(codes))


def _film(data: bytes) -> bytes:
    """Add a video stream, which comes first."""
    file = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(file, "w", "mp4") as target:
        picture = target.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 32
        sound = target.add_stream_from_template(source.streams.audio[0])
        for _ in range(100):
            target.mux(picture.encode(av.VideoFrame(32, 32, "yuv420p")))
        target.mux(picture.encode(None))
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = sound
                target.mux(packet)
    return file.getvalue()
