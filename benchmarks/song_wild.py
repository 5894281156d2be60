"""Whether the first thing said about a song is true, on licensed music of named kinds.

    python -m benchmarks.song_wild [--weights FILE] [--each 12] FOLDER...

The songs are music of Debian's games and of the package `immich-memories-music`. Nobody labelled
them one by one: what may truthfully be said first is listed below for each package, from what its
authors and file names call it, before anything was heard. A song counts as right where the family
that is said is in the list, as unsaid where no family is sure. The last row says the same of the
likeliest of the sure families, which is not always said first. Intervals are bootstrapped over
songs. What is shorter than 35 s is left out: sounds and jingles.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ml.audio.errors import AudioError
from ml.music.hearing import Hearing
from ml.music.song_model import MusicModel
from training.music.tagger_features import sounds_in
from training.music.whole_songs import whole_song

SHORTEST_SECONDS = 35.0
RESAMPLES = 1_000  # of the bootstrap
WORDS = ("right", "unsaid", "wrong")
GAME = ("soundtrack", "electronic")
TRUE = {
    "asc-music": (*GAME, "rock", "metal"),
    "extremetuxracer-data": (*GAME, "rock", "pop"),
    "fretsonfire-songs-muldjord": ("rock", "metal", "punk"),
    "fretsonfire-songs-sectoid": ("rock", "metal", "punk"),
    "frozen-bubble-data": ("electronic", "pop", "disco"),
    "gunroar-data": ("electronic",),
    "hedgewars-data": (*GAME, "world", "classical", "rock"),
    "hyperrogue-music": (*GAME, "world", "classical", "folk", "experimental"),
    "megaglest-data": (*GAME, "world", "classical"),
    "mu-cade-data": ("electronic",),
    "noiz2sa-data": ("electronic",),
    "parsec47-data": ("electronic",),
    "rrootage-data": ("electronic",),
    "singularity-music": (*GAME, "experimental", "classical"),
    "supertux-data": (*GAME, "world", "classical", "folk", "jazz"),
    "titanion-data": ("electronic",),
    "torus-trooper-data": ("electronic",),
    "tumiki-fighters-data": ("electronic", "pop", "soundtrack"),
    "warzone2100-music": (*GAME, "experimental", "rock"),
    "adonthell-data": (*GAME, "classical", "world", "folk"),
    "amoebax-data": (*GAME, "pop", "rock"),
    "ardentryst": (*GAME, "classical", "world", "folk"),
    "btanks-data": (*GAME, "rock", "metal"),
    "caveexpress-data": GAME,
    "enigma-data": (*GAME, "jazz", "classical", "experimental"),
    "freedink-data": (*GAME, "world", "folk", "rock"),
    "freeorion-data": (*GAME, "experimental", "classical"),
    "glob2-data": (*GAME, "classical", "world"),
    "lordsawar-data": (*GAME, "classical", "world"),
    "lugaru-data": (*GAME, "world", "experimental"),
    "marsshooter-data": (*GAME, "metal", "rock"),
    "mazeofgalious-data": GAME,
    "plee-the-bear-data": (*GAME, "rock", "jazz", "folk"),
    "starfighter-data": (*GAME, "rock"),
    "trackballs-data": (*GAME, "rock", "pop"),
    "tuxmath-data": GAME,
    "unknown-horizons": (*GAME, "classical", "folk", "world"),
    "warmux-data": (*GAME, "rock", "classical", "jazz", "world", "pop"),
    "zaz-data": (*GAME, "rock"),
    "acoustic": ("folk", "country", "pop", "classical", "blues", "soundtrack", "rock"),
    "electronic": ("electronic", "pop", "soundtrack"),
}


def kind_of(file: Path) -> str | None:
    """Say which list of `TRUE` a file falls under."""
    if file.parent.name in TRUE:
        return file.parent.name
    return next((word for word in ("acoustic", "electronic") if f"_{word}_" in file.name), None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Hear and count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_wild", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--each", type=int, default=1000, help="songs of a folder at most")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    model = MusicModel.load(options.weights)
    heard: defaultdict[str, list[Hearing]] = defaultdict(list)
    for file in track([file for each in options.folders for file in some_of(each, options.each)]):
        try:
            song = model.hear(whole_song(file))
        except AudioError:
            continue
        if song.seconds >= SHORTEST_SECONDS:
            heard[str(kind_of(file))].append(song)
    printed = Table("songs of", "songs", "right", "unsaid", "wrong", "said")
    for kind, songs in sorted(heard.items()):
        said = Counter(song.verdict.family or f"({song.kind})" for song in songs)
        words = ", ".join(f"{name} {number}" for name, number in said.most_common(4))
        right = Counter(truth(song.verdict.family, kind) for song in songs)
        printed.add_row(kind, str(len(songs)), *(str(right[word]) for word in WORDS), words)
    for name, first in (("all", said_first), ("all, by the likeliest", likeliest)):
        found_true = [truth(first(song), kind) for kind, songs in heard.items() for song in songs]
        printed.add_row(
            name, str(len(found_true)), *(share(found_true, word) for word in WORDS), ""
        )
    Console().print(printed)


def some_of(folder: Path, most: int) -> list[Path]:
    """List songs of a folder of which the truth is known, at most so many, evenly spaced."""
    files = [file for file in sounds_in([folder]) if kind_of(file)]
    chosen = np.unique(np.linspace(0, len(files) - 1, most).round().astype(int))
    return [files[at] for at in chosen] if files else []


def said_first(song: Hearing) -> str | None:
    """Return the family that the bot says first."""
    return song.verdict.family


def likeliest(song: Hearing) -> str | None:
    """Return the likeliest of the families that are sure."""
    return max(song.verdict.families, key=lambda family: song.families[family], default=None)


def truth(family: str | None, kind: str) -> str:
    """Judge what was said of a song of a package: one of `WORDS`."""
    return "unsaid" if family is None else "right" if family in TRUE[kind] else "wrong"


def share(found: Sequence[str], word: str) -> str:
    """Print a share with its interval, bootstrapped over songs."""
    dice, hits = np.random.default_rng(0), np.array([each == word for each in found])
    drawn = [dice.choice(hits, len(hits)).mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{hits.mean():.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
