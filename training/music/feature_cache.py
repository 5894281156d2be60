"""What a song's vector is made of before any weights see it, kept in a cache folder.

Fitting and measuring vectors hear the same sounds again with every new network. Decoding,
spectrograms, harmony and rhythm do not depend on it and take nearly all of the time.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, Excerpts
from ml.audio.mel import log_mel
from ml.files import write_atomically
from ml.music.harmony import harmony
from ml.music.model import Music2Vector
from ml.music.rhythm import analyse
from ml.music.spectrograms import columns_of, level
from training.music.clips import AUDIO_SUFFIXES, SHORTEST_BYTES, whole

PART_SECONDS = 30.0  # of each half of a song, as much as the bot hears of its rhythm
WINDOWS = 60
# What is kept, and the version of how it is computed; another one is never read.
_COLUMNS = ("columns of parts", 1)
_CHORDS_AND_BEAT = ("chords and beat", 1)

Sound = npt.NDArray[np.float32]
View = Callable[[Sound], Sound]


@dataclass(frozen=True, slots=True, eq=False)
class CachedFeatures:
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
    starts = np.linspace(0, max(0, len(sound) - SAMPLE_RATE), WINDOWS).astype(int)
    padded = np.pad(sound, (0, max(0, SAMPLE_RATE - len(sound))))
    return Excerpts(
        windows=np.stack([padded[start : start + SAMPLE_RATE] for start in starts]),
        starts=tuple(float(start) / SAMPLE_RATE for start in starts),
        seconds=len(sound) / SAMPLE_RATE,
        passage=sound,
        passage_start=0.0,
    )


def columns_in(excerpts: Excerpts) -> npt.NDArray[np.float16]:
    """Look at the windows of a sound: (windows, 128, 16) in dB."""
    columns: npt.NDArray[np.float16] = (
        columns_of(log_mel(torch.from_numpy(excerpts.windows))).half().numpy()
    )
    return columns


def trace(excerpts: Excerpts) -> CachedFeatures:
    """Compute what does not depend on weights."""
    passage = excerpts.passage
    return CachedFeatures(columns_in(excerpts), harmony(passage), analyse(passage).profile)


@torch.inference_mode()
def embeddings(model: Music2Vector, traces: Sequence[CachedFeatures]) -> Tensor:
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


def traced(path: Path, views: Mapping[str, View], cache: Path) -> dict[str, CachedFeatures]:
    """Trace a song in several views, each from the cache where it is there.

    Args:
        path: the song.
        views: what to make of the whole song before it is traced, by the name it is kept under.
        cache: the folder to keep traces in.

    Returns:
        One for each view; none of a song that cannot be decoded.
    """
    whole_song = _Once(path)
    try:
        return {
            name: traced_as(name, path, partial(whole_song.seen, view), cache)
            for name, view in views.items()
        }
    except AudioError:
        return {}


def traced_as(name: str, path: Path, hear: Callable[[], Excerpts], cache: Path) -> CachedFeatures:
    """Trace what is heard of a file in another way, or read it from the cache.

    Args:
        name: of the way; traces are kept under it.
        path: the file that is heard.
        hear: gives the excerpts; called only for what is not traced yet.
        cache: the folder to keep traces in.
    """
    chords, beat = chords_and_beat(name, path, lambda: hear().passage, cache)
    (columns,) = _kept(cache, (path, name, *_COLUMNS), lambda: (columns_in(hear()),))
    return CachedFeatures(columns, chords, beat)


def chords_and_beat(
    name: str, path: Path, hear: Callable[[], Sound], cache: Path
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Trace harmony and rhythm alone, which a new network's way of looking does not change."""

    def make() -> tuple[npt.NDArray[np.float32], ...]:
        passage = hear()
        return harmony(passage), analyse(passage).profile

    chords, beat = _kept(cache, (path, name, *_CHORDS_AND_BEAT), make)
    return chords, beat


def chords_and_beats(
    path: Path, views: Mapping[str, View], cache: Path
) -> list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    """Trace harmony and rhythm of a song in several views, from the cache where they are there.

    Raises:
        AudioError: the song cannot be decoded.
    """
    song = _Once(path)
    return [
        chords_and_beat(name, path, partial(song.passage, view), cache)
        for name, view in views.items()
    ]


class _Once:
    """A song that is decoded when it is first needed, and not again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sound: Sound | None = None

    def seen(self, view: View) -> Excerpts:
        return excerpts_of(self.passage(view))

    def passage(self, view: View) -> Sound:
        if self._sound is None:
            self._sound = whole(self._path)
        return view(self._sound)


def _kept(
    cache: Path, key: tuple[Path, str, str, int], make: Callable[[], Sequence[Any]]
) -> list[Any]:
    path, name, kind, version = key
    words = f"{path.resolve()} {path.stat().st_size} {name} {kind} {version}"
    file = cache / kind / f"{hashlib.sha256(words.encode()).hexdigest()[:24]}.npz"
    if not file.exists():
        content = io.BytesIO()
        np.savez(content, *make())
        write_atomically(file, content.getvalue())  # processes may share the cache
    with np.load(file) as stored:
        return [stored[each] for each in stored.files]
