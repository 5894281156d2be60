"""What one listening found, as plain values that any part of the bot may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.music.hearing import Rhythm
from ml.music.key_names import Key

KINDS = ("music", "speech", "noise", "tone")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The finest thing that is sure enough to be said first.

    Attributes:
        family: key of `ml.music.taxonomy.FAMILIES`; None where no family is sure.
        style: key of `STYLES`, said beside its family; None where none is likely.
        sure_of_style: whether the style is sure, not only probable.
        kind: as in `SongFindings.kind`; where it is not music, there is no family.
    """

    family: str | None
    style: str | None
    sure_of_style: bool
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """How the answers change over the song; their means over time are the song's own.

    Attributes:
        starts: start of each window in seconds.
        window_seconds: length of each window.
        genres: (windows, 10) float32, rows sum to 1, columns as in `TEN_GENRES`; the mean over
            windows is `SongFindings.genres`.
        families: (windows, families) float32 in 0..1, columns as in `FAMILIES`; the mean over
            windows is `SongFindings.families`.
    """

    starts: tuple[float, ...]
    window_seconds: float
    genres: npt.NDArray[np.float32]
    families: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SongFindings:
    """What one listening found.

    Attributes:
        kind: `music`, `speech`, `noise` or `tone`.
        kinds: calibrated probability of each kind, summing to 1.
        genres: calibrated probability of each of the ten genres, summing to 1, likeliest first.
        families: calibrated probability of each family; several can be likely at once.
        styles: calibrated probability of each style; several can be likely at once.
        tags: calibrated probability of each tag.
        verdict: what to say first.
        key: None where there is no clear key.
        rhythm: None where no unbroken passage was decoded.
        vector: (n,) float32 of unit length; cosines compare songs of the same model only.
        timeline: the same answers over time.
        seconds: length of the whole song.
        model: name and version of the model that heard it.
    """

    kind: str
    kinds: Mapping[str, float]
    genres: Mapping[str, float]
    families: Mapping[str, float]
    styles: Mapping[str, float]
    tags: Mapping[str, float]
    verdict: Verdict
    key: Key | None
    rhythm: Rhythm | None
    vector: npt.NDArray[np.float32]
    timeline: Timeline
    seconds: float
    model: str


@dataclass(frozen=True, slots=True)
class SongLikeness:
    """How alike two songs are, and what makes them so.

    Attributes:
        probability: calibrated, 0 to 1, that the two are excerpts of one song, if one song and
            two were as likely beforehand.
        cosine: of their vectors, -1 to 1; the sum of `parts`.
        parts: what each part of the vector adds; a part that was not heard in both is left out.
    """

    probability: float
    cosine: float
    parts: Mapping[str, float]
