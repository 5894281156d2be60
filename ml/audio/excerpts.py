"""What is decoded of a song: the plan, the limits, where the windows lie, and the excerpts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """How much one song may cost before it is refused or stopped.

    Attributes:
        max_bytes: size of the file. Discord lets most members post 10 MiB.
        max_seconds: length of the song, counted in its packets; what a header announces is
            not believed.
        memory_bytes: address space a child may take for its song, beyond what it started with.
        cpu_seconds: processor time a child may spend on its song.
        wall_seconds: time a song may take by the clock, once a child has begun it.
    """

    max_bytes: int = 25 * _MIB
    max_seconds: float = 3_600.0
    memory_bytes: int = 768 * _MIB
    cpu_seconds: int = 10
    wall_seconds: float = 15.0


SAMPLE_RATE = 22_050  # Hz, mono
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ExcerptPlan:
    """How much of a song to decode.

    Attributes:
        windows: windows, evenly spaced over the whole song (the post hears 60 of one second).
        passage_seconds: length of the one unbroken passage from the middle of the song,
            for rhythm; 0 takes none. Shorter songs give what they have.
        window_seconds: length of each window.
    """

    windows: int = 60
    passage_seconds: float = 0.0
    window_seconds: float = 1.0

    @property
    def window_samples(self) -> int:
        """Length of each window in samples."""
        return round(self.window_seconds * SAMPLE_RATE)


@dataclass(frozen=True, slots=True, eq=False)
class Excerpts:
    """What was decoded of one song; stretches without sound are left out.

    Attributes:
        windows: (count, samples) float32 in [-1, 1], mono at 22 050 Hz; count is at most the
            plan's. Sound shorter than one window gives a single one, padded with zeros.
        starts: start of each window in seconds after the song's first sample, rising.
        seconds: length of the whole song, its silence included.
        passage: (samples,) float32 in [-1, 1]; empty when the plan asked for none.
        passage_start: start of the passage in seconds.
        seconds_of_sound: how much of `seconds` is not silence; see `ml.audio.activity`.
        title: from the file's tags; written by strangers, at most 200 characters, one line.
        artist: likewise.
    """

    windows: Samples
    starts: tuple[float, ...]
    seconds: float
    passage: Samples
    passage_start: float
    seconds_of_sound: float = math.inf
    title: str | None = None
    artist: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """An unbroken stretch of a song, in seconds."""

    start: float
    seconds: float

    @property
    def end(self) -> float:
        """When it ends, in seconds."""
        return self.start + self.seconds

    def holds(self, other: Span) -> bool:
        """Whether all of `other` lies in this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Layout:
    """What to listen to in a song of known length.

    Attributes:
        seconds: length of the song.
        windows: the windows, rising.
        passage: the unbroken passage; 0 s long when none was asked for.
    """

    seconds: float
    windows: tuple[Span, ...]
    passage: Span

    def spans(self) -> tuple[Span, ...]:
        """List what to decode: the passage and the windows outside it."""
        apart = tuple(window for window in self.windows if not self.passage.holds(window))
        return (self.passage, *apart) if self.passage.seconds else apart


def lay_out(seconds: float, plan: ExcerptPlan) -> Layout:
    """Place the windows and the passage in a song.

    The song is cut into as many equal parts as there are windows, and each part is heard in its
    middle, so that sixty windows of a second cover a song of sixty seconds without gap or overlap.
    A shorter song has as many as fit, so that no second counts twice; a song shorter than one
    window has a single one, which starts with it and reaches past its end.

    Args:
        seconds: length of the song, positive.
        plan: how much of it is wanted.
    """
    length = plan.window_seconds
    count = max(1, min(plan.windows, int(seconds / length)))
    part = seconds / count
    first = max(0.0, (part - length) / 2)
    windows = tuple(Span(first + part * index, length) for index in range(count))
    unbroken = min(plan.passage_seconds, seconds)
    return Layout(seconds, windows, Span((seconds - unbroken) / 2, unbroken))
