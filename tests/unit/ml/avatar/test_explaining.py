"""Which drawings a picture's parts come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.avatar.explaining import Explainer, main
from ml.avatar.latents import PortraitModelError
from ml.avatar.traits import Part

SIDE = 128


def drawing(seed: int) -> np.ndarray:
    """Large soft patches of colour, other ones for each seed."""
    rough = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    return np.asarray(Image.fromarray(rough).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawings")
    for seed in range(10):
        Image.fromarray(drawing(seed)).save(folder / f"{seed}.png")
    out = folder / "out" / "drawings.safetensors"
    assert main(["--pictures", str(folder), "--out", str(out), "--count", "10"]) == 0
    return out


def nearest(file: Path, picture: np.ndarray) -> dict[Part, int]:
    """For each part the seed of the drawing that was found nearest."""
    explanation = Explainer.load(file).explain(picture)
    found = {}
    for part, (first, *_) in explanation.parts.items():
        small = [np.asarray(Image.fromarray(drawing(s)).resize((176, 176))) for s in range(10)]
        distances = [np.abs(first.drawing.astype(int) - each).mean() for each in small]
        found[part] = int(np.argmin(distances))
    return found


def test_a_drawing_is_nearest_to_itself_in_every_part(file: Path) -> None:
    assert nearest(file, drawing(3)) == dict.fromkeys(Part, 3)


def test_a_chimera_is_taken_apart(file: Path) -> None:
    chimera = drawing(1).copy()
    chimera[SIDE // 2 :] = drawing(7)[SIDE // 2 :]
    assert nearest(file, chimera) == {Part.EARS: 1, Part.HAIR: 1, Part.EYES: 7, Part.MOUTH: 7}


def test_the_nearest_come_first_and_strangers_are_no_more_alike_than_chance(file: Path) -> None:
    explanation = Explainer.load(file).explain(drawing(99))
    for found in explanation.parts.values():
        likeness = [each.likeness for each in found]
        assert likeness == sorted(likeness, reverse=True)
        assert -1 <= likeness[-1] <= likeness[0] < 0.9


@pytest.mark.parametrize("content", [None, b"not a file of ours"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PortraitModelError, match=r"bad\.safetensors"):
        Explainer.load(path)


def test_an_empty_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--pictures", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "no pictures" in capsys.readouterr().err
