"""Music2Vector inference: excerpts in, hearings out, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from ml.audio.activity import LEAST_SECONDS_OF_SOUND
from ml.audio.excerpts import Excerpts
from ml.audio.mel import log_mel
from ml.music.checkpoint import MusicCheckpoint, load_model
from ml.music.harmony import harmony
from ml.music.hearing import GENRES, WHOLE, Hearing, Rhythm, SimilarityScale, Timeline, Verdict
from ml.music.linear_head import tilted_softmax
from ml.music.model import ModelOutput
from ml.music.rhythm import PROFILE_SIZE, analyse
from ml.music.spectrograms import columns_of, level, square
from ml.music.vector import Vector

Asked = ParamSpec("Asked")
Found = TypeVar("Found")

FEWEST_ROWS = 8  # for less it is not worth to share


_one_at_a_time = Lock()  # two at once could take the other's one core for what is usual


def use_one_torch_thread() -> None:
    """Make torch's work in this thread stay in it; other threads, new ones too, notice nothing."""
    with _one_at_a_time:
        # Before the first question a thread's number is not its own.
        usual = torch.get_num_threads()
        torch.set_num_threads(1)
        # This sets two numbers: that of the calling thread, and that which new threads start with.
        # Setting the second back from elsewhere leaves the first alone.
        elsewhere = Thread(target=torch.set_num_threads, args=(usual,))
        elsewhere.start()
        elsewhere.join()


class RowPool:
    """As many threads as torch has here; all they do is inference."""

    def __init__(self, size: int | None = None) -> None:
        """Have threads start as there is work for them.

        Args:
            size: how many; as many as torch uses in this thread if left out.
        """
        self._size = size or torch.get_num_threads()
        self._pool = ThreadPoolExecutor(
            self._size, thread_name_prefix="ear", initializer=use_one_torch_thread
        )

    def begin(
        self, work: Callable[Asked, Found], *args: Asked.args, **named: Asked.kwargs
    ) -> Future[Found]:
        """Have one thread do some work."""
        return self._pool.submit(torch.inference_mode()(work), *args, **named)

    def share(
        self, work: Callable[[Tensor], tuple[Tensor, Tensor]], rows: Tensor
    ) -> list[Future[tuple[Tensor, Tensor]]]:
        """Have all threads work on the rows; `joined` gives what they found."""
        parts = rows.tensor_split(max(1, min(self._size, len(rows) // FEWEST_ROWS)))
        return [self.begin(work, part) for part in parts]

    def joined(self, shares: Iterable[Future[tuple[Tensor, Tensor]]]) -> tuple[Tensor, Tensor]:
        """Wait for shares, and put their rows together again."""
        ones, others = zip(*(share.result() for share in shares), strict=True)
        return self.begin(torch.cat, ones).result(), self.begin(torch.cat, others).result()


class MusicModel:
    """Listens with one model."""

    def __init__(self, checkpoint: MusicCheckpoint, device: str = "cpu") -> None:
        self._model, self._tuning = checkpoint.model, checkpoint.tuning
        self._joining = checkpoint.joining
        self._device = device
        self._pool = RowPool(None if device == "cpu" else 1)
        self.model = checkpoint.name
        self.recipe = checkpoint.model.dimensions.recipe
        parts = self._joining.stretches() if self._joining else WHOLE
        self.scale = SimilarityScale(parts, *self._tuning.likeness)

    @classmethod
    def load(cls, path: Path | None = None, device: str = "cpu") -> MusicModel:
        """Load the model.

        Args:
            path: the weights; None takes those that are shipped.
            device: `cpu` or `cuda`.

        Raises:
            MusicModelError: the weights are missing, damaged or not ours.
        """
        return cls(load_model(path, device), device)

    def hear(self, batch: Sequence[Excerpts]) -> list[Hearing]:
        """Hear a batch of songs.

        Args:
            batch: the songs' excerpts, in any order and of any number of windows.

        Returns:
            One hearing a song, in the batch's order, independent of the rest of the batch.
        """
        if not batch:
            return []
        pool, counts = self._pool, [len(excerpts.windows) for excerpts in batch]
        windows = torch.from_numpy(_windows(batch))
        looks = pool.share(self._look, windows)
        beats = [pool.begin(_rhythm, excerpts) for excerpts in batch]
        chords = [pool.begin(harmony, excerpts.passage) for excerpts in batch]
        _, seen = pool.joined(looks)
        pictures = pool.begin(self._pictures, seen.split(counts)).result()
        joined, last = pool.joined(pool.share(self._model.features, pictures))
        heard = pool.begin(self._heard, joined.split(counts), last.split(counts)).result()
        songs = zip(batch, heard, beats, chords, strict=True)
        return [pool.begin(self._hearing, *song).result() for song in songs]

    @torch.inference_mode()
    def embed(
        self, columns: npt.NDArray[np.floating[Any]], harmony: Vector, rhythm: Vector
    ) -> Vector:
        """Return the vector that `hear` gives a song, from features that were computed before.

        Args:
            columns: (windows, bands, frames) in dB, as `columns_of` gives them.
            harmony: (harmony,) of its passage.
            rhythm: (16,), the profile of its passage.
        """
        seen = self._model(level(torch.from_numpy(columns).float().unsqueeze(0)))
        return self._vector(seen.vector[0], harmony, rhythm)

    def _look(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """(n, samples) to what is shown of each window, and what the network is to see."""
        mel = log_mel(windows.to(self._device))
        columns = columns_of(mel)
        if self.recipe == "seed":
            return columns, square(mel.unsqueeze(0))[0]
        return columns, columns

    def _pictures(self, songs: Sequence[Tensor]) -> Tensor:
        """Level each song over all its windows; the seed recipe does not."""
        if self.recipe != "seed":
            songs = [level(columns.unsqueeze(0))[0] for columns in songs]
        return torch.cat(tuple(songs))

    def _heard(self, joined: Sequence[Tensor], last: Sequence[Tensor]) -> list[ModelOutput]:
        """Pool the windows of each song."""
        pairs = zip(joined, last, strict=True)
        return [self._model.head(ours.unsqueeze(0), deep.unsqueeze(0)) for ours, deep in pairs]

    def _hearing(
        self,
        excerpts: Excerpts,
        heard: ModelOutput,
        beats: Future[Rhythm | None],
        chords: Future[Vector],
    ) -> Hearing:
        tuning = self._tuning
        shares = (heard.genres[0] / tuning.temperature).softmax(dim=0).cpu().double()
        shares = shares / shares.sum()
        order = shares.argsort(descending=True).tolist()
        rhythm = beats.result()
        beat = rhythm.profile if rhythm else np.zeros(PROFILE_SIZE, np.float32)
        enough = excerpts.seconds_of_sound >= LEAST_SECONDS_OF_SOUND
        sure = enough and bool(shares[order[0]] >= tuning.sure)
        genres = {GENRES[index]: float(shares[index]) for index in order}
        vector = self._vector(heard.vector[0], chords.result(), beat)
        each = tilted_softmax(heard.timeline[0].cpu().double().numpy(), shares.numpy())
        over_time = Timeline(
            excerpts.starts,
            1.0,
            {genre: each[:, at].astype(np.float32) for at, genre in enumerate(GENRES)},
            each.astype(np.float32),
            np.tile(vector, (len(excerpts.starts), 1)),
        )
        return Hearing(
            kind="music",
            kinds={"music": 1.0},
            genres=genres,
            families=genres,
            styles={},
            tags={},
            verdict=Verdict((GENRES[order[0]],) if sure else ()),
            key=None,
            vector=vector,
            timeline=over_time,
            seconds=excerpts.seconds,
            model=self.model,
            rhythm=rhythm,
            seconds_of_sound=excerpts.seconds_of_sound,
        )

    def _vector(self, timbre: Tensor, chords: Vector, beat: Vector) -> Vector:
        """Join what was heard; the one place where a song's vector is made."""
        if self._joining is None:
            whitened = (timbre - self._tuning.centre) @ self._tuning.whitening
            plain: Vector = functional.normalize(whitened, dim=0).cpu().numpy()
            return plain
        heard = {"timbre": timbre.cpu().numpy(), "harmony": chords, "rhythm": beat}
        return self._joining.join(heard)


def _windows(batch: Sequence[Excerpts]) -> npt.NDArray[np.float32]:
    """Put the windows of all songs one behind the other; those of one need no copy."""
    if len(batch) == 1:
        return batch[0].windows
    return np.concatenate([excerpts.windows for excerpts in batch])


def _rhythm(excerpts: Excerpts) -> Rhythm | None:
    if not excerpts.passage.size:
        return None
    return analyse(excerpts.passage, excerpts.passage_start)
