"""The doors that are tried: the very decoders that the bot opens, with tighter limits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain

import numpy as np

from ml.audio.errors import AudioError
from ml.audio.excerpts import DecodingLimits, ExcerptPlan
from ml.audio.sandbox import SandboxedDecoder, song_job
from ml.images.decoding import PictureDecoder, picture_job
from ml.images.errors import PictureError, PictureLimits
from ml.music.rhythm import PASSAGE_SECONDS
from ml.sandbox.pool import Sandbox
from tests.fuzz.hunt import AT_ONCE, Case, Findings, hunt, spoilt_files
from tests.fuzz.seeds import escapes, pictures, songs
from tests.fuzz.witness import children_of

CLOSED_FILE = "/etc/hostname"  # named by texts that try to get out
MEGABYTE = 2**20
AUDIO_LIMITS = DecodingLimits(cpu_seconds=10, wall_seconds=15.0)
PICTURE_WALL_SECONDS = 30.0  # of `PictureLimits`
SLACK_SECONDS = 15.0  # for a child's start and its end on a busy machine


def _cases(seeds: dict[str, bytes], run: int, address: str) -> Iterator[Case]:
    trying = escapes(CLOSED_FILE, address)
    return chain(trying.items(), spoilt_files(seeds | dict(trying), run))


def try_audio(count: int, run: int, address: str) -> Findings:
    """Send spoilt songs through the decoding children."""
    strangers = children_of(os.getpid())
    plan = ExcerptPlan(passage_seconds=PASSAGE_SECONDS)
    sandbox = Sandbox(AT_ONCE, [song_job(AUDIO_LIMITS, plan)])
    decoder = SandboxedDecoder(sandbox, AUDIO_LIMITS, plan)

    def hear(data: bytes) -> None:
        excerpts = decoder.decode(data)
        for heard in (excerpts.windows, excerpts.passage):
            assert np.isfinite(heard).all(), "samples that are no numbers"

    cases = _cases(dict(songs()), run, address)
    return hunt(cases, count, hear, AudioError, sandbox.close, strangers)


def try_pictures(count: int, run: int, address: str) -> Findings:
    """Send spoilt pictures through the decoding children."""
    cases, strangers = _cases(dict(pictures()), run, address), children_of(os.getpid())
    limits = PictureLimits()
    sandbox = Sandbox(AT_ONCE, [picture_job(limits)])
    decoder = PictureDecoder(sandbox, limits)
    return hunt(cases, count, decoder.decode, PictureError, sandbox.close, strangers)
