"""Training clips: recordings, mel pictures, noises, and disguises of songs."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.audio.limits import DecodingLimits
from ml.audio.mel import MEL_BANDS, log_mel
from ml.files import write_atomically
from ml.music.hearing import GENRES
from ml.music.spectrograms import COLUMNS, columns_of, from_image

Sound = npt.NDArray[np.float32]


def add_pink_noise(sound: Sound, decibels_under: float) -> Sound:
    """Add noise whose power falls by 3 dB an octave, so far under the music.

    Args:
        sound: (samples,) float32.
        decibels_under: distance of the two powers.
    """
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    noise *= np.sqrt((sound**2).mean() / (noise**2).mean()) * 10 ** (-decibels_under / 20)
    return (sound + noise).astype(np.float32)


NO_GENRE = -1  # unknown: an unlabelled song
OTHER_GENRE = -2  # known to be none of the ten
AUDIO_SUFFIXES = {".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav"}
SHORTEST_BYTES = 150_000  # shorter files of a game are its sounds, not its songs

# Artists of pictures who, by Sturm's index (2013), are in GTZAN as well.
SHARED_ARTISTS = frozenset(
    {
        "ACDC",
        "Black Sabbath",
        "Bob Marley & The Wailers",
        "Britney Spears",
        "Burning Spear",
        "Dennis Brown",
        "Gregory Isaacs",
        "Iron Maiden",
        "John Lee Hooker",
        "Led Zeppelin",
        "Metallica",
        "Motörhead",
        "Queen",
        "Robert Johnson",
    }
)

_IMAGE_GENRES = {"hip-hop": "hiphop"}
_IMAGE_BANDS = 106  # of the pictures' 128 rows (0 to 22 050 Hz), those up to 11 025 Hz
_LIMITS = DecodingLimits(max_bytes=1 << 30, max_seconds=3_600)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One recording.

    Attributes:
        name: file or title.
        group: who made it; clips of a group are never divided between training and test.
        source: `gtzan`, `mel_images` or the folder of songs it came from.
        genre: index into `GENRES`, `NO_GENRE` or `OTHER_GENRE`.
        columns: (128, n) float16 in dB, 60 ms a column.
        path: the audio file, None for a picture.
    """

    name: str
    group: str
    source: str
    genre: int
    columns: Tensor
    path: Path | None = None


def read_gtzan(data: Path, cache: Path) -> list[Clip]:
    """Read the labelled clips under `data/gtzan`.

    Raises:
        OSError: the manifest or a clip is missing.
        AudioError: a clip cannot be decoded.
    """
    clips = []
    for row in _rows(data / "gtzan"):
        path = data / "gtzan" / row["genre"] / f"{row['track']}.opus"
        columns = torch.from_numpy(_cached(cache, path, "columns", _columns))
        genre = GENRES.index(row["genre"])
        group = f"gtzan {row['artist']}"
        clips.append(Clip(row["track"], group, "gtzan", genre, columns, path))
    return clips


def read_images(data: Path) -> list[Clip]:
    """Read the mel pictures under `data/mel_images`; those of other genres are `OTHER_GENRE`.

    Raises:
        OSError: the pictures or their manifest are missing.
    """
    with np.load(data / "mel_images" / "mels.npz") as stored:
        pictures = stored["mels"]
    clips = []
    for row in _rows(data / "mel_images"):
        name = row["genre"].lower()
        name = _IMAGE_GENRES.get(name, name)
        columns = from_image(torch.from_numpy(pictures[int(row["row"])]), MEL_BANDS, _IMAGE_BANDS)
        clips.append(
            Clip(
                name=row["title"],
                group=row["artist"] or f"{name}: {row['title']}",
                source="mel_images",
                genre=GENRES.index(name) if name in GENRES else OTHER_GENRE,
                columns=columns.half(),
            )
        )
    return clips


def read_songs(folders: Sequence[Path], cache: Path) -> list[Clip]:
    """Read every song in the folders, which may be nested; a game's short sounds are skipped."""
    return [
        clip for folder in folders for clip in _recordings(folder, cache, NO_GENRE, SHORTEST_BYTES)
    ]


def read_others(folders: Sequence[Path], cache: Path) -> list[Clip]:
    """Read everything in the folders, however short, as what is none of the ten genres."""
    return [clip for folder in folders for clip in _recordings(folder, cache, OTHER_GENRE, 0)]


def noises(count: int = 40) -> list[Clip]:
    """Make sounds that are no music: noise of many colours, hums, clicks and near silence."""
    return [_noise(number) for number in range(count)]


def mel_frames(clip: Clip, cache: Path) -> Tensor:
    """Read a clip's mel spectrogram at 20 ms a frame, (128, frames) float16 in dB."""
    if clip.path is None:
        raise ValueError(f"{clip.name} is a picture: there is no finer one")
    return torch.from_numpy(_cached(cache, clip.path, "frames", _frames))


def whole(path: Path) -> npt.NDArray[np.float32]:
    """Decode a whole file to mono at 22 050 Hz.

    Raises:
        AudioError: it cannot be decoded.
    """
    # With all its windows: by one alone, a rest in the middle would pass for silence.
    plan = ExcerptPlan(passage_seconds=_LIMITS.max_seconds)
    return read_excerpts(path, plan, _LIMITS).passage


def _noise(number: int) -> Clip:
    dice = np.random.default_rng(number)
    size = 6 * SAMPLE_RATE
    spectrum = np.fft.rfft(dice.normal(size=size))
    frequencies = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    spectrum /= np.maximum(frequencies, 20.0) ** dice.uniform(0, 1.2)  # white to nearly brown
    spectrum[frequencies > dice.uniform(2_000, 22_050)] = 0
    wave = np.fft.irfft(spectrum, size)
    wave /= np.abs(wave).max()
    if number % 4 == 1:
        wave = 0.01 * wave + np.sin(
            2 * np.pi * dice.uniform(40, 2_000) * np.arange(size) / SAMPLE_RATE
        )
    if number % 4 == 2:
        wave = 0.001 * wave + (dice.random(size) < dice.uniform(1, 20) / SAMPLE_RATE)
    sound = torch.from_numpy(wave.astype(np.float32)).unsqueeze(0)
    columns = columns_of(log_mel(sound)[0]).half()
    return Clip(f"noise {number}", f"noise {number}", "noise", OTHER_GENRE, columns)


def _recordings(folder: Path, cache: Path, genre: int, shortest: int) -> Iterator[Clip]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in AUDIO_SUFFIXES or path.stat().st_size < shortest:
            continue
        try:
            columns = torch.from_numpy(_cached(cache, path, "columns", _columns))
        except AudioError:
            continue
        if columns.shape[1] > COLUMNS:
            yield Clip(path.stem, folder.name, folder.name, genre, columns, path)


def _columns(path: Path) -> npt.NDArray[np.float16]:
    return columns_of(_mel(path)).half().numpy()


def _frames(path: Path) -> npt.NDArray[np.float16]:
    return _mel(path).half().numpy()


def _mel(path: Path) -> Tensor:
    return log_mel(torch.from_numpy(whole(path)).unsqueeze(0))[0]


def _cached(cache: Path, path: Path, kind: str, make) -> npt.NDArray[np.float16]:  # type: ignore[no-untyped-def]
    key = hashlib.sha256(f"{path.resolve()} {path.stat().st_size} {kind}".encode()).hexdigest()
    kept = cache / kind / f"{key[:24]}.npy"
    if kept.exists():
        stored: npt.NDArray[np.float16] = np.load(kept)
        return stored
    made: npt.NDArray[np.float16] = make(path)
    content = io.BytesIO()
    np.save(content, made)
    write_atomically(kept, content.getvalue())
    return made


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as manifest:
        return list(csv.DictReader(manifest))
