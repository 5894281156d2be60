"""Draw the genre timeline: shares over time as labelled ribbons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bot.rendering.card import SMALLEST
from bot.rendering.palette import HOLLOW, Rgb, ink_on
from bot.rendering.text import Pen, legible, width, write
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
    """A mark on the time axis: its place (0 to 1 of the song) and label ("2:30")."""

    at: float
    text: str


def clock(seconds: float) -> str:
    """Format seconds as 0:07, 4:05 or 1:02:30."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def marks(seconds: float) -> tuple[Mark, ...]:
    """Return round times from start to end whose labels do not overlap."""
    step = next((s for s in MARK_STEPS if seconds / s <= MOST_MARKS - 1), MARK_STEPS[-1])
    crowd = 1 / MOST_MARKS
    moments = [i * step for i in range(int(seconds / step) + 1)]
    before = tuple(Mark(m / seconds, clock(m)) for m in moments if m / seconds <= 1 - crowd)
    end = Mark(1.0, clock(seconds))
    return before if end.text == before[0].text else (*before, end)


def ribbon_edges(shares: Floats, hearing: Hearing, width: int) -> Floats:
    """Return each ribbon's lower and upper edge per pixel column.

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
    """Find where a ribbon has most room for a word.

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


SEAM = 3.0  # px of dark between ribbons, for eyes that see their colours alike
BREATH = 14  # px around a name


def draw_ribbons(edges: Floats, colours: Sequence[Rgb], height: int) -> Image.Image:
    """Paint the ribbons with smooth edges, the first at the bottom.

    Args:
        edges: (ribbons + 1, width) from `ribbon_edges`.
        colours: one a ribbon.
        height: px.

    Returns:
        An "RGB" picture of (width, height).
    """
    above_floor = (height - np.arange(height, dtype=np.float32))[:, None]
    steps = edges[1:-1, None] * height
    covered = np.clip(above_floor - steps, 0.0, 1.0)
    # Each ribbon is painted over the whole of the one below it: what changes is their difference.
    paints = np.asarray(colours, np.float32)
    changes = np.diff(paints, axis=0)
    picture = paints[0] + np.tensordot(covered, changes, axes=(0, 0))
    # Two seams meeting must not hide a thin ribbon between them.
    thickness = np.diff(edges, axis=0) * height
    strength = np.clip(np.minimum(thickness[:-1], thickness[1:]) / (2 * SEAM), 0.0, 1.0)
    lines = np.clip((SEAM + 1) / 2 - np.abs(above_floor - 0.5 - steps), 0.0, 1.0)
    seams = (lines * strength[:, None]).max(axis=0, initial=0.0)[..., None]
    picture += seams * (np.array(HOLLOW, np.float32) - picture)
    return Image.fromarray(np.rint(picture).astype(np.uint8))


def name_ribbons(
    picture: Image.Image, edges: Floats, names: Sequence[str], colours: Sequence[Rgb]
) -> None:
    """Write each genre's name on its ribbon where it fits.

    Args:
        picture: from `draw_ribbons`.
        edges: what it was drawn from.
        names: one a ribbon.
        colours: one a ribbon.
    """
    draw = ImageDraw.Draw(picture)
    for ribbon, (name, colour) in enumerate(zip(names, colours, strict=True)):
        pen = Pen(SMALLEST, colour=ink_on(colour))
        text = legible(name)
        span = round(width(text, pen)) + 2 * BREATH
        if not text or span > picture.width:
            continue
        middle, floor, ceiling = roomiest(edges, ribbon, span)
        if (ceiling - floor) * picture.height >= SMALLEST + BREATH / 2:
            baseline = picture.height * (1 - (floor + ceiling) / 2) + SMALLEST * 0.37
            write(draw, (middle, round(baseline)), text, pen, "m")
