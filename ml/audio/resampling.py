"""From decoded frames to what is listened to: mono at 22 050 Hz, without what nobody hears."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, gcd

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.filter import Graph

from ml.audio.excerpts import SAMPLE_RATE, Samples, Span

LEAD_SECONDS = 0.05  # kept before a span: the high-pass filters forget what came earlier
_TAIL_SECONDS = 0.004  # kept behind a span, for the resampling filter's reach
_CHUNK = 2**15  # samples; what is resampled at a time stays in the processor's cache

# Fourth-order Butterworth: no DC and no rumble, which nobody hears but mel bands do.
_HIGH_PASS = (
    ("highpass", "f=20:width_type=q:width=0.5412"),
    ("highpass", "f=20:width_type=q:width=1.3066"),
)
_SIDE_LOUDER = 1.26  # 1 dB; sides of ordinary music are far quieter than its middle

# FFmpeg's sample formats, without the "p" of planar: type, zero level, full scale.
_FORMATS: dict[str, tuple[type[np.generic], int, float]] = {
    "u8": (np.uint8, 128, 2.0**7),
    "s16": (np.int16, 0, 2.0**15),
    "s32": (np.int32, 0, 2.0**31),
    "s64": (np.int64, 0, 2.0**63),
    "flt": (np.float32, 0, 1.0),
    "dbl": (np.float64, 0, 1.0),
}
_HALF = 0.5**0.5
_TO_STEREO = {  # ITU-R BS.775: what a loudspeaker gives to the left and the right
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF, _HALF),
    "LFE": (0.0, 0.0),
    "LFE2": (0.0, 0.0),
    **dict.fromkeys(("BL", "SL", "FLC", "TFL", "TBL", "WL"), (_HALF, 0.0)),
    **dict.fromkeys(("BR", "SR", "FRC", "TFR", "TBR", "WR"), (0.0, _HALF)),
}
_ELSEWHERE = (0.5, 0.5)


class Run:
    """Frames of one rate, format and number of channels, joined.

    To turn each of them into numbers by itself would take as long as to decode it.
    """

    def __init__(self, frame: AudioFrame) -> None:
        """Begin with the first frame.

        Attributes:
            rate: Hz.
            width: how many channels `channels_into` makes of it: 1 or 2.
        """
        self.rate = frame.sample_rate
        self._channels = frame.layout.nb_channels
        self.width = min(self._channels, 2)
        self._frames = AudioFifo()
        self.add(frame)

    @property
    def samples(self) -> int:
        """How many samples there are of each channel."""
        return self._frames.samples

    def add(self, frame: AudioFrame) -> bool:
        """Add the next frame; False where it is of another rate, format or number of channels."""
        if frame.layout.nb_channels != self._channels:
            return False
        frame.pts = None  # which the queue would compare with its own count
        try:
            self._frames.write(frame)
        except ValueError:
            return False
        return True

    def drop(self, samples: int) -> None:
        """Forget so many samples at the beginning."""
        if samples:
            self._frames.read(samples)

    def into(self, out: Samples, first: int = 0) -> None:
        """Move the samples from `first` on into `out`; see `channels_into`."""
        frame = self._frames.read()
        if frame is not None:
            channels_into(out, frame, first)

    def channels(self) -> Samples:
        """Move all samples out: (1 or 2, n)."""
        channels = np.empty((self.width, self.samples), np.float32)
        self.into(channels)
        return channels


def channels_into(out: Samples, frame: AudioFrame, first: int) -> None:
    """Write a frame's samples as left and right.

    More than two channels are mixed down.

    Args:
        out: (1 or 2, n) is filled, full scale at 1; a decoder may have gone beyond that.
        frame: of any format and any number of channels.
        first: its first sample to take.
    """
    width = frame.layout.nb_channels
    form = frame.format
    kind, zero, full_scale = _FORMATS[form.name.removesuffix("p")]
    into = out if width <= 2 else np.empty((width, out.shape[1]), np.float32)
    count, size, planes = into.shape[1], np.dtype(kind).itemsize, frame.planes
    if form.is_planar:
        # By `width`: PyAV lists a plane too many for eight channels and more.
        for channel, plane in zip(into, planes[:width], strict=True):
            channel[:] = np.frombuffer(memoryview(plane), kind, count, first * size)
    else:
        start = first * size * width
        raw = np.frombuffer(memoryview(planes[0]), kind, count * width, start)
        # Turned to floats in one piece: channel by channel it takes twice the time.
        into[:] = raw.reshape(count, width).astype(np.float32).T
    if zero:
        into -= zero
    if full_scale != 1:
        into *= np.float32(1 / full_scale)
    if into is not out:
        np.matmul(_matrix(_names(frame)), into, out=out)


def _names(frame: AudioFrame) -> tuple[str, ...]:
    """List a frame's channels; "?" where nobody says which one it is."""
    width = frame.layout.nb_channels
    names = [channel.name for channel in frame.layout.channels]
    return tuple((names + ["?"] * width)[:width])


@lru_cache(maxsize=16)
def _matrix(names: tuple[str, ...]) -> Samples:
    matrix = np.array([_TO_STEREO.get(name, _ELSEWHERE) for name in names], np.float32).T
    if not matrix.any():
        matrix[:] = 1.0
    return np.ascontiguousarray(matrix / matrix.sum(axis=1).max())


class Stretch:
    """Samples of one span at the file's own rate, with guards.

    Its length and its guards are whole numbers of samples at 22 050 Hz too, so that any number
    of stretches can go through one filter and be told apart after it.
    """

    def __init__(self, span: Span, begin: float, frame: AudioFrame) -> None:
        """Begin with the first frame.

        Args:
            span: where the stretch lies, in seconds after the first sample.
            begin: when the frame begins, likewise.
            frame: the others follow it without a gap.
        """
        self._run = Run(frame)
        self.rate, self.width = self._run.rate, self._run.width
        self._wanted = round(span.seconds * SAMPLE_RATE)
        grain = grain_of(self.rate)
        self._lead = ceil(LEAD_SECONDS * self.rate / grain) * grain
        tail = ceil(_TAIL_SECONDS * self.rate / grain) * grain
        length = ceil(span.seconds * self.rate / grain) * grain
        self._length = self._lead + length + tail
        # Thousandths of a sample first, or the last bit of a float decides about a half.
        self._first = round(round((begin - span.start) * self.rate, 3)) + self._lead

    @property
    def full(self) -> bool:
        """Whether the last sample is in."""
        return self._first + self._run.samples >= self._length

    def add(self, frame: AudioFrame) -> bool:
        """Add the next frame; False where it does not fit to those before."""
        return self._run.add(frame)

    def finish(self) -> None:
        """Put the frames in their place; nothing more can be added.

        Attributes:
            samples: (1 or 2, n), bounded; zeros where the song has nothing.
        """
        self.samples: Samples = np.zeros((self.width, self._length), np.float32)
        self._filled = min(self._first + self._run.samples, self._length)
        first = max(self._first, 0)
        if self._filled > first:
            self._run.into(self.samples[:, first : self._filled], first - self._first)
        bounded(self.samples)

    def cut(self, resampled: Samples) -> Samples:
        """Cut guards, and what lies past the song, off."""
        lead = self._lead * SAMPLE_RATE // self.rate
        heard = (self._filled - self._lead) * SAMPLE_RATE // self.rate
        return resampled[lead : lead + max(0, min(heard, self._wanted))]

    @property
    def resampled_length(self) -> int:
        """Samples at 22 050 Hz, guards included."""
        return int(self._length * SAMPLE_RATE // self.rate)


def grain_of(rate: int) -> int:
    """Return the fewest samples that are whole at 22 050 Hz too."""
    return rate // gcd(rate, SAMPLE_RATE)


@dataclass(slots=True)
class StereoLevels:
    """Levels of a song's sum and difference of channels."""

    left: float = 0.0
    right: float = 0.0
    product: float = 0.0

    def add(self, channels: Samples) -> None:
        """Count (2, n) samples in, without their DC."""
        left, right = channels
        count = max(1, len(left))
        means = float(left.sum()) / count, float(right.sum()) / count
        self.left += float(left @ left) - count * means[0] ** 2
        self.right += float(right @ right) - count * means[1] ** 2
        self.product += float(left @ right) - count * means[0] * means[1]

    @property
    def opposed(self) -> bool:
        """Whether the sum would cancel the song, as in opposite phase."""
        both = self.left + self.right
        return both - 2 * self.product > _SIDE_LOUDER * (both + 2 * self.product)


def bounded(channels: Samples) -> Samples:
    """Bring into [-1, 1], in place, what lossy and floating-point files may exceed.

    Players cut off what is louder too. What is no number keeps the sample before it, as a
    zero would click.
    """
    wrong = np.isnan(channels.sum())
    if wrong:
        for channel in channels:
            sound = ~np.isnan(channel)
            last = np.maximum.accumulate(np.where(sound, np.arange(len(channel)), 0))
            channel[:] = np.nan_to_num(channel[last], nan=0.0)
    np.clip(channels, -1, 1, out=channels)
    return channels


def mixed(channels: Samples, *, opposed: bool) -> Samples:
    """Mix (1 or 2, n) to mono.

    The sum of two, or the difference where the sum would cancel.
    """
    left: Samples = channels[0]
    if len(channels) == 1:
        return left
    right: Samples = channels[1]
    mono: Samples = np.subtract(left, right) if opposed else np.add(left, right)
    mono *= 0.5
    return mono


def resample(stretches: Sequence[Stretch], opposed: bool) -> list[Samples]:
    """Bring stretches of one rate to mono at 22 050 Hz.

    Returns:
        Each stretch without its guards; shorter than its span where the song ends in it.
    """
    if not stretches:
        return []
    # One filter for all: building it for each would cost as much again as its work.
    filters = Resampler(stretches[0].rate)
    for stretch in stretches:
        filters.add(mixed(stretch.samples, opposed=opposed))
    ends = np.cumsum([stretch.resampled_length for stretch in stretches])
    pieces = np.split(filters.finish(), ends[:-1])
    return [stretch.cut(piece) for stretch, piece in zip(stretches, pieces, strict=True)]


class Resampler:
    """FFmpeg's resampler and high-pass filters.

    Mono of any rate in, mono at 22 050 Hz out.
    """

    def __init__(self, rate: int) -> None:
        """Build the filters for one rate, in Hz."""
        self._rate = rate
        self._graph = Graph()
        source = self._graph.add_abuffer(
            sample_rate=rate, format="fltp", layout="mono", time_base=Fraction(1, rate)
        )
        for name, options in (
            ("aresample", str(SAMPLE_RATE)),
            *_HIGH_PASS,
            ("aformat", "sample_fmts=fltp"),
            ("abuffersink", ""),
        ):
            filter_ = self._graph.add(name, options)
            source.link_to(filter_)
            source = filter_
        self._graph.configure()
        self._pieces: list[Samples] = []
        self._pushed = self._settling = 0

    def add(self, samples: Samples) -> None:
        """Put (n,) samples in, which follow those before."""
        if not self._pushed:
            self._settle(samples)
        self._push(samples)

    def _settle(self, samples: Samples) -> None:
        """Show the filters the beginning backwards.

        So DC makes no step where it begins.
        """
        grain = grain_of(self._rate)
        count = min(ceil(2 * LEAD_SECONDS * self._rate / grain), len(samples) // grain) * grain
        self._settling = count * SAMPLE_RATE // self._rate
        self._push(samples[:count][::-1])

    def _push(self, samples: Samples) -> None:
        for first in range(0, len(samples), _CHUNK):
            chunk = np.ascontiguousarray(samples[np.newaxis, first : first + _CHUNK])
            frame = AudioFrame.from_ndarray(chunk, "fltp", "mono")
            frame.sample_rate = self._rate
            frame.time_base = Fraction(1, self._rate)
            frame.pts = self._pushed
            self._pushed += chunk.shape[1]
            self._graph.push(frame)
            self._pull()

    def finish(self) -> Samples:
        """Give all that came out; nothing more can be put in."""
        if self._pushed:
            self._graph.push(None)
            self._pull()
        joined: Samples = np.concatenate([np.empty(0, np.float32), *self._pieces])
        return joined[self._settling :]

    def _pull(self) -> None:
        for frame in _frames_of(self._graph):
            plane = memoryview(frame.planes[0])
            self._pieces.append(np.frombuffer(plane, np.float32, frame.samples).copy())


def _frames_of(graph: Graph) -> Iterable[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame
