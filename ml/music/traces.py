"""What a song's vector is made of before any weights see it, kept in a cache folder.

Fitting and measuring vectors hear the same sounds again with every new network. Decoding,
spectrograms, harmony and rhythm do not depend on it and take nearly all of the time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, WINDOW_SAMPLES, Excerpts
from ml.audio.mel import log_mel
from ml.music.clips import AUDIO_SUFFIXES, SHORTEST_BYTES, whole
from ml.music.harmony import harmony
from ml.music.model import Music2Vector
from ml.music.pictures import columns_of, level
from ml.music.rhythm import analyse

PART_SECONDS = 30.0  # of each half of a song, as much as the bot hears of its rhythm
WINDOWS = 60
_VERSION = "1"  # of what is kept; another one is never read

Sound = npt.NDArray[np.float32]
View = Callable[[Sound], Sound]


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """What is known of a sound before any weights.

    Attributes:
        columns: (windows, 128, 16) float16 in dB, one second each.
        harmony: (144,) float32, see `ml.music.harmony`.
        rhythm: (16,) float32, see `ml.music.rhythm`.
    """

    columns: npt.NDArray[np.float16]
    harmony: npt.NDArray[np.float32]
    rhythm: npt.NDArray[np.float32]


def halves(sound: Sound) -> tuple[Sound, Sound]:
    """Take thirty seconds (or all) of each half of a song, from its middle."""
    length = min(int(PART_SECONDS * SAMPLE_RATE), len(sound) // 2)
    starts = [max(0, len(sound) * part // 4 - length // 2) for part in (1, 3)]
    first, second = (sound[start : start + length].copy() for start in starts)
    return first, second


def excerpts_of(sound: Sound) -> Excerpts:
    """Hear a part of a song as the bot hears songs: sixty seconds spaced evenly, one passage."""
    starts = np.linspace(0, max(0, len(sound) - WINDOW_SAMPLES), WINDOWS).astype(int)
    padded = np.pad(sound, (0, max(0, WINDOW_SAMPLES - len(sound))))
    return Excerpts(
        windows=np.stack([padded[start : start + WINDOW_SAMPLES] for start in starts]),
        starts=tuple(float(start) / SAMPLE_RATE for start in starts),
        seconds=len(sound) / SAMPLE_RATE,
        passage=sound,
        passage_start=0.0,
    )


def trace(excerpts: Excerpts) -> Traces:
    """Compute what does not depend on weights."""
    columns = columns_of(log_mel(torch.from_numpy(excerpts.windows)))
    passage = excerpts.passage
    return Traces(columns.half().numpy(), harmony(passage), analyse(passage).profile)


@torch.inference_mode()
def embeddings(model: Music2Vector, traces: Sequence[Traces]) -> Tensor:
    """Hear sounds of as many windows each with a network of the default recipe: (sounds, n)."""
    columns = torch.from_numpy(np.stack([each.columns for each in traces])).float()
    vectors: Tensor = model(level(columns)).vector
    return vectors


def song_files(folders: Sequence[Path]) -> Iterator[Path]:
    """Find the songs in folders, which may be nested; a game's short sounds are skipped."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in AUDIO_SUFFIXES and path.stat().st_size >= SHORTEST_BYTES:
                yield path


def traced(path: Path, views: Mapping[str, View], cache: Path) -> dict[str, Traces]:
    """Trace a song in several views, each from the cache where it is there.

    Args:
        path: the song.
        views: what to make of the whole song before it is traced, by the name it is kept under.
        cache: the folder to keep traces in.

    Returns:
        One for each view; none of a song that cannot be decoded.
    """
    files = {name: _file(cache, path, name) for name in views}
    missing = [name for name, file in files.items() if not file.exists()]
    if missing:
        try:
            sound = whole(path)
        except AudioError:
            return {}
        for name in missing:
            _keep(trace(excerpts_of(views[name](sound))), files[name])
    return {name: _kept(file) for name, file in files.items()}


def traced_as(name: str, path: Path, hear: Callable[[], Excerpts], cache: Path) -> Traces:
    """Trace what is heard of a file in another way, or read it from the cache.

    Args:
        name: of the way; traces are kept under it.
        path: the file that is heard.
        hear: gives the excerpts; called only if they are not traced yet.
        cache: the folder to keep traces in.
    """
    file = _file(cache, path, name)
    if not file.exists():
        _keep(trace(hear()), file)
    return _kept(file)


def _file(cache: Path, path: Path, view: str) -> Path:
    key = f"{path.resolve()} {path.stat().st_size} {view} {_VERSION}"
    return cache / "traces" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"


def _keep(traces: Traces, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}.npz")  # several processes may share the cache
    np.savez(partial, columns=traces.columns, harmony=traces.harmony, rhythm=traces.rhythm)
    partial.replace(file)


def _kept(file: Path) -> Traces:
    with np.load(file) as stored:
        return Traces(stored["columns"], stored["harmony"], stored["rhythm"])
