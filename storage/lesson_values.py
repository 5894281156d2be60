"""Contributions, lessons and trained models as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt


class Kind(Enum):
    """What a server can train."""

    GENRE = "genre"
    AVATAR = "avatar"


class Matter(Enum):
    """What a contribution is made of, and which lesson it is for."""

    SONG = "song"
    ART = "art"


@dataclass(frozen=True, slots=True)
class Consent:
    """A member's agreement to the text of one version."""

    guild_id: int
    member_id: int
    wording: int
    agreed_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """Something a member handed over for lessons.

    Attributes:
        contribution_id: 0 before it is stored.
        matter: a song or a picture.
        title: the file's name, or that and the number of the face in it.
        content: SHA-256 of what was handed over, to know the same thing again.
        label: the genre the member gave a song.
        artist: who made it, as the member said; empty when not said.
        corrected: whether it put a wrong answer right.
        model: the music model that made the vector; empty for pictures.
        vector: (n,) float32; None for pictures.
        shares: probability of each shipped genre.
        file: name of the crop in the art folder; empty for songs.
        given_at: when; None before it is stored.
    """

    guild_id: int
    member_id: int
    matter: Matter
    title: str
    content: bytes
    label: str = ""
    artist: str = ""
    corrected: bool = False
    model: str = ""
    vector: npt.NDArray[np.float32] | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    file: str = ""
    contribution_id: int = 0
    given_at: datetime | None = None


class JobState(Enum):
    """Where a job stands; a running one continues after a restart."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobNotice:
    """Where a job's progress is shown; without a message, only to whoever started it."""

    channel_id: int
    message_id: int | None
    locale: str


@dataclass(frozen=True, slots=True)
class Job:
    """One queued lesson.

    Attributes:
        member_id: who started it.
        ended_by: a code of what ended it before its time; empty otherwise.
        model_id: the model that came of it.
        told: whether its end was shown.
    """

    job_id: int
    guild_id: int
    member_id: int
    kind: Kind
    state: JobState
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    model_id: int | None
    notice: JobNotice | None
    told: bool


@dataclass(frozen=True, slots=True)
class TaughtModel:
    """A model that a server trained.

    Attributes:
        number: how the server calls it, counted from 1 for each kind.
        file: its name in the folder of models.
        digest: SHA-256 of the file.
        made_by: who started the lesson; 0 after they were erased.
        decided: whether it was ever promoted, or left as it is.
        taken_back: how many of its sources were taken back since.
        card: what it learned from and how well it does, as JSON can hold it.
        model_id: 0 before it is stored.
    """

    guild_id: int
    kind: Kind
    number: int
    file: str
    digest: bytes
    made_at: datetime
    made_by: int
    card: Mapping[str, Any]
    decided: bool = False
    taken_back: int = 0
    model_id: int = 0
