import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.illustrator import STYLE_NAMES, draw, illustrate
from training.illustrator.__main__ import CAPTION, GAP, contact_sheet, main


def test_the_command_writes_one_numbered_picture_a_seed_and_their_facts(tmp_path: Path) -> None:
    main(["--out", str(tmp_path / "new"), "--count", "3", "--side", "64", "--first-seed", "40"])
    names = [path.name for path in sorted((tmp_path / "new").iterdir())]
    assert names == ["000000.png", "000001.png", "000002.png", "facts.jsonl"]


def test_a_line_of_facts_tells_what_its_picture_shows(tmp_path: Path) -> None:
    main(["--out", str(tmp_path), "--count", "2", "--side", "64", "--first-seed", "40"])
    line = json.loads((tmp_path / "facts.jsonl").read_text().splitlines()[1])
    facts = illustrate(41, 64).facts
    assert (line["file"], line["seed"], line["style"]) == ("000001.png", 41, facts.style)
    assert (line["mood"], line["eyes"][0]) == (facts.mood, list(facts.eyes[0]))


def test_another_process_draws_the_same_bytes(tmp_path: Path) -> None:
    main(["--out", str(tmp_path), "--count", "2", "--side", "64", "--first-seed", "40"])
    with Image.open(tmp_path / "000001.png") as picture:
        assert np.array_equal(np.asarray(picture), draw(41, 64))


def test_the_sheet_has_a_row_for_every_style() -> None:
    sheet = contact_sheet(columns=2, side=24)
    assert sheet.size == (2 * (24 + GAP) + GAP, len(STYLE_NAMES) * (24 + CAPTION + GAP))


@pytest.mark.slow
def test_the_command_writes_the_sheet(tmp_path: Path) -> None:
    main(["--sheet", str(tmp_path / "sheet.png"), "--columns", "1"])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > sheet.width
