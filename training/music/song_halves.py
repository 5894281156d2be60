"""Hears both halves of songs, from which the vector is fitted and measured.

    python -m training.music.song_halves --taggers DIR --out FILE SOUND...

Written are, for each song and half, what each part of the vector is made of: `sound`, `harmony`,
`rhythm`, and the coarse `pictures` from which the network will read the style.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, DecodingLimits, ExcerptPlan
from ml.music.harmony import harmony
from ml.music.heads import song_features
from ml.music.picture_network import passage_pictures
from ml.music.rhythm import PROFILE_SIZE, analyse
from ml.music.tagger import Tagger
from training.music.convert_tagger import TAGGERS, load_tagger
from training.music.tagger_features import evenly, heard, patches_of, sounds_in

HALF_SECONDS = 30.0  # heard of each half
HALF_PATCHES = 5
HALF_COLUMNS = 100  # of a coarse picture, 23 s; of a shorter half, its beginning again
SHORTEST_SECONDS = 20.0  # of a song
_LONGEST_SECONDS = 150.0  # of a song are read, from its middle
_SAVE_EVERY = 20  # songs
_LOG = logging.getLogger(__name__)


@torch.inference_mode()
def hear_half(
    wave: npt.NDArray[np.float32], taggers: Sequence[Tagger]
) -> dict[str, npt.NDArray[Any]]:
    """Hear one half of a song: (samples,) at 22 050 Hz."""
    windows = heard(taggers, evenly(patches_of(wave), HALF_PATCHES))[:HALF_PATCHES]
    inside = windows[~np.isnan(windows[:, 0])]
    rhythm = analyse(wave)
    pictures = (passage_pictures(wave)[:, :, :HALF_COLUMNS] / 80 + 1) * 255
    narrow = (0, HALF_COLUMNS - pictures.shape[2])
    return {
        "sound": song_features(inside[:, :400]),
        "pictures": np.pad(pictures.byte().numpy(), ((0, 0), (0, 0), narrow), mode="wrap"),
        "harmony": harmony(wave),
        "rhythm": rhythm.profile if rhythm.profile.any() else np.zeros(PROFILE_SIZE, np.float32),
    }


def halves_of(file: Path) -> list[npt.NDArray[np.float32]]:
    """Read up to thirty seconds from the middle of each half of a song; none of a short one."""
    limits = DecodingLimits(max_bytes=1 << 30, max_seconds=3_600.0)
    wave = read_excerpts(
        file, ExcerptPlan(windows=1, passage_seconds=_LONGEST_SECONDS), limits
    ).passage
    if len(wave) < SHORTEST_SECONDS * SAMPLE_RATE:
        return []
    middle, reach = len(wave) // 2, int(HALF_SECONDS * SAMPLE_RATE)
    pieces = []
    for half in (wave[:middle], wave[middle:]):
        first = max(0, (len(half) - reach) // 2)
        pieces.append(half[first : first + reach])
    return pieces


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear all songs."""
    parser = argparse.ArgumentParser(prog="python -m training.music.song_halves")
    parser.add_argument("sounds", type=Path, nargs="+")
    parser.add_argument("--taggers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    taggers = [load_tagger(options.taggers / f"{name}.safetensors") for name in TAGGERS]
    names, groups, found = [], [], []
    for file in sounds_in(options.sounds):
        try:
            pieces = halves_of(file)
        except AudioError as error:
            _LOG.warning("%s is left out: %s", file.name, type(error).__name__)
            continue
        if pieces:
            found.append([hear_half(piece, taggers) for piece in pieces])
            names.append(file.stem)
            groups.append(file.parent.name)
        if len(found) % _SAVE_EVERY == 0:
            _save(options.out, names, groups, found)
            _LOG.info("%d songs", len(found))
    _save(options.out, names, groups, found)


def _save(
    out: Path,
    names: Sequence[str],
    groups: Sequence[str],
    found: Sequence[Sequence[dict[str, npt.NDArray[Any]]]],
) -> None:
    arrays: dict[str, Any] = {
        part: np.stack([np.stack([half[part] for half in song]) for song in found])
        for part in found[0][0]
    }
    np.savez(out, names=np.array(names), groups=np.array(groups), **arrays)


if __name__ == "__main__":
    main()
