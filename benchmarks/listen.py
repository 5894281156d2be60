"""How long it takes to hear a song: ours beside what the seed recipe does, format by format.

    python -m benchmarks.listen [--repeats 7] [--weights FILE] [--json FILE]

The song is four minutes of the licensed music in `immich-memories-music`, encoded at run time.
Beside ours stand `librosa.load` of the whole file followed by the seed recipe's path (librosa's mel
for each second, 224 x 224 pictures, its network with untrained weights, which take as long), and
our decoding alone. The post does not say how wide its network is; ours is as narrow as two cores
can train, so the path is also timed with the usual width, four times that. All ways of one
format take turns, so that a disturbance hits them alike. Where `librosa.load` cannot open a format
(m4a, on a machine without FFmpeg's program), FFmpeg's library decodes the whole file in its stead,
which is quicker; such figures bear a star.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import av
import immich_memories_music
import librosa
import numpy as np
import numpy.typing as npt
import torch
from audioread.exceptions import NoBackendError  # type: ignore[import-untyped]  # has no types
from av.audio.frame import AudioFrame

from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan, lay_out
from ml.audio.sandbox import SandboxedDecoder, open_decoder
from ml.music.song_model import SONG_PLAN, MusicModel
from training.music.mel import FFT_SAMPLES, HOP_SAMPLES, MEL_BANDS
from training.music.seed import WIDTHS, SeedMusic2Vector, square

SECONDS = 240
WORKERS = 2
WINDOWS = 60
USUALLY = 4  # the post gives no sizes; ours is narrow so that two cores can train it


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the song is written: FFmpeg's muxer and encoder, rate in Hz, bits a second or None."""

    muxer: str
    encoder: str
    rate: int = 44_100
    bit_rate: int | None = None


ENCODINGS = {
    "mp3": Encoding("mp3", "libmp3lame", bit_rate=192_000),
    "m4a": Encoding("ipod", "aac", bit_rate=192_000),
    "ogg": Encoding("ogg", "libvorbis", bit_rate=160_000),
    "flac": Encoding("flac", "flac"),
    "opus": Encoding("ogg", "libopus", 48_000, 128_000),
}


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of several runs."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """Sum up runs."""
        runs = [1_000 * each for each in seconds]
        return cls(statistics.median(runs), min(runs), max(runs))

    def __str__(self) -> str:
        return f"{self.median:.0f} ({self.least:.0f} to {self.most:.0f})"


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one format.

    Attributes:
        ours: all that `/genre` hears.
        decoding: decoding of what it listens to alone.
        seed: the seed recipe's path.
        wide: the same, its network `USUALLY` times as wide.
        by_librosa: whether librosa itself could open the file.
    """

    ours: Times
    decoding: Times
    seed: Times
    wide: Times
    by_librosa: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """What hears a song: ours, and the seed recipe, twice."""

    music_model: MusicModel
    decoder: SandboxedDecoder
    seed: SeedMusic2Vector
    wide: SeedMusic2Vector


def load_whole(file: Path) -> npt.NDArray[np.float32]:
    """Decode a whole file to mono at 22 050 Hz, by librosa if it can."""
    if opens_in_librosa(file):
        wave: npt.NDArray[np.float32] = librosa.load(file, sr=SAMPLE_RATE, mono=True)[0]
        return wave
    resampler = av.AudioResampler("fltp", "mono", SAMPLE_RATE)
    with av.open(str(file)) as source:
        pieces = [piece for frame in source.decode(audio=0) for piece in resampler.resample(frame)]
    return np.concatenate([piece.to_ndarray()[0] for piece in pieces]).astype(np.float32)


def seed_path(file: Path, seed: SeedMusic2Vector) -> None:
    """Hear a song as the post does: the whole file, librosa's mel per second, 224 x 224."""
    wave = load_whole(file)
    layout = lay_out(len(wave) / SAMPLE_RATE, ExcerptPlan(WINDOWS))
    firsts = [round(window.start * SAMPLE_RATE) for window in layout.windows]
    mels = [librosa_mel(wave[first : first + SAMPLE_RATE]) for first in firsts]
    with torch.inference_mode():
        seed(square(torch.from_numpy(np.stack(mels))))


def librosa_mel(wave: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn one window into (128, frames) dB with librosa."""
    mel = librosa.feature.melspectrogram(
        y=wave, sr=SAMPLE_RATE, n_fft=FFT_SAMPLES, hop_length=HOP_SAMPLES, n_mels=MEL_BANDS
    )
    decibels: npt.NDArray[np.float32] = librosa.power_to_db(mel).astype(np.float32)
    return decibels


def seed_model(times: int = 1) -> SeedMusic2Vector:
    """Build the seed recipe's network, so many times as wide, with untrained weights."""
    torch.manual_seed(0)
    return SeedMusic2Vector([times * width for width in WIDTHS]).eval()


def measure(
    ways: Mapping[str, Callable[[], object]],
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Times]:
    """Time several ways of doing one thing, in turns, after one warm-up of each."""
    runs: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(repeats + 1):
        for name, way in ways.items():
            begin = clock()
            way()
            if repeat:
                runs[name].append(clock() - begin)
    return {name: Times.of(seconds) for name, seconds in runs.items()}


def compare(file: Path, ways: Ways, repeats: int) -> Row:
    """Measure one file."""
    data = file.read_bytes()
    times = measure(
        {
            "ours": lambda: ways.music_model.hear(ways.decoder.decode(data)),
            "decoding": lambda: ways.decoder.decode(data),
            "seed": lambda: seed_path(file, ways.seed),
            "wide": lambda: seed_path(file, ways.wide),
        },
        repeats,
    )
    return Row(**times, by_librosa=opens_in_librosa(file))


@cache
def opens_in_librosa(file: Path) -> bool:
    """Whether this machine has what librosa needs for the format."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # librosa warns before it tries its old back ends
        try:
            librosa.load(file, sr=SAMPLE_RATE, duration=1.0)
        except NoBackendError:
            return False
    return True


def stereo_frames() -> Iterator[AudioFrame]:
    """Join licensed songs to four minutes of stereo, in frames of one second at 48 kHz."""
    folder = Path(immich_memories_music.__file__).parent
    resampler = av.AudioResampler("fltp", "stereo", 48_000, frame_size=48_000)
    count = 0
    for track in sorted(folder.rglob("*.opus"))[::3]:
        with av.open(str(track)) as source:
            for decoded in source.decode(audio=0):
                decoded.pts = None
                for frame in resampler.resample(decoded):
                    if count == SECONDS:
                        return
                    frame.pts = count * 48_000
                    count += 1
                    yield frame
    raise RuntimeError(f"the licensed songs last {count} s, not {SECONDS}")


def write_song(file: Path, encoding: Encoding, frames: list[AudioFrame]) -> None:
    """Encode the song into one format."""
    written = io.BytesIO()
    with av.open(written, "w", encoding.muxer) as container:
        stream = container.add_stream(encoding.encoder, rate=encoding.rate, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        if encoding.bit_rate:
            stream.bit_rate = encoding.bit_rate
        resampler = av.AudioResampler(stream.format, "stereo", encoding.rate)
        for frame in [*frames, None]:
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    file.write_bytes(written.getvalue())


def table(rows: Mapping[str, Row]) -> str:
    """Write the figures as Markdown."""
    lines = [
        "| format | `/genre`, ms | decoding alone, ms "
        "| librosa and 224 x 224, ms | times faster | the same, 32 to 256 wide, ms "
        "| times faster |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in rows.items():
        star = "" if row.by_librosa else " *"
        ours = row.ours.median
        lines.append(
            f"| {name} | {row.ours} | {row.decoding} | {row.seed}{star} "
            f"| {row.seed.median / ours:.1f} | {row.wide}{star} | {row.wide.median / ours:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--weights", type=Path, help="another model than the shipped one")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    torch.set_num_threads(WORKERS)
    music_model = MusicModel.load(options.weights)
    frames = list(stereo_frames())
    rows = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        open_decoder(WORKERS, plan=SONG_PLAN) as decoder,
    ):
        ways = Ways(music_model, decoder, seed_model(), seed_model(USUALLY))
        for name, encoding in ENCODINGS.items():
            file = Path(folder) / f"song.{name}"
            write_song(file, encoding, frames)
            rows[name] = compare(file, ways, options.repeats)
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps({name: asdict(row) for name, row in rows.items()}))


if __name__ == "__main__":
    main()
