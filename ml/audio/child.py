"""The life of a decoding child: warm up, give up its rights, then one song after another.

Imports nothing heavier than PyAV and numpy, so that it starts in a fraction of a second.
"""

from __future__ import annotations

import io
import json
import socket
import sys
import wave
from typing import Any

import numpy as np

from ml.audio.decoding import decode_share
from ml.audio.errors import AudioError, TooLong
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.audio.limits import DecodingLimits
from ml.audio.resampling import Samples
from ml.sandbox.channel import Channel, Closed
from ml.sandbox.confinement import OUT_OF_MEMORY, allow_processor_time, confine, die_with
from ml.sandbox.memory import taken_over


def main(words: str) -> None:
    """Serve the parent until it hangs up.

    Args:
        words: JSON of `parent` (process id), `plan` and `limits`, and of the descriptors `socket`,
            `song` (memory in which the parent puts files) and `heard` (where samples go).
    """
    orders = json.loads(words)
    die_with(orders["parent"])
    plan, limits = ExcerptPlan(**orders["plan"]), DecodingLimits(**orders["limits"])
    channel = Channel(socket.socket(fileno=orders["socket"]), most_payload=0)
    song = taken_over(orders["song"], writable=False)
    heard = np.frombuffer(taken_over(orders["heard"], writable=True), np.float32)
    # All that is imported or opened late must be so before rights are given up.
    _answer(_noise(), heard, plan, limits, {"part": 0, "parts": 1})
    confine(limits.memory_bytes)
    try:
        channel.send({"ready": True})
        while True:
            request, _ = channel.receive()
            allow_processor_time(limits.cpu_seconds)
            channel.send(_answer(song[: request["size"]], heard, plan, limits, request))
    except Closed:
        return
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def _answer(
    data: bytes | memoryview,
    heard: Samples,
    plan: ExcerptPlan,
    limits: DecodingLimits,
    request: dict[str, Any],
) -> dict[str, Any]:
    """Decode, put the samples of all spans one behind the other, and say how many each has."""
    try:
        seconds, spans = decode_share(data, plan, limits, request["part"], request["parts"])
    except TooLong as error:
        return {"error": error.code, "seconds": error.seconds}
    except AudioError as error:
        return {"error": error.code}
    if spans:
        np.concatenate(list(spans.values()), out=heard[: sum(map(len, spans.values()))])
    return {"seconds": seconds, "spans": [[index, len(span)] for index, span in spans.items()]}


def _noise() -> bytes:
    """Make a stereo WAV file of two seconds, to have something to decode."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 2 * SAMPLE_RATE, 0, "NONE", ""))
        noise = np.random.default_rng(0).integers(-9_999, 9_999, 8 * SAMPLE_RATE, np.int16)
        writer.writeframes(noise.tobytes())
    return file.getvalue()
