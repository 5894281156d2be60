"""Songs with an annotated key: their pitches, heard once and stored.

python -m training.music.key_songs --out FILE SOUND...
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from ml.audio.errors import AudioError
from ml.music.heads import Floats
from ml.music.key import pitch_features
from training.music.key_training import KeySongs, key_index
from training.music.tagger_features import passage_of, sounds_in
from training.music.ten_genres import TEN, TenGenreSongs

_LOG = logging.getLogger(__name__)


def read_pitches(files: Sequence[Path]) -> dict[str, Floats]:
    """Read what `main` stored: each song's (channels, 12)."""
    heard: dict[str, Floats] = {}
    for file in filter(Path.exists, files):
        with np.load(file) as stored:
            heard |= dict(zip(stored["names"].tolist(), stored["values"], strict=True))
    return heard


def key_songs(
    songs: TenGenreSongs, pitches: Mapping[str, Floats], genres: Floats | None = None
) -> tuple[KeySongs, np.ndarray]:
    """Join pitches, annotated keys and genres.

    Args:
        songs: as from `read_ten_genres`.
        pitches: by name, as from `read_pitches`.
        genres: (all songs, 10) probabilities; the known genre where None.

    Returns:
        The songs that have both pitches and a key, and their places in `songs`.
    """
    rows = np.array(
        [row for row, name in enumerate(songs.names) if name in pitches and songs.keys[row]]
    )
    known = (
        np.eye(len(TEN), dtype=np.float32)[songs.labels[rows]] if genres is None else genres[rows]
    )
    return (
        KeySongs(
            torch.from_numpy(np.stack([pitches[songs.names[row]] for row in rows])),
            torch.tensor([key_index(songs.keys[row]) for row in rows]),
            torch.from_numpy(known),
        ),
        rows,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear the pitches of all sounds."""
    parser = argparse.ArgumentParser(prog="python -m training.music.key_songs")
    parser.add_argument("sounds", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    heard: dict[str, Floats] = {}
    for file in sounds_in(options.sounds):
        try:
            pitches = pitch_features(passage_of(file))
        except AudioError as error:
            _LOG.warning("%s is left out: %s", file.name, type(error).__name__)
            continue
        if pitches is not None:
            heard[file.stem] = pitches
    np.savez(options.out, names=np.array(list(heard)), values=np.stack(list(heard.values())))


if __name__ == "__main__":
    main()
