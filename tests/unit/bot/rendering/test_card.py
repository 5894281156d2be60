from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.rendering.card import EARS_ABOVE, WIDTH, Pose, new_card, sink


def test_a_card_is_as_high_as_its_body_and_ears() -> None:
    assert new_card(500).canvas.size == (WIDTH, EARS_ABOVE + 500)


def test_drawing_on_one_card_leaves_the_next_clean() -> None:
    sink(new_card(400), (100, 300), Image.new("RGB", (200, 100), "white"))
    assert new_card(400).canvas.getpixel((150, 350)) != (255, 255, 255)


def test_a_panel_has_round_corners() -> None:
    card = new_card(400)
    sink(card, (100, 300), Image.new("RGB", (200, 100), "white"))
    assert card.canvas.getpixel((100, 300)) != (255, 255, 255)
    assert card.canvas.getpixel((200, 350)) == (255, 255, 255)


@pytest.mark.parametrize("pose", Pose)
def test_both_ears_show_above_the_card_in_every_pose(pose: Pose) -> None:
    row = np.asarray(new_card(400, pose).silhouette)[EARS_ABOVE - 20]
    assert (np.diff((row > 128).astype(int)) == 1).sum() == 2


def test_a_finished_card_is_a_png_with_transparency() -> None:
    assert Image.open(BytesIO(new_card(300).png())).mode == "RGBA"
