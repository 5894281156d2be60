"""Decode songs in a confined child; see `ml.sandbox.child`."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from typing import Any

import numpy as np

from ml.audio.decoding import decode
from ml.audio.errors import AudioError
from ml.audio.excerpts import SAMPLE_RATE, DecodingLimits, ExcerptPlan, Excerpts, Samples
from ml.sandbox.channel import Work


def prepare(options: Mapping[str, Any]) -> Work:
    """Import and open all that decoding needs.

    Args:
        options: `plan` and `limits`, as dicts.
    """
    plan, limits = ExcerptPlan(**options["plan"]), DecodingLimits(**options["limits"])

    def work(data: memoryview, output: memoryview) -> Mapping[str, Any]:
        try:
            excerpts = decode(data, plan, limits)
        except AudioError as error:
            return {"error": error.code, "facts": vars(error)}
        return _written(excerpts, np.frombuffer(output, np.float32))

    for seconds in (2, 100):  # from end to end, and window by window
        decode(_noise(seconds), plan, DecodingLimits(max_bytes=2**26))
    return work


def _written(excerpts: Excerpts, output: Samples) -> dict[str, Any]:
    """Put windows and passage one behind the other; return the rest."""
    windows, passage = excerpts.windows.ravel(), excerpts.passage
    output[: len(windows)] = windows
    output[len(windows) : len(windows) + len(passage)] = passage
    return {
        "windows": len(excerpts.windows),
        "starts": excerpts.starts,
        "seconds": excerpts.seconds,
        "passage": len(passage),
        "passage_start": excerpts.passage_start,
        "seconds_of_sound": excerpts.seconds_of_sound,
        "title": excerpts.title,
        "artist": excerpts.artist,
    }


def _noise(seconds: int) -> bytes:
    """Make a stereo WAV file, to have something to decode."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, SAMPLE_RATE, 0, "NONE", ""))
        noise = np.random.default_rng(0).integers(-9_999, 9_999, 2 * SAMPLE_RATE, np.int16)
        for _ in range(seconds):
            writer.writeframes(noise.tobytes())
    return file.getvalue()
