"""Music2Vector, second model: one listening gives genres, styles, tags, key, rhythm and a vector.

Musicnn's taggers hear single windows of three seconds; the coarse network, the key and the rhythm
are taken from one unbroken passage. All answers are linear in what these found, so that every
window has its own and their mean is the song's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import soxr
import torch
from torch import Tensor

from ml.audio.excerpts import SAMPLE_RATE, Excerpts
from ml.music.families import TAG_COLUMNS, label_witness, tag_witness
from ml.music.harmony import harmony
from ml.music.hearing import Rhythm
from ml.music.key import key_scores, pitch_features
from ml.music.key_names import Key, key_of
from ml.music.linear_head import (
    Floats,
    sigmoid,
    softmax,
    song_features,
    tilted_sigmoid,
    tilted_softmax,
    window_features,
)
from ml.music.passage_picture import passage_pictures
from ml.music.rhythm import PROFILE_SIZE, analyse
from ml.music.song_checkpoint import SongCheckpoint, load_song_model
from ml.music.song_findings import KINDS, SongFindings, SongLikeness, Timeline, Verdict
from ml.music.tagger_input import PATCH_SAMPLES, RATE, tagger_input
from ml.music.taxonomy import FAMILIES, STYLES, TAGS, TEN_GENRES
from ml.music.vector import Vector

WINDOW_SECONDS = 3.0  # what musicnn was trained on
MOST_WINDOWS = 8  # of a song go through the taggers; `benchmarks.song_windows` says what each costs
TAGGED = 1_000  # numbers of the taggers in a song's row; the coarse network's follow
_WINDOW_SAMPLES = round(WINDOW_SECONDS * SAMPLE_RATE)


@dataclass(frozen=True, slots=True, eq=False)
class SongFeatures:
    """What the networks found in one song, before it is judged.

    Attributes:
        windows: (windows, 500) float32: embeddings of both taggers, then their tags' logits.
        coarse: (n,) float32: the coarse network's answers and vector.
        starts: start of each window in seconds.
    """

    windows: Floats
    coarse: Floats
    starts: tuple[float, ...]

    def song(self) -> Floats:
        """Join everything to one row, which the heads read."""
        return np.concatenate([song_features(self.windows), self.coarse])

    def each_window(self) -> Floats:
        """One row a window: its own in place of the windows' mean."""
        coarse = np.broadcast_to(self.coarse, (len(self.windows), len(self.coarse)))
        return np.concatenate([window_features(self.windows), coarse], axis=1)


class Judgement(TypedDict):
    """What the heads answer, by the fields of `SongFindings`."""

    kind: str
    kinds: Mapping[str, float]
    genres: Mapping[str, float]
    families: Mapping[str, float]
    styles: Mapping[str, float]
    tags: Mapping[str, float]
    verdict: Verdict
    timeline: Timeline


class SongModel:
    """Listens with one model."""

    def __init__(self, checkpoint: SongCheckpoint) -> None:
        self._checkpoint = checkpoint
        heads = checkpoint.coarse.sizes.heads
        first = TAGGED + sum(size for name, size in heads.items() if name < "labels")
        self._label_columns = slice(first, first + len(checkpoint.labels))
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="beside-torch")
        self.model = checkpoint.name
        self.card = checkpoint.card

    @classmethod
    def load(cls, path: Path | None = None) -> SongModel:
        """Open the model.

        Args:
            path: the weights; None takes those that are shipped.

        Raises:
            SongModelError: the weights are missing, damaged or not ours.
        """
        return cls(load_song_model(path))

    def hear(self, batch: Sequence[Excerpts]) -> list[SongFindings]:
        """Hear songs that arrived together.

        Args:
            batch: the songs' excerpts. Windows should last three seconds; of shorter ones, patches
                are cut from the passage instead.

        Returns:
            What was found in each song, in the batch's order; a song's findings do not depend on
            its company.
        """
        return [self._hear(excerpts) for excerpts in batch]

    def features(self, excerpts: Excerpts) -> SongFeatures:
        """Run the networks on one song."""
        waves, starts = _windows(excerpts)
        passage = excerpts.passage if excerpts.passage.size else waves.reshape(-1)
        return SongFeatures(self._tagged(waves), self._pictured(passage), starts)

    def likeness(self, cosine: float) -> float:
        """Turn the cosine of two vectors into the probability that they are of one song."""
        numbers = self._checkpoint.numbers
        log_odds = numbers["likeness_slope"] * cosine + numbers["likeness_offset"]
        return float(sigmoid(np.array(log_odds)))

    def why(self, one: Vector, other: Vector) -> SongLikeness:
        """Say how alike two songs of this model are, and what makes them so."""
        cosine = float(one @ other)
        parts = self._checkpoint.vector.shares(one, other)
        return SongLikeness(self.likeness(cosine), cosine, parts)

    @torch.inference_mode()
    def _tagged(self, waves: npt.NDArray[np.float32]) -> Floats:
        """(windows, samples) at 22 050 Hz to (windows, 500)."""
        resampled = soxr.resample(waves.T, SAMPLE_RATE, RATE)[:PATCH_SAMPLES].T
        patches = tagger_input(torch.from_numpy(np.ascontiguousarray(resampled, np.float32)))
        taggings = [tagger(patches) for tagger in (self._checkpoint.msd, self._checkpoint.mtt)]
        found = [t.embedding for t in taggings] + [t.tags for t in taggings]
        values: Floats = torch.cat(found, dim=1).numpy()
        return values

    @torch.inference_mode()
    def _pictured(self, passage: npt.NDArray[np.float32]) -> Floats:
        """(samples,) to the coarse network's answers, those of its four phases averaged."""
        return coarse_features(self._checkpoint.coarse.answers(passage_pictures(passage)))

    def _hear(self, excerpts: Excerpts) -> SongFindings:
        beat = self._beside.submit(_rhythm, excerpts)
        chords = self._beside.submit(harmony, excerpts.passage)
        pitches = self._beside.submit(pitch_features, excerpts.passage)
        features = self.features(excerpts)
        judged = self.judge(features)
        return SongFindings(
            **judged,
            key=self._key(pitches.result(), judged["genres"]),
            rhythm=beat.result(),
            vector=self._vector(features, chords, beat),
            seconds=excerpts.seconds,
            model=self.model,
        )

    def judge(self, features: SongFeatures) -> Judgement:
        """Answer everything that the heads answer."""
        heads, numbers = self._checkpoint.heads, self._checkpoint.numbers
        song, windows = features.song()[None], features.each_window()
        genres = softmax(heads["genres"](song) / numbers["genres_temperature"])[0]
        families = sigmoid(self._family_odds(song))[0]
        kinds = softmax(heads["kinds"](song))[0]
        timeline = Timeline(
            features.starts,
            WINDOW_SECONDS,
            tilted_softmax(heads["genres"](windows) / numbers["genres_temperature"], genres),
            tilted_sigmoid(self._family_odds(windows), families),
        )
        styles = dict(zip(STYLES, sigmoid(heads["styles"](song))[0].tolist(), strict=True))
        by_family = dict(zip(FAMILIES, families.tolist(), strict=True))
        kind = KINDS[int(kinds.argmax())]
        return {
            "kind": kind,
            "kinds": dict(zip(KINDS, kinds.tolist(), strict=True)),
            "genres": _falling(dict(zip(TEN_GENRES, genres.tolist(), strict=True))),
            "families": _falling(by_family),
            "styles": _falling(styles),
            "tags": _falling(
                dict(zip(TAGS, sigmoid(heads["tags"](song))[0].tolist(), strict=True))
            ),
            "verdict": verdict(kind, by_family, styles, numbers),
            "timeline": timeline,
        }

    def _family_odds(self, rows: Floats) -> Floats:
        """(n, features) to (n, families) log odds."""
        checkpoint = self._checkpoint
        genres = checkpoint.heads["genres"](rows) / checkpoint.numbers["genres_temperature"]
        labels = label_witness(rows[:, self._label_columns], checkpoint.labels)
        return checkpoint.families(genres, labels, tag_witness(rows[:, TAG_COLUMNS]))

    def _key(self, pitches: Floats | None, genres: Mapping[str, float]) -> Key | None:
        if pitches is None:
            return None
        key = self._checkpoint.key
        shares = torch.tensor([genres[genre] for genre in TEN_GENRES])
        bias = key["mode_bias"] + shares @ key["genre_bias"]
        scores = key_scores(torch.from_numpy(pitches)[None], key["weights"], bias[None])
        likely = (scores[0] / self._checkpoint.numbers["key_temperature"]).softmax(dim=0)
        best = int(likely.argmax())
        sure = float(likely[best])
        return key_of(best, sure) if sure >= self._checkpoint.numbers["key_sure"] else None

    def _vector(
        self, features: SongFeatures, chords: Future[Vector], beat: Future[Rhythm | None]
    ) -> Vector:
        """Join what was heard; the one place where a song's vector is made."""
        rhythm = beat.result()
        return self._checkpoint.vector.join(
            {
                "sound": song_features(features.windows[:, :400]),
                "style": features.coarse,
                "harmony": chords.result(),
                "rhythm": rhythm.profile if rhythm else np.zeros(PROFILE_SIZE, np.float32),
            }
        )


def coarse_features(answers: Mapping[str, Tensor]) -> Floats:
    """Join the coarse network's answers to one row, in a fixed order."""
    row: Floats = torch.cat([answers[name] for name in sorted(answers)]).numpy()
    return row


def verdict(
    kind: str,
    families: Mapping[str, float],
    styles: Mapping[str, float],
    numbers: Mapping[str, float],
) -> Verdict:
    """Choose the finest thing that is sure.

    Args:
        kind: as in `SongFindings.kind`.
        families: probability of each.
        styles: probability of each.
        numbers: `family_sure`, `style_sure` and `style_likely`: least probabilities.
    """
    family, likely = max(families.items(), key=lambda item: item[1])
    if kind != "music" or likely < numbers["family_sure"]:
        return Verdict(None, None, False, kind)
    inside = {name: p for name, p in styles.items() if family in STYLES[name].families}
    style, probable = max(inside.items(), key=lambda item: item[1], default=(None, 0.0))
    if probable < numbers["style_likely"]:
        return Verdict(family, None, False, kind)
    return Verdict(family, style, probable >= numbers["style_sure"], kind)


def _windows(excerpts: Excerpts) -> tuple[npt.NDArray[np.float32], tuple[float, ...]]:
    """Take evenly spaced windows of three seconds, from the passage where windows are shorter."""
    waves, starts = excerpts.windows, excerpts.starts
    if waves.shape[1] < _WINDOW_SAMPLES:
        count = max(1, len(excerpts.passage) // _WINDOW_SAMPLES)
        passage = (
            np.resize(excerpts.passage, count * _WINDOW_SAMPLES)
            if excerpts.passage.size
            else np.resize(waves, _WINDOW_SAMPLES)
        )
        waves = passage.reshape(-1, _WINDOW_SAMPLES)
        starts = tuple(excerpts.passage_start + WINDOW_SECONDS * at for at in range(len(waves)))
    chosen = np.unique(np.linspace(0, len(waves) - 1, MOST_WINDOWS).round().astype(int))
    return waves[chosen, :_WINDOW_SAMPLES], tuple(starts[at] for at in chosen)


def _rhythm(excerpts: Excerpts) -> Rhythm | None:
    return analyse(excerpts.passage, excerpts.passage_start) if excerpts.passage.size else None


def _falling(answers: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(answers.items(), key=lambda item: -item[1]))
