"""Rhythm: tempo, density, and how little the beat repeats itself."""

from ml.music.rhythm.analysis import PASSAGE_SECONDS, PROFILE_SIZE, analyse

__all__ = ["PASSAGE_SECONDS", "PROFILE_SIZE", "analyse"]
