"""Fit a server's genres to its songs, in a process of its own.

    python -m ml.finetuning.genre --songs FILE --out FILE

It takes seconds on one core, so being cut off costs no more than beginning again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml import checkpoints
from ml.finetuning.events import (
    Done,
    Failed,
    FailureCode,
    JsonLines,
    ProgressBar,
    Reporter,
    TrainingProgress,
)
from ml.music.genre_head import Floats, GenreCard, GenreHead, features
from ml.music.heads import softmax
from ml.music.hearing import GENRES

FOLDS = 5
STEPS = 200
SHRINK = 0.05  # of the weights; a handful of songs must not be learned by heart
STRANGERS = 300  # at least, made up where no real ones are at hand
STRANGERS_WEIGH = 1.0  # all together, beside one genre
RIGHT = 0.9  # of the songs that are named, at least
TAKEN_IN = 0.1  # of the songs of an untaught genre that are named all the same, at most
SURE_FROM, SURE_TO = 0.5, 0.98
TEMPERATURES = np.geomspace(0.1, 2.0, 30)

Integers = npt.NDArray[np.int64]
Show = Callable[[int, int, float], None]  # fold, folds, loss on songs not learned from

_SONGS_FORMAT = "lesson-songs-1"


class LessonSongsError(checkpoints.ModelFileError):
    """The songs of a lesson cannot be read; the message says which file and why."""

    code = "lesson_songs_file"
    holds = "songs of a lesson"


@dataclass(frozen=True, slots=True, eq=False)
class LessonSongs:
    """What a genre lesson learns from.

    Attributes:
        genres: the server's genres; a shipped one is named by its key.
        music_model: the model that made the vectors.
        vectors: (n, d) float32 of unit length.
        shares: (n, 10) float32, probability of each shipped genre.
        labels: (n,) int64, index into `genres`.
        makers: (n,) int64; songs of one maker are never both learned from and tried on.
        known: (n,) bool, which of them the model learned from that serves now.
        strangers: (m, d) float32, vectors of songs that are none of the genres; may be empty.
    """

    genres: tuple[str, ...]
    music_model: str
    vectors: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    makers: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    strangers: npt.NDArray[np.float32]

    def rows(self, chosen: Sequence[int] | npt.NDArray[np.int64]) -> LessonSongs:
        """Return the same lesson with these songs only."""
        return LessonSongs(
            self.genres,
            self.music_model,
            self.vectors[chosen],
            self.shares[chosen],
            self.labels[chosen],
            self.makers[chosen],
            self.known[chosen],
            self.strangers,
        )

    def save(self, file: Path) -> None:
        """Write the songs into one file; whole or not at all."""
        arrays: dict[str, checkpoints.Array] = {
            "vectors": self.vectors,
            "shares": self.shares,
            "labels": self.labels,
            "makers": self.makers,
            "known": self.known,
            "strangers": self.strangers,
        }
        metadata = {"genres": json.dumps(self.genres), "ear": self.music_model}
        checkpoints.save(file, _SONGS_FORMAT, arrays, metadata)

    @classmethod
    def load(cls, file: Path) -> LessonSongs:
        """Read them back.

        Raises:
            LessonSongsError: the file is missing, damaged, or something else.
        """
        return checkpoints.load(file, _SONGS_FORMAT, cls._from, LessonSongsError)

    @classmethod
    def _from(cls, stored: checkpoints.StoredModel) -> LessonSongs:
        return cls(tuple(stored.fact("genres")), stored.metadata["ear"], **stored.arrays)


def main(arguments: Sequence[str] | None = None) -> int:
    """Teach; returns the exit status."""
    options = _parser().parse_args(arguments)
    with JsonLines() if options.events else ProgressBar() as reporter:
        return _teach(options, reporter)


def _teach(options: argparse.Namespace, reporter: Reporter) -> int:
    try:
        songs = LessonSongs.load(options.songs)
    except LessonSongsError as error:
        reporter.report(Failed(FailureCode.DAMAGED, str(error)))
        return 1
    if min(Counter(songs.labels.tolist()).values(), default=0) < 2 or len(songs.genres) < 2:
        reporter.report(Failed(FailureCode.TOO_LITTLE, f"{len(songs.labels)} songs"))
        return 1

    def show(fold: int, folds: int, unseen: float) -> None:
        reporter.report(TrainingProgress(fold, folds + 1, losses={"unseen": unseen}))

    trial = try_out(songs, show)
    head = calibrated(fit(songs), trial, songs)
    head = replace(head, card=card_of(songs, trial, head.temperature, head.sure))
    head.save(options.out)
    reporter.report(TrainingProgress(FOLDS + 1, FOLDS + 1))
    reporter.report(Done(options.out, head.card))
    return 0


def card_of(songs: LessonSongs, trial: Trial, temperature: float, sure: float) -> GenreCard:
    """Describe what was learned from and how well it does on songs held out."""
    count = len(songs.genres)
    guesses = trial.logits.argmax(axis=1)
    named = softmax(trial.logits / temperature)[:, :-1].max(axis=1) >= sure
    right = guesses == songs.labels
    return GenreCard(
        music_model=songs.music_model,
        songs=len(songs.labels),
        makers=len(np.unique(songs.makers)),
        genres={
            genre: int((songs.labels == index).sum()) for index, genre in enumerate(songs.genres)
        },
        right={
            genre: float(right[songs.labels == index].mean())
            for index, genre in enumerate(songs.genres)
        },
        score=macro_f1(guesses, songs.labels, count),
        interval=interval(guesses, songs.labels, count),
        score_before=macro_f1(trial.before, songs.labels, count),
        by_maker=trial.by_maker,
        named=float(named.mean()),
        named_right=float(right[named].mean()) if named.any() else None,
        sure=sure,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.finetuning.genre", description=__doc__)
    parser.add_argument("--songs", type=Path, required=True, help="what `LessonSongs` wrote")
    parser.add_argument("--out", type=Path, required=True, help="where the head goes")
    parser.add_argument("--events", action="store_true", help="JSON lines instead of a bar")
    return parser


# Fitting, and finding out how well it does


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """How a head does on songs that it did not learn from.

    Attributes:
        logits: (n, genres + 1), each row by a head that never met the song or its maker.
        strange: the same by heads that were not taught the song's genre, whose column is -inf:
            how they take real music that is none of theirs.
        before: (n,) what is answered today, as an index into the genres; -1: something else.
        by_maker: whether makers were kept apart in every genre; else songs were, in some.
    """

    logits: Floats
    strange: Floats
    before: Integers
    by_maker: bool


def fit(songs: LessonSongs, seed: int = 0) -> GenreHead:
    """Fit a head to the songs: logistic regression over the genres and everything else.

    Everything else is what the server did not teach. Vectors of unrelated songs point in random
    directions, as whitened ones do, so random directions stand for songs that are not at hand.
    """
    read = features(songs.vectors, songs.shares)
    centre = read.mean(axis=0)
    centre[: songs.vectors.shape[1]] = 0.0  # directions count from the origin, as cosines do
    strange = np.zeros((len(others := _strangers(songs, seed)), read.shape[1]))
    strange[:, : others.shape[1]] = others
    inputs = np.concatenate([read - centre, strange])
    labels = np.concatenate([songs.labels, np.full(len(others), len(songs.genres))])
    weights, bias = _descend(inputs, labels, len(songs.genres) + 1)
    return GenreHead(songs.genres, songs.music_model, centre, weights, bias)


def try_out(songs: LessonSongs, show: Show = lambda *_: None) -> Trial:
    """Cross-validate: every song is tried on a head that never met it, nor its maker if possible.

    Args:
        songs: at least two makers, or two songs, of every genre.
        show: called after every fold.
    """
    folds, by_maker = folds_of(songs)
    logits = np.zeros((len(songs.labels), len(songs.genres) + 1))
    before = _shipped(songs)
    for fold in range(FOLDS):
        held, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        if not len(held):
            continue
        asked = songs.rows(held)
        logits[held] = fit(songs.rows(others), fold).logits(asked.vectors, asked.shares)
        # What serves now is tried the same way: with its own songs, without those held out.
        earlier = songs.rows(others[songs.known[others]])
        if songs.known.any() and len(set(earlier.labels.tolist())) > 1:
            guessed = fit(earlier, fold).logits(asked.vectors, asked.shares).argmax(axis=1)
            before[held] = np.where(guessed < len(songs.genres), guessed, before[held])
        show(fold + 1, FOLDS, loss(logits[held], asked.labels))
    return Trial(logits, _among_strangers(songs), before, by_maker)


def folds_of(songs: LessonSongs) -> tuple[Integers, bool]:
    """Deal the songs into folds, each genre by itself, makers whole where it has several.

    Returns:
        (n,) number of each song's fold, and whether makers were whole in every genre.
    """
    folds = np.zeros(len(songs.labels), np.int64)
    by_maker = True
    for label in range(len(songs.genres)):
        rows = np.flatnonzero(songs.labels == label)
        makers, of_row, sizes = np.unique(
            songs.makers[rows], return_inverse=True, return_counts=True
        )
        if len(makers) < 2:
            by_maker = False
            folds[rows] = (np.arange(len(rows)) + label) % FOLDS
            continue
        held = np.zeros(FOLDS)
        for maker in np.argsort(-sizes, kind="stable"):
            fold = int(held.argmin())
            held[fold] += sizes[maker]
            folds[rows[of_row == maker]] = fold
    return folds, by_maker


def calibrated(head: GenreHead, trial: Trial, songs: LessonSongs) -> GenreHead:
    """Return a head with the temperature and the threshold that its trial calls for."""
    losses = [loss(trial.logits / t, songs.labels) for t in TEMPERATURES]
    temperature = float(TEMPERATURES[int(np.argmin(losses))])
    likely = softmax(trial.logits / temperature)[:, :-1]
    taken_in = softmax(trial.strange / temperature)[:, :-1].max(axis=1)
    sure = max(_sure(likely, songs.labels), float(np.quantile(taken_in, 1 - TAKEN_IN)))
    sure = min(sure, SURE_TO)
    return GenreHead(
        head.genres,
        head.music_model,
        head.centre,
        head.weights,
        head.bias,
        temperature,
        sure,
        head.card,
    )


def loss(logits: Floats, labels: Integers) -> float:
    """Mean negative logarithm of the right genre's probability."""
    likely = softmax(logits)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(likely, 1e-12)).mean())


def macro_f1(guesses: Integers, labels: Integers, genres: int) -> float:
    """F1 of each genre, averaged over those that occur; a guess outside the genres is wrong."""
    scores = []
    for genre in range(genres):
        right = int(((guesses == genre) & (labels == genre)).sum())
        said, there = int((guesses == genre).sum()), int((labels == genre).sum())
        if there:
            scores.append(2 * right / (said + there))
    return float(np.mean(scores)) if scores else 0.0


def interval(guesses: Integers, labels: Integers, genres: int) -> tuple[float, float]:
    """95 % bootstrap interval of `macro_f1` over songs."""
    rng = np.random.default_rng(0)
    scores = [
        macro_f1(guesses[rows], labels[rows], genres)
        for rows in rng.integers(0, len(labels), (500, len(labels)))
    ]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def _shipped(songs: LessonSongs) -> Integers:
    """Return what the music model alone says: index of a server's genre, or -1."""
    own = {genre: index for index, genre in enumerate(songs.genres)}
    guessed = [own.get(GENRES[at], -1) for at in songs.shares.argmax(axis=1)]
    return np.array(guessed, np.int64)


def _among_strangers(songs: LessonSongs) -> Floats:
    strange = np.full((len(songs.labels), len(songs.genres) + 1), -np.inf)
    for label in range(len(songs.genres)):
        held, others = np.flatnonzero(songs.labels == label), np.flatnonzero(songs.labels != label)
        asked = songs.rows(held)
        # Without songs of its own the genre keeps its column, which is not looked at.
        strange[held] = fit(songs.rows(others)).logits(asked.vectors, asked.shares)
        strange[held, label] = -np.inf
    return strange


def _strangers(songs: LessonSongs, seed: int) -> Floats:
    directions = np.random.default_rng(seed).standard_normal((STRANGERS, songs.vectors.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return np.concatenate([directions, songs.strangers.astype(np.float64)])


def _descend(inputs: Floats, labels: Integers, classes: int) -> tuple[Floats, Floats]:
    """Minimise the loss by accelerated gradient descent; it is convex, so from anywhere."""
    counts = np.bincount(labels, minlength=classes)
    each = 1.0 / np.maximum(counts, 1)
    each[-1] *= STRANGERS_WEIGH
    importance = each[labels] / each[labels].sum()
    joined = np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)
    wanted = np.eye(classes)[labels]
    curvature = np.linalg.norm(joined * np.sqrt(importance)[:, None], 2) ** 2 / 2 + SHRINK
    shrink = np.full((joined.shape[1], 1), SHRINK)
    shrink[-1] = 0.0  # of the bias
    at = ahead = np.zeros((joined.shape[1], classes))
    for step in range(STEPS):
        wrong = (softmax(joined @ ahead) - wanted) * importance[:, None]
        new = ahead - (joined.T @ wrong + shrink * ahead) / curvature
        ahead = new + step / (step + 3) * (new - at)
        at = new
    return at[:-1], at[-1]


def _sure(likely: Floats, labels: Integers) -> float:
    """Find the least probability from which nine of ten named songs are named rightly."""
    best, right = likely.max(axis=1), likely.argmax(axis=1) == labels
    for threshold in np.arange(SURE_FROM, SURE_TO, 0.025):
        named = best >= threshold
        if named.any() and right[named].mean() >= RIGHT:
            return float(threshold)
    return SURE_TO


if __name__ == "__main__":
    sys.exit(main())
