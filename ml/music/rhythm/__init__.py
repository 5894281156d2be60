"""Rhythm: tempo, density, and how little the beat repeats itself."""

from ml.music.rhythm.profile import PROFILE_SIZE
from ml.music.rhythm.reading import PASSAGE_SECONDS, Rhythm, analyse

__all__ = ["PASSAGE_SECONDS", "PROFILE_SIZE", "Rhythm", "analyse"]
