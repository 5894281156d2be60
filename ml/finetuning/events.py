"""Report a training: typed events, as JSON lines for a parent process or as a bar for people."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from ml.checkpoints import ModelFileError
from ml.music.genre_head import GenreCard

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class FailureCode(StrEnum):
    """Why nothing came of a training; stable, for a parent process to find words for."""

    MEMORY = "memory"
    DISK = "disk"
    DAMAGED = "damaged"  # what it begins from or learns from is no longer what it was
    TOO_LITTLE = "too_little"
    UNREADABLE = "unreadable"
    DIVERGED = "diverged"
    UNEXPECTED = "unexpected"


def code_of(error: BaseException) -> FailureCode:
    """Return the code of what an exception says was lacking."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or "allocate memory" in text or "out of memory" in text:
        return FailureCode.MEMORY
    if isinstance(error, OSError):
        full = error.errno in _FULL or "no space left" in text
        return FailureCode.DISK if full else FailureCode.UNREADABLE
    if "no space left" in text:
        return FailureCode.DISK
    if isinstance(error, ModelFileError):
        return FailureCode.DAMAGED
    if isinstance(error, FloatingPointError):
        return FailureCode.DIVERGED
    code = getattr(error, "code", "")
    return FailureCode(code) if code in set(FailureCode) else FailureCode.UNEXPECTED


@dataclass(frozen=True, slots=True)
class PortraitCard:
    """What a portrait lesson learned from and how well its model does.

    Attributes:
        portrait_model: name of the model.
        pictures: how many it learned from, those held back included.
        score: kernel distance of portraits to the pictures held back; less is better.
        score_before: the same for the model that the lesson began from.
    """

    portrait_model: str = ""
    pictures: int = 0
    score: float | None = None
    score_before: float | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> PortraitCard:
        """Read a stored card; those of version 0.1 name the model `painter`."""
        return cls(
            stored.get("portrait_model", stored.get("painter", "")),
            stored.get("pictures", 0),
            stored.get("score"),
            stored.get("score_before"),
        )


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """A training goes on.

    Attributes:
        step: how many are done.
        steps: how many it will be, as far as can be told.
        seconds_left: as far as can be told; None at the very beginning.
        losses: the parts of the loss by name.
        sheet: the newest sheet of portraits, if there is one yet.
    """

    step: int
    steps: int
    seconds_left: float | None = None
    losses: Mapping[str, float] = field(default_factory=dict)
    sheet: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The model is written to `file`; `card` describes what a lesson learned."""

    file: Path
    card: GenreCard | PortraitCard | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """It was asked to end, and can be resumed from the checkpoint `file`."""

    file: Path


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing came of it; `code` is one of `FailureCode` where we wrote the process."""

    code: str
    detail: str = ""


Event = TrainingProgress | Done | Stopped | Failed
_NAMES: dict[type[Event], str] = {
    TrainingProgress: "progress",
    Done: "done",
    Stopped: "stopped",
    Failed: "failed",
}
_CARDS: dict[type[GenreCard | PortraitCard], str] = {GenreCard: "genre", PortraitCard: "portraits"}


def encode(event: Event) -> str:
    """Write an event as one line of JSON, without the line's end."""
    fields = asdict(event)
    if isinstance(event, TrainingProgress):
        fields["losses"] = {name: round(loss, 4) for name, loss in event.losses.items()}
    if isinstance(event, Done) and event.card is not None:
        fields["card"] = {"of": _CARDS[type(event.card)], **fields["card"]}
    return json.dumps({"event": _NAMES[type(event)], **fields}, default=str)


def decode(line: str | bytes) -> Event | None:
    """Read an event back; None for any other line, such as a library's chatter."""
    try:
        fields = json.loads(line)
        match fields.pop("event"):
            case "progress":
                sheet = fields.pop("sheet", None)
                return TrainingProgress(**fields, sheet=Path(sheet) if sheet else None)
            case "done":
                return Done(Path(fields["file"]), _card_from(fields.get("card")))
            case "stopped":
                return Stopped(Path(fields["file"]))
            case "failed":
                return Failed(**fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    return None


def _card_from(stored: Mapping[str, Any] | None) -> GenreCard | PortraitCard | None:
    if stored is None:
        return None
    card: type[GenreCard | PortraitCard] = GenreCard if stored["of"] == "genre" else PortraitCard
    return card.from_json(stored)


class Reporter(Protocol):
    """Receives the events of a training, within a `with` block."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def report(self, event: Event) -> None:
        """Show an event."""


class JsonLines:
    """Writes one JSON object a line, each at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to `stream`; None is standard output."""
        self._stream = stream or sys.stdout

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def report(self, event: Event) -> None:
        """Write an event."""
        self._stream.write(encode(event) + "\n")
        self._stream.flush()


class ProgressBar:
    """Shows a training to people."""

    def __init__(self) -> None:
        """Make a bar that shows nothing before the `with` block begins."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}"),
        )
        self._task = self._progress.add_task("training", total=1, left="")

    def __enter__(self) -> Self:
        """Show it."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave it as it is."""
        self._progress.stop()

    def report(self, event: Event) -> None:
        """Move the bar, or print how the training ended."""
        match event:
            case TrainingProgress():
                self._move(event)
            case Done(file):
                self._progress.console.print(f"wrote {file}")
            case Stopped(file):
                self._progress.console.print(f"stopped; --resume continues from {file}")
            case Failed(code, detail):
                self._progress.console.print(f"{code}: {detail}")

    def _move(self, event: TrainingProgress) -> None:
        losses = " ".join(f"{name} {value:.3f}" for name, value in event.losses.items())
        left = "" if event.seconds_left is None else f"{event.seconds_left / 60:.0f} min left"
        self._progress.update(
            self._task, completed=event.step, total=event.steps, description=losses, left=left
        )
