"""One request of a member, and everything the bot does about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe

from tests.wire.discord_objects import Channel, Member, Message, Payload, Server, new_id

PLACEHOLDER = "🐇"  # stands for an answer until the private one is there
SECONDS = 110.0  # for an answer, on a machine that does other things as well


class NoAnswerError(AssertionError):
    """Nothing came in time."""


@dataclass(slots=True)
class MemberRequest:
    """An interaction.

    Attributes:
        messages: what the bot sent for it, in order; the first may be the original response.
        acknowledged_after: seconds until the bot said that it heard.
        choices: what autocomplete offered.
        refusals: Discord's error codes that the bot met with it.
    """

    member: Member
    channel: Channel
    server: Server
    began: float = field(default_factory=time.perf_counter)
    acknowledged_after: float | None = None
    answered_after: float | None = None
    messages: list[Message] = field(default_factory=list)
    original: Message | None = None
    choices: list[Payload] | None = None
    refusals: list[int] = field(default_factory=list)
    id: int = field(default_factory=new_id)
    token: str = field(default_factory=lambda: token_urlsafe(60))

    @property
    def visible(self) -> list[Message]:
        """What the member sees now."""
        return [message for message in self.messages if not message.deleted]

    @property
    def answers(self) -> list[Message]:
        """What the member can read: neither "thinking…" nor a placeholder."""
        return [m for m in self.visible if not m.thinking and m.content != PLACEHOLDER]

    def acknowledge(self) -> None:
        """Note that the bot was heard of."""
        self.acknowledged_after = time.perf_counter() - self.began

    def note_answer(self) -> None:
        """Note the moment of the first words that can be read."""
        if self.answered_after is None and self.answers:
            self.answered_after = time.perf_counter() - self.began

    async def acknowledged(self, seconds: float = SECONDS) -> None:
        """Wait until the bot said that it heard."""
        await until(lambda: self.acknowledged_after is not None, seconds, "an acknowledgement")

    async def answer(self, count: int = 1, seconds: float = SECONDS) -> Message:
        """Wait for so many answers, with nothing left unfinished; gives the last."""

        def settled() -> bool:
            return len(self.answers) >= count and len(self.answers) == len(self.visible)

        await until(settled, seconds, f"{count} answer(s), there is {self.visible}")
        return self.answers[-1]

    async def offered(self, seconds: float = SECONDS) -> list[Payload]:
        """Wait for the choices of an autocomplete."""
        await until(lambda: self.choices is not None, seconds, "choices")
        assert self.choices is not None
        return self.choices


def overtaken(everyone: Sequence[MemberRequest]) -> float:
    """Tell how far the order of the answers is from that of the questions.

    Returns:
        The share of pairs whose answers came the other way round; 0 is the same order.
    """
    ends = [each.began + (each.answered_after or 0.0) for each in everyone]
    pairs = [(a, b) for i, a in enumerate(ends) for b in ends[i + 1 :]]
    return sum(a > b for a, b in pairs) / max(1, len(pairs))


async def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something to become true.

    Raises:
        NoAnswerError: it did not in time.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise NoAnswerError(f"after {seconds:.0f} s still waiting for {what}")
        await asyncio.sleep(0.02)
