"""The bot's own face on the local page."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.pictures.ears import Pose, draw_ears
from bot.pictures.palette import NIGHT_HIGH

SIDE = 256  # px; the page shows it at 40


def draw_face() -> bytes:
    """Draw the bot's ears as a square PNG."""
    canvas = Image.new("RGB", (SIDE, SIDE), NIGHT_HIGH)
    draw_ears(canvas, base=(SIDE / 2, SIDE * 0.94), height=SIDE * 0.8, pose=Pose.LISTENING)
    file = BytesIO()
    canvas.save(file, "PNG", optimize=True)
    return file.getvalue()
