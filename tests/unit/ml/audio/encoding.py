"""Songs in every format, encoded at test time from sound that tells its own time."""

import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from ml.audio.excerpts import SAMPLE_RATE

Sound = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Format:
    """How to encode a song, and how far its windows may be off.

    Attributes:
        options: of the container's writer.
        tolerance: seconds; formats that do not note the delay of their encoder start late.
        encoding: options of the encoder.
    """

    container: str
    codec: str
    rate: int = 44_100
    layout: str = "stereo"
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    tolerance: float = 0.001
    encoding: Mapping[str, str] = field(default_factory=dict, hash=False)


UNNOTED_DELAY = 0.06
FORMATS = {
    "mp3": Format("mp3", "libmp3lame"),
    "mp3 without a Xing header": Format(
        "mp3", "libmp3lame", options={"write_xing": "0"}, tolerance=UNNOTED_DELAY
    ),
    "mp3 of changing bit rate without a Xing header": Format(
        "mp3",
        "libmp3lame",
        options={"write_xing": "0", "id3v2_version": "0"},
        tolerance=UNNOTED_DELAY,
        encoding={"abr": "1"},
    ),
    "m4a": Format("ipod", "aac"),
    "m4a lossless": Format("ipod", "alac"),
    "mp4": Format("mp4", "aac"),
    "mp4 in fragments": Format(
        "mp4", "aac", options={"movflags": "frag_keyframe+empty_moov"}, tolerance=UNNOTED_DELAY
    ),
    "raw aac": Format("adts", "aac", tolerance=UNNOTED_DELAY),
    "ogg vorbis": Format("ogg", "libvorbis"),
    "ogg opus": Format("ogg", "libopus", 48_000),
    "flac": Format("flac", "flac"),
    "wav": Format("wav", "pcm_s16le"),
    "wav of 24 bits": Format("wav", "pcm_s24le"),
    "wav of floats": Format("wav", "pcm_f32le"),
    "wav of 8 bits": Format("wav", "pcm_u8"),
    "webm": Format("webm", "libopus", 48_000),
    "webm as a browser records it": Format("webm", "libopus", 48_000, options={"live": "1"}),
    "phone": Format("wav", "pcm_s16le", 8_000, "mono"),
    "an odd rate": Format("wav", "pcm_s16le", 22_222),
    "a studio's rate": Format("flac", "flac", 96_000),
    "six channels": Format("ogg", "libvorbis", 48_000, "5.1"),
    "eight channels": Format("ogg", "libopus", 48_000, "7.1"),
    "aiff": Format("aiff", "pcm_s16be"),
    "au": Format("au", "pcm_s16be"),
    "w64": Format("w64", "pcm_s16le"),
    "caf": Format("caf", "alac"),
    "wma": Format("asf", "wmav2", tolerance=UNNOTED_DELAY, encoding={"b": "128000"}),
    "avi": Format("avi", "libmp3lame", tolerance=UNNOTED_DELAY),
    "matroska": Format("matroska", "aac", tolerance=UNNOTED_DELAY),
    "matroska of samples": Format("matroska", "pcm_s16le"),
    "ac3": Format("ac3", "ac3", 48_000, tolerance=UNNOTED_DELAY),
    "mp4 with ac3": Format("mp4", "ac3", 48_000, tolerance=UNNOTED_DELAY),
    "wav of adpcm": Format("wav", "adpcm_ms"),
    "wav of g722": Format("wav", "g722", 16_000, "mono", tolerance=UNNOTED_DELAY),
    "mpeg layer 2": Format("mp2", "mp2", tolerance=UNNOTED_DELAY),
    "mpeg program stream": Format("mpeg", "mp2", tolerance=UNNOTED_DELAY),
    "mpeg transport stream": Format("mpegts", "aac", tolerance=UNNOTED_DELAY),
    "flv": Format("flv", "libmp3lame", tolerance=UNNOTED_DELAY),
    "3gp": Format("3gp", "aac"),
    "amr": Format("amr", "libopencore_amrnb", 8_000, "mono", tolerance=UNNOTED_DELAY),
    "speex": Format("ogg", "libspeex", 16_000, "mono", tolerance=UNNOTED_DELAY),
    "wavpack": Format("wv", "wavpack"),
    "true audio": Format("tta", "tta"),
    "flac in ogg": Format("ogg", "flac"),
}


@functools.lru_cache(maxsize=12)  # up to 18 MB each
def murmur(seconds: float, rate: int = SAMPLE_RATE) -> Sound:
    """Noise below 3 kHz that never repeats, the same at any rate: each moment of it is unique."""
    count = int(seconds * 8_000)
    coarse = np.fft.rfft(np.random.default_rng(7).standard_normal(count))
    coarse[int(3_000 * seconds) :] = 0
    fine = np.fft.irfft(coarse, round(seconds * rate)) * (round(seconds * rate) / count)
    sound = (0.15 * fine).astype(np.float32)
    sound.setflags(write=False)  # others are given the same
    return sound


def encode(sound: Sound, form: Format, tags: Mapping[str, str] | None = None) -> bytes:
    """Encode mono `sound`, at the format's own rate, into all of the format's channels."""
    file = io.BytesIO()
    with av.open(file, "w", form.container, options=dict(form.options)) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(form.codec, rate=form.rate, layout=form.layout)
        assert isinstance(stream, av.AudioStream)
        stream.time_base = Fraction(1, form.rate)
        stream.codec_context.options = dict(form.encoding)
        channels = stream.codec_context.channels
        resampler = av.AudioResampler(stream.format, form.layout, form.rate)
        for first in range(0, len(sound), form.rate):
            block = np.repeat(sound[first : first + form.rate], channels)[np.newaxis]
            frame = av.AudioFrame.from_ndarray(block, "flt", form.layout)
            frame.sample_rate, frame.pts = form.rate, first
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    return file.getvalue()


@functools.cache
def song(seconds: float, name: str) -> bytes:
    """Encode a murmur; each song once in a run of the tests."""
    return encode(murmur(seconds, FORMATS[name].rate), FORMATS[name])


def lateness(heard: Sound, start: float, whole: Sound) -> float:
    """Find how much later in the murmur `heard` truly lies than `start`, in seconds."""
    around = 4_000
    first = round(start * SAMPLE_RATE)
    before, after = first - around, first + len(heard) + around
    inside = whole[max(0, before) : max(0, after)]
    place = np.pad(inside, (max(0, -before), max(0, after - max(len(whole), before))))
    size = 2 ** (len(place) - 1).bit_length()
    match = np.fft.irfft(np.fft.rfft(place, size) * np.conj(np.fft.rfft(heard, size)), size)
    return (int(match[: 2 * around].argmax()) - around) / SAMPLE_RATE
