"""Decode strangers' songs in confined children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.audio.errors import (
    AudioError,
    EmptyFileError,
    FileTooLargeError,
    NoSoundError,
    NotAudioError,
    ProtectedError,
    SilentError,
    SongDamagedError,
    SongTooLongError,
    TookTooLongError,
    UnknownFormatError,
)
from ml.audio.excerpts import (
    SAMPLE_RATE,
    DecodingLimits,
    ExcerptPlan,
    Excerpts,
    Samples,
)
from ml.sandbox.channel import ChannelClosedError, ChildCrashedError, DecodingJob, TooCostlyError
from ml.sandbox.pool import Sandbox

__all__ = ["DecodingLimits", "SandboxedDecoder", "open_decoder", "song_job"]

SONG = "song"
_SAMPLE_BYTES = 4  # float32
_TEXT_CHARACTERS = 200
_PLAIN_ERRORS: dict[str, type[AudioError]] = {
    error.code: error
    for error in (NotAudioError, NoSoundError, ProtectedError, EmptyFileError, SilentError)
}


def song_job(limits: DecodingLimits, plan: ExcerptPlan) -> DecodingJob:
    """Describe the decoding of songs to a `Sandbox`."""
    seconds = plan.windows * plan.window_seconds + plan.passage_seconds + 1
    return DecodingJob(
        name=SONG,
        module="ml.audio.child",
        options={"plan": asdict(plan), "limits": asdict(limits)},
        input_bytes=limits.max_bytes,
        output_bytes=int(seconds * SAMPLE_RATE) * _SAMPLE_BYTES,
        memory_bytes=limits.memory_bytes,
        cpu_seconds=limits.cpu_seconds,
        wall_seconds=limits.wall_seconds,
    )


class SandboxedDecoder:
    """Turns files into excerpts; each song is decoded by one child."""

    def __init__(self, sandbox: Sandbox, limits: DecodingLimits, plan: ExcerptPlan) -> None:
        """Decode in the children of `sandbox`.

        Args:
            sandbox: with `song_job(limits, plan)` among its jobs.
            limits: how much one song may cost.
            plan: how much of each song to decode.
        """
        self._sandbox = sandbox
        self._limits = limits
        self._plan = plan

    def decode(self, data: bytes) -> Excerpts:
        """Decode the excerpts of one song.

        Any thread may call, and waits for a free child.

        Args:
            data: a whole file, as it was posted.

        Raises:
            AudioError: as `ml.audio.errors` tells them apart.
            RuntimeError: the sandbox is closed, or no child can be started.
        """
        if len(data) > self._limits.max_bytes:
            raise FileTooLargeError(len(data), self._limits.max_bytes)
        if not data:
            raise EmptyFileError
        try:
            return self._sandbox.run(SONG, data, self._read)
        except TooCostlyError as error:
            raise TookTooLongError(error.limit_seconds) from None
        except ChildCrashedError:
            raise SongDamagedError from None

    def _read(self, answer: Mapping[str, Any], output: npt.NDArray[np.uint8]) -> Excerpts:
        """Read an answer, believing nothing: the child may have been taken over."""
        match answer:
            case {"error": str() as code, "facts": dict() as facts}:
                raise self._error(code, facts)
            case {
                "windows": int() as windows,
                "starts": list() as starts,
                "seconds": float() as seconds,
                "passage": int() as passage,
                "passage_start": float() as passage_start,
                "seconds_of_sound": float() as seconds_of_sound,
                "title": title,
                "artist": artist,
            }:
                longest = round(self._plan.passage_seconds * SAMPLE_RATE)
                if not (0 < windows <= self._plan.windows and 0 <= passage <= longest):
                    raise ChannelClosedError
                # One second more than the limit: rounding, and what decoding gives beyond it.
                if not 0 < seconds_of_sound <= seconds <= self._limits.max_seconds + 1:
                    raise ChannelClosedError
                samples = output.view(np.float32)
                length = self._plan.window_samples
                split = windows * length
                return Excerpts(
                    windows=_copied(samples[:split]).reshape(windows, length),
                    starts=_rising([*starts, seconds], windows),
                    seconds=seconds,
                    passage=_copied(samples[split : split + passage]),
                    passage_start=_rising([passage_start, seconds], 1)[0],
                    seconds_of_sound=seconds_of_sound,
                    title=_text(title),
                    artist=_text(artist),
                )
        raise ChannelClosedError

    def _error(self, code: str, facts: Mapping[str, Any]) -> Exception:
        match code, facts:
            case "too_long", {"length_seconds": int() | float() as seconds}:
                return SongTooLongError(seconds, self._limits.max_seconds)
            case "damaged", {"since_seconds": int() | float() as seconds}:
                return SongDamagedError(seconds)
            case "unknown_format", {"format": str() as name}:
                return UnknownFormatError(name[:_TEXT_CHARACTERS])
            case _ if code in _PLAIN_ERRORS:
                return _PLAIN_ERRORS[code]()
        return ChannelClosedError()


@contextmanager
def open_decoder(
    workers: int = 2, limits: DecodingLimits | None = None, plan: ExcerptPlan | None = None
) -> Iterator[SandboxedDecoder]:
    """Start children for songs alone; they end with the block.

    Args:
        workers: how many children; one for each core that songs may use.
        limits: how much one song may cost.
        plan: how much of each song to decode.
    """
    limits, plan = limits or DecodingLimits(), plan or ExcerptPlan()
    with Sandbox(workers, [song_job(limits, plan)]) as sandbox:
        yield SandboxedDecoder(sandbox, limits, plan)


def _copied(samples: Samples) -> Samples:
    """Copy what a child can still change, within full scale."""
    own = samples.copy()
    np.nan_to_num(own, copy=False, nan=0.0)
    return own.clip(-1, 1, out=own)


def _rising(times: list[Any], count: int) -> tuple[float, ...]:
    """Check `count` rising times in seconds; the last entry bounds them."""
    if len(times) != count + 1 or not all(isinstance(time, float) for time in times):
        raise ChannelClosedError
    if not all(0 <= one <= other for one, other in pairwise(times)):  # nor is any of them NaN
        raise ChannelClosedError
    return tuple(times[:-1])


def _text(value: object) -> str | None:
    return value[:_TEXT_CHARACTERS] if isinstance(value, str) and value else None
