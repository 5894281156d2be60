"""What people would use instead, on the same files: bliss, musly and musicnn beside ours.

    python -m benchmarks.peers --setup --environment DIR           (once: installs them there)
    python -m benchmarks.peers --environment DIR --songs DIR... --cache DIR \
        --weights FILE --unheard NAME... [--only bliss musly]
    python -m benchmarks.peers --environment DIR --time [--weights FILE]

The peers are asked what `benchmarks.similarity` asks of ours, of the very same sounds; options
are the same. `--time` measures one mp3 of four minutes on two cores, warm: ours, the seed recipe's
path, and the peers, in turns of their own; beside the clock the time of the processors, which other
programs disturb less. musly brings no decoder: its time is for samples that are decoded already.
musicnn's float16 log overflows on loud clips and is set to float32.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.listen import (
    ENCODINGS,
    WORKERS,
    Times,
    measure,
    seed_model,
    seed_path,
    stereo_frames,
    write_song,
)
from benchmarks.retrieval import Answers, Figure, figures, leads
from benchmarks.similarity import (
    Indices,
    answers_of,
    collection,
    described,
    parser,
    shared_out,
    spaced,
    table,
)
from benchmarks.sounds import Song, disguised, excerpt, whole, write_wav
from ml.audio.decoding import read_excerpts
from ml.audio.sandbox import open_decoder
from ml.music.song_model import SONG_PLAN, MusicModel
from training.music.sound_changes import CHANGES

OURS, SEED = "ours, rhythm and harmony included", "seed recipe's path"
Both = tuple[Times, Times]
"""By the clock, and of the processors."""
PEERS = ("bliss", "musly", "musicnn")
PACKAGES = (
    # The wheel of bliss-audio 0.2 has instructions that only processors with AVX-512 know.
    ("bliss-audio==0.1.*", "pymusly==2.0.*", "numpy>=2,<3"),
    ("tensorflow-cpu==2.21.*", "librosa>=0.11,<0.12"),
)
# One asks for a TensorFlow of 2019, the other for the one with graphics cards.
WITHOUT_THEIR_DEPENDENCIES = ("musicnn==0.1.0", "tf-keras==2.21.*")
SCRIPT = Path(__file__).with_name("peer_ears.py")


def set_up(environment: Path) -> None:
    """Install the peers into an environment of their own."""
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    pip = [str(_python(environment)), "-m", "pip", "install", "--quiet"]
    for packages in PACKAGES:
        subprocess.run([*pip, *packages], check=True)
    subprocess.run([*pip, "--no-deps", *WITHOUT_THEIR_DEPENDENCIES], check=True)
    (extractor,) = environment.glob("lib/python3.*/site-packages/musicnn/extractor.py")
    extractor.write_text(extractor.read_text().replace("np.float16", "np.float32"))


def ask(
    peer: str,
    songs: Sequence[Song],
    asked: Indices,
    disturbed: int,
    options: argparse.Namespace,
) -> Answers:
    """Ask a peer what `benchmarks.similarity` asks of ours."""
    cache = options.cache
    files = [excerpt(song, part, cache) for part in ("first", "second") for song in songs]
    chosen, disguises = spaced(asked, disturbed), tuple(CHANGES) if disturbed else ()
    for name in disguises:
        files += [disguised(songs[at], name, cache) for at in chosen]
    similar = similarities(peer, files, options)
    found, in_disguise = 2 * len(songs), {}
    for number, name in enumerate(disguises):
        rows = slice(found + number * len(chosen), found + (number + 1) * len(chosen))
        in_disguise[name] = (chosen, similar[rows, : len(songs)])
    return Answers(similar[:found, :found], asked, in_disguise)


def similarities(
    peer: str, files: Sequence[Path], options: argparse.Namespace
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Let a peer compare files, each with each."""
    done = subprocess.run(
        [_python(options.environment), SCRIPT, peer, options.cache],
        input=json.dumps([str(file.resolve()) for file in files]).encode(),
        stdout=subprocess.PIPE,
        env=_surroundings(options.threads),
        check=True,
    )
    similar: np.ndarray[tuple[int, int], np.dtype[np.float32]] = np.load(io.BytesIO(done.stdout))
    return similar


def _python(environment: Path) -> Path:
    return environment.absolute() / "bin" / "python"


def _surroundings(threads: int) -> dict[str, str]:
    """Say how many threads to take, and which Keras musicnn's layers are from."""
    limits = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), str(threads))
    return {**os.environ, **limits, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def compare(options: argparse.Namespace) -> None:
    """Print what ours and the peers find again."""
    songs, count = collection(options)
    shared = shared_out(songs, count, options)
    answers = [
        answers_of(music_model, songs, asked, options.disturbed, options.cache)
        for music_model, asked in shared
    ]
    asked = songs[:count]
    columns: dict[str, dict[str, Figure]] = {"ours": figures(answers, asked, cosines=False)}
    ahead: dict[str, dict[str, Figure]] = {}
    for peer in options.only:
        theirs = [ask(peer, songs, each.asked, options.disturbed, options) for each in answers]
        columns[peer] = figures(theirs, asked, cosines=False)
        ahead[f"ours before {peer}"] = leads(answers, theirs, asked)
    title = described(answers, songs)
    Console().print(table(columns, title), table(ahead, "differences song by song"), sep="\n")


def time_all(options: argparse.Namespace) -> None:
    """Print how long one mp3 of four minutes takes."""
    with tempfile.TemporaryDirectory() as folder:
        song, plain = Path(folder) / "song.mp3", Path(folder) / "song.wav"
        write_song(song, ENCODINGS["mp3"], list(stereo_frames()))
        write_wav(whole(song), plain)  # for the peer that cannot decode
        rows = time_ours(song, options)
        for peer in options.only:
            rows[peer] = time_peer(peer, plain if peer == "musly" else song, options)
    lines = Table(
        *("what", "ms", "times ours", "ms of processors", "times ours"),
        title="one mp3 of four minutes, warm",
    )
    ours = rows[OURS]
    for name, (clock, work) in rows.items():
        ratios = (one.median / our.median for one, our in zip((clock, work), ours, strict=True))
        by_clock, by_work = (f"{ratio:.1f}" for ratio in ratios)
        lines.add_row(name, str(clock), by_clock, str(work), by_work)
    Console().print(lines)


def time_ours(song: Path, options: argparse.Namespace) -> dict[str, Both]:
    """Time our whole path and the seed recipe's, in turns."""
    weights = options.weights[0] if options.weights else None
    music_model, seed, data = MusicModel.load(weights), seed_model(), song.read_bytes()
    with open_decoder(WORKERS, plan=SONG_PLAN) as decoder:
        by_clock = measure(
            {
                OURS: lambda: music_model.hear(decoder.decode(data)),
                SEED: lambda: seed_path(song, seed),
            },
            options.repeats,
        )
    # Decoded in this process, as a child's work would not be counted.
    of_processors = measure(
        {
            OURS: lambda: music_model.hear(read_excerpts(data, SONG_PLAN)),
            SEED: lambda: seed_path(song, seed),
        },
        options.repeats,
        time.process_time,
    )
    return {name: (by_clock[name], of_processors[name]) for name in by_clock}


def time_peer(peer: str, song: Path, options: argparse.Namespace) -> Both:
    """Time a peer in a process of its own."""
    done = subprocess.run(
        [_python(options.environment), SCRIPT, peer, "--time", str(options.repeats), song],
        stdout=subprocess.PIPE,
        env=_surroundings(options.threads),
        check=True,
    )
    clock, work = (Times.of(runs) for runs in zip(*json.loads(done.stdout), strict=True))
    return clock, work


def main() -> None:
    """Install, compare or time."""
    options = parser((__doc__ or "").splitlines()[0], songs_needed=False)
    options.add_argument("--environment", type=Path, required=True, help="of the peers")
    options.add_argument("--setup", action="store_true", help="install the peers there")
    options.add_argument("--time", action="store_true", help="instead of comparing")
    options.add_argument("--only", nargs="+", choices=PEERS, default=PEERS)
    options.add_argument("--repeats", type=int, default=7)
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    if chosen.setup:
        set_up(chosen.environment)
    if chosen.time:
        time_all(chosen)
    if chosen.songs:
        compare(chosen)


if __name__ == "__main__":
    main()
