"""Draws Udonge's face in the hands of several illustrators: the training set that is ours.

Nobody's art may be shipped, so a program draws: `draw(seed)` gives one face with its ears. The
seed picks a hand (`HANDS`: line, shading, palette, eyes, proportions) and a sitting (`Subject`:
pose, expression, ears, clothes, scene).
"""

from training.illustrator.drawing import draw
from training.illustrator.habits import Hand
from training.illustrator.hands import HANDS

__all__ = ["HANDS", "Hand", "draw"]
