"""What is kept in mind of songs, for lessons that may come of them."""

import gc
import weakref
from pathlib import Path

import numpy as np

from bot.lessons.contributions import ContributionService, Giver
from ml.music.hearing import GENRES, Hearing


def hearing() -> Hearing:
    shares = dict.fromkeys(GENRES, 1 / len(GENRES))
    timeline = np.full((30, len(GENRES)), 1 / len(GENRES), np.float32)
    mel = np.zeros((128, 240), np.float32)
    return Hearing(shares, None, np.ones(4, np.float32), timeline, (0.0,) * 30, mel, 30.0, "ear-1")


def test_of_an_answer_that_can_be_put_right_only_numbers_are_kept_in_mind(tmp_path: Path) -> None:
    contributions = ContributionService(None, None, None, tmp_path, None)  # type: ignore[arg-type]  # nothing is handed over here
    heard = hearing()
    picture = weakref.ref(heard.mel)
    assert contributions.note(Giver(1, 2), "a song", heard)
    del heard
    gc.collect()
    assert picture() is None
