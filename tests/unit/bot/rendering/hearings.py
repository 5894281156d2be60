"""Plausible hearings, so that a picture has something to show."""

from bot.rendering.genre_card import GenreCardLabels
from ml.music.hearing import GENRES

TAUGHT = ("Drill'n'Bass", "東方アレンジ", "民謡", "chiptune", "hardcore", "ska", "lo-fi", "gabber")
TWENTY = (*GENRES, *TAUGHT, "future funk", "vocaloid")


def labels(title: str = "Lunatic Eyes.flac") -> GenreCardLabels:
    return GenreCardLabels(
        title=title,
        genres={genre: genre.capitalize() for genre in GENRES},
        unsure="Not sure about this one",
        movement="Through the song",
        others="others",
        rhythm="Rhythm, bar by bar",
    )


def japanese_labels() -> GenreCardLabels:
    return GenreCardLabels(
        title="月まで届け、不死の煙.mp3",
        genres={"blues": "ブルース", "rock": "ロック"},
        unsure="自信がないです",
        movement="曲の流れ",
        others="ほか",
        rhythm="リズム",
    )
