"""Songs made at test time, and pieces of licensed ones: nothing is downloaded."""

import io
import wave
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest

RATE = 22_050
_SONG_SECONDS = 28.0  # of every licensed song there is as much


@lru_cache(maxsize=64)
def wav(seconds: float, seed: int = 0) -> bytes:
    """A seeded little tune: plucked notes over a beat, so that it is neither silent nor a tone."""
    generator = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    notes = generator.integers(40, 70, size=int(seconds * 4) + 1)
    pitch = 440.0 * 2.0 ** ((notes[(time * 4).astype(int)] - 57) / 12)
    pluck = np.exp(-6 * (time * 4 % 1)) * np.sin(2 * np.pi * pitch * time)
    beat = np.exp(-30 * (time * 2 % 1)) * generator.standard_normal(len(time))
    return _as_wav(0.4 * pluck + 0.2 * beat)


@lru_cache(maxsize=64)
def drone(seconds: float, seed: int = 0) -> bytes:
    """A seeded chord that only swells: nothing like `wav`, to any ear."""
    generator = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    pitches = generator.uniform(80, 160, size=3)
    chord = sum(np.sin(2 * np.pi * pitch * time) for pitch in pitches)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.3 * time + seed)
    return _as_wav(0.2 * chord * swell)


@lru_cache(maxsize=64)
def silence(seconds: float) -> bytes:
    """Digital silence."""
    return _as_wav(np.zeros(int(seconds * RATE)))


def _as_wav(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return file.getvalue()


def licensed_songs() -> list[Path]:
    """The real songs of `immich-memories-music`, installed with the extra `page`."""
    package = pytest.importorskip("immich_memories_music", reason="extra `page` is not installed")
    return sorted(Path(package.__file__).parent.rglob("*.opus"))


@lru_cache(maxsize=64)
def music(seconds: float, seed: int = 0) -> bytes:
    """A piece of a real song, as WAV: what the shipped model takes for music.

    Args:
        seconds: how long, at most 20.
        seed: picks the song and the place in it; other seeds give other sound.
    """
    songs = licensed_songs()
    start = (20.0 + seconds * (seed // len(songs))) % (_SONG_SECONDS - seconds)
    with av.open(str(songs[seed % len(songs)])) as source:
        source.seek(round(start * av.time_base))
        resampler = av.AudioResampler("s16", "mono", RATE)
        pieces: list[np.ndarray] = []
        for frame in source.decode(audio=0):
            pieces += [ready.to_ndarray()[0] for ready in resampler.resample(frame)]
            if sum(map(len, pieces)) >= seconds * RATE:
                break
    samples = np.concatenate(pieces)[: round(seconds * RATE)]
    assert len(samples) == round(seconds * RATE), f"{songs[seed % len(songs)]} is too short"
    return _as_wav(samples / 32_768)
