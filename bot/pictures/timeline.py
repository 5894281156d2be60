"""How the genre moves through a song: ribbons as high as each genre's share, over minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.music.hearing import Hearing

WINDOW_SECONDS = 1.0
CALM = 4.0  # windows
NEARLY = 0.95  # of the most room is as good
MOST_MARKS = 7  # more would touch on a phone
MARK_STEPS = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    43200,
    86400,
)  # s

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the axis: where it is, 0 to 1 of the song, and how it reads ("2:30")."""

    at: float
    text: str


def clock(seconds: float) -> str:
    """A moment as people write it: 0:07, 4:05, 1:02:30."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def marks(seconds: float) -> tuple[Mark, ...]:
    """Round moments from the start of a song, and its end; none stands in another's way."""
    step = next((s for s in MARK_STEPS if seconds / s <= MOST_MARKS - 1), MARK_STEPS[-1])
    crowd = 1 / MOST_MARKS
    moments = [i * step for i in range(int(seconds / step) + 1)]
    before = tuple(Mark(m / seconds, clock(m)) for m in moments if m / seconds <= 1 - crowd)
    end = Mark(1.0, clock(seconds))
    return before if end.text == before[0].text else (*before, end)


def ribbon_edges(shares: Floats, hearing: Hearing, width: int) -> Floats:
    """Where each ribbon begins and ends in every pixel column.

    Neighbouring seconds are averaged (a Hann window over CALM of them), as one second alone is
    a nervous witness, and a curve is easier to follow than a saw.

    Args:
        shares: (windows, ribbons), each row summing to 1.
        hearing: whose windows they are.
        width: px.

    Returns:
        (ribbons + 1, width), rising from 0 to 1 along the first axis.
    """
    middles = (np.asarray(hearing.starts) + WINDOW_SECONDS / 2) / hearing.seconds
    reach = max(1, min(width // 8, round(width * CALM / len(middles) / 2)))
    columns = (np.arange(-reach, width + reach) + 0.5) / width
    calming = np.hanning(2 * reach + 3)[1:-1]
    calming /= calming.sum()
    heights = [np.convolve(np.interp(columns, middles, s), calming, "valid") for s in shares.T]
    edges = np.vstack([np.zeros(width), np.cumsum(heights, axis=0)])
    return np.asarray(edges / edges[-1], np.float32)


def roomiest(edges: Floats, ribbon: int, span: int) -> tuple[int, float, float]:
    """Where a ribbon has most room for a word.

    Args:
        edges: (ribbons + 1, width) from `ribbon_edges`.
        ribbon: which of them.
        span: width of the word in px.

    Returns:
        Middle column in px; then the lowest and highest share free over the whole span there
        (the higher may lie under the lower: no room).
    """
    span = min(span, edges.shape[1])
    floor = np.lib.stride_tricks.sliding_window_view(edges[ribbon], span).max(axis=1)
    ceiling = np.lib.stride_tricks.sliding_window_view(edges[ribbon + 1], span).min(axis=1)
    room = ceiling - floor
    roomy = np.flatnonzero(room >= NEARLY * room.max() if room.max() > 0 else room == room.max())
    best = int(roomy[len(roomy) // 2])  # of equally good places, the one in the middle
    return best + span // 2, float(floor[best]), float(ceiling[best])
