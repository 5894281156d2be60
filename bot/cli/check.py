"""`python -m bot check`: what on this machine would keep the bot from working."""

from __future__ import annotations

import argparse
import io
import math
import struct
import tempfile
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from bot.app import load_music_model, load_portrait_model, open_decoder
from bot.errors import StartError
from bot.rendering.text import face_for
from bot.settings import Settings
from ml.audio.errors import AudioError


def run(settings: Settings, _: argparse.Namespace) -> int:
    """Print a line for each check; return 0 when all passed, else 1."""
    console = Console(highlight=False)
    status = 0
    looks: dict[str, Callable[[], str]] = {
        "settings": partial(_settings, settings),
        "music model": partial(_model, settings),
        "decoder": partial(_decoder, settings),
        "portrait model": partial(_portrait_model, settings),
        "data folder": partial(_data, settings.data_dir),
        "letters": _letters,
    }
    for name, look in looks.items():
        try:
            console.print(f"[green]ok[/green]    {name}: {look()}")
        except (StartError, AudioError, OSError) as error:
            status = 1
            console.print(f"[red]wrong[/red] {name}: {error}")
    return status


def _settings(settings: Settings) -> str:
    serves = "Discord" if settings.discord_token else "the local page (DISCORD_TOKEN is not set)"
    return f"complete; would serve {serves}"


def _model(settings: Settings) -> str:
    return load_music_model(settings).model


def _decoder(settings: Settings) -> str:
    with open_decoder(settings) as decoder:
        excerpts = decoder.decode(_tone())
    return f"heard {len(excerpts.windows)} seconds of a test tone"


def _portrait_model(settings: Settings) -> str:
    portrait_model = load_portrait_model(settings)
    return portrait_model.name if portrait_model else "none is installed; /avatar will say so"


def _data(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"usamimi")
    return f"{folder} can be written"


def _letters() -> str:
    if face_for("耳") is None:
        return "no Japanese ones for the pictures; install fonts-noto-cjk"
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
