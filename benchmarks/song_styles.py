"""How often a style is said beside a song's family, and how often it is right.

    python -m benchmarks.song_styles --data DIR --work DIR

FMA's songs of held-out blocks of ids, whose family FMA names; the picture networks never saw them.
Asked is the likeliest of the family's styles, right where FMA gives the song that label: an album
that is labelled sparsely makes right styles count as wrong. The scale of each fifth of the blocks
is fitted on the others. Intervals are bootstrapped over blocks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from benchmarks.fma_labels import interval
from ml.music.heads import sigmoid
from ml.music.song_model import STYLE_SAID, STYLE_SAID_ELSEWHERE
from ml.music.taxonomy import STYLES
from training.music.coarse_pictures import BLOCK, FOLDS, FmaSongs, read_fma
from training.music.song_fit import THRESHOLDS, held_out_labels
from training.music.song_training import fit_platt

FAMILY_OF = {
    "Electronic": "electronic", "Experimental": "experimental", "Folk": "folk",
    "Hip-Hop": "hiphop", "International": "world", "Pop": "pop", "Rock": "rock",
}  # fmt: skip  # of FMA's eight genres; instrumental songs are of any
LEVELS = (0.1, 0.2, 0.25, 0.35, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class LikeliestStyles:
    """The likeliest style of each song's own family.

    Attributes:
        families: (songs,) known.
        stated: (songs,) probability of the style.
        right: (songs,) whether FMA names it too.
        blocks: (songs,) neighbouring ids, often of one album.
    """

    families: npt.NDArray[np.str_]
    stated: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]
    blocks: npt.NDArray[np.int64]

    def row(self, name: str, said: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        """Return the figures of the songs of which a style is said, as words."""
        low, high = interval(self.blocks[said], self.right[said])
        return (
            name,
            f"{said.mean():.2f}",
            f"{self.stated[said].mean():.2f}",
            f"{self.right[said].mean():.2f}",
            f"{low:.2f} to {high:.2f}",
            str(said.sum()),
        )


def likeliest_styles(fma: FmaSongs, work: Path) -> LikeliestStyles:
    """Ask the picture networks about the held-out songs whose family is known."""
    held = np.flatnonzero(fma.folds() == 0)
    logits, truth = held_out_labels(fma, work)
    columns = [fma.label_names.index(style.label) for style in STYLES.values()]
    blocks = fma.ids[held] // BLOCK
    fifth = np.unique(blocks, return_inverse=True)[1] % FOLDS
    likely = np.zeros((len(held), len(columns)))
    for fold in range(FOLDS):
        slope, offset = fit_platt(logits[fifth != fold], truth[fifth != fold])
        likely[fifth == fold] = sigmoid(slope * logits[fifth == fold][:, columns] + offset)
    known = [FAMILY_OF.get(fma.genre_names[genre], "") for genre in fma.genres[held]]
    asked = [song for song, family in enumerate(known) if family]
    best = [
        max(
            (at for at, style in enumerate(STYLES.values()) if known[song] in style.families),
            key=lambda at: likely[song, at],
        )
        for song in asked
    ]
    return LikeliestStyles(
        np.array([known[song] for song in asked]),
        likely[asked, best],
        truth[asked, [columns[at] for at in best]],
        blocks[asked],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.song_styles")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args(arguments)
    found = likeliest_styles(
        read_fma(options.data / "fma_small", options.work / "cache"), options.work
    )
    least = np.array([STYLE_SAID.get(family, STYLE_SAID_ELSEWHERE) for family in found.families])
    said = found.stated >= least
    printed = Table("said from", "of songs", "stated", "right", "95 %", "songs")
    printed.add_row(*found.row("as it ships", said))
    for level in LEVELS:
        printed.add_row(*found.row(f"{level:.2f}", found.stated >= level))
    sure = THRESHOLDS["style_sure"]
    printed.add_row(*found.row("as it ships, not sure", said & (found.stated < sure)))
    for family in sorted(set(found.families)):
        printed.add_row(*found.row(f"as it ships: {family}", said & (found.families == family)))
    Console().print(printed)
    Console().print(f"{len(said)} songs of held-out blocks")


if __name__ == "__main__":
    main()
