"""Changed copies of a song: what a codec, another pitch, tempo or level and noise make of it.

Models are measured on them, and learn from them what does not matter.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import av
import librosa
import numpy as np
import numpy.typing as npt

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan

Sound = npt.NDArray[np.float32]


def add_pink_noise(sound: Sound, decibels_under: float) -> Sound:
    """Add noise whose power falls by 3 dB an octave, so far under the music.

    Args:
        sound: (samples,) float32.
        decibels_under: distance of the two powers.
    """
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    noise *= np.sqrt((sound**2).mean() / (noise**2).mean()) * 10 ** (-decibels_under / 20)
    return (sound + noise).astype(np.float32)


def _mp3(sound: Sound) -> Sound:
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 32_000
        frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        out.mux(stream.encode(frame))  # PyAV cuts it into the codec's frames
        out.mux(stream.encode(None))
    plan = ExcerptPlan(windows=1, passage_seconds=3_600)
    return read_excerpts(file.getvalue(), plan).passage


def _transposed(semitones: float) -> Callable[[Sound], Sound]:
    return lambda sound: librosa.effects.pitch_shift(sound, sr=SAMPLE_RATE, n_steps=semitones)


def _hurried(speed: float) -> Callable[[Sound], Sound]:
    return lambda sound: librosa.effects.time_stretch(sound, rate=speed)


CHANGES: Mapping[str, Callable[[Sound], Sound]] = {
    "mp3 at 32 kbit/s": _mp3,
    "a semitone up": _transposed(1.0),
    "a semitone down": _transposed(-1.0),
    "8 % faster": _hurried(1.08),
    "8 % slower": _hurried(0.92),
    "pink noise 10 dB under": lambda sound: add_pink_noise(sound, 10.0),
    "10 dB quieter": lambda sound: sound * np.float32(10 ** (-10 / 20)),
}
