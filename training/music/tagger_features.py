"""What the taggers hear in every song that can be heard, stored once.

    python -m training.music.tagger_features --taggers DIR --out FILE [--patches N] SOUND...

SOUND are files or folders of them. A song is heard in patches of three seconds, one behind the
other, at most ten; with `--patches` in fewer, evenly spaced ones. Written are (songs, 10, n)
float32: for each patch the embeddings of MSD and MTT (200 each), their tags (50 each) and the pools
of all their layers; patches that a short song lacks are NaN.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile  # type: ignore[import-untyped]  # ships no types
import soxr
import torch
from torch import Tensor

from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.music.tagger import PATCH_SAMPLES, RATE, Tagger, levelled, tagger_input
from training.music.convert_tagger import TAGGERS, load_tagger

PATCHES = 10
SOUNDS = (".opus", ".ogg", ".oga", ".flac", ".mp3", ".wav", ".m4a")
_SAVE_EVERY = 50  # songs
_LOG = logging.getLogger(__name__)


def passage_of(file: Path, seconds: float = 30.0) -> npt.NDArray[np.float32]:
    """Read up to `seconds` from the middle of a song: (samples,) float32 at 22 050 Hz."""
    if file.suffix == ".flac":  # our own rebuilt sounds
        wave, rate = soundfile.read(file, dtype="float32")
        if rate == SAMPLE_RATE and wave.ndim == 1:
            passage: npt.NDArray[np.float32] = wave[: int(seconds * rate)]
            return passage
    return read_excerpts(file, ExcerptPlan(windows=1, passage_seconds=seconds)).passage


def patches_of(passage: npt.NDArray[np.float32]) -> Tensor:
    """Cut a passage at 22 050 Hz, at the usual level, into pictures: (at most 10, 187, 96)."""
    wave = soxr.resample(levelled(passage), SAMPLE_RATE, RATE)
    wave = np.pad(wave, (0, max(0, PATCH_SAMPLES - len(wave))))
    count = min(PATCHES, len(wave) // PATCH_SAMPLES)
    waves = wave[: count * PATCH_SAMPLES].reshape(count, PATCH_SAMPLES)
    return tagger_input(torch.from_numpy(np.ascontiguousarray(waves, np.float32)))


def evenly(patches: Tensor, most: int) -> Tensor:
    """Take at most so many of a song's patches, evenly spaced."""
    return patches[np.unique(np.linspace(0, len(patches) - 1, most).round().astype(int))]


@torch.inference_mode()
def heard(taggers: Sequence[Tagger], patches: Tensor) -> npt.NDArray[np.float32]:
    """Hear a song's patches with both taggers: (10, n), NaN behind its end."""
    taggings = [tagger(patches) for tagger in taggers]
    found = [t.embedding for t in taggings] + [t.tags for t in taggings]
    values = torch.cat([*found, *(t.pooled for t in taggings)], dim=1)
    padded = np.full((PATCHES, values.shape[1]), np.nan, np.float32)
    padded[: len(values)] = values.numpy()
    return padded


def sounds_in(places: Sequence[Path]) -> Iterator[Path]:
    """List the sounds among files and folders, in a fixed order."""
    for place in places:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (file for file in inside if file.suffix.lower() in SOUNDS)


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear what is not stored yet."""
    parser = argparse.ArgumentParser(prog="python -m training.music.tagger_features")
    parser.add_argument("sounds", type=Path, nargs="+")
    parser.add_argument("--taggers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--patches", type=int, default=PATCHES)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    taggers = [load_tagger(options.taggers / f"{name}.safetensors") for name in TAGGERS]
    stored: dict[str, npt.NDArray[np.float32]] = {}
    if options.out.exists():
        with np.load(options.out) as old:
            stored = dict(zip(old["names"].tolist(), old["values"], strict=True))
    fresh = 0
    for file in sounds_in(options.sounds):
        if file.stem in stored:
            continue
        try:
            patches = evenly(patches_of(passage_of(file)), options.patches)
            stored[file.stem] = heard(taggers, patches)
        except AudioError as error:
            _LOG.warning("%s is left out: %s", file.name, type(error).__name__)
            continue
        fresh += 1
        if fresh % _SAVE_EVERY == 0:
            _save(options.out, stored)
            _LOG.info("%d songs", len(stored))
    _save(options.out, stored)


def _save(out: Path, stored: dict[str, npt.NDArray[np.float32]]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".part.npz")
    np.savez(partial, names=np.array(list(stored)), values=np.stack(list(stored.values())))
    partial.replace(out)


if __name__ == "__main__":
    main()
