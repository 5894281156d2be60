"""The sounds that every model is asked about, as files that all of them can read.

Songs are cut into two excerpts of thirty seconds, one of each half; some are disguised. What was
made once is kept in the cache folder, 16 bits at 22 050 Hz.
"""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from ml.audio.decoding import read_excerpts
from ml.audio.excerpts import SAMPLE_RATE, DecodingLimits, ExcerptPlan
from ml.files import write_atomically
from training.music.sound_changes import CHANGES, Sound

SHORTEST_SECONDS = 28
LIMITS = DecodingLimits(max_bytes=1 << 30)
LONGEST_SECONDS = 3_600.0
PART_SECONDS = 30.0  # of each half of a song, as much as the bot hears of its rhythm
AUDIO_SUFFIXES = {".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav"}
SHORTEST_BYTES = 150_000  # shorter files of a game are its sounds, not its songs


@dataclass(frozen=True, slots=True)
class Song:
    """A song and the soundtrack it belongs to.

    Attributes:
        path: the whole song.
        soundtrack: songs that belong together, by the folder given.
    """

    path: Path
    soundtrack: str


def songs_in(folders: Sequence[Path]) -> list[Song]:
    """Find the songs of folders, each a soundtrack of its own; short ones are left out."""
    return [
        Song(path, folder.name)
        for folder in folders
        for path in song_files([folder])
        if _seconds(path) >= SHORTEST_SECONDS
    ]


def excerpt(song: Song, part: str, cache: Path) -> Path:
    """Cut a song's `first` or `second` excerpt into a WAV file."""
    file = _file(cache, song.path, part)
    if not file.exists():
        for half, name in zip(halves(whole(song.path)), ("first", "second"), strict=True):
            write_wav(half, _file(cache, song.path, name))
    return file


def disguised(song: Song, disguise: str, cache: Path) -> Path:
    """Make the first excerpt unlike itself, by one of `CHANGES`, into a WAV file."""
    file = _file(cache, song.path, disguise)
    if not file.exists():
        write_wav(CHANGES[disguise](read_wav(excerpt(song, "first", cache))), file)
    return file


def whole(path: Path) -> Sound:
    """Decode a whole file to mono at 22 050 Hz.

    Raises:
        AudioError: it cannot be decoded.
    """
    # With all its windows: by one alone, a rest in the middle would pass for silence.
    plan = ExcerptPlan(passage_seconds=LONGEST_SECONDS)
    return read_excerpts(path, plan, LIMITS).passage


def halves(sound: Sound) -> tuple[Sound, Sound]:
    """Take thirty seconds (or all) of each half of a song, from its middle."""
    length = min(int(PART_SECONDS * SAMPLE_RATE), len(sound) // 2)
    starts = [max(0, len(sound) * part // 4 - length // 2) for part in (1, 3)]
    first, second = (sound[start : start + length].copy() for start in starts)
    return first, second


def song_files(folders: Sequence[Path]) -> Iterator[Path]:
    """Find the songs in folders, which may be nested; a game's short sounds are skipped."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in AUDIO_SUFFIXES and path.stat().st_size >= SHORTEST_BYTES:
                yield path


def _seconds(path: Path) -> float:
    """Read from a file's header how long it is; decoding to learn that takes minutes for a game."""
    try:
        with av.open(str(path), metadata_errors="ignore") as source:
            return (source.duration or 0) / av.time_base
    except av.FFmpegError:
        return 0.0


def _file(cache: Path, path: Path, part: str) -> Path:
    key = f"{path.resolve()} {path.stat().st_size} {part}"
    return cache / "sounds" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.wav"


def write_wav(sound: Sound, file: Path) -> None:
    """Write a file that every model can read."""
    content = io.BytesIO()
    with wave.open(content, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((sound.clip(-1, 1) * 32_767).astype("<i2").tobytes())
    write_atomically(file, content.getvalue())  # several processes may share the cache


def read_wav(file: Path) -> Sound:
    """Read a file that `write_wav` wrote: (samples,) at 22 050 Hz."""
    with wave.open(str(file)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    return (samples / 32_767).astype(np.float32)
