"""What the genre card says, as facts: the picture draws them, its alt text can tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ml.music.hearing import GENRES, Hearing

FEWEST_SHOWN, MOST_SHOWN = 3, 4
WORTH_SHOWING = 0.05  # below this a genre is shown only to make up the fewest
PASSAGE_PARTS = 8  # a passage told in words lasts about this part of a song, or longer


@dataclass(frozen=True, slots=True)
class Share:
    """A genre and its probability, 0 to 1."""

    genre: str
    share: float

    @property
    def percent(self) -> str:
        """As the picture writes it: "62%", "<1%"."""
        return f"{self.share:.0%}" if self.share >= 0.01 else "<1%"


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of the song in which one genre leads; seconds."""

    genre: str
    begins: float
    ends: float


def shares_to_show(hearing: Hearing) -> tuple[Share, ...]:
    """The genres that get a bar: three or four (fewer if the model knows fewer), best first."""
    best = [Share(genre, share) for genre, share in hearing.genres.items()][:MOST_SHOWN]
    return tuple(s for i, s in enumerate(best) if i < FEWEST_SHOWN or s.share >= WORTH_SHOWING)


def passages(hearing: Hearing, columns: Sequence[str] = GENRES) -> tuple[Passage, ...]:
    """The song told in parts: which genre leads from when to when, in order, without gaps.

    Args:
        hearing: what the ear found.
        columns: genre of each column of the timeline.
    """
    windows = len(hearing.starts)
    reach = max(1, windows // PASSAGE_PARTS) // 2
    calm = [
        hearing.timeline[max(0, i - reach) : i + reach + 1].mean(axis=0) for i in range(windows)
    ]
    leads = [(columns[int(np.argmax(row))], i) for i, row in enumerate(calm)]
    firsts = [next(group) for _, group in groupby(leads, key=lambda lead: lead[0])]
    begins = [0.0, *(hearing.starts[i] for _, i in firsts[1:])]
    ends = [*begins[1:], hearing.seconds]
    return tuple(
        Passage(genre, begin, end)
        for (genre, _), begin, end in zip(firsts, begins, ends, strict=True)
    )
