"""Whether silence says anything about a song, and whether a short sound gets a verdict.

    python -m benchmarks.silence [--songs DIR...] [--count 45] [--shots 1000]

Clips of thirty seconds are heard alone, and with silence before, in and after them. To keep: the
family that is said first, the likeliest of the ten genres, and the vector (C, the cosine with the
clip alone). Clips of different songs are compared without and with thirty seconds of silence behind
each: the cosine should not move. Sounds of 0.1 to 2 s, cut at random from the same songs, must be
told to be too short for a verdict.
"""

from __future__ import annotations

import argparse
import io
import statistics
import wave
from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations
from pathlib import Path

import numpy as np
import torch

from benchmarks.encodings import RATE, Listener, Sound, likeliest, read, share_over, songs_of
from ml.audio.activity import LEAST_SECONDS_OF_SOUND
from ml.audio.decoding import read_excerpts
from ml.audio.errors import SilentError
from ml.audio.excerpts import ExcerptPlan
from ml.music.hearing import Hearing

SECONDS = (2, 5, 10, 30)
PLACES = ("before", "in", "after")
CLIP_SECONDS = 30.0
SEED = 14


def with_silence(sound: Sound, place: str, seconds: float) -> Sound:
    """Put digital silence before a clip, into its middle, or behind it."""
    at = {"before": 0, "in": sound.shape[1] // 2, "after": sound.shape[1]}[place]
    pause = np.zeros((len(sound), round(seconds * RATE)), np.float32)
    return np.concatenate([sound[:, :at], pause, sound[:, at:]], axis=1)


def wav(sound: Sound) -> bytes:
    """Write a clip as a WAV file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((len(sound), 2, RATE, 0, "NONE", ""))
        writer.writeframes((sound.T.clip(-1, 1) * 32_767).astype("<i2").tobytes())
    return file.getvalue()


def clips_of(paths: Sequence[Path], count: int) -> list[Sound]:
    """Cut clips from songs, a second one from those long enough when there are too few."""
    clips: list[Sound] = []
    length = round(CLIP_SECONDS * RATE)
    for turn in range(4):
        for path in paths:
            sound = read(path, CLIP_SECONDS * (turn + 1))[:, turn * length :]
            if sound.shape[1] >= 0.9 * length and len(clips) < count:
                clips.append(sound)
    return clips


def kept(listener: Listener, clips: Sequence[Sound], alone: Sequence[Hearing]) -> list[str]:
    """Measure verdicts and vectors with silence; a line of Markdown for each place and length."""
    lines = [
        "| silence | family said kept | genre kept | C, least | C, median | clips |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    every: list[tuple[bool, bool, float]] = []
    for place in PLACES:
        for seconds in SECONDS:
            heard = [listener.hear(wav(with_silence(clip, place, seconds))) for clip in clips]
            found = [_beside(*both) for both in zip(heard, alone, strict=True)]
            lines.append(_line(f"{seconds} s {place}", found))
            every += found
    lines.append(_line("all", every))
    for number, name in enumerate(("family said kept", "genre kept")):
        each = [[bool(e[number]) for e in every[at :: len(clips)]] for at in range(len(clips))]
        lines.append(f"{name}: {share_over(each)}")
    return lines


def _beside(heard: Hearing, alone: Hearing) -> tuple[bool, bool, float]:
    """Say whether family and genre are those of the clip alone, and the cosine with it."""
    same_family = heard.verdict.family == alone.verdict.family
    return same_family, likeliest(heard) == likeliest(alone), float(heard.vector @ alone.vector)


def _line(name: str, found: Sequence[tuple[bool, bool, float]]) -> str:
    families, genres, cosines = zip(*found, strict=True)
    shares = (f"{100 * statistics.mean(kept):.1f} %" for kept in (families, genres))
    middle = f"{min(cosines):.3f} | {statistics.median(cosines):.3f}"
    return f"| {name} | {' | '.join(shares)} | {middle} | {len(found)} |"


def strangers(listener: Listener, clips: Sequence[Sound], alone: Sequence[Hearing]) -> str:
    """Compare different songs without and with thirty seconds of silence behind each."""
    silent = [listener.hear(wav(with_silence(clip, "after", 30))) for clip in clips]
    moved = [
        abs(float(silent[a].vector @ silent[b].vector) - float(alone[a].vector @ alone[b].vector))
        for a, b in combinations(range(len(clips)), 2)
    ]
    return (
        f"{len(moved)} pairs of clips, 30 s of silence behind each: the cosine moves by "
        f"{statistics.median(moved):.4f} (median), {max(moved):.4f} (most)"
    )


def short_sounds(clips: Sequence[Sound], count: int) -> str:
    """Cut short sounds at random and count those that would get a verdict."""
    random = np.random.default_rng(SEED)
    long_enough = 0
    for _ in range(count):
        clip = clips[int(random.integers(len(clips)))]
        length = round(random.uniform(0.1, 2.0) * RATE)
        first = int(random.integers(clip.shape[1] - length))
        shot = clip[:, first : first + length]
        with suppress(SilentError):
            excerpts = read_excerpts(wav(shot), ExcerptPlan())
            long_enough += excerpts.seconds_of_sound >= LEAST_SECONDS_OF_SOUND
    return f"{count} sounds of 0.1 to 2 s: {long_enough} long enough for a verdict"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=45)
    parser.add_argument("--shots", type=int, default=1_000)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    listener = Listener(options.weights)
    clips = clips_of(songs_of(options.songs, options.count), options.count)
    print(short_sounds(clips, options.shots), flush=True)
    alone = [listener.hear(wav(clip)) for clip in clips]
    print(strangers(listener, clips, alone), flush=True)
    print("\n".join(kept(listener, clips, alone)))


if __name__ == "__main__":
    main()
