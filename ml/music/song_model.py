"""Music2Vector, second model: one listening gives genres, styles, tags, key, rhythm and a vector.

Musicnn's taggers hear single windows of three seconds; the picture networks, the key and the rhythm
are taken from one unbroken passage. All answers are linear in what these found, so that every
window has its own and their mean is the song's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
import torch
from torch import Tensor

from ml.audio.activity import LEAST_SECONDS_OF_SOUND
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan, Excerpts
from ml.music.harmony import harmony
from ml.music.heads import (
    TAG_COLUMNS,
    Floats,
    label_witness,
    sigmoid,
    softmax,
    song_features,
    tag_witness,
    tilted_sigmoid,
    tilted_softmax,
    window_features,
)
from ml.music.hearing import KINDS, Hearing, Key, Rhythm, Timeline, Verdict, key_of
from ml.music.key import choose_key, key_scores, pitch_features
from ml.music.picture_network import answers_together, passage_pictures
from ml.music.rhythm import PASSAGE_SECONDS, PROFILE_SIZE, analyse
from ml.music.song_checkpoint import SongCheckpoint, load_song_model
from ml.music.tagger import PATCH_SAMPLES, RATE, levelled, tagger_input
from ml.music.taxonomy import (
    DRILL_N_BASS,
    FAMILIES,
    STYLES,
    TAGS,
    TEN_GENRES,
)
from ml.music.vector import Vector

WINDOW_SECONDS = 3.0  # what musicnn was trained on
MOST_WINDOWS = 6  # of a song go through the taggers: with more no more genres are right
# What it wants to hear of a song.
SONG_PLAN = ExcerptPlan(MOST_WINDOWS, PASSAGE_SECONDS, WINDOW_SECONDS)
EMBEDDINGS = 400  # numbers of both taggers' embeddings in a window's row; their tags follow
TAGGED = 1_000  # the taggers' in a song's row; the picture networks' and pools follow
DRILL_N_BASS_SURE = 0.5  # of `Rhythm.drill_n_bass`
# Styles whose label may be right of what is Drill'n'Bass by its rhythm.
BREAKS = frozenset({"drum_and_bass", "idm", "glitch", "dubstep"})
# Least probability of the style that is said beside a family. Of songs of a known family a style is
# right more often than its probability says (`benchmarks.song_styles`), but not of hip-hop's: FMA
# leaves most of its rap unlabelled.
STYLE_SAID = {"hiphop": 0.5}
STYLE_SAID_ELSEWHERE = 0.1
# Families that are said first only where no other is sure: they tell least of how a song sounds.
SAID_LAST = frozenset({"experimental"})
_WINDOW_SAMPLES = round(WINDOW_SECONDS * SAMPLE_RATE)


@dataclass(frozen=True, slots=True, eq=False)
class SongFeatures:
    """What the networks found in one song, before it is judged.

    Attributes:
        windows: (windows, 500) float32: embeddings of both taggers, then their tags' logits.
        pools: (windows, n) float32: what both taggers' layers found, pooled over time.
        coarse: (n,) float32: the picture networks' answers and vectors.
        starts: start of each window in seconds.
    """

    windows: Floats
    pools: Floats
    coarse: Floats
    starts: tuple[float, ...]

    def song(self) -> Floats:
        """Join everything to one row, which the heads read."""
        pools = self.pools.mean(axis=0)
        return np.concatenate([song_features(self.windows), self.coarse, pools])

    def each_window(self) -> Floats:
        """One row a window: its own in place of the windows' mean."""
        coarse = np.broadcast_to(self.coarse, (len(self.windows), len(self.coarse)))
        return np.concatenate([window_features(self.windows), coarse, self.pools], axis=1)


class MusicModel:
    """Listens with one model.

    Attributes:
        model: name and version of the model.
        card: what it learned from, how, and how well it does.
        scale: how its vectors are compared.
    """

    def __init__(self, checkpoint: SongCheckpoint) -> None:
        self._checkpoint = checkpoint
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="beside-torch")
        self.model = checkpoint.name
        self.card = checkpoint.card
        self.scale = checkpoint.scale

    @classmethod
    def load(cls, path: Path | None = None) -> MusicModel:
        """Open the model.

        Args:
            path: the weights; None takes those that are shipped.

        Raises:
            MusicModelError: the weights are missing, damaged or not ours.
        """
        return cls(load_song_model(path))

    def features(self, excerpts: Excerpts) -> SongFeatures:
        """Run the networks on one song."""
        waves, starts = _windows(excerpts)
        passage = excerpts.passage if excerpts.passage.size else waves.reshape(-1)
        return SongFeatures(*self._tagged(waves), self._pictured(passage), starts)

    @torch.inference_mode()
    def _tagged(self, waves: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
        """(windows, samples) at 22 050 Hz to (windows, 500) and the pools."""
        resampled = soxr.resample(levelled(waves).T, SAMPLE_RATE, RATE)[:PATCH_SAMPLES].T
        patches = tagger_input(torch.from_numpy(np.ascontiguousarray(resampled, np.float32)))
        taggings = [tagger(patches) for tagger in (self._checkpoint.msd, self._checkpoint.mtt)]
        found = [t.embedding for t in taggings] + [t.tags for t in taggings]
        pools = torch.cat([t.pooled for t in taggings], dim=1)
        return torch.cat(found, dim=1).numpy(), pools.numpy()

    @torch.inference_mode()
    def _pictured(self, passage: npt.NDArray[np.float32]) -> Floats:
        """(samples,) to the picture networks' answers, those of several phases averaged."""
        checkpoint = self._checkpoint
        pictures = passage_pictures(passage)
        return coarse_features(answers_together(checkpoint.coarse, checkpoint.stacked, pictures))

    def hear(self, excerpts: Excerpts) -> Hearing:
        """Hear one song.

        Args:
            excerpts: of the song. Windows should last three seconds; of shorter ones, patches are
                cut from the passage instead.
        """
        beat = self._beside.submit(_rhythm, excerpts)
        chords = self._beside.submit(harmony, excerpts.passage)
        pitches = self._beside.submit(pitch_features, excerpts.passage)
        features = self.features(excerpts)
        heads, song = self._checkpoint.heads, features.song()[None]
        kinds = softmax(heads["kinds"](song))[0]
        genres = softmax(genre_logits(self._checkpoint, song))[0]
        families = sigmoid(self._family_odds(song))[0]
        styles = sigmoid(heads["styles"](song))[0]
        kind, rhythm = KINDS[int(kinds.argmax())], beat.result()
        parts = {
            "sound": song_features(features.windows[:, :EMBEDDINGS]),
            "style": features.coarse,
            "harmony": chords.result(),
            "rhythm": rhythm.profile if rhythm else np.zeros(PROFILE_SIZE, np.float32),
        }
        by_family, by_style = _named(FAMILIES, families), _named(STYLES, styles)
        drill_n_bass = rhythm.drill_n_bass if rhythm else 0.0
        enough = excerpts.seconds_of_sound >= LEAST_SECONDS_OF_SOUND
        said = verdict(by_family, by_style, drill_n_bass, self._checkpoint.numbers)
        return Hearing(
            kind=kind,
            kinds=_named(KINDS, kinds),
            genres=_named(TEN_GENRES, genres),
            families=by_family,
            styles=by_style,
            tags=_named(TAGS, sigmoid(heads["tags"](song))[0]),
            verdict=said if kind == "music" and enough else Verdict(),
            key=self._key(pitches.result(), genres),
            vector=self._checkpoint.vector.join(parts),
            timeline=self._timeline(features, genres, np.append(families, styles), parts),
            seconds=excerpts.seconds,
            model=self.model,
            rhythm=rhythm,
            seconds_of_sound=excerpts.seconds_of_sound,
        )

    def _timeline(
        self, features: SongFeatures, genres: Floats, shares: Floats, parts: Mapping[str, Vector]
    ) -> Timeline:
        """Answer each window so that the means are the song's own answers.

        Args:
            features: of the song.
            genres: (10,) of the song.
            shares: (families + styles,) of the song.
            parts: what its vector is joined from.
        """
        rows, join = features.each_window(), self._checkpoint.vector.join
        odds = np.hstack([self._family_odds(rows), self._checkpoint.heads["styles"](rows)])
        each = tilted_sigmoid(odds, shares).astype(np.float32)
        sounds = window_features(features.windows[:, :EMBEDDINGS])
        return Timeline(
            features.starts,
            WINDOW_SECONDS,
            dict(zip((*FAMILIES, *STYLES), each.T, strict=True)),
            tilted_softmax(genre_logits(self._checkpoint, rows), genres).astype(np.float32),
            np.stack([join({**parts, "sound": sound}) for sound in sounds]),
        )

    def _family_odds(self, rows: Floats) -> Floats:
        """(n, features) to (n, families) log odds."""
        return self._checkpoint.families(*family_witnesses(self._checkpoint, rows))

    def _key(self, pitches: Floats | None, genres: Floats) -> Key | None:
        if pitches is None:
            return None
        key = self._checkpoint.key
        shares = torch.from_numpy(genres).float()
        bias = key["mode_bias"] + shares @ key["genre_bias"]
        scores = key_scores(torch.from_numpy(pitches)[None], key["weights"], bias[None])
        likely = (scores[0] / self._checkpoint.numbers["key_temperature"]).softmax(dim=0)
        best = choose_key(likely.numpy())
        sure = float(likely[best])
        return key_of(best, sure) if sure >= self._checkpoint.numbers["key_sure"] else None


def genre_logits(checkpoint: SongCheckpoint, rows: Floats) -> Floats:
    """(n, features) to (n, 10), tempered."""
    return checkpoint.heads["genres"](rows) / checkpoint.numbers["genres_temperature"]


def family_witnesses(checkpoint: SongCheckpoint, rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Give what a `FamilyRule` weighs: (n, features) to (n, 10), and twice (n, families)."""
    heads = checkpoint.coarse.sizes.heads
    first = TAGGED + sum(size for name, size in heads.items() if name < "labels")
    said = rows[:, first : first + len(checkpoint.labels)]
    labels, steady = label_witness(said, checkpoint.labels), checkpoint.heads
    if "family_genres" not in steady:
        return genre_logits(checkpoint, rows), labels, tag_witness(rows[:, TAG_COLUMNS])
    return steady["family_genres"](rows), labels, steady["family_tags"](rows)


def coarse_features(answers: Mapping[str, Tensor]) -> Floats:
    """Join the picture networks' answers to one row, in a fixed order."""
    row: Floats = torch.cat([answers[name] for name in sorted(answers)]).numpy()
    return row


def verdict(
    families: Mapping[str, float],
    styles: Mapping[str, float],
    drill_n_bass: float,
    numbers: Mapping[str, float],
) -> Verdict:
    """Choose what is sure enough to be said.

    Args:
        families: probability of each, likeliest first.
        styles: likewise.
        drill_n_bass: as in `Rhythm.drill_n_bass`.
        numbers: `family_sure`, `style_sure` and `style_likely`: least probabilities. That of the
            one style that is said beside the first family is in `STYLE_SAID`.
    """
    sure = [family for family, share in families.items() if share >= numbers["family_sure"]]
    sure.sort(key=lambda family: family in SAID_LAST)
    likely = [style for style, share in styles.items() if share >= numbers["style_likely"]]
    inside = [style for style in likely if any(f in sure for f in STYLES[style].families)]
    if "electronic" in sure and drill_n_bass >= DRILL_N_BASS_SURE and BREAKS.intersection(inside):
        sure.sort(key=lambda family: family != "electronic")
        return Verdict(tuple(sure), DRILL_N_BASS, True, (DRILL_N_BASS, *inside))
    own = next((s for s in styles if sure and sure[0] in STYLES[s].families), None)
    if own is None or styles[own] < STYLE_SAID.get(sure[0], STYLE_SAID_ELSEWHERE):
        return Verdict(tuple(sure), styles=tuple(inside))
    said = (own, *(style for style in inside if style != own))
    return Verdict(tuple(sure), own, styles[own] >= numbers["style_sure"], said)


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


def _named(names: Iterable[str], shares: Floats) -> dict[str, float]:
    """Name (n,) probabilities, the largest first."""
    pairs = zip(names, shares.tolist(), strict=True)
    return dict(sorted(pairs, key=lambda pair: -pair[1]))
