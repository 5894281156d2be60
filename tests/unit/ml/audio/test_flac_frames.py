"""FLAC loses nothing, so what is heard of it is what a WAV file of the same song holds."""

from collections.abc import Sequence

import numpy as np
import pytest

from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import ExcerptPlan, Excerpts
from ml.audio.flac_frames import FlacSong
from ml.audio.limits import DecodingLimits
from ml.audio.opening import opened
from tests.unit.ml.audio.encoding import Format, Sound, encode, murmur
from tests.unit.ml.audio.flac_spoiling import frame_places, header, of_changing_size

PLAN = ExcerptPlan(windows=20, passage_seconds=3)
RATE, BLOCK = 44_100, 4_608  # samples a second, and in a frame, as FFmpeg writes them by itself
MOST = 2 * 4 * BLOCK + 192  # bytes a stereo frame may have


def flac(sound: Sound, rate: int = RATE, layout: str = "stereo", block: int = BLOCK) -> bytes:
    return encode(sound, Format("flac", "flac", rate, layout, encoding={"frame_size": str(block)}))


def from_wav(sound: Sound, rate: int = RATE, layout: str = "stereo") -> Excerpts:
    return read_excerpts(encode(sound, Format("wav", "pcm_s16le", rate, layout)), PLAN)


def is_quick(data: bytes) -> bool:
    with opened(data, DecodingLimits()) as song:
        return isinstance(song, FlacSong)


def alike(some: Excerpts, others: Excerpts) -> bool:
    return (
        (some.seconds, some.starts) == (others.seconds, others.starts)
        and np.array_equal(some.windows, others.windows)
        and np.array_equal(some.passage, others.passage)
    )


@pytest.mark.parametrize(
    ("rate", "layout", "block"),
    [
        (44_100, "stereo", 4_608),
        (44_100, "mono", 1_152),
        (44_100, "stereo", 1_000),  # a size that frames tell in two more bytes
        (44_100, "stereo", 200),  # and in one
        (8_000, "mono", 4_096),
        (48_000, "5.1", 4_096),
        (96_000, "stereo", 65_535),
        (22_222, "stereo", 576),  # a rate that frames tell in two more bytes
        (11_000, "stereo", 1_000),  # and in one
    ],
)
@pytest.mark.parametrize("samples", [1_001, 131_072, 1_200_003])
def test_every_window_is_exact(rate: int, layout: str, block: int, samples: int) -> None:
    sound = murmur(samples / rate, rate)
    data = flac(sound, rate, layout, block)
    assert is_quick(data) or samples < block
    assert alike(read_excerpts(data, PLAN), from_wav(sound, rate, layout))


def test_loud_and_silent_stretches_in_turn_lead_nobody_astray() -> None:
    """Where a frame lies cannot be guessed from the frames before it."""
    rate = 8_000
    sound = murmur(400.0, rate)
    sound *= np.repeat(np.random.default_rng(0).integers(0, 2, 400), rate)
    data = flac(sound, rate, "mono", block=160)
    assert is_quick(data)
    assert alike(read_excerpts(data, PLAN), from_wav(sound, rate, "mono"))


def noise_with(false: list[bytes]) -> Sound:
    """Make noise that is written as it is, in one channel, with these bytes in its frames."""
    noise = np.random.default_rng(0).integers(-32_768, 32_768, (300, BLOCK)).astype(">i2")
    for frame, words in zip(noise[:-1], false, strict=True):
        frame[1_000 : 1_000 + len(words) // 2] = np.frombuffer(words, ">i2", len(words) // 2)
    return (noise.ravel() / 2**15).astype(np.float32)


THIRD, FOURTH = 0x59, 0x08  # of a header: 4 608 samples at 44.1 kHz, one channel of 16 bits


@pytest.mark.parametrize(
    "numbers",
    [range(1, 300), range(299), range(2, 301), [0] * 299, [9_999] * 299],
    ids=["the next", "the same", "the one after", "the first", "none"],
)
def test_what_only_looks_like_a_frame_is_not_taken_for_one(numbers: Sequence[int]) -> None:
    false = [header(THIRD, FOURTH, number) + b"\0" for number in numbers]
    sound = noise_with([words if at % 7 == 0 else b"" for at, words in enumerate(false)])
    data = flac(sound, layout="mono")
    assert data.count(bytes([0xFF, 0xF8, THIRD, FOURTH])) == 343
    assert alike(read_excerpts(data, PLAN), from_wav(sound, layout="mono"))


def test_headers_without_their_checksum_are_passed_over() -> None:
    false = [header(THIRD, FOURTH, number)[:-1] + b"\0\0" for number in range(1, 300)]
    sound = noise_with(false)
    data = flac(sound, layout="mono")
    assert is_quick(data)
    assert alike(read_excerpts(data, PLAN), from_wav(sound, layout="mono"))


def test_frames_of_changing_size_are_read_one_by_one() -> None:
    sound = murmur(20.0, RATE)
    first = 576 * 600
    data = of_changing_size(flac(sound[:first], block=576), flac(sound[first:]))
    assert not is_quick(data)
    assert alike(read_excerpts(data, PLAN), from_wav(sound))


def test_frames_of_changing_size_that_are_announced_as_even_are_read_one_by_one() -> None:
    sound = murmur(20.0, RATE)
    data = bytearray(of_changing_size(flac(sound)))
    data[8:12] = 2 * BLOCK.to_bytes(2)
    assert not is_quick(bytes(data))
    assert alike(read_excerpts(bytes(data), PLAN), from_wav(sound))


@pytest.mark.parametrize("whole", [1, 2, 63, 64, 65, 150])
def test_a_song_that_breaks_off_behind_a_frame_is_heard_up_to_there(whole: int) -> None:
    sound = murmur(20.0, RATE)
    data = flac(sound)
    cut = data[: frame_places(data)[whole]]
    assert is_quick(cut)
    assert alike(read_excerpts(cut, PLAN), from_wav(sound[: whole * BLOCK]))


@pytest.mark.parametrize("rest", [1, 5])
def test_a_header_cut_off_is_no_frame(rest: int) -> None:
    sound = murmur(20.0, RATE)
    data = flac(sound)
    cut = data[: frame_places(data)[150] + rest]
    assert alike(read_excerpts(cut, PLAN), from_wav(sound[: 150 * BLOCK]))


def test_a_song_that_breaks_off_in_a_frame_is_heard_as_far_as_it_goes() -> None:
    data = flac(murmur(20.0, RATE))
    cut = data[: frame_places(data)[150] + 3_000]
    assert not is_quick(cut)
    assert read_excerpts(cut, PLAN).seconds == pytest.approx(150 * BLOCK / RATE, abs=0.25)


def differing(data: bytes, sound: Sound) -> list[int]:
    """Tell which windows are not as they should be, in a song that is as long as it should be."""
    heard, whole = read_excerpts(data, PLAN), from_wav(sound)
    assert (heard.seconds, heard.starts) == (whole.seconds, whole.starts)
    pairs = zip(heard.windows, whole.windows, strict=True)
    return [index for index, pair in enumerate(pairs) if not np.array_equal(*pair)]


# Of sixty seconds, windows begin at 1, 4, 7...; frame 70 begins at 7.3 s, and frame 80 at 8.4 s.
@pytest.mark.parametrize(("frame", "hit"), [(70, [2]), (80, [])])
def test_what_is_damaged_costs_no_window_but_its_own(frame: int, hit: list[int]) -> None:
    sound = murmur(60.0, RATE)
    data = bytearray(flac(sound))
    begin, end = frame_places(bytes(data))[frame : frame + 2]
    data[begin:end] = bytes(end - begin)
    assert is_quick(bytes(data))
    assert differing(bytes(data), sound) == hit


@pytest.mark.parametrize("size", [100, MOST // 2])
@pytest.mark.parametrize(("frame", "hit"), [(70, [2]), (80, [])])
def test_a_little_garbage_costs_no_window_but_its_own(
    size: int, frame: int, hit: list[int]
) -> None:
    sound = murmur(60.0, RATE)
    data = flac(sound)
    place = frame_places(data)[frame]
    garbage = np.random.default_rng(0).bytes(size)
    assert differing(data[:place] + garbage + data[place:], sound) == hit


def test_a_song_with_much_garbage_in_its_middle_is_read_packet_by_packet() -> None:
    data = flac(murmur(60.0, RATE))
    place = frame_places(data)[287]
    spoilt = data[:place] + np.random.default_rng(0).bytes(20 * MOST) + data[place:]
    assert not is_quick(spoilt)
    heard = read_excerpts(spoilt, PLAN)
    assert heard.seconds == pytest.approx(60.0, abs=1.0)
    assert len(heard.windows) == 20


def test_two_songs_in_one_file_are_both_heard() -> None:
    seconds = 100 * BLOCK / RATE
    data = flac(murmur(seconds, RATE))
    for songs in (2, 3, 4):  # FFmpeg loses the last frames of all but one of them
        assert read_excerpts(songs * data, PLAN).seconds == pytest.approx(songs * seconds, rel=0.03)


def test_a_number_alone_makes_no_song_longer() -> None:
    """A last frame that tells an hour must have an hour of frames before it."""
    data = flac(murmur(10.0, RATE))
    begin, end = frame_places(data)[-3:-1]
    frame = data[begin:end]
    late = header(frame[2], frame[3], 30_000) + frame[6:]
    heard = read_excerpts(data + late, PLAN)
    assert heard.seconds < 60
    assert len(heard.windows) >= 10


def test_headers_by_the_thousand_are_refused_by_name() -> None:
    data = flac(murmur(10.0, RATE))
    begin = frame_places(data)[0]
    false = b"".join(header(data[begin + 2], data[begin + 3], n) for n in range(60_000))
    with pytest.raises(AudioError):
        read_excerpts(data[:begin] + false, PLAN, DecodingLimits(max_seconds=60))
