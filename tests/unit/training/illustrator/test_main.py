from pathlib import Path

import numpy as np
from PIL import Image

from training.illustrator import draw
from training.illustrator.__main__ import main


def test_the_command_writes_one_numbered_picture_a_seed(tmp_path: Path) -> None:
    main(["--out", str(tmp_path / "new"), "--count", "3", "--side", "64", "--first-seed", "40"])
    names = [path.name for path in sorted((tmp_path / "new").iterdir())]
    assert names == ["000000.png", "000001.png", "000002.png"]


def test_another_process_draws_the_same_bytes(tmp_path: Path) -> None:
    main(["--out", str(tmp_path), "--count", "2", "--side", "64", "--first-seed", "40"])
    with Image.open(tmp_path / "000001.png") as picture:
        assert np.array_equal(np.asarray(picture), draw(41, 64))
