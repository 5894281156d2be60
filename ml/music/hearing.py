"""What one hearing found, and names of keys, as plain values; imports no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ml.audio.activity import LEAST_SECONDS_OF_SOUND
from ml.music.taxonomy import TEN_GENRES

TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MODES = ("major", "minor")
_CAMELOT_MAJOR = (8, 3, 10, 5, 12, 7, 2, 9, 4, 11, 6, 1)  # C, C#, ... B
_CAMELOT_MINOR = (5, 12, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10)


@dataclass(frozen=True, slots=True)
class Key:
    """A key and how sure it is.

    Attributes:
        tonic: one of `TONICS`.
        mode: `major` or `minor`.
        camelot: the code by which DJs mix, 1A to 12B.
        confidence: calibrated probability 0..1 that tonic and mode are both right.
    """

    tonic: str
    mode: str
    camelot: str
    confidence: float


def key_of(index: int, confidence: float) -> Key:
    """Name a key by its place among the `KEYS`."""
    mode, tonic = divmod(index, 12)
    number = (_CAMELOT_MINOR if mode else _CAMELOT_MAJOR)[tonic]
    return Key(TONICS[tonic], MODES[mode], f"{number}{'A' if mode else 'B'}", confidence)


GENRES = TEN_GENRES  # GTZAN's, which `analyze` and lessons still use

# The cosine from which two vectors are one song in two encodings. It finds 6 of 6 songs again
# after mp3 at 128, Opus at 64 and AAC at 96 kbit/s (0.957 at least); none after mp3 at 32, which
# dulls them too much. Of 135 songs no other one came nearer than 0.84, but little tunes of one
# synthesiser may: hiding a song is worse than listing one twice. See `benchmarks.same_song`.
SAME_SONG = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The rhythm of one passage.

    Attributes:
        tempo_bpm: beats a minute, 30 to 364; None where there is no beat to follow.
        onsets_per_second: how often something is struck.
        break_density: share 0..1 of the thirty-seconds of a bar on which something is struck:
            0.25 for plain eighths, 0.5 for sixteenths, more for rolls.
        variety: one minus the largest similarity of a bar to any earlier bar, averaged, 0
            (a loop) to 1; None without at least two bars.
        drill_n_bass: 0..1, high only where the beat is fast, dense and hardly repeats.
        bars: novelty 0..1 of each bar against all earlier ones; the first counts as 1.
        bar_starts: start of each bar in the song, seconds.
        repeats: per bar the index of the earlier bar it copies, or None.
        profile: (16,) float32 for comparing songs, each value in -1..1; zeros without a beat.
    """

    tempo_bpm: float | None
    onsets_per_second: float
    break_density: float
    variety: float | None
    drill_n_bass: float
    bars: tuple[float, ...]
    bar_starts: tuple[float, ...]
    repeats: tuple[int | None, ...]
    profile: npt.NDArray[np.float32]

    def in_numbers(self) -> dict[str, float | None]:
        """Return the numbers of the whole passage, rounded, by their names in JSON."""
        return {
            "tempo_bpm": None if self.tempo_bpm is None else round(self.tempo_bpm, 2),
            "onsets_per_second": round(self.onsets_per_second, 3),
            "break_density": round(self.break_density, 4),
            "variety": None if self.variety is None else round(self.variety, 4),
            "drill_n_bass": round(self.drill_n_bass, 4),
        }


KINDS = ("music", "speech", "noise", "tone")  # a tone is also any single sound


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is sure enough to be said of a song.

    Attributes:
        families: every family that is sure, the one said first leading: keys of
            `ml.music.taxonomy.FAMILIES`, or genres that a server taught. Empty where none is.
        style: key of `STYLES`, or `DRILL_N_BASS`, said beside the first family; None: none likely.
        sure_of_style: whether the style is sure, not only probable.
        styles: every likely style of those families, the one said first leading.
    """

    families: tuple[str, ...] = ()
    style: str | None = None
    sure_of_style: bool = False
    styles: tuple[str, ...] = ()

    @property
    def family(self) -> str | None:
        """The family said first."""
        return self.families[0] if self.families else None


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """How the answers change over the song; their means over time are the song's own.

    Attributes:
        starts: start of each window in seconds, rising.
        window_seconds: length of each window.
        shares: (windows,) float32 in 0..1 of each family, style and taught genre; its mean is the
            song's probability in `Hearing.families` or `Hearing.styles`.
        genres: (windows, 10) float32, rows summing to 1, columns as in `GENRES`; the mean over the
            windows is `Hearing.genres`.
        vectors: (windows, n) float32 of unit length, the song's vector with each window's own
            sound in place of the whole song's.
    """

    starts: tuple[float, ...]
    window_seconds: float
    shares: Mapping[str, npt.NDArray[np.float32]]
    genres: npt.NDArray[np.float32]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What one listening found.

    Attributes:
        kind: one of `KINDS`; what is not music has no family, and its vector is not kept.
        kinds: calibrated probability of each kind, summing to 1.
        genres: calibrated probability of each of `GENRES`, summing to 1, likeliest first.
        families: calibrated probability of each family and taught genre, likeliest first; several
            can be true at once.
        styles: likewise of each style.
        tags: likewise of each tag.
        verdict: what to say.
        key: None where there is no clear key.
        vector: (n,) float32 of unit length; cosines compare songs of the same model only.
        timeline: the same answers over time.
        seconds: length of the whole song.
        model: name and version of the model that heard it.
        rhythm: what was heard of its rhythm; None when no unbroken passage was decoded.
        seconds_of_sound: how much of `seconds` is not silence.
        title: "artist – title" by the file's tags, one line; None where they name none.
    """

    kind: str
    kinds: Mapping[str, float]
    genres: Mapping[str, float]
    families: Mapping[str, float]
    styles: Mapping[str, float]
    tags: Mapping[str, float]
    verdict: Verdict
    key: Key | None
    vector: npt.NDArray[np.float32]
    timeline: Timeline
    seconds: float
    model: str
    rhythm: Rhythm | None = None
    seconds_of_sound: float = math.inf
    title: str | None = None

    @property
    def too_short(self) -> bool:
        """Whether there is too little sound for a verdict, and for keeping the vector."""
        return self.seconds_of_sound < LEAST_SECONDS_OF_SOUND

    @property
    def genre(self) -> str | None:
        """The likeliest of `GENRES`, where it is one of the families that are sure."""
        best = max(self.genres, key=lambda genre: self.genres[genre])
        return best if best in self.verdict.families else None


@dataclass(frozen=True, slots=True)
class SimilarityParts:
    """How alike two songs are, and what makes them so.

    Attributes:
        percent: calibrated probability, 0 to 100, that the two are excerpts of one song, if one
            song and two were as likely beforehand.
        shares: what each part of the vector adds to the cosine of the two vectors, which is their
            sum; negative where they differ more than usual, missing where one of the songs has no
            such part.
        cosines: -1 to 1, how alike the two are in each part by itself.
    """

    percent: float
    shares: Mapping[str, float]
    cosines: Mapping[str, float] = field(default_factory=dict)


def _mean(each: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each part that all have."""
    names = [name for name in each[0] if all(name in parts for parts in each)]
    return {name: sum(parts[name] for parts in each) / len(each) for name in names}


# Cosines of directions without any relation spread by one over the root of their dimensions; those
# of songs spread wider: in 40 clips of GTZAN 1.3 (timbre, rhythm) to 1.5 (harmony) times as wide.
SPREAD = 1.5
CERTAIN = 3.0  # spreads, from which likeness in a part counts as full
UNKNOWN_SIZE = 64  # numbers of a part whose end is not stated
WHOLE = MappingProxyType({"timbre": slice(None)})  # the parts of a vector that has only one


@dataclass(frozen=True, slots=True)
class SimilarityScale:
    """How the vectors of one model are compared.

    The defaults are those of the shipped model's calibration, for a vector of one part.

    Attributes:
        parts: where in the vector each part lies.
        slope: of the log odds that two excerpts are of one song, over the cosine of their vectors.
        offset: of the same log odds.
    """

    parts: Mapping[str, slice] = field(default_factory=lambda: WHOLE)
    slope: float = 10.0
    offset: float = -4.0

    def probability(self, cosine: float) -> float:
        """Turn the cosine of two vectors into the probability that they are of one song."""
        return 1 / (1 + math.exp(-(self.slope * cosine + self.offset)))

    def cosine(self, probability: float) -> float:
        """Return the cosine that has this probability, which is neither 0 nor 1."""
        return (math.log(probability / (1 - probability)) - self.offset) / self.slope

    def compare(
        self, one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]
    ) -> SimilarityParts:
        """Return how alike two songs are, and what makes them so.

        Args:
            one: (n,) the vector of a song; its length does not matter to the parts' cosines.
            other: the same of another song.
        """
        shares, cosines = {}, {}
        for name, stretch in self.parts.items():
            lengths = float(np.linalg.norm(one[stretch]) * np.linalg.norm(other[stretch]))
            if lengths > 0:
                shares[name] = float(one[stretch] @ other[stretch])
                cosines[name] = shares[name] / lengths
        percent = 100 * self.probability(sum(shares.values()))
        return SimilarityParts(percent, shares, cosines)

    def compare_each(
        self, ones: npt.NDArray[np.float32], other: npt.NDArray[np.float32]
    ) -> SimilarityParts:
        """Return how alike a song is to each of some others, on average.

        Not to their mean, which is more like any song than they are themselves.

        Args:
            ones: (songs, n) their vectors, at least one.
            other: (n,) the vector of the song.
        """
        each = [self.compare(one, other) for one in ones]
        shares = _mean([parts.shares for parts in each])
        percent = 100 * self.probability(sum(shares.values()))
        return SimilarityParts(percent, shares, _mean([parts.cosines for parts in each]))

    def strength(self, part: str, cosine: float) -> float:
        """Return how alike two songs are in one part by itself, on that part's own scale.

        Args:
            part: its name.
            cosine: of the two songs in that part.

        Returns:
            0 (no more than two songs of no relation) to 1 (hardly ever met by chance).
        """
        stretch = self.parts[part]
        size = (stretch.stop or UNKNOWN_SIZE) - (stretch.start or 0)
        spread = SPREAD / math.sqrt(size)
        return min(max(cosine / (CERTAIN * spread), 0.0), 1.0)

    def steered(
        self, vector: npt.NDArray[np.float32], weights: Mapping[str, float]
    ) -> npt.NDArray[np.float32]:
        """Stretch a vector so that its product with others weighs their parts.

        Args:
            vector: (n,) of unit length.
            weights: by part, 1 where none is given. Only how they stand to each other counts: the
                product of the result and `vector` is 1.
        """
        steered = vector.astype(np.float32, copy=True)
        for name, stretch in self.parts.items():
            steered[stretch] *= weights.get(name, 1.0)
        return np.asarray(steered / max(float(steered @ vector), 1e-9), np.float32)
