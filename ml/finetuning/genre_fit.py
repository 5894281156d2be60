"""Fitting a genre head, and finding out honestly how well it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.finetuning.genre_head import Floats, GenreHead, LessonSongs, features, softmax
from ml.music.genres import GENRES

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
        asked = songs.taken(held)
        logits[held] = fit(songs.taken(others), fold).logits(asked.vectors, asked.shares)
        # What serves now is tried the same way: with its own songs, without those held out.
        earlier = songs.taken(others[songs.known[others]])
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
    """Give a head the temperature and the threshold that its trial calls for."""
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
    dice = np.random.default_rng(0)
    scores = [
        macro_f1(guesses[rows], labels[rows], genres)
        for rows in dice.integers(0, len(labels), (500, len(labels)))
    ]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def _shipped(songs: LessonSongs) -> Integers:
    """Give what the ear alone says, as an index into the server's genres; -1: another genre."""
    own = {genre: index for index, genre in enumerate(songs.genres)}
    guessed = [own.get(GENRES[at], -1) for at in songs.shares.argmax(axis=1)]
    return np.array(guessed, np.int64)


def _among_strangers(songs: LessonSongs) -> Floats:
    strange = np.full((len(songs.labels), len(songs.genres) + 1), -np.inf)
    for label in range(len(songs.genres)):
        held, others = np.flatnonzero(songs.labels == label), np.flatnonzero(songs.labels != label)
        asked = songs.taken(held)
        # Without songs of its own the genre keeps its column, which is not looked at.
        strange[held] = fit(songs.taken(others)).logits(asked.vectors, asked.shares)
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
