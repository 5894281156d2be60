"""Draws Reisen's face in the styles of several illustrators: the training set that is ours.

Nobody's art may be shipped, so a program draws: `illustrate(seed)` gives one face with its ears,
and what it knows of itself. The seed picks a style, a girl, a pose, a mood, how the ears stand
and a scene; each of them can be given instead.
"""

from training.illustrator.drawing import Drawing, Facts, draw, illustrate
from training.illustrator.styles import STYLE_NAMES
from training.illustrator.subject import Ears, Mood, Scene

__all__ = ["STYLE_NAMES", "Drawing", "Ears", "Facts", "Mood", "Scene", "draw", "illustrate"]
