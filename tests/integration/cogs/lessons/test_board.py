"""The message that shows a lesson: how often it is edited, and where it goes on."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import discord
import pytest

from bot.lessons.values import LessonProgress
from cogs.lessons import _message as _board
from cogs.lessons._message import Board, LessonView
from storage.lesson_values import Job, JobNotice, JobState, Kind
from tests.unit.storage import NOW

JOB = Job(
    1, 2, 3, Kind.GENRE, JobState.RUNNING, NOW, NOW, None, "", None, JobNotice(4, None, "en"),
    told=False,
)  # fmt: skip


def progress(step: int, state: JobState = JobState.RUNNING) -> LessonProgress:
    return LessonProgress(JOB, state, step=step, steps=9)


class Response:
    """What discord.py wants of a refusal."""

    status, reason = 404, "Not Found"


@dataclass
class Room:
    """A channel; what is sent there can be edited."""

    sent: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)

    async def send(self, *, embed: discord.Embed, **_: Any) -> Any:
        self.sent.append(embed.description or "")
        return self

    id = 77

    async def edit(self, *, embed: discord.Embed, **_: Any) -> None:
        self.edited.append(embed.description or "")

    def get_partial_message(self, message_id: int) -> "Room":
        assert message_id == self.id
        return self


@dataclass
class Answered:
    """An answer that is edited by its token."""

    expired: bool = False
    gone: bool = False
    shown: list[str] = field(default_factory=list)

    async def put(self, face: LessonView) -> None:
        if self.gone:
            raise discord.NotFound(Response(), "gone")  # type: ignore[arg-type]  # all that is read
        self.shown.append(face.embed.description or "")


@dataclass
class Boards:
    """What a board needs of its cog."""

    channel: Room | None = field(default_factory=Room)
    notices: list[JobNotice] = field(default_factory=list)
    told_of: list[int] = field(default_factory=list)

    async def room(self, _: Job) -> Any:
        return self.channel

    async def face(self, shown: LessonProgress) -> LessonView:
        embed = discord.Embed(description=f"{shown.state.value} {shown.step}")
        return LessonView(embed, None, None)

    async def moved(self, _: Job, notice: JobNotice) -> None:
        self.notices.append(notice)

    async def told(self, job: Job) -> None:
        self.told_of.append(job.job_id)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


async def test_it_is_edited_every_two_seconds_at_most_and_shows_the_last_state() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    answer, boards = Answered(), Boards()
    board = Board(JOB, boards, answer, clock=lambda: 100.0, sleep=sleep)  # type: ignore[arg-type]
    for step in range(5):
        board.show(progress(step))
    board.show(progress(9, JobState.DONE))
    await settled()
    assert answer.shown == ["done 9"]
    assert waits == [_board.EDIT_SECONDS]
    assert boards.told_of == [1]


async def test_when_the_token_is_over_it_goes_on_in_an_ordinary_message() -> None:
    answer, boards = Answered(), Boards()
    board = Board(JOB, boards, answer, sleep=no_wait)  # type: ignore[arg-type]
    board.show(progress(1))
    await settled()
    answer.expired = True
    for step in (2, 3):
        board.show(progress(step))
        await settled()
    assert boards.channel is not None
    assert answer.shown == ["running 1"]
    assert boards.channel.sent == ["running 2"]
    assert boards.channel.edited == ["running 3"]
    assert boards.notices == [JobNotice(4, 77, "en")]


async def test_an_answer_that_was_dismissed_is_followed_by_an_ordinary_message() -> None:
    boards = Boards()
    board = Board(JOB, boards, Answered(gone=True), sleep=no_wait)  # type: ignore[arg-type]
    board.show(progress(9, JobState.DONE))
    await settled()
    assert boards.channel is not None
    assert boards.channel.sent == ["done 9"]
    assert boards.told_of == [1]


async def test_after_a_restart_the_ordinary_message_is_edited() -> None:
    boards = Boards()
    board = Board(replace(JOB, notice=JobNotice(4, 77, "en")), boards, sleep=no_wait)
    board.show(progress(5))
    await settled()
    assert boards.channel is not None
    assert (boards.channel.sent, boards.channel.edited) == ([], ["running 5"])


async def test_an_end_that_could_not_be_shown_counts_as_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise aiohttp.ClientConnectionError

    boards = Boards()
    monkeypatch.setattr(Room, "send", fail)
    Board(JOB, boards, sleep=no_wait).show(progress(9, JobState.DONE))
    await settled()
    assert boards.told_of == []


async def test_without_a_channel_nothing_is_shown_and_nothing_breaks() -> None:
    boards = Boards(channel=None)
    Board(JOB, boards, sleep=no_wait).show(progress(9, JobState.DONE))
    await settled()
    assert boards.told_of == []
