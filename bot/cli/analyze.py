"""`python -m bot analyze`: hear files from the command line, for hosts and for measuring."""

from __future__ import annotations

import argparse
import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from bot.concurrency import open_executors
from bot.engines import load_music_model, open_decoder
from bot.i18n import Translator, translator_for
from bot.i18n.catalogue import finest, genre_name
from bot.listening.service import Decodes, Hears
from bot.rendering.timeline import clock
from bot.settings import Settings
from ml.audio.errors import AudioError
from ml.audio.excerpts import Excerpts
from ml.music.hearing import Hearing

DECODED_AHEAD = 4  # songs; each holds about 6 MB


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be heard: `code` is stable, `reason` is for people."""

    code: str
    reason: str


Outcome = Hearing | Failure


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Hear `arguments.files` and print what was found; return the exit status."""
    music_model = load_music_model(settings)
    with open_executors(settings.decoder_workers) as executors, open_decoder(settings) as decoder:
        found = outcomes(arguments.files, decoder, music_model, executors.decode)
        tr = translator_for(arguments.language)
        if arguments.json:
            return print_json(found, tr)
        return print_table(found, len(arguments.files), tr)


def outcomes(
    files: Sequence[Path], decoder: Decodes, music_model: Hears, pool: Executor
) -> Iterator[tuple[Path, Outcome]]:
    """Hear each file, in order; the next ones are decoded on `pool` while one is heard."""
    for path, decoded in _ahead(files, decoder, pool):
        try:
            yield path, music_model.hear([decoded.result()])[0]
        except AudioError as error:
            yield path, Failure(error.code, str(error) or error.code.replace("_", " "))
        except IsADirectoryError:
            yield path, Failure("unreadable", "a folder: name the files in it")
        except OSError as error:
            yield path, Failure("unreadable", error.strerror or str(error))


def _ahead(
    files: Iterable[Path], decoder: Decodes, pool: Executor
) -> Iterator[tuple[Path, Future[Excerpts]]]:
    def decode(path: Path) -> Excerpts:
        return decoder.decode(path.read_bytes())

    waiting = iter(files)
    queue = deque((path, pool.submit(decode, path)) for path in islice(waiting, DECODED_AHEAD))
    while queue:
        yield queue.popleft()
        queue.extend((path, pool.submit(decode, path)) for path in islice(waiting, 1))


def as_json(path: Path, outcome: Outcome, tr: Translator) -> dict[str, Any]:
    """Describe one outcome as the JSON object that `--json` prints."""
    if isinstance(outcome, Failure):
        return {"file": str(path), "error": outcome.reason, "code": outcome.code}
    return {
        "file": str(path),
        "seconds": round(outcome.seconds, 3),
        "kind": outcome.kind,
        "says": finest(outcome, tr),
        "families": dict(outcome.families),
        "styles": dict(outcome.styles),
        "tags": dict(outcome.tags),
        "genres": dict(outcome.genres),
        "genre": outcome.genre,
        "key": asdict(outcome.key) if outcome.key else None,
        "rhythm": outcome.rhythm.in_numbers() if outcome.rhythm else None,
        "vector": outcome.vector.tolist(),
        "model": outcome.model,
    }


def print_json(found: Iterable[tuple[Path, Outcome]], tr: Translator) -> int:
    """Print one JSON object a line as each is found; return the exit status."""
    status = 0
    for path, outcome in found:
        status = max(status, int(isinstance(outcome, Failure)))
        print(json.dumps(as_json(path, outcome, tr), ensure_ascii=False), flush=True)  # noqa: T201
    return status


def print_table(found: Iterable[tuple[Path, Outcome]], total: int, tr: Translator) -> int:
    """Show a progress bar, then a table; return the exit status."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with progress:
        rows = list(progress.track(found, total=total, description="Listening"))
    name = Column("File", overflow="fold", min_width=24)  # whole: songs are told apart by it
    table = Table(name, "Length", "BPM", "Key", "Heard", "Families")
    for path, outcome in rows:
        table.add_row(path.name, *_cells(outcome, tr))
    Console(file=sys.stdout).print(table)
    return int(any(isinstance(outcome, Failure) for _, outcome in rows))


def _cells(outcome: Outcome, tr: Translator) -> tuple[str, str, str, str, str]:
    if isinstance(outcome, Failure):
        told = outcome.reason if outcome.reason != outcome.code.replace("_", " ") else ""
        return "", "", "", f"[red]{outcome.code}[/red]", told
    others = list(outcome.families.items())[:3] if outcome.kind == "music" else []
    tempo = outcome.rhythm.tempo_bpm if outcome.rhythm else None
    bpm = "" if tempo is None else f"{tempo:.0f}"
    key = outcome.key.camelot if outcome.key else ""
    families = ", ".join(f"{genre_name(name, tr)} {share:.0%}" for name, share in others)
    return clock(outcome.seconds), bpm, key, finest(outcome, tr), families
