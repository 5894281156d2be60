"""Songs with the defects that others reported, made of sound that tells its own time."""

from __future__ import annotations

import functools
import io
import wave

import av
import numpy as np

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan, Excerpts
from tests.unit.ml.audio.encoding import Format, Sound, encode, lateness, murmur

PLAN = ExcerptPlan(60, passage_seconds=20)
WHOLE = 72.0  # seconds; more than sixty windows, so that songs are not decoded from end to end
FLOATS = Format("wav", "pcm_f32le", SAMPLE_RATE, "mono")


def floats(*channels: Sound, rate: int = SAMPLE_RATE) -> bytes:
    """Write channels into a WAV file of floats, as they are."""
    layout = {1: "mono", 2: "stereo"}[len(channels)]
    file = io.BytesIO()
    with av.open(file, "w", "wav") as container:
        stream = container.add_stream("pcm_f32le", rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        samples = np.stack(channels, axis=1).astype(np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "flt", layout)
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def heard(sound: Sound) -> Excerpts:
    """Decode mono sound at 22 050 Hz that was written without loss."""
    return read_excerpts(floats(sound), PLAN)


def silence(seconds: float) -> Sound:
    """Give digital silence."""
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def hiss(seconds: float, decibels: float) -> Sound:
    """Give white noise of so many dB of full scale."""
    noise = np.random.default_rng(1).standard_normal(round(seconds * SAMPLE_RATE))
    return (noise * 10 ** (decibels / 20)).astype(np.float32)


@functools.cache
def piece(first: float, last: float, form: Format) -> bytes:
    """Encode a part of the murmur, from second to second; each once in a run of the tests."""
    whole = murmur(WHOLE, form.rate)
    return encode(whole[round(first * form.rate) : round(last * form.rate)], form)


def whole_decode(data: bytes) -> bytes:
    """Decode a whole file as FFmpeg's program does, into a mono WAV file at its own rate."""
    with av.open(io.BytesIO(data), "r") as source:
        rate = source.streams.audio[0].rate
        resampler = av.AudioResampler("s16", "mono", rate)
        samples = [
            ready.to_ndarray()
            for frame in source.decode(audio=0)
            for ready in resampler.resample(frame)
        ]
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes(np.concatenate(samples, axis=1).tobytes())
    return file.getvalue()


def likeness(one: Sound, other: Sound) -> float:
    """Give the correlation of two stretches of sound; 1 means the same, whatever the level."""
    count = min(len(one), len(other))
    one, other = one[:count], other[:count]
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-12))


def assert_in_place(excerpts: Excerpts, whole: Sound, tolerance: float) -> None:
    """Make sure that every window holds its second of `whole`, to so many seconds."""
    late = [
        abs(lateness(window, start, whole))
        for start, window in zip(excerpts.starts, excerpts.windows, strict=True)
    ]
    assert max(late) <= tolerance, late
