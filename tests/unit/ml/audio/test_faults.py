"""What others reported of comparable programs: each fault by a sentence, with files made here."""

import io
from collections.abc import Sequence

import av
import numpy as np
import pytest

from ml.audio.decoding import read_excerpts
from ml.audio.errors import ProtectedError, SongDamagedError, UnknownFormatError
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from tests.unit.ml.audio.encoding import FORMATS, Format, encode, murmur, song
from tests.unit.ml.audio.faults import (
    PLAN,
    WHOLE,
    assert_in_place,
    likeness,
    piece,
    whole_decode,
)

VORBIS = Format("ogg", "libvorbis", 44_100)
OPUS = Format("ogg", "libopus", 48_000)
MP3 = Format("mp3", "libmp3lame", 44_100)
CHAINS = {
    "vorbis of another quality": (VORBIS, Format("ogg", "libvorbis", encoding={"b": "48000"})),
    "vorbis of another rate and width": (VORBIS, Format("ogg", "libvorbis", 32_000, "mono")),
    "vorbis of the same set-up": (VORBIS, VORBIS),
    "opus stereo and mono": (OPUS, Format("ogg", "libopus", 48_000, "mono")),
    "opus and vorbis": (OPUS, VORBIS),
    "flac and opus": (Format("ogg", "flac", 44_100), OPUS),
}  # fmt: skip
JOINED = {
    "mp3 of 44.1 and 48 kHz": (MP3, Format("mp3", "libmp3lame", 48_000)),
    "mp3 of 44.1 and 22.05 kHz": (MP3, Format("mp3", "libmp3lame", 22_050)),
    "mp3 stereo and mono": (MP3, Format("mp3", "libmp3lame", 44_100, "mono")),
    "aac of 44.1 and 48 kHz": (Format("adts", "aac"), Format("adts", "aac", 48_000)),
}
WITHIN = 0.1  # seconds; every joint adds the delay of an encoder


@pytest.mark.parametrize("what", CHAINS)
@pytest.mark.parametrize("seconds", [12.0, 34.0])
def test_every_link_of_a_chained_ogg_file_is_heard(what: str, seconds: float) -> None:
    first, second = CHAINS[what]
    data = piece(0, seconds, first) + piece(seconds, 2 * seconds, second)
    excerpts = read_excerpts(data, PLAN)
    assert excerpts.seconds == pytest.approx(2 * seconds, abs=WITHIN)
    assert_in_place(excerpts, murmur(WHOLE), 0.02)


@pytest.mark.parametrize("what", JOINED)
@pytest.mark.parametrize("seconds", [12.0, 34.0])
def test_joined_files_of_different_set_up_are_heard_to_the_end(what: str, seconds: float) -> None:
    first, second = JOINED[what]
    data = piece(0, seconds, first) + piece(seconds, 2 * seconds, second)
    excerpts = read_excerpts(data, PLAN)
    assert excerpts.seconds == pytest.approx(2 * seconds, abs=WITHIN)
    assert len(excerpts.windows) == min(60, int(excerpts.seconds))
    assert_in_place(excerpts, murmur(WHOLE), WITHIN)


@pytest.mark.parametrize("what", [what for what in JOINED if what.startswith("mp3")])
def test_joined_mp3_files_follow_each_other_without_a_gap(what: str) -> None:
    first, second = JOINED[what]
    cover = np.random.default_rng(0).bytes(2**14 - 10)
    tag = b"ID3\x04\x00\x00\x00\x00\x7f\x76" + cover
    parts = piece(0, 6, first), tag + piece(6, 12, second)
    apart = sum(read_excerpts(part, PLAN).seconds for part in parts)
    assert read_excerpts(b"".join(parts), PLAN).seconds == pytest.approx(apart, abs=0.001)


def test_a_song_is_as_long_as_its_last_packet_though_the_file_does_not_say() -> None:
    sound = murmur(93.01, 44_100)
    excerpts = read_excerpts(encode(sound, Format("caf", "alac", 44_100)), PLAN)
    assert excerpts.seconds == pytest.approx(93.01, abs=0.0005)


@pytest.mark.parametrize(
    "before", [b"ID3\x04\x00\x00\x00\x00\x20\x00" + bytes(4_096), bytes(9_000)]
)
def test_what_stands_before_an_mp3_is_no_file_of_its_own(before: bytes) -> None:
    song = piece(0, 6, MP3)
    told = b"ID3\x04\x00\x00\x00\x00\x00\x00" + before + song
    apart = read_excerpts(song, PLAN).seconds
    assert read_excerpts(told, PLAN).seconds == pytest.approx(apart, abs=WITHIN)


def test_words_in_an_mp3_that_tell_of_a_further_file_cut_nothing() -> None:
    data = piece(0, 12, MP3)
    middle = len(data) // 2
    told = data[:middle] + b"Xing" + bytes(300) + b"Info" + data[middle:]
    assert read_excerpts(told, PLAN).seconds == pytest.approx(12, abs=WITHIN)


LOW_RATES = {
    "mp3 of 32 kbit/s, stereo": Format("mp3", "libmp3lame", 44_100, encoding={"b": "32000"}),
    "mp3 of 16 kbit/s at 16 kHz": Format("mp3", "libmp3lame", 16_000, encoding={"b": "16000"}),
    "mp3 of 8 kbit/s at 8 kHz": Format("mp3", "libmp3lame", 8_000, "mono", encoding={"b": "8000"}),
    "mp3 of quality V9": Format("mp3", "libmp3lame", 44_100, encoding={"compression_level": "9"}),
    "opus of 12 kbit/s": Format("ogg", "libopus", 48_000, "mono", encoding={"b": "12000"}),
    "vorbis at 8 kHz": Format("ogg", "libvorbis", 8_000, "mono"),
    "aac of 24 kbit/s": Format("ipod", "aac", 44_100, encoding={"b": "24000"}),
}  # fmt: skip


@pytest.mark.parametrize("what", LOW_RATES)
def test_a_window_is_what_a_decode_of_the_whole_song_has_there(what: str) -> None:
    data = piece(0, 60, LOW_RATES[what])
    plan = ExcerptPlan(12)  # windows so far apart that each is decoded by itself
    ours, whole = read_excerpts(data, plan), read_excerpts(whole_decode(data), plan)
    assert ours.seconds == pytest.approx(whole.seconds, abs=0.03)
    for one, other in zip(ours.windows, whole.windows, strict=True):
        assert _alike(one, other) > 0.95  # AAC fills bands with noise, differently each time


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlate spectra of tenths of a second, which a shift of a few samples leaves alone."""
    spectra = [np.abs(np.fft.rfft(w.reshape(10, -1))).ravel() for w in (one, other)]
    return likeness(*spectra)


@pytest.mark.parametrize(
    "form",
    [
        Format("ogg", "libopus", 48_000, "7.1"),
        Format("flac", "flac", 44_100, "7.1"),
        Format("ipod", "aac", 44_100, "7.1"),
        Format("wav", "pcm_s16le", 44_100, "7.1"),
        Format("flac", "flac", 44_100, "quad"),
        Format("ipod", "aac", 44_100, "5.0"),
    ],
    ids=lambda form: f"{form.codec} {form.layout}",
)
def test_surround_sound_is_heard(form: Format) -> None:
    assert_in_place(read_excerpts(piece(0, 12, form), PLAN), murmur(WHOLE), 0.001)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 10.0])
@pytest.mark.parametrize("length", [20.0, WHOLE])
def test_an_edit_list_cuts_the_beginning_off(seconds: float, length: float) -> None:
    data = bytearray(piece(0, length, FORMATS["m4a"]))
    entry = data.index(b"elst") + 12  # past version, flags and count
    duration, media_time = (int.from_bytes(data[at : at + 4]) for at in (entry, entry + 4))
    data[entry : entry + 4] = (duration - round(1_000 * seconds)).to_bytes(4)
    data[entry + 4 : entry + 8] = (media_time + round(44_100 * seconds)).to_bytes(4)
    excerpts = read_excerpts(bytes(data), PLAN)
    assert excerpts.seconds == pytest.approx(length - seconds, abs=0.05)
    assert_in_place(excerpts, murmur(WHOLE)[round(seconds * SAMPLE_RATE) :], 0.001)


def test_the_second_track_is_heard_where_the_first_is_silent() -> None:
    excerpts = read_excerpts(_tracks([0 * murmur(12.0, 44_100), murmur(12.0, 44_100)]), PLAN)
    assert_in_place(excerpts, murmur(12.0), 0.001)


def test_the_first_track_is_heard_where_both_sound() -> None:
    tracks = [murmur(12.0, 44_100), murmur(13.0, 44_100)[44_100:]]
    assert_in_place(read_excerpts(_tracks(tracks), PLAN), murmur(12.0), 0.001)


def _tracks(sounds: Sequence[np.ndarray]) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", "mp4") as container:
        streams = [container.add_stream("aac", rate=44_100, layout="mono") for _ in sounds]
        for stream, sound in zip(streams, sounds, strict=True):
            for first in range(0, len(sound), 44_100):
                block = sound[np.newaxis, first : first + 44_100].copy()
                frame = av.AudioFrame.from_ndarray(block, "fltp", "mono")
                frame.sample_rate, frame.pts = 44_100, first
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return file.getvalue()


def test_sound_of_a_codec_that_is_not_read_is_named() -> None:
    telephone = encode(
        murmur(3.0, 8_000), Format("wav", "g723_1", 8_000, "mono", encoding={"b": "6300"})
    )
    with pytest.raises(UnknownFormatError) as caught:
        read_excerpts(telephone, PLAN)
    assert "723" in caught.value.format


@pytest.mark.parametrize("tag", [b"drms", b"enca"])
def test_a_protected_song_is_told_as_such(tag: bytes) -> None:
    with pytest.raises(ProtectedError):
        read_excerpts(song(10.5, "m4a").replace(b"mp4a", tag), PLAN)


def test_a_song_of_which_only_the_beginning_is_left_says_from_when_on_it_is_damaged() -> None:
    data = song(31.5, "mp3")  # its header tells the length
    with pytest.raises(SongDamagedError) as caught:
        read_excerpts(data[: len(data) // 16], PLAN)
    assert caught.value.since_seconds == pytest.approx(31.5 / 16, abs=0.3)


def test_tags_give_title_and_artist() -> None:
    tags = {"title": " うさぎ \n  の歌 ", "artist": "x" * 500}
    for name in ("mp3", "m4a", "ogg opus", "flac"):
        excerpts = read_excerpts(encode(murmur(5.0, FORMATS[name].rate), FORMATS[name], tags), PLAN)
        assert excerpts.title == "うさぎ の歌", name
        assert excerpts.artist == "x" * 200


def test_a_hole_in_a_song_costs_no_more_than_itself() -> None:
    data = bytearray(piece(0, WHOLE, VORBIS))
    middle = len(data) // 2
    del data[middle : middle + 20_000]
    ours, whole = read_excerpts(bytes(data), PLAN), read_excerpts(whole_decode(bytes(data)), PLAN)
    assert ours.seconds == pytest.approx(whole.seconds, abs=0.1)
    assert len(ours.windows) == len(whole.windows)
