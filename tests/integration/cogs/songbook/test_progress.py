"""The message that shows an import's progress, with a clock of the test's own."""

import asyncio
from dataclasses import dataclass, field

import discord

from bot.songbook.importing import Progress
from cogs.songbook._importing import EDIT_SECONDS, ProgressNotice
from storage.imports import ImportCounts, ImportState


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Message:
    """Keeps what it was edited to, and when."""

    clock: Clock
    edits: list[tuple[float, str]] = field(default_factory=list)

    async def edit(self, *, embed: discord.Embed, view: discord.ui.View | None) -> None:
        self.edits.append((self.clock.now, str(embed.description)))


def notice_of(message: Message) -> ProgressNotice:
    def word(progress: Progress) -> discord.Embed:
        return discord.Embed(description=str(progress.counts.messages))

    clock = message.clock
    return ProgressNotice(message, word, discord.ui.View(), clock, clock.sleep)


def progress(messages: int) -> Progress:
    return Progress(ImportState.RUNNING, ImportCounts(messages=messages))


async def test_edits_are_two_seconds_apart_however_fast_it_goes() -> None:
    message = Message(Clock())
    notice = notice_of(message)
    for number in range(100):
        await message.clock.sleep(0.1)
        notice.show(progress(number))
        await asyncio.sleep(0)  # lets an edit happen
    times = [time for time, _ in message.edits]
    assert 4 <= len(times) <= 5
    gaps = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]
    assert min(gaps) >= EDIT_SECONDS


async def test_the_end_is_shown_when_another_edit_is_due() -> None:
    message = Message(Clock())
    notice = notice_of(message)
    await message.clock.sleep(0.5)
    await notice.finish(progress(7))
    assert message.edits == [(EDIT_SECONDS, "7")]
