"""How well a model finds things again, from nothing but how similar it takes sounds to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.sounds import Song

Values = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]

FEWEST_FELLOWS = 5  # other songs of a soundtrack, to ask for five of them
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one model answered about songs.

    Attributes:
        among: (2 n, 2 n) similarity of all first excerpts, then all second ones, of all songs
            in the collection, distractors last; larger is more alike.
        asked: which of the n songs were asked about, rising.
        disguised: by disguise, which of the n songs were asked in it, and the (k, n) similarity
            of those to all first excerpts.
    """

    among: Matrix
    asked: npt.NDArray[np.intp]
    disguised: Mapping[str, tuple[npt.NDArray[np.intp], Matrix]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over songs, with its 95 % bootstrap interval over them where it has one."""

    value: float
    low: float | None
    high: float | None
    songs: int

    def __str__(self) -> str:
        if self.low is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def figures(
    answers: Sequence[Answers], songs: Sequence[Song], *, cosines: bool = True
) -> dict[str, Figure]:
    """Sum up what a model, or several that share the questions, answered about a collection.

    Args:
        answers: of one model, or of models that were each asked about songs they never heard.
        songs: the collection's, without distractors: among these the soundtracks are ranked.
        cosines: whether similarities are cosines, so that their sizes mean something.
    """
    found = {name: _mean(values) for name, values in _song_by_song(answers, songs).items()}
    return found | (_cosines(answers) if cosines else {})


def leads(
    ours: Sequence[Answers], theirs: Sequence[Answers], songs: Sequence[Song]
) -> dict[str, Figure]:
    """Say how far one is ahead of another on the same questions, song by song.

    The interval of such differences is narrower than those of the two: some songs are hard for
    both. Above 0 throughout, one is better.
    """
    both = _song_by_song(ours, songs), _song_by_song(theirs, songs)
    return {name: _mean(np.subtract(mine, both[1][name])) for name, mine in both[0].items()}


def _song_by_song(answers: Sequence[Answers], songs: Sequence[Song]) -> dict[str, Values]:
    """Measure every song that was asked about."""
    tracks = np.array([song.soundtrack for song in songs])
    fellows = [_soundtracks(each, tracks) for each in answers]
    found = {
        "same song from its other half, R@1": [_same_songs(each) for each in answers],
        "same soundtrack, P@5": [precision for precision, _ in fellows],
        "same soundtrack, mAP": [average for _, average in fellows],
    }
    for name in answers[0].disguised:
        found[f"{name}, R@1"] = [_recognised(*each.disguised[name]) for each in answers]
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _same_songs(answers: Answers) -> Values:
    """Ask with each half for the other; a song counts half if one way succeeds."""
    songs = len(answers.among) // 2
    across = answers.among[:songs, songs:]
    there = across[answers.asked].argmax(axis=1) == answers.asked
    back = across[:, answers.asked].argmax(axis=0) == answers.asked
    return np.mean([there, back], axis=0, dtype=np.float64)  # type: ignore[no-any-return]


def _recognised(asked: npt.NDArray[np.intp], similar: Matrix) -> Values:
    right: Values = (similar.argmax(axis=1) == asked).astype(float)
    return right


def _soundtracks(answers: Answers, tracks: npt.NDArray[np.str_]) -> tuple[Values, Values]:
    """Rank all other songs by the mean similarity of their halves; right are its soundtrack's."""
    songs, count = len(answers.among) // 2, len(tracks)
    whole = answers.among.reshape(2, songs, 2, songs).mean(axis=(0, 2))[:count, :count]
    precisions, averages = [], []
    for at in answers.asked:
        order = np.argsort(-whole[at], kind="stable")
        hits = (tracks[order] == tracks[at])[order != at]
        if hits.sum() < FEWEST_FELLOWS:
            continue
        ranks = np.flatnonzero(hits) + 1
        precisions.append(hits[:FEWEST_FELLOWS].mean())
        averages.append((np.arange(1, len(ranks) + 1) / ranks).mean())
    return np.array(precisions), np.array(averages)


def same_and_unrelated(answers: Answers) -> tuple[Values, Values]:
    """Give the similarities of each asked song's halves, and of halves of two asked songs."""
    songs = len(answers.among) // 2
    across = answers.among[:songs, songs:][np.ix_(answers.asked, answers.asked)].astype(float)
    strangers = ~np.eye(len(across), dtype=bool)
    return np.diag(across), across[strangers]


def _cosines(answers: Sequence[Answers]) -> dict[str, Figure]:
    pairs = [same_and_unrelated(each) for each in answers]
    same = np.concatenate([each for each, _ in pairs])
    unrelated = np.concatenate([each for _, each in pairs])
    values = {
        "cosine of unrelated songs, median": float(np.median(unrelated)),
        "cosine of unrelated songs, 99 %": float(np.quantile(unrelated, 0.99)),
        "cosine of the same song, median": float(np.median(same)),
    }
    return {name: Figure(value, None, None, len(same)) for name, value in values.items()}


def _mean(values: Values) -> Figure:
    dice = np.random.default_rng(0)
    means = [dice.choice(values, len(values)).mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high), len(values))
