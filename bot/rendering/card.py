"""Draw the card that every picture is on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageChops

from bot.rendering.ears import Pose, draw_ears
from bot.rendering.palette import LAVENDER_DEEP, MOONLIT, NIGHT_HIGH, NIGHT_LOW, RIM
from bot.rendering.shapes import rounded

WIDTH = 1200  # px; a phone shows a third of it, so nothing is lettered under SMALLEST
SMALLEST = 34  # px, the least height of letters
MARGIN = 52  # px from the card's edge to what is on it
CONTENT_WIDTH = WIDTH - 2 * MARGIN
PANEL_CORNER = 18  # px, radius
EARS_ABOVE = 104  # px of ear over the card's upper edge
CORNER = 44  # px, radius
EAR_LENGTH = 156.0  # px
EARS_BELOW = 56.0  # px of ear behind the card
EARS_X = WIDTH - 190.0  # px, the middle between the ears
MOON = 250  # px, radius
RIM_WIDTH = 3  # px
COMPRESSION = 2  # zlib level: a spectrogram hardly packs better at 6, but takes thrice as long


@dataclass(frozen=True, slots=True)
class Card:
    """A card being drawn on.

    Attributes:
        canvas: "RGB" picture to draw on, opaque everywhere.
        silhouette: "L" mask of the card and its ears.
    """

    canvas: Image.Image
    silhouette: Image.Image

    def png(self) -> bytes:
        """Cut the card out and encode it as PNG."""
        cut = self.canvas.copy()
        cut.putalpha(self.silhouette)
        out = BytesIO()
        cut.save(out, "PNG", compress_level=COMPRESSION)
        return out.getvalue()


def new_card(body_height: int, pose: Pose = Pose.LISTENING) -> Card:
    """Return an empty card; its body spans y from `EARS_ABOVE` to `EARS_ABOVE + body_height`."""
    blank = _blank(body_height, pose)
    return Card(blank.canvas.copy(), blank.silhouette)


def sink(card: Card, at: tuple[int, int], picture: Image.Image) -> None:
    """Paste an "RGB" picture at (left, top) px, with round corners."""
    card.canvas.paste(picture, at, rounded(*picture.size, PANEL_CORNER))


@lru_cache(maxsize=4)  # 5 MB each
def _blank(body_height: int, pose: Pose) -> Card:
    size = (WIDTH, EARS_ABOVE + body_height)
    canvas = Image.new("RGB", size, LAVENDER_DEEP)
    ears = draw_ears(canvas, (EARS_X, EARS_ABOVE + EARS_BELOW), EAR_LENGTH, pose)
    body = Image.new("L", size, 0)
    body.paste(rounded(WIDTH, body_height, CORNER), (0, EARS_ABOVE))
    canvas.paste(RIM, mask=body)
    inner = (WIDTH - 2 * RIM_WIDTH, body_height - 2 * RIM_WIDTH)
    canvas.paste(
        _night(inner), (RIM_WIDTH, EARS_ABOVE + RIM_WIDTH), rounded(*inner, CORNER - RIM_WIDTH)
    )
    return Card(canvas, ImageChops.lighter(body, ears))


def _night(size: tuple[int, int]) -> Image.Image:
    """Draw the ground: a sky that darkens downwards, with a full moon."""
    falling = Image.linear_gradient("L").resize(size)
    sky = Image.composite(
        Image.new("RGB", size, NIGHT_LOW), Image.new("RGB", size, NIGHT_HIGH), falling
    )
    corner = (round(EARS_X) - MOON, -MOON + 60)
    sky.paste(MOONLIT, corner, rounded(2 * MOON, 2 * MOON, MOON).point(lambda v: v * 3 // 5))
    return sky
