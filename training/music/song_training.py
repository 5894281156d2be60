"""Fits the music model's genres, families, styles, tags and kinds on what was heard.

Every number that turns answers into honest ones is fitted on songs that the answers had not seen:
five folds by artist of GTZAN, and the blocks of FMA that were held out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from ml.music.heads import (
    LABELS,
    TAG_COLUMNS,
    WORDS,
    FamilyRule,
    Floats,
    LinearHead,
    genre_witness,
    label_witness,
    softmax,
    tag_witness,
)
from ml.music.taxonomy import FAMILIES, MSD_TAGS, MTT_TAGS, STYLES, TAGS, TEN_GENRES
from training.music.coarse_pictures import FOLDS
from training.music.song_table import (
    TAGGED,
    SongTable,
    blended,
    fit_discriminant,
)

# Columns of a song's row: means, then spreads, of MSD's and of MTT's numbers.
MSD_COLUMNS = np.r_[0:200, 400:450, 500:700, 900:950]
MTT_COLUMNS = np.r_[200:400, 450:500, 700:900, 950:1000]
# The tags that mean one of the ten genres, by which the scale of all tags is calibrated.
GENRE_TAGS = {
    "blues": "MSD blues",
    "classical": "MTT classical",
    "country": "MSD country",
    "hiphop": "MSD Hip-Hop",
    "jazz": "MSD jazz",
    "metal": "MSD metal",
    "pop": "MSD pop",
    "rock": "MSD rock",
}

_TAGS = len(MSD_TAGS) + len(MTT_TAGS)

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GenreRecipe:
    """How the ten genres are read: discriminants whose logits are added.

    Attributes:
        readers: each by name (see `columns`), with what its logits are
            multiplied by and the shrinkage of its covariance, 0 to 1.
        steadiness: how much a song's differences from changed copies of it count beside those
            between the songs of a genre; both are what does not matter.
    """

    readers: tuple[tuple[str, float, float], ...] = (("taggers", 1.0, 0.75),)
    steadiness: float = 0.0


@dataclass(frozen=True, slots=True)
class TagRecipe:
    """How families read the tags so that changed copies move them little.

    Attributes:
        steadiness: how much differences between a song and its copies count beside those between
            songs.
        ridge: holds to the tags' own words where songs and copies say nothing.
    """

    steadiness: float = 10.0
    ridge: float = 10.0


def columns(table: SongTable) -> dict[str, Rows]:
    """Which columns of a song's row each reader reads."""
    behind = TAGGED + table.pictured
    return {
        "taggers": np.r_[0:TAGGED, behind : table.features.shape[1]],
        "tagged": np.arange(TAGGED),
        "msd": MSD_COLUMNS,
        "mtt": MTT_COLUMNS,
        "pictures": np.arange(TAGGED, behind),
    }


def fit_genres(table: SongTable, recipe: GenreRecipe, learn: Rows) -> LinearHead:
    """Fit the ten genres.

    Args:
        table: what was heard.
        recipe: how.
        learn: songs of GTZAN to learn from. Of the table's other sounds those of other songs of
            GTZAN are left out.
    """
    reads, rows, features = columns(table), learn, table.features[learn]
    counts = np.ones(len(learn))
    if (others := table.others) is not None:
        may = (table.songs.folds[others.rows] < 0) | np.isin(others.rows, learn)
        others = others.of(may)
        rows = np.concatenate([rows, others.rows])
        features = np.concatenate([features, others.features])
        counts = np.concatenate([counts, others.counts])
    labels, moves = table.songs.labels[rows], None
    if table.changed is not None and recipe.steadiness:
        kept = table.changed.without(np.setdiff1d(table.rows, learn))
        moves = np.sqrt(recipe.steadiness) * kept.moves()
    heads = [
        fit_discriminant(
            features[:, reads[name]],
            labels,
            shrinkage,
            counts,
            None if moves is None else moves[:, reads[name]],
        )
        for name, _, shrinkage in recipe.readers
    ]
    shares = [share for _, share, _ in recipe.readers]
    read = [reads[name] for name, _, _ in recipe.readers]
    return blended(heads, shares, read, table.features.shape[1])


def fold_heads(table: SongTable, recipe: GenreRecipe) -> list[LinearHead]:
    """Fit the ten genres once a fold, each time without the fold's songs."""
    rows = table.gtzan()
    folds = table.songs.folds[rows]
    return [fit_genres(table, recipe, rows[folds != fold]) for fold in range(FOLDS)]


def held_out(heads: Sequence[LinearHead], features: Floats, folds: Rows) -> Floats:
    """Answer for each sound by the head that did not learn from its fold.

    Args:
        heads: as from `fold_heads`.
        features: (sounds, n).
        folds: (sounds,) to which each belongs.

    Returns:
        (sounds, 10) logits.
    """
    logits = np.zeros((len(features), len(TEN_GENRES)), np.float32)
    for fold, head in enumerate(heads):
        logits[folds == fold] = head(features[folds == fold])
    return logits


def out_of_fold(table: SongTable, recipe: GenreRecipe) -> Floats:
    """Answer for every heard song of GTZAN by a head that did not learn from its artist.

    Returns:
        (heard songs of GTZAN, 10) logits, in the order of `table.gtzan()`.
    """
    rows = table.gtzan()
    return held_out(fold_heads(table, recipe), table.features[rows], table.songs.folds[rows])


def fit_scale(logits: Floats, labels: Rows) -> float:
    """Find the temperature by which logits become honest shares."""

    def surprise(log_temperature: float) -> float:
        shares = softmax(logits / np.exp(log_temperature))
        return float(-np.log(shares[np.arange(len(labels)), labels] + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 6), method="bounded").x))


def fit_platt(log_odds: Floats, truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Find slope and offset by which log odds of several answers become honest together."""
    model = LogisticRegression(C=1e3).fit(log_odds.reshape(-1, 1), truth.ravel())
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def style_head(table: SongTable, names: Sequence[str], slope: float, offset: float) -> LinearHead:
    """Read the styles off the coarse network's answers.

    Args:
        table: for the place of the answers in a row.
        names: of FMA's labels, in the network's order.
        slope: as from `fit_platt`, on blocks of FMA that were held out.
        offset: likewise.
    """
    size = table.features.shape[1]
    first = TAGGED + table.label_columns.start
    weights = np.zeros((size, len(STYLES)), np.float32)
    for column, style in enumerate(STYLES.values()):
        weights[first + names.index(style.label), column] = slope
    return _plain(weights, np.full(len(STYLES), offset, np.float32))


def tag_head(table: SongTable, slope: float, offset: float) -> LinearHead:
    """Read the tags off the taggers' own, the mean of those that say the same."""
    weights = np.zeros((table.features.shape[1], len(TAGS)), np.float32)
    for column, tag in enumerate(TAGS.values()):
        for vocabulary, word in tag.sources:
            weights[_tag_column(f"{vocabulary} {word}"), column] = slope / len(tag.sources)
    return _plain(weights, np.full(len(TAGS), offset, np.float32))


def genre_tags(table: SongTable, rows: Rows) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Give the log odds of the tags that mean a genre, and whether they are true."""
    found = [table.features[rows, _tag_column(tag)] for tag in GENRE_TAGS.values()]
    true = [table.songs.labels[rows] == TEN_GENRES.index(genre) for genre in GENRE_TAGS]
    return np.stack(found, axis=1), np.stack(true, axis=1)


def fit_family_tags(table: SongTable, recipe: TagRecipe) -> LinearHead:
    """Find what says nearly what the tags say of a family, and differs little in changed copies.

    What tags say (`tag_witness`) is linear in what the taggers find. Among all that is linear in
    it, this has the least squared error on the songs as they are plus, weighed, the squared
    differences between songs and copies; each family keeps its spread over the songs.

    Args:
        table: the songs and their copies; where it has none, the tags' own words are returned.
        recipe: how much steadiness counts.

    Returns:
        A head from a song's row to (families,).
    """
    read, size = columns(table)["taggers"], table.features.shape[1]
    tags = np.zeros((len(read), _TAGS), np.float32)
    tags[TAG_COLUMNS] = np.eye(_TAGS)  # a row for each number that is read
    own = tag_witness(tags)
    if (changed := table.changed) is None:
        return padded(_plain(own, np.zeros(own.shape[1], np.float32)), read, size)
    songs, shares = changed.features[:, 0, read].astype(np.float64), changed.shares()[:, None]
    centre = (shares * songs).sum(axis=0)
    scale = np.sqrt((shares * (songs - centre) ** 2).sum(axis=0)) + 1e-3
    even, moves = (songs - centre) / scale, changed.moves()[:, read] / scale
    own = own * scale[:, None]
    kept = even.T @ (shares * even) + recipe.ridge * np.eye(len(read))
    moved = recipe.steadiness * moves.T @ moves
    steady = np.linalg.solve(kept + moved, kept @ own)
    spreads = [np.sqrt((shares * (even @ said) ** 2).sum(axis=0)) for said in (own, steady)]
    steady *= spreads[0] / (spreads[1] + 1e-9)
    head = LinearHead(
        centre.astype(np.float32),
        scale.astype(np.float32),
        steady.astype(np.float32),
        tag_witness(centre[None, TAG_COLUMNS])[0],
    )
    return padded(head, read, size)


def fit_families(
    table: SongTable, rows: Rows, genre_logits: Floats, tags: Floats, names: Sequence[str]
) -> FamilyRule:
    """Learn how much each witness of a family counts.

    Args:
        table: what was heard.
        rows: songs whose family is known.
        genre_logits: (rows, 10) tempered, of heads that did not learn from these songs.
        tags: (rows, families) what the tags say.
        names: of FMA's labels, in the network's order.
    """
    labels = label_witness(table.features[rows][:, label_slice(table, names)], names)
    centre = np.stack([labels.mean(axis=0), tags.mean(axis=0)], axis=1)
    scale = np.stack([labels.std(axis=0), tags.std(axis=0)], axis=1) + 1e-3
    seen = np.stack(
        [
            genre_witness(genre_logits),
            (labels - centre[:, 0]) / scale[:, 0],
            (tags - centre[:, 1]) / scale[:, 1],
        ],
        axis=2,
    )
    known = np.array([_family_of(label) for label in table.songs.labels[rows]])
    truth = known[:, None] == np.array(list(FAMILIES))
    slopes, biases = np.zeros((2, 3), np.float32), np.zeros(2, np.float32)
    for row, (asked, read) in enumerate(((TEN_GENRES, [0, 1, 2]), (_HEARD_ELSEWHERE, [1, 2]))):
        at = [list(FAMILIES).index(family) for family in asked]
        model = LogisticRegression(C=1e3)
        model.fit(seen[:, at][..., read].reshape(-1, len(read)), truth[:, at].ravel())
        slopes[row, read], biases[row] = model.coef_[0].clip(min=0), model.intercept_[0]
    bias = np.array([biases[0 if family in TEN_GENRES else 1] for family in FAMILIES])
    return FamilyRule(
        centre.astype(np.float32), scale.astype(np.float32), slopes, bias.astype(np.float32)
    )


# Families that have both labels and words, and whose songs can be heard.
_HEARD_ELSEWHERE = tuple(
    family for family in FAMILIES if family in LABELS and family in WORDS
    and family in (*TEN_GENRES, "electronic")
)  # fmt: skip


def label_slice(table: SongTable, names: Sequence[str]) -> slice:
    """Tell which columns of a song's row are FMA's labels."""
    first = TAGGED + table.label_columns.start
    return slice(first, first + len(names))


def fit_kinds(
    features: Floats, kinds: Rows, groups: Rows, shrinkage: float = 0.5
) -> tuple[LinearHead, Floats]:
    """Fit music, speech, noise and tone on the taggers' numbers alone.

    Args:
        features: (sounds, n).
        kinds: (sounds,) index into `KINDS`.
        groups: (sounds,) which of five folds each belongs to.
        shrinkage: of the discriminant's covariance.

    Returns:
        The head, and (sounds, 4) logits of heads that did not learn from the sound's fold.
    """
    unseen = np.zeros((len(features), int(kinds.max()) + 1), np.float32)
    for fold in np.unique(groups):
        inside = groups == fold
        head = fit_discriminant(features[~inside], kinds[~inside], shrinkage)
        unseen[inside] = head(features[inside])
    return fit_discriminant(features, kinds, shrinkage), unseen


def music_allowance(logits: Floats, kinds: Rows, refused: float = 0.015) -> float:
    """Find what to add to music's logit so that hardly any music is refused.

    Args:
        logits: (sounds, 4) of heads that did not learn from these sounds.
        kinds: (sounds,) index into `KINDS`, of which 0 is music.
        refused: share of music that may be.
    """
    music = logits[kinds == 0]
    return max(0.0, float(np.quantile(music[:, 1:].max(axis=1) - music[:, 0], 1 - refused)))


def tempered(head: LinearHead, temperature: float) -> LinearHead:
    """Divide a head's logits."""
    return LinearHead(head.centre, head.scale, head.weights / temperature, head.bias / temperature)


def in_favour_of_music(head: LinearHead, allowance: float, temperature: float) -> LinearHead:
    """Add to music's logit, and divide all by the temperature."""
    bias = head.bias.copy()
    bias[0] += allowance
    return tempered(replace(head, bias=bias), temperature)


def padded(head: LinearHead, read: Rows, size: int) -> LinearHead:
    """Let a head that reads some columns of a row read whole rows."""
    return blended([head], [1.0], [read], size)


def calibration_error(stated: Floats, true: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Mean distance between stated probability and share of true answers (ECE), by tenths."""
    at = np.minimum((stated * bins).astype(int), bins - 1)
    return float(
        sum(
            (at == b).mean() * abs(stated[at == b].mean() - true[at == b].mean())
            for b in range(bins)
            if (at == b).any()
        )
    )


def _plain(weights: Floats, bias: Floats) -> LinearHead:
    size = len(weights)
    return LinearHead(np.zeros(size, np.float32), np.ones(size, np.float32), weights, bias)


def _tag_column(name: str) -> int:
    vocabulary, _, word = name.partition(" ")
    return 400 + MSD_TAGS.index(word) if vocabulary == "MSD" else 450 + MTT_TAGS.index(word)


def _family_of(label: int) -> str:
    return TEN_GENRES[label] if label < len(TEN_GENRES) else "electronic"
