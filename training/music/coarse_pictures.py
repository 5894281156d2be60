"""Labelled songs as coarse pictures: one column every 232 ms, 106 bands up to 11 kHz.

FMA's pictures are no finer, so everything that teaches the coarse network is brought to them:
GTZAN's mel pictures and those of named songs are thinned, their bands and range aligned.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.nn import functional

BANDS = 106  # of 128 on Slaney's scale to 22,050 Hz: those below 11 kHz
COLUMNS = 128  # 30 s
BLOCK = 500  # neighbouring ids of FMA are often of one album
LEAST_SONGS = 40  # of a sub-genre that is learned
FOLDS = 5

Pictures = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class FmaSongs:
    """FMA small.

    Attributes:
        ids: (songs,) track ids.
        pictures: (songs, 106, 128) grey, low frequency first.
        genres: (songs,) index into `genre_names`.
        genre_names: the eight top genres.
        labels: (songs, labels) bool, of every label with at least `LEAST_SONGS` songs.
        label_names: theirs.
        vggish: (songs, 128) float32.
    """

    ids: npt.NDArray[np.int64]
    pictures: Pictures
    genres: npt.NDArray[np.int64]
    genre_names: tuple[str, ...]
    labels: npt.NDArray[np.bool_]
    label_names: tuple[str, ...]
    vggish: npt.NDArray[np.float32]

    def folds(self) -> npt.NDArray[np.int64]:
        """Deal the blocks of ids to `FOLDS` folds: (songs,) the fold of each song."""
        blocks, block_of = np.unique(self.ids // BLOCK, return_inverse=True)
        dealt = np.random.default_rng(0).permutation(len(blocks)) % FOLDS
        folds: npt.NDArray[np.int64] = dealt[block_of]
        return folds


def read_fma(folder: Path, cache: Path) -> FmaSongs:
    """Read FMA small.

    Args:
        folder: holds `manifest.csv`, `mels.zip` and `numbers.npz`.
        cache: where the unpacked pictures are stored.
    """
    with (folder / "manifest.csv").open(newline="") as manifest:
        rows = list(csv.DictReader(manifest))
    stored = cache / "fma_pictures.npy"
    if not stored.exists():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(stored, _unzipped(folder / "mels.zip", [row["track_id"] for row in rows]))
    labels = [{label.strip() for label in row["subgenres"].split("|")} for row in rows]
    names = sorted({label for song in labels for label in song})
    matrix = np.array([[name in song for name in names] for song in labels])
    kept = matrix.sum(axis=0) >= LEAST_SONGS
    tops = sorted({row["genre_top"] for row in rows})
    return FmaSongs(
        ids=np.array([int(row["track_id"]) for row in rows]),
        pictures=np.load(stored),
        genres=np.array([tops.index(row["genre_top"]) for row in rows]),
        genre_names=tuple(tops),
        labels=matrix[:, kept],
        label_names=tuple(name for name, keep in zip(names, kept, strict=True) if keep),
        vggish=np.load(folder / "numbers.npz")["vggish"].astype(np.float32),
    )


def _unzipped(archive: Path, tracks: Sequence[str]) -> Pictures:
    pictures = np.zeros((len(tracks), BANDS, COLUMNS), np.uint8)
    with zipfile.ZipFile(archive) as files:
        members = {Path(name).stem: name for name in files.namelist()}
        for picture, track in zip(pictures, tracks, strict=True):
            with files.open(members[track]) as file:
                grey = np.asarray(Image.open(io.BytesIO(file.read())).convert("L"))
            width = min(COLUMNS, grey.shape[1])
            picture[:, :width] = grey[::-1][:BANDS, :width]
    return pictures


def fine_picture(file: Path, height: int) -> Pictures:
    """Read a stored mel picture and bring its bands to ours.

    Args:
        file: grey, high frequency on top.
        height: how many of its lower rows reach to 11 kHz: 128 of GTZAN's, 106 of the named.

    Returns:
        (106, columns), low frequency first.
    """
    grey = np.asarray(Image.open(file).convert("L"))[::-1][:height].astype(np.float32)
    if height == BANDS:
        return grey.astype(np.uint8)
    columns = torch.from_numpy(grey.T.copy()).unsqueeze(1)
    resized = functional.interpolate(columns, size=BANDS, mode="linear", align_corners=False)
    return resized.squeeze(1).T.round().clamp(0, 255).to(torch.uint8).numpy()
