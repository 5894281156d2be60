"""Whether the first thing said about a song is true, on licensed music of named kinds.

    python -m benchmarks.song_wild --weights FILE FOLDER...

The songs are music of Debian's games and of the package `immich-memories-music`. Nobody labelled
them one by one: what may truthfully be said first is listed below for each package, from what its
authors and file names call it, before anything was heard. A song counts as right where the family
that is said is in the list, as unsaid where no family is sure.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ml.audio.errors import AudioError
from ml.music.song_model import MusicModel
from training.music.tagger_features import sounds_in
from training.music.whole_songs import whole_song

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
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    model = MusicModel.load(options.weights)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    said: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for file in track([file for file in sounds_in(options.folders) if kind_of(file)]):
        kind = str(kind_of(file))
        try:
            found = model.hear(whole_song(file))
        except AudioError:
            continue
        family = found.verdict.family
        counts[kind][
            "unsaid" if family is None else "right" if family in TRUE[kind] else "wrong"
        ] += 1
        said[kind][family or f"({found.kind})"] += 1
    printed = Table("songs of", "songs", "right", "unsaid", "wrong", "said")
    for kind, count in sorted(counts.items()):
        words = ", ".join(f"{name} {number}" for name, number in said[kind].most_common(4))
        printed.add_row(
            kind, str(count.total()), *(str(count[c]) for c in ("right", "unsaid", "wrong")), words
        )
    total = sum(counts.values(), Counter())
    shares = (f"{total[c] / total.total():.2f}" for c in ("right", "unsaid", "wrong"))
    printed.add_row("all", str(total.total()), *shares, "")
    Console().print(printed)


if __name__ == "__main__":
    main()
