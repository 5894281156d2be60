"""From which cosine on two files are one song in two encodings, and what that costs.

    python -m benchmarks.same_song --songs DIR... --cache DIR [--weights FILE] [--encoded 16]

Some whole songs are encoded again (mp3 at 32 and 128 kbit/s, Opus at 64, AAC at 96) and heard as
the bot hears a post. Their cosines with the original stand beside those of every song with the
nearest song that is another one. The songbook hides what lies above its threshold, so that answers
do not list one song twice; what is different and lies above it is hidden wrongly.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.listen import Encoding
from benchmarks.sounds import LIMITS, Song, songs_in
from ml.audio.decoding import read_excerpts
from ml.music.hearing import SAME_SONG
from ml.music.song_model import SONG_PLAN, MusicModel

AGAIN: Mapping[str, Encoding] = {
    "mp3 at 32 kbit/s": Encoding("mp3", "libmp3lame", 44_100, 32_000),
    "mp3 at 128 kbit/s": Encoding("mp3", "libmp3lame", 44_100, 128_000),
    "Opus at 64 kbit/s": Encoding("ogg", "libopus", 48_000, 64_000),
    "AAC at 96 kbit/s": Encoding("ipod", "aac", 44_100, 96_000),
}
THRESHOLDS = (0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)

Vectors = npt.NDArray[np.float32]


def encoded(path: Path, how: Encoding) -> bytes:
    """Encode a whole song again."""
    written = io.BytesIO()
    with (
        av.open(str(path), metadata_errors="ignore") as source,
        av.open(written, "w", how.muxer) as out,
    ):
        stream = out.add_stream(how.encoder, rate=how.rate, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = how.bit_rate or 0
        resampler = av.AudioResampler(stream.format, "stereo", how.rate)
        for decoded in source.decode(audio=0):
            decoded.pts = None
            for frame in resampler.resample(decoded):
                out.mux(stream.encode(frame))
        for frame in resampler.resample(None):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return written.getvalue()


def vector(music_model: MusicModel, song: Song, how: str, cache: Path) -> Vectors:
    """Hear a whole song as a post, in one of `AGAIN` or, for "posted", as it is."""
    kept = cache / f"{music_model.model} {song.soundtrack} {song.path.stem} {how}.npy".replace(
        "/", ""
    )
    if not kept.exists():
        data = song.path.read_bytes() if how == "posted" else encoded(song.path, AGAIN[how])
        heard = music_model.hear(read_excerpts(data, SONG_PLAN, LIMITS))
        cache.mkdir(parents=True, exist_ok=True)
        np.save(kept, heard.vector)
    stored: Vectors = np.load(kept)
    return stored


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    music_model, songs = MusicModel.load(options.weights), songs_in(options.songs)
    heard = np.stack([vector(music_model, song, "posted", options.cache) for song in track(songs)])
    chosen = np.linspace(0, len(songs) - 1, min(options.encoded, len(songs))).astype(int)
    same = {
        how: np.array(
            [
                heard[at] @ vector(music_model, songs[at], how, options.cache)
                for at in track(chosen, how)
            ]
        )
        for how in AGAIN
    }
    cosines = heard @ heard.T
    np.fill_diagonal(cosines, -1)
    nearest = cosines.max(axis=1)
    console = Console()
    console.print(_spread(same, nearest))
    console.print(_costs(np.concatenate(list(same.values())), nearest))
    for at in np.argsort(-nearest)[: options.doubtful]:
        other = songs[int(cosines[at].argmax())]
        console.print(f"{nearest[at]:.4f}  {songs[at].path.name}  {other.path.name}")


def _spread(same: Mapping[str, Vectors], nearest: Vectors) -> Table:
    table = Table("whole songs", "least", "5 %", "median", "95 %", "most", "songs")
    rows = {**same, "nearest different song": nearest}
    for name, values in rows.items():
        spread = np.quantile(values, [0, 0.05, 0.5, 0.95, 1])
        table.add_row(name, *(f"{value:.4f}" for value in spread), str(len(values)))
    return table


def _costs(same: Vectors, nearest: Vectors) -> Table:
    table = Table("threshold", "encodings taken for one song", "different songs hidden")
    for threshold in sorted({*THRESHOLDS, SAME_SONG}):
        star = " (the songbook's)" if threshold == SAME_SONG else ""
        found, wrong = (same >= threshold).mean(), (nearest >= threshold).mean()
        table.add_row(f"{threshold:.3f}{star}", f"{found:.3f}", f"{wrong:.3f}")
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="+", required=True)
    parser.add_argument("--weights", type=Path, help="instead of the shipped ones")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"))
    parser.add_argument("--encoded", type=int, default=16, help="songs to encode again")
    parser.add_argument("--doubtful", type=int, default=12, help="nearest pairs to name")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
