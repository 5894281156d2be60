"""What the networks find in songs and in their changed copies, stored once.

    python -m training.music.changed_songs --out FILE [--every N] [--model FILE] SOUND...

Thirty seconds of every Nth song are heard as they are and after each of
`training.music.sound_changes`, as serving hears them. Written are `names` (songs,), `changes`
(copies,), the first of them empty, and `rows` (songs, copies, n) float32, which the heads read.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ml.audio.errors import AudioError
from ml.music.song_model import MusicModel
from training.music.sound_changes import CHANGES
from training.music.tagger_features import passage_of, sounds_in
from training.music.whole_songs import excerpts_of

UNCHANGED = ""  # name of the first copy
_SAVE_EVERY = 20  # songs
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class ChangedSongs:
    """Songs, each heard as it is and in changed copies.

    Attributes:
        names: of the songs: their files' names without the suffix.
        changes: of the copies, the first of them `UNCHANGED`.
        rows: (songs, copies, n) float32: as `ml.music.song_model.SongFeatures.song` gives them.
    """

    names: tuple[str, ...]
    changes: tuple[str, ...]
    rows: npt.NDArray[np.float32]

    def of(self, songs: npt.NDArray[np.int64]) -> ChangedSongs:
        """Take some of the songs, by index."""
        return ChangedSongs(
            tuple(self.names[song] for song in songs), self.changes, self.rows[songs]
        )


def read_changed(file: Path) -> ChangedSongs:
    """Read what `main` stored."""
    with np.load(file) as stored:
        return ChangedSongs(
            tuple(stored["names"].tolist()), tuple(stored["changes"].tolist()), stored["rows"]
        )


def heard_changed(model: MusicModel, wave: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Hear (samples,) at 22 050 Hz as it is and changed: (copies, n)."""
    copies = [wave, *(change(wave) for change in CHANGES.values())]
    rows = [model.features(excerpts_of(copy)).song() for copy in copies]
    return np.stack(rows).astype(np.float32)


def hear_changed(files: Sequence[Path], out: Path, weights: Path | None = None) -> None:
    """Hear songs in all copies, and write what the networks found.

    Args:
        files: of the songs; those that cannot be decoded are left out.
        out: the file to write.
        weights: of the model; None takes those that ship.
    """
    model = MusicModel.load(weights)
    found: dict[str, npt.NDArray[np.float32]] = {}
    for file in files:
        try:
            found[file.stem] = heard_changed(model, passage_of(file))
        except AudioError as error:
            _LOG.warning("%s is left out: %s", file.name, type(error).__name__)
        if found and len(found) % _SAVE_EVERY == 0:
            _save(out, found)
            _LOG.info("%d songs", len(found))
    _save(out, found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear all songs in all copies."""
    parser = argparse.ArgumentParser(prog="python -m training.music.changed_songs")
    parser.add_argument("sounds", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="the weights; without it those that ship")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    files = list(sounds_in(options.sounds))[:: options.every]
    hear_changed(files, options.out, options.model)


def _save(out: Path, found: dict[str, npt.NDArray[np.float32]]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        out,
        names=np.array(list(found)),
        changes=np.array([UNCHANGED, *CHANGES]),
        rows=np.stack(list(found.values())),
    )


if __name__ == "__main__":
    main()
