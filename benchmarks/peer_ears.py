"""Asks one peer how similar files are; runs in the peers' own environment, which lacks ours.

    python peer_ears.py NAME CACHE < files.json > similarities.npy      (several files)
    python peer_ears.py NAME --time REPEATS FILE                        (prints seconds, twice)

What a peer heard of a file is kept in the cache folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np


class Bliss:
    """bliss-rs: some twenty numbers a song, compared by their distance."""

    def hear(self, file: str) -> Any:
        """Give the song's numbers."""
        from bliss_audio import Song

        return np.asarray(Song(file).analysis, np.float32)

    def similar(self, heard: list[Any]) -> Any:
        """Compare all with all."""
        songs = np.stack(heard)
        return -np.linalg.norm(songs[:, None] - songs, axis=2)


class Musly:
    """musly's timbre method: Gaussians of MFCCs, normalised by mutual proximity."""

    def __init__(self) -> None:
        from pymusly import MuslyJukebox

        self.jukebox = MuslyJukebox("timbre", "none")

    def hear(self, file: str) -> Any:
        """Give the serialised track, of a whole 16-bit mono WAV file at 22 050 Hz."""
        with wave.open(file) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32_768
        track = self.jukebox.track_from_audiodata(samples.astype(np.float32))
        return np.frombuffer(self.jukebox.serialize_track(track), np.uint8)

    def similar(self, heard: list[Any]) -> Any:
        """Compare all with all; the collection itself sets the style."""
        tracks = [self.jukebox.deserialize_track(each.tobytes()) for each in heard]
        self.jukebox.set_style(tracks)
        known = list(zip(self.jukebox.add_tracks(tracks), tracks, strict=True))
        return -np.array([self.jukebox.compute_similarity(one, known) for one in known])


class Musicnn:
    """musicnn's tagger of 200,000 songs: its last hidden layer, compared by cosine.

    The package's log compression overflows in float16 on loud clips; setting up changes that
    one word to float32.
    """

    def hear(self, file: str) -> Any:
        """Give the mean over the song's three-second patches."""
        from musicnn.extractor import extractor

        with contextlib.redirect_stdout(sys.stderr):  # it talks
            _, _, features = extractor(file, model="MSD_musicnn", extract_features=True)
        return features["penultimate"].mean(axis=0)

    def similar(self, heard: list[Any]) -> Any:
        """Compare all with all, around the collection's mean, which finds more than raw cosines."""
        songs = np.stack(heard)
        songs = songs - songs.mean(axis=0)
        songs /= np.linalg.norm(songs, axis=1, keepdims=True)
        return songs @ songs.T


PEERS: dict[str, type[Any]] = {"bliss": Bliss, "musly": Musly, "musicnn": Musicnn}


def kept(peer: Any, name: str, file: str, cache: Path) -> Any:
    """Hear a file, or read what was heard before."""
    key = f"{file} {Path(file).stat().st_size} {name}"
    stored = cache / "peers" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
    if not stored.exists():
        stored.parent.mkdir(parents=True, exist_ok=True)
        np.save(stored, peer.hear(file))
    return np.load(stored)


def seconds(peer: Any, file: str, repeats: int) -> list[tuple[float, float]]:
    """Time hearing, by the clock and of the processors, warm: the first run does not count."""
    runs = []
    for _ in range(repeats + 1):
        begin, work = time.perf_counter(), time.process_time()
        peer.hear(file)
        runs.append((time.perf_counter() - begin, time.process_time() - work))
    return runs[1:]


def main() -> None:
    """Compare the files named on the standard input, or time one."""
    peer, name = PEERS[sys.argv[1]](), sys.argv[1]
    if sys.argv[2] == "--time":
        print(json.dumps(seconds(peer, sys.argv[4], int(sys.argv[3]))))
        return
    files = json.load(sys.stdin)
    heard = [kept(peer, name, file, Path(sys.argv[2])) for file in files]
    np.save(sys.stdout.buffer, np.asarray(peer.similar(heard), np.float32))


if __name__ == "__main__":
    main()
