"""Draws Udonge's face in the hands of several illustrators: the training set that is ours.

Nobody's art may be shipped, so a program draws: `draw(seed)` gives one face with its ears. The
seed picks a hand (`HANDS`: line, shading, palette, eyes, proportions) and a sitting (`Subject`:
pose, expression, ears, clothes, scene).
"""

from ml.avatar.illustrator.drawing import draw
from ml.avatar.illustrator.habits import Hand
from ml.avatar.illustrator.hands import HANDS

__all__ = ["HANDS", "Hand", "draw"]
