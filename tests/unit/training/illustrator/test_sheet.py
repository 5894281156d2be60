from pathlib import Path

from PIL import Image

from training.illustrator import HANDS
from training.illustrator.__main__ import main
from training.illustrator.sheet import CAPTION, GAP, contact_sheet


def test_the_sheet_has_a_row_for_every_hand() -> None:
    sheet = contact_sheet(columns=2, side=24)
    assert sheet.size == (2 * (24 + GAP) + GAP, len(HANDS) * (24 + CAPTION + GAP))


def test_every_drawing_on_the_sheet_is_another() -> None:
    sheet, row = contact_sheet(columns=2, side=24).convert("RGB"), 24 + CAPTION + GAP
    tiles = set()
    for line in range(len(HANDS)):
        for x in (GAP, 24 + 2 * GAP):
            y = line * row + CAPTION
            tiles.add(sheet.crop((x, y, x + 24, y + 24)).tobytes())
    assert len(tiles) == 2 * len(HANDS)


def test_the_command_writes_the_sheet(tmp_path: Path) -> None:
    main(["--sheet", str(tmp_path / "sheet.png"), "--columns", "1"])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > sheet.width
