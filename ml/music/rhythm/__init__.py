"""Rhythm: tempo, density, and how little the beat repeats itself."""

from ml.music.rhythm.profile import PROFILE_SIZE
from ml.music.rhythm.reading import Rhythm, analyse

__all__ = ["PROFILE_SIZE", "Rhythm", "analyse"]
