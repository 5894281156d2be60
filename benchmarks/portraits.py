"""How good the portraits are: against drawings that the model never saw.

    python -m benchmarks.portraits --drawings DIR --heldout DIR [--rivals FILE...]

All vectors are EfficientNet-Lite0's; its kernel distances cannot be compared with published ones,
which are Inception's. The first row shows what a perfect illustrator would get: the drawings that
were trained on, against the unseen ones.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.figures import distances_picture
from ml.avatar.detection import find_faces, looks_like_udonge
from ml.avatar.features import feature_vectors
from ml.avatar.image_tensors import Pictures, as_pictures, as_tensor, read_pictures, resized
from ml.avatar.inference import PortraitModel
from ml.avatar.measures import (
    Vectors,
    kernel_distance_interval,
    nearest,
    precision_and_recall,
)
from ml.avatar.sheets import write_sheet

SIDE = 256  # px at which pictures are compared
FRAMES = 24  # of a morph
MORPHS = 10
FIRST_SEED = 10_000_000  # none of the sheets' and none that a person tried


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What is measured of one source of pictures."""

    name: str
    pictures: Pictures
    vectors: Vectors


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write figures."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    portrait_model = PortraitModel.load(options.weights)
    real = Row("unseen", *seen(read_pictures(options.heldout, SIDE)[: options.count]))
    known = Row("drawings trained on", *seen(read_pictures(options.drawings, SIDE)))
    rows = [Row(known.name, known.pictures[: options.count], known.vectors[: options.count])]
    rows.append(Row(portrait_model.name, *seen(portraits(portrait_model, options.count))))
    for file in options.rivals:
        rival = PortraitModel.load(file)
        rows.append(Row(rival.name, *seen(portraits(rival, options.count))))
    console = Console()
    console.print(quality(rows, real, options.faces))
    console.print(memorised(rows[1], real, known, options.figures))
    console.print(f"morphs, longest step over shortest: {evenness(portrait_model)}")
    console.print(timings(portrait_model, options.threads))


def portraits(portrait_model: PortraitModel, count: int) -> Pictures:
    """Draw portraits of successive seeds at the side at which pictures are compared."""
    drawn = []
    for seed in track(range(FIRST_SEED, FIRST_SEED + count), portrait_model.name, transient=True):
        picture = as_tensor(portrait_model.draw(portrait_model.latents([seed])))
        drawn.append(as_pictures(resized(picture, SIDE)))
    return np.concatenate(drawn)


def seen(pictures: Pictures) -> tuple[Pictures, Vectors]:
    """Add what the frozen network makes of pictures."""
    parts = range(0, len(pictures), 64)
    vectors = [feature_vectors(pictures[at : at + 64]) for at in track(parts, transient=True)]
    return pictures, np.concatenate(vectors)


def quality(rows: Sequence[Row], real: Row, faces: int) -> Table:
    """Tabulate how near each row comes to the unseen drawings."""
    table = Table(
        "pictures", "n", "KID", "95 %", "precision", "recall", "face", "Udonge", "faces of"
    )
    for row in rows:
        distance = kernel_distance_interval(row.vectors, real.vectors)
        precision, recall = precision_and_recall(row.vectors, real.vectors)
        found, hers = recognised(row.pictures[:faces])
        table.add_row(
            row.name,
            str(len(row.pictures)),
            f"{distance.value:.4f}",
            f"{distance.low:.4f} to {distance.high:.4f}",
            f"{precision:.3f}",
            f"{recall:.3f}",
            f"{found:.1%}",
            f"{hers:.1%}",
            str(min(faces, len(row.pictures))),
        )
    return table


def recognised(pictures: Pictures) -> tuple[float, float]:
    """Measure in which share animeface finds a face, and in which it is recognisably hers."""
    found = hers = 0
    for picture in track(pictures, "faces", transient=True):
        faces = find_faces(Image.fromarray(picture))
        found += bool(faces)
        hers += bool(faces) and looks_like_udonge(faces[0])
    return found / len(pictures), hers / len(pictures)


def memorised(portrait: Row, real: Row, known: Row, figures: Path) -> Table:
    """Compare how near portraits and unseen drawings are to the drawings trained on."""
    table = Table("nearest drawing trained on", "5 %", "25 %", "median", "75 %")
    distances = {}
    for row, name in ((real, "unseen drawings"), (portrait, "portraits")):
        _, distances[name] = nearest(row.vectors, known.vectors)
        parts = np.percentile(distances[name], [5, 25, 50, 75])
        table.add_row(name, *(f"{part:.2f}" for part in parts))
    distances_picture(distances, figures / "portraits_nearest.png")
    which, _ = nearest(portrait.vectors[:10], known.vectors)
    rows = [portrait.pictures[:10], known.pictures[which]]
    write_sheet(rows, figures / "portraits_neighbours.png", side=128)
    write_sheet(
        list(portrait.pictures[:48].reshape(6, 8, SIDE, SIDE, 3)), figures / "portraits.png"
    )
    return table


def evenness(portrait_model: PortraitModel) -> str:
    """Measure by how much the longest step of a morph exceeds its shortest."""
    ratios = []
    for pair in range(MORPHS):
        a, b = portrait_model.latents([FIRST_SEED + 2 * pair, FIRST_SEED + 2 * pair + 1])
        way = portrait_model.morph(a, b, FRAMES)
        assert (way[0] == a).all()
        assert (way[-1] == b).all()
        frames = portrait_model.draw(way).astype(np.float32)
        steps = np.sqrt(((frames[1:] - frames[:-1]) ** 2).mean(axis=(1, 2, 3)))
        ratios.append(float(steps.max() / steps.min()))
    return f"median {np.median(ratios):.2f}, worst {max(ratios):.2f} of {MORPHS}; ends exact"


def timings(portrait_model: PortraitModel, threads: int) -> Table:
    """Time portraits from seed to PNG, warm; the median of five."""
    table = Table("portraits", "seconds", "threads")
    for count in (1, 4, 9):
        spent = []
        for attempt in range(6):
            begun = time.perf_counter()
            for picture in portrait_model.draw(
                portrait_model.latents(range(attempt, attempt + count))
            ):
                Image.fromarray(picture).save(io.BytesIO(), "PNG")
            spent.append(time.perf_counter() - begun)
        table.add_row(str(count), f"{np.median(spent[1:]):.3f}", str(threads))
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portraits")
    parser.add_argument("--drawings", type=Path, required=True, help="what was trained on")
    parser.add_argument("--heldout", type=Path, required=True, help="drawings never seen")
    parser.add_argument("--weights", type=Path, help="the shipped ones unless given")
    parser.add_argument("--rivals", type=Path, nargs="*", default=[], help="other weights")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--faces", type=int, default=300, help="pictures that animeface looks at")
    parser.add_argument("--figures", type=Path, default=Path("docs/figures"))
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
