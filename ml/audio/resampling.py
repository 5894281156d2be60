"""Stretches of sound at a file's own rate, and their way to 22 050 Hz."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import ceil, gcd

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from ml.audio.excerpts import SAMPLE_RATE
from ml.audio.windows import Span

Samples = npt.NDArray[np.float32]

RATES = range(1_000, 384_001)  # Hz; what a header says beyond is no sound

_GUARD = 0.004  # seconds kept on both sides of a span, for the resampling filter's reach
_CHUNK = 2**15  # samples; what is resampled at a time stays in the processor's cache

# FFmpeg's sample formats, without the "p" of planar: type, zero level, full scale.
_FORMATS: dict[str, tuple[type[np.generic], int, float]] = {
    "u8": (np.uint8, 128, 2.0**7),
    "s16": (np.int16, 0, 2.0**15),
    "s32": (np.int32, 0, 2.0**31),
    "flt": (np.float32, 0, 1.0),
    "dbl": (np.float64, 0, 1.0),
}


def reach(rate: int) -> float:
    """Seconds behind a span that its stretch holds, at most: guard, and what rounding adds."""
    grain = rate // gcd(rate, SAMPLE_RATE)
    return ((ceil(_GUARD * rate / grain) + 1) * grain + 1) / rate


class Stretch:
    """Mono samples of one span at the file's own rate, with guards, filled frame by frame.

    Its length and its guards are whole numbers of samples at 22 050 Hz too, so that any number
    of stretches can go through one resampling filter and be told apart after it.
    """

    def __init__(self, span: Span, rate: int) -> None:
        self.rate = rate
        self._start = span.start
        self._wanted = round(span.seconds * SAMPLE_RATE)
        grain = rate // gcd(rate, SAMPLE_RATE)
        self._guard = ceil(_GUARD * rate / grain) * grain
        length = ceil(span.seconds * rate / grain) * grain
        self.samples: Samples = np.zeros(length + 2 * self._guard, np.float32)
        self._filled: int | None = None

    @property
    def full(self) -> bool:
        """Whether the last sample is in."""
        return self._filled == len(self.samples)

    def add(self, begin: float, frame: AudioFrame) -> None:
        """Put a frame in its place; the first one by the clock, the others behind it.

        Args:
            begin: when the frame begins, in seconds after the song's first sample.
            frame: of any format; of another rate than the stretch's it is passed over.
        """
        if frame.sample_rate != self.rate:
            return
        if self._filled is None:
            # Thousandths of a sample first, or the last bit of a float decides about a half.
            self._filled = round(round((begin - self._start) * self.rate, 3)) + self._guard
        first, last = self._filled, min(self._filled + frame.samples, len(self.samples))
        self._filled = last
        if last > max(first, 0):
            mix(frame, max(-first, 0), self.samples[max(first, 0) : last])

    def cut(self, resampled: Samples) -> Samples:
        """Take the guards, and what lies past the song's end, off the resampled stretch."""
        guard = self._guard * SAMPLE_RATE // self.rate
        heard = ((self._filled or 0) - self._guard) * SAMPLE_RATE // self.rate
        return resampled[guard : guard + max(0, min(heard, self._wanted))]


def mix(frame: AudioFrame, first: int, into: Samples) -> None:
    """Average a frame's channels.

    Args:
        frame: of any format.
        first: its first sample to take.
        into: (samples,) filled with as many, full scale at 1.
    """
    kind, zero, full_scale = _FORMATS[frame.format.name.removesuffix("p")]
    channels = _channels(frame, kind, first, len(into))
    if len(channels) == 1:
        np.copyto(into, channels[0])
    else:
        np.add(channels[0], channels[1], into)
    for channel in channels[2:]:
        into += channel
    if zero:
        into -= zero * len(channels)
    if (scale := full_scale * len(channels)) != 1:
        np.multiply(into, _inverse(scale), into)


@cache
def _inverse(scale: float) -> Samples:
    """1 / scale, as numpy need not turn it into an array for each frame."""
    return np.array(1 / scale, np.float32)


def _channels(
    frame: AudioFrame, kind: type[np.generic], first: int, count: int
) -> Sequence[Samples]:
    size = np.dtype(kind).itemsize
    if frame.format.is_planar:
        each = [
            np.frombuffer(memoryview(plane), kind, count, first * size) for plane in frame.planes
        ]
        return each if kind is np.float32 else [plane.astype(np.float32) for plane in each]
    width = frame.layout.nb_channels
    together = np.frombuffer(memoryview(frame.planes[0]), kind, count * width, first * size * width)
    # Turned to floats in one piece: channel by channel it takes twice the time.
    return list(together.reshape(count, width).astype(np.float32).T)


def resample(stretches: Sequence[Stretch]) -> list[Samples]:
    """Bring stretches of one and the same rate to 22 050 Hz.

    Returns:
        Each stretch without its guards; shorter than its span where the song ends in it.
    """
    # One filter for all: building it for each would cost as much again as its work.
    resampler = AudioResampler("fltp", "mono", SAMPLE_RATE)
    frames = []
    for stretch in stretches:
        for first in range(0, len(stretch.samples), _CHUNK):
            frames += resampler.resample(_frame(stretch, first))
    frames += resampler.resample(None)
    joined = np.concatenate(
        [np.frombuffer(memoryview(frame.planes[0]), np.float32, frame.samples) for frame in frames]
    )
    ends = np.cumsum([len(s.samples) * SAMPLE_RATE // s.rate for s in stretches])
    pieces = np.split(joined, ends[:-1])
    return [stretch.cut(piece) for stretch, piece in zip(stretches, pieces, strict=True)]


def _frame(stretch: Stretch, first: int) -> AudioFrame:
    chunk = stretch.samples[np.newaxis, first : first + _CHUNK]
    frame = AudioFrame.from_ndarray(chunk, "fltp", "mono")
    frame.sample_rate = stretch.rate
    return frame
