"""How well vectors find the same song and the same soundtrack again.

    python -m benchmarks.similarity --songs DIR... --distractors DIR... --cache DIR \
        --weights FILE --unheard NAME... [--weights FILE --unheard NAME...]

Each song gives two excerpts of thirty seconds, from its first and its second half. Asked with one,
the nearest among the other halves of all songs should be its own. Songs of one folder are one
soundtrack. Distractors take part as wrong answers only. A few songs are asked again after mp3 at
32 kbit/s, a semitone up and down, 8 % faster and slower, and in pink noise.

`--unheard` names the soundtracks that the weights before it were not trained on: they are asked
about these alone, and all others take part as wrong answers. Several weights that never heard one
another's songs so share the questions. Without it, weights are asked about everything, whatever
they may have heard.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from safetensors.torch import save_file

from benchmarks.retrieval import Answers, Figure, figures, same_and_unrelated
from benchmarks.sounds import Song, disguised, excerpt, read_wav, songs_in
from ml.music.song_model import MusicModel
from training.music.sound_changes import CHANGES
from training.music.whole_songs import excerpts_of

DISTURBED = 60  # songs asked again in disguise

PARTS = ("first", "second")

Indices = npt.NDArray[np.intp]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parser((__doc__ or "").splitlines()[0]).parse_args(arguments)
    torch.set_num_threads(options.threads)
    songs, count = collection(options)
    answers = [
        answers_of(music_model, songs, asked, options.disturbed, options.cache)
        for music_model, asked in shared_out(songs, count, options)
    ]
    found = figures(answers, songs[:count])
    Console().print(table({"value": found}, described(answers, songs)))
    if options.pairs:
        _keep_pairs(answers, options.pairs)
    if options.json:
        options.json.write_text(json.dumps({name: asdict(f) for name, f in found.items()}))


def collection(options: argparse.Namespace) -> tuple[list[Song], int]:
    """Find the songs; the first so many may be asked about, the rest are wrong answers only."""
    songs = songs_in(options.songs)
    return songs + songs_in(options.distractors), len(songs)


def shared_out(
    songs: Sequence[Song], count: int, options: argparse.Namespace
) -> list[tuple[MusicModel, Indices]]:
    """Open the models and say which songs each is asked about."""
    weights, unheard = options.weights or [None], options.unheard
    if unheard and len(unheard) != len(weights):
        raise SystemExit("every --weights needs an --unheard of its own, or none has one")
    models = []
    for file, names in zip(weights, unheard or [None] * len(weights), strict=True):
        music_model = MusicModel.load(file)
        asked = [i for i in range(count) if names is None or songs[i].soundtrack in names]
        models.append((music_model, np.array(asked, np.intp)))
    twice = np.unique(np.concatenate([asked for _, asked in models]), return_counts=True)[1] > 1
    if twice.any():
        raise SystemExit("a soundtrack is asked of two models")
    return models


def answers_of(
    music_model: MusicModel, songs: Sequence[Song], asked: Indices, disturbed: int, cache: Path
) -> Answers:
    """Ask one model about some songs of a collection, some of them in disguise too."""
    files = [excerpt(song, part, cache) for part in PARTS for song in track(songs, part)]
    among = np.stack([vector(music_model, file, cache) for file in track(files, music_model.model)])
    chosen = spaced(asked, disturbed)
    in_disguise = {}
    for disguise in CHANGES if disturbed else ():
        sounds = [disguised(songs[at], disguise, cache) for at in track(chosen, disguise)]
        heard = [vector(music_model, sound, cache) for sound in sounds]
        in_disguise[disguise] = (chosen, np.stack(heard) @ among[: len(songs)].T)
    return Answers(among @ among.T, asked, in_disguise)


def spaced(asked: Indices, most: int) -> Indices:
    """Choose at most so many of the songs, evenly over all of them."""
    return asked[np.linspace(0, len(asked) - 1, min(most, len(asked))).astype(np.intp)]


def vector(music_model: MusicModel, file: Path, cache: Path) -> npt.NDArray[np.float32]:
    """Hear a sound that `benchmarks.sounds` wrote; what was heard before comes from the cache."""
    key = hashlib.sha256(f"{music_model.model} {file.resolve()}".encode()).hexdigest()
    kept = cache / "vectors" / f"{key[:24]}.npy"
    if not kept.exists():
        heard = music_model.hear(excerpts_of(read_wav(file)))
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, heard.vector)
    stored: npt.NDArray[np.float32] = np.load(kept)
    return stored


def described(answers: Sequence[Answers], songs: Sequence[Song]) -> str:
    """Say how many songs were asked about, and among how many."""
    asked = sum(len(each.asked) for each in answers)
    tracks = len({songs[at].soundtrack for each in answers for at in each.asked})
    return f"{asked} songs of {tracks} soundtracks, among {len(songs)}"


def table(columns: dict[str, dict[str, Figure]], title: str) -> Table:
    """Lay figures out, a model a column."""
    names = list(dict.fromkeys(name for found in columns.values() for name in found))
    laid_out = Table("measure", *columns, "songs", title=title)
    for name in names:
        cells = [str(found[name]) if name in found else "" for found in columns.values()]
        songs = next(found[name].songs for found in columns.values() if name in found)
        laid_out.add_row(name, *cells, str(songs))
    return laid_out


def _keep_pairs(answers: Iterable[Answers], file: Path) -> None:
    """Keep the cosines from which a last fit learns what a cosine means."""
    pairs = [same_and_unrelated(each) for each in answers]
    save_file(
        {
            "same": torch.from_numpy(np.concatenate([same for same, _ in pairs])).float(),
            "unrelated": torch.from_numpy(np.concatenate([other for _, other in pairs])).float(),
        },
        file,
    )


def parser(description: str, *, songs_needed: bool = True) -> argparse.ArgumentParser:
    """Read which songs, which weights, and where to keep what can be used again."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument(
        "--songs", type=Path, nargs="+", default=[], required=songs_needed, help="one a soundtrack"
    )
    options.add_argument("--distractors", type=Path, nargs="*", default=[], help="wrong answers")
    options.add_argument("--weights", type=Path, action="append", help="not the shipped ones")
    options.add_argument("--unheard", nargs="+", action="append", help="by the weights before it")
    options.add_argument("--cache", type=Path, default=Path("runs/cache"))
    options.add_argument("--pairs", type=Path, help="where to keep cosines, for the joining")
    options.add_argument("--disturbed", type=int, default=DISTURBED, help="songs; 0 for none")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--json", type=Path, help="write the figures here too")
    return options


if __name__ == "__main__":
    main()
