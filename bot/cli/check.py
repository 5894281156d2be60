"""`python -m bot check` and `health`: what would keep the bot from working, and how it is."""

from __future__ import annotations

import argparse
import asyncio
import io
import math
import socket
import struct
import tempfile
import wave
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from bot.database import open_database
from bot.engines import (
    load_music_model,
    load_portrait_model,
    model_names,
    open_sandbox,
    song_decoder,
)
from bot.errors import StartError
from bot.health import ask_health
from bot.rendering.text import face_for
from bot.settings import Settings, unknown_variables, variable_of
from ml.audio.errors import AudioError
from storage.database import Database
from storage.errors import StorageError
from storage.lessons import Jobs

Answer = TypeVar("Answer")

WORKER_PATHS = ("hear", "draw")  # of both kinds of workers


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Print a line for each check; return 0 when all passed, else 1."""
    console = Console(highlight=False)
    status = 0
    looks: dict[str, Callable[[], str]] = {
        "settings": partial(_settings, settings),
        **_engines(settings),
        "data folder": partial(_data, settings.data_dir),
        "database": partial(_database, settings),
        "lessons": partial(_lessons, settings),
        "ports": partial(_ports, settings),
        "fonts": _fonts,
    }
    for name, look in looks.items():
        try:
            console.print(f"[green]ok[/green]    {name}: {look()}")
        except (StartError, AudioError, OSError) as error:
            status = 1
            console.print(f"[red]wrong[/red] {name}: {error}")
    return status


def _engines(settings: Settings) -> dict[str, Callable[[], str]]:
    """Look at what listens and draws: models here, or workers elsewhere."""
    if settings.workers_url is not None:
        return {f"workers at {path}": partial(_workers, settings, path) for path in WORKER_PATHS}
    return {
        "music model": partial(_model, settings),
        "decoder": partial(_decoder, settings),
        "portrait model": partial(_portrait_model, settings),
    }


def _workers(settings: Settings, path: str) -> str:
    """Ask workers what their model is called; it must be called as that here."""
    from bot.workers.client import Workers

    there = Workers.of(settings).about(path)
    here = model_names(settings)[path]
    if there != here:
        raise StartError(f"they have the model {there}, and here is {here}")
    return there or "no model is installed"


def _settings(settings: Settings) -> str:
    unknown = [
        f"{name} is no setting" + (f"; did you mean {nearest}?" if nearest else "")
        for name, nearest in unknown_variables().items()
    ]
    if unknown:
        raise StartError(". ".join(unknown))
    serves = "Discord" if settings.discord_token else "the local page (DISCORD_TOKEN is not set)"
    return f"complete; would serve {serves}"


def _ports(settings: Settings) -> str:
    """Bind every port that `run` binds, and let go of it."""
    bound = [_bind("health_port", settings.health_host, settings.health_port)]
    if not settings.discord_token:
        bound.append(_bind("page_port", "127.0.0.1", settings.page_port))
    return f"{' and '.join(bound)} free"


def _bind(field: str, host: str, port: int) -> str:
    name = variable_of(field)
    try:
        with socket.create_server((host, port)):
            return f"{name} {port}"
    except OSError as error:
        problem = error.strerror or str(error)
        raise StartError(f"{name} {port}: {problem}; set another, or 0 for any") from error


def _model(settings: Settings) -> str:
    return load_music_model(settings).model


def _decoder(settings: Settings) -> str:
    with open_sandbox(settings) as sandbox:
        song_decoder(settings, sandbox).decode(_tone())
    return "heard a test tone"


def _portrait_model(settings: Settings) -> str:
    portrait_model = load_portrait_model(settings)
    return portrait_model.name if portrait_model else "none is installed; /avatar will say so"


def _data(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"usamimi")
    except OSError as error:
        raise StartError(f"{folder} cannot be written: {error.strerror}") from error
    return f"{folder} can be written"


def _database(settings: Settings) -> str:
    """Connect to PostgreSQL and read everything; a file is checked when the bot opens it."""
    if settings.database_url is None:
        return "a file in the data folder"

    async def look(database: Database) -> None:
        await database.check()
        await database.prove_writable()

    _ask(settings, look)
    return "PostgreSQL answers; everything in it can be read"


def _lessons(settings: Settings) -> str:
    """Look whether somebody carries lessons out where they are left to teachers."""
    if not settings.leave_lessons:
        return "carried out by the bot itself"

    async def look(database: Database) -> tuple[int, bool]:
        return len(await Jobs(database).under_way()), await database.has_teacher()

    waiting, taught = _ask(settings, look)
    if waiting and not taught:
        raise StartError(f"{waiting} wait and no teacher runs; start `python -m bot teach`")
    runs = "a teacher runs" if taught else "no teacher runs; start `python -m bot teach`"
    return f"{waiting} queued; {runs}"


def _ask(settings: Settings, look: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Open the database for a question.

    Raises:
        StartError: it cannot be used.
    """

    async def ask() -> Answer:
        async with open_database(settings) as database:
            return await look(database)

    try:
        return asyncio.run(ask())
    except StorageError as error:
        raise StartError(str(error)) from error


def _fonts() -> str:
    if face_for("耳") is None:
        return "no Japanese font for the pictures; install fonts-noto-cjk"
    return "English and Japanese"


def _tone() -> bytes:
    """Two seconds of 440 Hz, as a WAV file."""
    rate = 22_050
    samples = (int(9_000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(2 * rate))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()


def run_health(settings: Settings, _: argparse.Namespace) -> int:
    """Print the health page's answer; return 0 when everything is well, else 1."""
    healthy, answer = ask_health(settings.health_host, settings.health_port)
    print(answer)  # noqa: T201
    return 0 if healthy else 1
