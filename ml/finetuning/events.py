"""How a training tells of itself: a bar for people, or lines of JSON for a parent process."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn


@dataclass(frozen=True, slots=True)
class State:
    """Where a training is.

    Attributes:
        step: how many are done.
        steps: how many it will be, as far as can be told.
        seconds_left: as far as can be told; None at the very beginning.
        losses: the parts of the loss, averaged over the last steps.
        sheet: the newest sheet of portraits, if there is one yet.
    """

    step: int
    steps: int
    seconds_left: float | None
    losses: dict[str, float]
    sheet: Path | None


class Listener(Protocol):
    """Whoever is told."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def progress(self, state: State) -> None:
        """It goes on."""

    def done(self, file: Path, figures: dict[str, float]) -> None:
        """The weights are written."""

    def stopped(self, file: Path) -> None:
        """It was asked to end, and can go on from what is kept in the file."""

    def failed(self, code: str, why: str) -> None:
        """It cannot be done."""


class Lines:
    """One JSON object a line, written at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
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

    def progress(self, state: State) -> None:
        """It goes on."""
        left = None if state.seconds_left is None else round(state.seconds_left)
        self._write(
            event="progress",
            step=state.step,
            steps=state.steps,
            seconds_left=left,
            losses={name: round(value, 4) for name, value in state.losses.items()},
            sheet=str(state.sheet) if state.sheet else None,
        )

    def done(self, file: Path, figures: dict[str, float]) -> None:
        """The weights are written."""
        self._write(event="done", file=str(file), figures=figures)

    def stopped(self, file: Path) -> None:
        """It was asked to end, and can go on from what is kept in the file."""
        self._write(event="stopped", file=str(file))

    def failed(self, code: str, why: str) -> None:
        """It cannot be done."""
        self._write(event="failed", code=code, why=why)

    def _write(self, **fields: Any) -> None:
        self._stream.write(json.dumps(fields) + "\n")
        self._stream.flush()


class Bar:
    """A progress bar."""

    def __init__(self) -> None:
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

    def progress(self, state: State) -> None:
        """It goes on."""
        said = " ".join(f"{name} {value:.3f}" for name, value in state.losses.items())
        left = "" if state.seconds_left is None else f"{state.seconds_left / 60:.0f} min left"
        self._progress.update(
            self._task, completed=state.step, total=state.steps, description=said, left=left
        )

    def done(self, file: Path, figures: dict[str, float]) -> None:
        """The weights are written."""
        said = " ".join(f"{name} {value:.4f}" for name, value in figures.items())
        self._progress.console.print(f"wrote {file} {said}")

    def stopped(self, file: Path) -> None:
        """It was asked to end, and can go on from what is kept in the file."""
        self._progress.console.print(f"stopped; --resume goes on from {file}")

    def failed(self, code: str, why: str) -> None:
        """It cannot be done."""
        self._progress.console.print(f"{code}: {why}")
