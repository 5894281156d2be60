"""The parent's handle on one decoding child."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import numpy as np

from ml.audio.errors import AudioError, Damaged, Empty, NotAudio, TookTooLong, TooLong
from ml.audio.excerpts import SAMPLE_RATE, ExcerptPlan
from ml.audio.limits import DecodingLimits
from ml.audio.resampling import Samples
from ml.audio.windows import lay_out
from ml.sandbox.channel import Channel, Closed
from ml.sandbox.confinement import OUT_OF_MEMORY
from ml.sandbox.memory import SharedMemory
from ml.sandbox.starting import ending_of, start

_SAMPLE_BYTES = 4  # float32
_START_SECONDS = 60.0  # a cold disk and a busy machine, both
_PLAIN_ERRORS: dict[str, type[AudioError]] = {e.code: e for e in (NotAudio, Damaged, Empty)}


class Worker:
    """A child process that decodes one share of a song at a time, until it is not `usable`."""

    def __init__(self, plan: ExcerptPlan, limits: DecodingLimits) -> None:
        """Start a child and wait until it is ready.

        It dies together with the thread that starts it, not only with this process.

        Raises:
            RuntimeError: it does not start.
        """
        self._plan, self._limits = plan, limits
        self._owes_answer = False
        self._song = SharedMemory(limits.max_bytes)
        seconds = plan.windows + plan.passage_seconds + 1
        self._heard = SharedMemory(int(seconds * SAMPLE_RATE) * _SAMPLE_BYTES)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = self._start(theirs)
        self._channel = Channel(ours, most_payload=0)
        try:
            self._channel.receive(until=time.monotonic() + _START_SECONDS)
        except (Closed, TimeoutError) as error:
            self.kill()
            raise RuntimeError(f"a decoder did not start ({self._process.returncode})") from error

    @property
    def usable(self) -> bool:
        """Whether the child runs and waits for a song; otherwise it must be replaced."""
        return not self._owes_answer and self._process.poll() is None

    def hand_over(self, data: bytes) -> None:
        """Put a song where the child sees it; `ask` says what to do with it."""
        self._size = len(data)
        self._song.bytes[: self._size] = np.frombuffer(data, np.uint8)

    def ask(self, part: int, parts: int, until: float) -> None:
        """Say which share of the song to decode; `answer` brings the result."""
        self._owes_answer = True
        request = {"size": self._size, "part": part, "parts": parts}
        with suppress(Closed, TimeoutError):  # `answer` says what became of the child
            self._channel.send(request, until=until)

    def answer(self, part: int, parts: int, until: float) -> tuple[float, dict[int, Samples]]:
        """Wait for what was asked, no longer than `until` of `time.monotonic`.

        Returns:
            As `ml.audio.decoding.decode_share`, but the samples lie where the child can change
            them at any time: copy them before looking at them, and before the next song.

        Raises:
            AudioError: what the child found wrong, `TookTooLong` when it went past a limit,
                `Damaged` when the song made it crash.
        """
        try:
            header, _ = self._channel.receive(until)
            self._owes_answer = False
            return self._understood(header, part, parts)
        except TimeoutError:
            self.kill()
            raise TookTooLong(self._limits.wall_seconds) from None
        except Closed:
            raise self._autopsy() from None

    def forget(self) -> None:
        """Wipe out the song: while a child waits, nothing of one is kept."""
        self._song.bytes[: self._size] = 0

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self._process.wait()
        self._channel.close()

    def _understood(
        self, header: dict[str, Any], part: int, parts: int
    ) -> tuple[float, dict[int, Samples]]:
        """Read an answer, believing nothing: a child may have been taken over."""
        match header:
            case {"error": "too_long", "seconds": int() | float() as seconds}:
                raise TooLong(seconds, self._limits.max_seconds)
            case {"error": str() as code} if code in _PLAIN_ERRORS:
                raise _PLAIN_ERRORS[code]
            case {"seconds": float() as seconds, "spans": list() as spans}:
                if 0 < seconds <= self._limits.max_seconds:
                    return seconds, self._cut(seconds, spans, part, parts)
        raise Closed

    def _cut(self, seconds: float, spans: list[Any], part: int, parts: int) -> dict[int, Samples]:
        layout = lay_out(seconds, self._plan)
        lengths = [round(span.seconds * SAMPLE_RATE) for span in layout.spans()]
        share = layout.share(part, parts)
        counts: dict[int, int] = {}
        for span in spans:
            match span:
                case [int() as index, int() as count] if index in share:
                    if index in counts or not 0 < count <= lengths[index]:
                        raise Closed
                    counts[index] = count
                case _:
                    raise Closed
        heard = self._heard.bytes.view(np.float32)[: sum(counts.values())]
        return dict(zip(counts, np.split(heard, np.cumsum([*counts.values()])[:-1]), strict=False))

    def _start(self, end: socket.socket) -> subprocess.Popen[bytes]:
        shared = {"song": self._song, "heard": self._heard}
        orders = {
            "plan": asdict(self._plan),
            "limits": asdict(self._limits),
            **{name: memory.descriptor for name, memory in shared.items()},
        }
        handed = [memory.descriptor for memory in shared.values()]
        process = start("ml.audio.child", orders, end, handed)
        for memory in shared.values():
            memory.handed_over()
        return process

    def _autopsy(self) -> AudioError:
        """Kill what is left of the child, and tell from how it ended what the song did."""
        ended = ending_of(self._process)
        self.kill()
        if ended == -signal.SIGXCPU:
            return TookTooLong(self._limits.cpu_seconds)
        # The system kills when its own memory runs out, the child leaves when its share does.
        if ended in (-signal.SIGKILL, OUT_OF_MEMORY):
            return TookTooLong(self._limits.wall_seconds)
        return Damaged()
