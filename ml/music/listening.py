"""The ear: excerpts in, hearings out, one forward pass for songs that arrive together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ml.audio.excerpts import Excerpts
from ml.audio.mel import log_mel
from ml.music.checkpoint import Checkpoint, load_model
from ml.music.harmony import harmony
from ml.music.hearing import GENRES, Alike, Hearing
from ml.music.model import Heard
from ml.music.pictures import columns_of, level, square
from ml.music.rhythm import PROFILE_SIZE, Rhythm, analyse
from ml.music.traces import Traces, embeddings
from ml.music.vector import Vector


class Ear:
    """Listens with one model."""

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu") -> None:
        self._model, self._tuning = checkpoint.model, checkpoint.tuning
        self._joining = checkpoint.joining
        self._device = device
        self.model = checkpoint.name
        self.recipe = checkpoint.model.dimensions.recipe

    @classmethod
    def load(cls, path: Path | None = None, device: str = "cpu") -> Ear:
        """Open the ear.

        Args:
            path: the weights; None takes those that are shipped.
            device: `cpu` or `cuda`.

        Raises:
            ModelError: the weights are missing, damaged or not ours.
        """
        return cls(load_model(path, device), device)

    @torch.inference_mode()
    def hear(self, batch: Sequence[Excerpts]) -> list[Hearing]:
        """Hear songs that arrived together.

        Args:
            batch: the songs' excerpts, in any order and of any number of windows.

        Returns:
            One hearing a song, in the batch's order; what is heard of a song does not depend
            on its company.
        """
        if not batch:
            return []
        windows = np.concatenate([excerpts.windows for excerpts in batch])
        mels = log_mel(torch.from_numpy(windows).to(self._device))
        songs = mels.split([len(excerpts.windows) for excerpts in batch])
        together = zip(batch, songs, self._hear_all(songs), strict=True)
        return [self._hearing(excerpts, mel, heard) for excerpts, mel, heard in together]

    def likeness(self, cosine: float) -> float:
        """Turn the cosine of two vectors into the probability that they are of one song."""
        slope, offset = self._tuning.likeness
        return float(1 / (1 + np.exp(-(slope * cosine + offset))))

    def vector_of(self, traces: Traces) -> Vector:
        """Make the vector of a sound that was traced before, as `hear` makes it of the sound."""
        return self._vector(embeddings(self._model, [traces])[0], traces.harmony, traces.rhythm)

    def why(self, one: Vector, other: Vector) -> Alike:
        """Say how alike two songs are, and what makes them so.

        Args:
            one: the vector of a song that this ear heard.
            other: another one's.
        """
        cosine = float(one @ other)
        shares = self._joining.shares(one, other) if self._joining else {"timbre": cosine}
        return Alike(
            probability=self.likeness(cosine),
            cosine=cosine,
            timbre=shares.get("timbre", 0.0),
            harmony=shares.get("harmony"),
            rhythm=shares.get("rhythm"),
        )

    def _hear_all(self, mels: Sequence[Tensor]) -> list[Heard]:
        """Look at the windows of all songs at once, then sum up each song."""
        pictures = torch.cat([self._pictures(mel) for mel in mels])
        joined, last = self._model.features(pictures)
        counts = [len(mel) for mel in mels]
        pairs = zip(joined.split(counts), last.split(counts), strict=True)
        return [self._model.head(ours.unsqueeze(0), deep.unsqueeze(0)) for ours, deep in pairs]

    def _pictures(self, mel: Tensor) -> Tensor:
        if self._model.dimensions.recipe == "seed":
            return square(mel.unsqueeze(0))[0]
        return level(columns_of(mel).unsqueeze(0))[0]

    def _hearing(self, excerpts: Excerpts, mel: Tensor, heard: Heard) -> Hearing:
        tuning = self._tuning
        shares = (heard.genres[0] / tuning.temperature).softmax(dim=0).cpu().double()
        shares = shares / shares.sum()
        order = shares.argsort(descending=True).tolist()
        rhythm = _rhythm(excerpts)
        beat = rhythm.profile if rhythm else np.zeros(PROFILE_SIZE, np.float32)
        return Hearing(
            genres={GENRES[index]: float(shares[index]) for index in order},
            genre=GENRES[order[0]] if shares[order[0]] >= tuning.sure else None,
            vector=self._vector(heard.vector[0], harmony(excerpts.passage), beat),
            timeline=heard.timeline[0].softmax(dim=1).cpu().numpy(),
            starts=excerpts.starts,
            mel=_shown(mel).cpu().numpy(),
            seconds=excerpts.seconds,
            model=self.model,
            rhythm=rhythm,
        )

    def _vector(self, timbre: Tensor, chords: Vector, beat: Vector) -> Vector:
        """Join what was heard; the one place where a song's vector is made."""
        if self._joining is None:
            whitened = (timbre - self._tuning.centre) @ self._tuning.whitening
            plain: Vector = functional.normalize(whitened, dim=0).cpu().numpy()
            return plain
        heard = {"timbre": timbre.cpu().numpy(), "harmony": chords, "rhythm": beat}
        return self._joining.join(heard)


def _rhythm(excerpts: Excerpts) -> Rhythm | None:
    if not excerpts.passage.size:
        return None
    return analyse(excerpts.passage, excerpts.passage_start)


def _shown(mel: Tensor) -> Tensor:
    """(windows, bands, frames) to (bands, columns): the windows side by side, each thinned."""
    columns = columns_of(mel)
    thinned: Tensor = columns.unflatten(2, (-1, 2)).mean(dim=3)
    return thinned.permute(1, 0, 2).flatten(1)
