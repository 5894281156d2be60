import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.avatar.detection import find_faces
from ml.avatar.faces import Refusal, crop_folder, crops_of, look, main
from training.illustrator import draw


@pytest.fixture(scope="module")
def drawing() -> Image.Image:
    return Image.fromarray(draw(103, 256, "Poster"))


def on_paper(drawing: Image.Image, size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    paper = Image.new("RGB", size, "white")
    paper.paste(drawing, at)
    return paper


def apart(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


def test_a_crop_frames_the_face_as_the_illustrator_does(drawing: Image.Image) -> None:
    (crop,) = crops_of(on_paper(drawing, (700, 500), (300, 150)))
    face = find_faces(crop.picture)[0]
    assert crop.picture.size == (256, 256)
    assert np.mean([y for _, y in face.eyes]) == pytest.approx(0.635 * 256, abs=16)
    assert np.mean([x for x, _ in face.eyes]) == pytest.approx(128, abs=16)


def test_a_drawing_is_cropped_to_nearly_itself(drawing: Image.Image) -> None:
    (crop,) = crops_of(drawing)
    assert apart(crop.picture, drawing) < 30


def test_the_side_can_be_chosen(drawing: Image.Image) -> None:
    assert crops_of(drawing, 224)[0].picture.size == (224, 224)


def test_two_faces_give_two_crops(drawing: Image.Image) -> None:
    pair = on_paper(drawing, (640, 300), (20, 30))
    pair.paste(Image.fromarray(draw(131, 256, "Poster")), (360, 30))
    assert len(crops_of(pair)) == 2


def test_a_picture_lying_on_its_side_is_turned_upright(
    drawing: Image.Image, tmp_path: Path
) -> None:
    lying, exif = drawing.transpose(Image.Transpose.ROTATE_90), Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise
    lying.save(tmp_path / "lying.png", exif=exif)
    with Image.open(tmp_path / "lying.png") as picture:
        assert apart(crops_of(picture)[0].picture, crops_of(drawing)[0].picture) == 0


def test_transparent_parts_become_white(drawing: Image.Image) -> None:
    cut_out = drawing.convert("RGBA")
    cut_out.paste((0, 0, 0, 0), (0, 0, 30, 256))
    left = np.asarray(look(cut_out).kept[0].picture)[:, :4]
    assert left.min() > 240


def test_a_picture_without_a_face_is_refused() -> None:
    assert look(Image.new("L", (200, 200), 255)).refused == (Refusal.NO_FACE,)


def test_a_face_that_would_be_blown_up_is_refused(drawing: Image.Image) -> None:
    tiny = on_paper(drawing.resize((84, 84)), (300, 300), (110, 110))
    assert look(tiny).refused == (Refusal.TOO_SMALL,)


def test_a_face_without_what_belongs_around_it_is_refused(drawing: Image.Image) -> None:
    assert look(drawing.crop((40, 80, 216, 256))).refused == (Refusal.CUT_OFF,)


def test_a_folder_is_cropped_and_what_it_refused_is_told(
    drawing: Image.Image, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    art = tmp_path / "art"
    art.mkdir()
    drawing.save(art / "a.png")
    drawing.resize((200, 200)).save(art / "b.jpg", quality=60)
    Image.new("RGB", (90, 90), "white").save(art / "empty.png")
    (art / "notes.png").write_text("not a picture")
    with caplog.at_level(logging.INFO):
        main([str(art), str(tmp_path / "out")])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a_png-0.png"]
    assert "4 pictures gave 1 crops." in caplog.text
    assert "b.jpg, like a.png" in caplog.text


def test_a_picture_with_too_many_pixels_is_refused(
    drawing: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing.save(tmp_path / "huge.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 40_000)
    report = crop_folder(tmp_path, tmp_path / "out")
    assert report.counts() == {Refusal.TOO_MANY_PIXELS: 1}
