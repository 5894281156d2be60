"""`python -m bot analyze`: hear files from the command line, for hosts and for measuring."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from bot.concurrency import open_executors
from bot.engines import load_music_model, open_sandbox, song_decoder
from bot.i18n import Translator, finest, genre_name, translator_for
from bot.listening.service import Decodes, Hears
from bot.rendering.genre_card import clock
from bot.settings import Settings
from ml.audio.errors import AudioError, FileTooLargeError
from ml.audio.excerpts import Excerpts
from ml.music.hearing import Hearing

DECODED_AHEAD = 4  # songs; each holds about 6 MB
MEGABYTE = 1024 * 1024  # bytes
JOINERS = "\u200c\u200d"  # in the names of files as in titles
PIPE_WIDTH = 1_000  # columns of what is not read on a terminal; tables take what they need


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be heard: `code` is stable, `reason` is for people."""

    code: str
    reason: str


Outcome = Hearing | Failure


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Hear `arguments.files` and print what was found; return the exit status."""
    music_model, max_bytes = load_music_model(settings), settings.max_song_mb * MEGABYTE
    with open_executors(settings.decoder_workers) as executors, open_sandbox(settings) as sandbox:
        decoder = song_decoder(settings, sandbox)
        found = outcomes(arguments.files, decoder, music_model, executors.decode, max_bytes)
        tr = translator_for(arguments.language)
        if arguments.json:
            return print_json(found, tr)
        return print_table(found, len(arguments.files), tr)


def outcomes(
    files: Sequence[Path], decoder: Decodes, music_model: Hears, pool: Executor, max_bytes: int
) -> Iterator[tuple[Path, Outcome]]:
    """Hear each file, in order; the next ones are decoded on `pool` while one is heard.

    Of files with more than `max_bytes` nothing is read.
    """

    def decode(path: Path) -> Excerpts:
        return decoder.decode(_read(path, max_bytes))

    for path, decoded in _ahead(files, decode, pool):
        try:
            yield path, music_model.hear(decoded.result())
        except AudioError as error:
            yield path, Failure(error.code, str(error) or type(error).__name__)
        except IsADirectoryError:
            yield path, Failure("folder", f"a folder: name the files in it, such as {path}/*.mp3")
        except OSError as error:
            yield path, Failure("unreadable", error.strerror or str(error))


def _ahead(
    files: Iterable[Path], decode: Callable[[Path], Excerpts], pool: Executor
) -> Iterator[tuple[Path, Future[Excerpts]]]:
    waiting = iter(files)
    queue = deque((path, pool.submit(decode, path)) for path in islice(waiting, DECODED_AHEAD))
    while queue:
        yield queue.popleft()
        queue.extend((path, pool.submit(decode, path)) for path in islice(waiting, 1))


def _read(path: Path, max_bytes: int) -> bytes:
    """Read a file, at most one byte more than is allowed.

    Raises:
        FileTooLargeError: its size says so already.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size  # 0 of what is no plain file, such as a pipe
        if size > max_bytes:
            raise FileTooLargeError(size, max_bytes)
        return file.read(max_bytes + 1)


def as_json(path: Path, outcome: Outcome, tr: Translator) -> dict[str, Any]:
    """Describe one outcome as the JSON object that `--json` prints."""
    if isinstance(outcome, Failure):
        return {"file": printable(str(path)), "error": outcome.reason, "code": outcome.code}
    return {
        "file": printable(str(path)),
        "seconds": round(outcome.seconds, 3),
        "kind": outcome.kind,
        "says": finest(outcome, tr),
        "families": dict(outcome.families),
        "styles": dict(outcome.styles),
        "tags": dict(outcome.tags),
        "genres": dict(outcome.genres),
        "genre": outcome.genre,
        "too_short": outcome.too_short,
        "key": asdict(outcome.key) if outcome.key else None,
        "rhythm": outcome.rhythm.in_numbers() if outcome.rhythm else None,
        "vector": outcome.vector.tolist(),
        "model": outcome.model,
    }


def printable(text: str) -> str:
    """Escape what a terminal would obey or cannot show, such as bytes that are no UTF-8."""
    return "".join(
        each if each.isprintable() or each in JOINERS else ascii(each)[1:-1] for each in text
    )


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
    table = Table(name)
    for heading in ("Length", "BPM", "Key", "Heard", "Families"):
        table.add_column(heading, overflow="fold")  # onto further lines: nothing is cut off
    for path, outcome in rows:
        cells = (path.name or str(path), *_cells(outcome, tr))
        table.add_row(*(Text(printable(cell)) for cell in cells))  # as it is, not as markup
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(table)
    return int(any(isinstance(outcome, Failure) for _, outcome in rows))


def _cells(outcome: Outcome, tr: Translator) -> tuple[str, str, str, str, str]:
    if isinstance(outcome, Failure):
        return "", "", "", outcome.code, outcome.reason
    others = list(outcome.families.items())[:3] if outcome.kind == "music" else []
    tempo = outcome.rhythm.tempo_bpm if outcome.rhythm else None
    bpm = "" if tempo is None else f"{tempo:.0f}"
    key = outcome.key.camelot if outcome.key else ""
    families = ", ".join(f"{genre_name(name, tr)} {share:.0%}" for name, share in others)
    return clock(outcome.seconds), bpm, key, finest(outcome, tr), families
