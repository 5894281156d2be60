"""The tempo jury can be taught, and answers in the range it promises."""

from __future__ import annotations

import pytest
import torch

from ml.music.tempo import CANDIDATES, TempoJury, candidate_bpm, pick_tempo
from training.music.tempo import TempoLessons, teach_scorer, written_lessons


@pytest.fixture(scope="module")
def lessons() -> TempoLessons:
    return written_lessons(6, seed=5)


def test_candidates_cover_what_people_tap() -> None:
    assert candidate_bpm()[0] == 30
    assert candidate_bpm()[-1] > 350


def test_a_scorer_learns_the_tempos_it_was_taught(lessons: TempoLessons) -> None:
    scorer = teach_scorer(lessons, seed=0, epochs=60)
    with torch.no_grad():
        found = [pick_tempo(chances).bpm for chances in scorer(lessons.tempograms)]
    near = (torch.tensor(found) / lessons.bpm - 1).abs() < 0.04
    assert near.sum() >= 5


def test_teaching_twice_gives_the_same_scorer(lessons: TempoLessons) -> None:
    once, again = (teach_scorer(lessons, seed=1, epochs=1) for _ in range(2))
    assert torch.equal(once.score.weight, again.score.weight)


def test_a_jury_answers_with_probabilities(lessons: TempoLessons) -> None:
    with torch.no_grad():
        chances = TempoJury(scorers=2).eval()(lessons.tempograms).exp()
    assert chances.shape == (6, CANDIDATES)
    assert chances.sum(dim=1) == pytest.approx(1, abs=1e-4)


def test_a_picked_tempo_lies_between_the_candidates_that_share_it() -> None:
    chances = torch.full((CANDIDATES,), 1e-6)
    chances[100] = chances[101] = 0.5
    tempo = pick_tempo(chances.log())
    assert candidate_bpm()[100] < tempo.bpm < candidate_bpm()[101]
    assert tempo.confidence == pytest.approx(1, abs=1e-3)


def test_a_tempogram_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="421"):
        TempoJury()(torch.zeros(1, 20, 400))
