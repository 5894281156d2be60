"""GTZAN's songs and the named ones as pictures, and their five folds by artist."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from training.music.coarse_pictures import BANDS, FOLDS, Pictures, fine_picture

TEN = (
    "blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock",
)  # fmt: skip
NAMED_LABELS = (*TEN, "electronic")  # of the named songs; none of them is disco
_NAMED = {"Hip-Hop": "hiphop"}


@dataclass(frozen=True, slots=True, eq=False)
class TenGenreSongs:
    """GTZAN's songs of train and valid, then the named songs.

    Attributes:
        names: of each song: GTZAN's track, or `named.0000`.
        sources: `gtzan` or `named`.
        labels: (songs,) index into `NAMED_LABELS`, of which the first ten are `TEN`.
        artists: lower case letters and digits only; empty where unknown.
        pictures: (106, columns) grey each, low frequency first.
        folds: of GTZAN's songs, by artist; -1 for the named.
        keys: annotated key as "A minor", or empty.
        bpm: annotated tempo, or 0.
        has_audio: whether there is a clip.
    """

    names: tuple[str, ...]
    sources: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    artists: tuple[str, ...]
    pictures: tuple[Pictures, ...]
    folds: npt.NDArray[np.int64]
    keys: tuple[str, ...]
    bpm: npt.NDArray[np.float64]
    has_audio: npt.NDArray[np.bool_]

    def strangers(self) -> npt.NDArray[np.int64]:
        """Indexes of the named songs whose artist is known and has no song in GTZAN.

        An artist of whose name another is a part ("Bob Marley & The Wailers") counts as the same.
        """
        known = {artist for artist, at in zip(self.artists, self.folds, strict=True) if at >= 0}
        return np.array(
            [
                row
                for row, artist in enumerate(self.artists)
                if self.folds[row] < 0 and artist and not any(_same(artist, o) for o in known)
            ]
        )


_LEAST_LETTERS = 5  # of a name that is looked for in others


def _same(one: str, other: str) -> bool:
    """Whether two plain names may be of one artist."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= _LEAST_LETTERS and short in long)


def plain(name: str) -> str:
    """Strip a name of everything but letters and digits, to compare artists of both lists."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_ten_genres(data: Path) -> TenGenreSongs:
    """Read both lists.

    Args:
        data: holds `gtzan/manifest.csv`, `gtzan_mels/` and `mel_images/`.
    """
    with (data / "gtzan" / "manifest.csv").open(newline="") as file:
        gtzan = list(csv.DictReader(file))
    with (data / "mel_images" / "manifest.csv").open(newline="") as file:
        named = list(csv.DictReader(file))
    genres = [TEN.index(row["genre"]) for row in gtzan]
    artists = [plain(row["artist"]) or row["track"] for row in gtzan]
    folds = np.full(len(gtzan) + len(named), -1)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for fold, (_, held) in enumerate(splitter.split(genres, genres, artists)):
        folds[held] = fold
    nothing = np.zeros((BANDS, 0), np.uint8)
    pictures = [
        fine_picture(data / "gtzan_mels" / f"{row['track']}.webp", 128)
        if row["has_mel"] == "1" else nothing
        for row in gtzan
    ]  # fmt: skip
    for row in named:
        label = _NAMED.get(row["genre"], row["genre"].lower())
        genres.append(NAMED_LABELS.index(label))
        artists.append(plain(row["artist"]))
        pictures.append(fine_picture(data / "mel_images" / f"{int(row['row']):04d}.webp", BANDS))
    blank = [""] * len(named)
    return TenGenreSongs(
        names=tuple(
            [row["track"] for row in gtzan] + [f"named.{int(row['row']):04d}" for row in named]
        ),
        sources=("gtzan",) * len(gtzan) + ("named",) * len(named),
        labels=np.array(genres),
        artists=tuple(artists),
        pictures=tuple(pictures),
        folds=folds,
        keys=tuple([row["key"] for row in gtzan] + blank),
        bpm=np.array([float(row["bpm"] or 0) for row in gtzan] + [0.0] * len(named)),
        has_audio=np.array([row["has_audio"] == "1" for row in gtzan] + [False] * len(named)),
    )
