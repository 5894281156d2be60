"""Music, speech, noise and tones with what the taggers heard in them.

    python -m training.music.kind_sounds --taggers DIR --out FILE

Noise and tones are synthesised; speech and some of the music are clips that
`training.music.tagger_features` heard.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ml.music.heads import Floats
from ml.music.hearing import KINDS
from training.music.coarse_pictures import FOLDS
from training.music.convert_tagger import TAGGERS, load_tagger
from training.music.not_music_sounds import synthesised
from training.music.song_table import SongTable, read_windows, tagged
from training.music.song_training import columns
from training.music.tagger_features import heard, patches_of

EACH = 20  # sounds of every maker
NOT_MUSIC, SYNTHESISED = "not_music.npz", "synthesised.npz"


@dataclass(frozen=True, slots=True, eq=False)
class KindSounds:
    """Sounds of every kind.

    Attributes:
        names: of the sounds.
        features: (sounds, n) float32, as the `taggers`' columns of a `SongTable`.
        kinds: (sounds,) index into `KINDS`.
        folds: (sounds,) of five; songs of one artist, and the clips of one kind in turn.
    """

    names: tuple[str, ...]
    features: Floats
    kinds: npt.NDArray[np.int64]
    folds: npt.NDArray[np.int64]


def read_kind_sounds(cache: Path, table: SongTable) -> KindSounds:
    """Join GTZAN's clips, as music, with the sounds in `cache`."""
    rows = table.gtzan()
    rows = rows[table.songs.has_audio[rows]]
    names = [table.songs.names[row] for row in rows]
    features = list(table.features[rows][:, columns(table)["taggers"]])
    kinds, folds = [0] * len(rows), table.songs.folds[rows].tolist()
    for file in (NOT_MUSIC, SYNTHESISED):
        for at, (name, windows) in enumerate(sorted(read_windows([cache / file]).items())):
            names.append(name)
            features.append(tagged(windows))
            kinds.append(KINDS.index(name.replace(".", "_").split("_")[0]))
            folds.append(at % FOLDS)
    return KindSounds(
        tuple(names), np.stack(features), np.array(kinds, np.int64), np.array(folds, np.int64)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Synthesise noise and tones, and hear them."""
    parser = argparse.ArgumentParser(prog="python -m training.music.kind_sounds")
    parser.add_argument("--taggers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=EACH)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    taggers = [load_tagger(options.taggers / f"{name}.safetensors") for name in TAGGERS]
    found = {
        f"{kind}.{maker}.{at:04d}": heard(taggers, patches_of(wave))
        for at, (kind, maker, wave) in enumerate(synthesised(options.each, seed=0))
    }
    np.savez(options.out, names=np.array(list(found)), values=np.stack(list(found.values())))


if __name__ == "__main__":
    main()
