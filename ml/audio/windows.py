"""Which seconds of a song are listened to: even windows, and one passage in the middle."""

from __future__ import annotations

from dataclasses import dataclass

from ml.audio.excerpts import ExcerptPlan


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
