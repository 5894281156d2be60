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
from ml.children.channel import Channel, Closed
from ml.children.confinement import OUT_OF_MEMORY, allow_processor_time, confine, die_with


def main(words: str) -> None:
    """Serve the parent until it hangs up.

    Args:
        words: JSON of `parent` (process id), `socket` (descriptor), `plan` and `limits`.
    """
    orders = json.loads(words)
    die_with(orders["parent"])
    plan, limits = ExcerptPlan(**orders["plan"]), DecodingLimits(**orders["limits"])
    channel = Channel(socket.socket(fileno=orders["socket"]), limits.max_bytes)
    # All that is imported or opened late must be so before rights are given up.
    _answer(_noise(), plan, limits, {"part": 0, "parts": 1})
    confine(limits.memory_bytes)
    try:
        channel.send({"ready": True})
        while True:
            request, data = channel.receive()
            allow_processor_time(limits.cpu_seconds)
            header, samples = _answer(data, plan, limits, request)
            del data
            channel.send(header, *samples)
            del samples  # while waiting, nothing of a song is kept
    except Closed:
        return
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def _answer(
    data: bytes | bytearray, plan: ExcerptPlan, limits: DecodingLimits, request: dict[str, Any]
) -> tuple[dict[str, Any], list[memoryview]]:
    try:
        seconds, heard = decode_share(data, plan, limits, request["part"], request["parts"])
    except TooLong as error:
        return {"error": error.code, "seconds": error.seconds}, []
    except AudioError as error:
        return {"error": error.code}, []
    spans = [[index, len(samples)] for index, samples in heard.items()]
    payload = [np.ascontiguousarray(samples).data.cast("B") for samples in heard.values()]
    return {"seconds": seconds, "spans": spans}, payload


def _noise() -> bytes:
    """Make a stereo WAV file of two seconds, to have something to decode."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 2 * SAMPLE_RATE, 0, "NONE", ""))
        noise = np.random.default_rng(0).integers(-9_999, 9_999, 8 * SAMPLE_RATE, np.int16)
        writer.writeframes(noise.tobytes())
    return file.getvalue()
