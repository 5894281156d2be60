"""Parts of answers that outlive one request: live messages, questions, persistent buttons, selects.

`LiveMessage` keeps one message up to date, at most one edit in `EDIT_SECONDS`. `QuestionView` asks
whoever made a request. `PersistentButton` and `PersistentSelect` carry all they need in their
custom ids, so that messages from before a restart still answer.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

import aiohttp
import discord
import structlog
from discord import ButtonStyle, SelectOption
from discord.abc import Messageable
from discord.ext import commands
from discord.ui import Button, DynamicItem, Item, Select, View

from bot.discord.requests import Request, RequestGate

log = structlog.stdlib.get_logger(__name__)

EDIT_SECONDS = 2.0  # between two edits of one message at least, as Discord asks
QUESTION_SECONDS = 180.0  # the buttons of a question answer
TOKEN_SECONDS = 14 * 60.0  # an interaction's answer can be edited for fifteen minutes
UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)

State = TypeVar("State")
ItemT = TypeVar("ItemT", bound=Item[Any])


def is_invoker(interaction: discord.Interaction) -> bool:
    """Return whether the presser is the member whom the message answers."""
    message = interaction.message
    if message is None:
        return False
    asked = message.interaction_metadata
    return message.flags.ephemeral or (asked is not None and asked.user.id == interaction.user.id)


def buttons(*items: Item[Any]) -> View:
    """Put what can be pressed under an answer that stays as it is."""
    view = View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


# Live messages


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What a live message shows.

    Attributes:
        embed: its words; refer to the picture as `attachment://<picture_name>`.
        view: what can be pressed; None for nothing.
        picture: a PNG, or None.
        picture_name: the file name of the picture.
        alt: the description of the picture.
    """

    embed: discord.Embed
    view: View | None = None
    picture: bytes | None = None
    picture_name: str = "picture.png"
    alt: str = ""

    def files(self) -> list[discord.File]:
        """Wrap the picture for sending; a file can be sent once."""
        if self.picture is None:
            return []
        return [discord.File(BytesIO(self.picture), self.picture_name, description=self.alt)]


class EditableMessage(Protocol):
    """A message that can be edited, such as `discord.PartialMessage`."""

    async def edit(
        self,
        *,
        embed: discord.Embed,
        attachments: Sequence[discord.File],
        view: View | None,
    ) -> Any:
        """Replace all that it shows; Any: the message as Discord has it then."""


class InteractionMessage:
    """The answer to an interaction, editable by the interaction's token until that expires."""

    def __init__(
        self, interaction: discord.Interaction, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Edit the original response of `interaction`, whose token is as old as this object."""
        self._interaction = interaction
        self._clock = clock
        self._expires = clock() + TOKEN_SECONDS

    @property
    def expired(self) -> bool:
        """Whether the token is too old to edit with."""
        return self._clock() >= self._expires

    async def edit(
        self,
        *,
        embed: discord.Embed,
        attachments: Sequence[discord.File],
        view: View | None,
    ) -> None:
        """Replace all that the answer shows."""
        await self._interaction.edit_original_response(
            embed=embed, attachments=list(attachments), view=view
        )


class LiveMessage(Generic[State]):
    """Shows a changing state in one message: at most one edit in `EDIT_SECONDS`, the last always.

    States that arrive between two edits are skipped. A message that is gone, or whose
    interaction token is over, is followed by a new ordinary message in its channel where `moved`
    can store the new id; otherwise showing ends. After a restart, a new `LiveMessage` with the
    stored `message_id` continues.
    """

    def __init__(
        self,
        render: Callable[[State], Awaitable[MessageContent]],
        channel: Callable[[], Awaitable[Messageable | None]],
        message_id: int | None = None,
        *,
        answer: InteractionMessage | None = None,
        moved: Callable[[int], Awaitable[None]] | None = None,
        shown: Callable[[State], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Show states in a message that was sent just now.

        Args:
            render: turns a state into what the message shows.
            channel: finds the channel of the message; None where it cannot be reached.
            message_id: the ordinary message to edit; None where there is none yet.
            answer: edited in its place until its token expires.
            moved: is awaited with the id of each new message; without it none is sent.
            shown: is awaited after each edit with the state that members now see.
            clock: seconds that only grow.
            sleep: waits for seconds of that clock.
        """
        self._render = render
        self._channel = channel
        self._message_id = message_id
        self._answer = answer
        self._moved = moved
        self._shown = shown
        self._clock = clock
        self._sleep = sleep
        self._edited = clock()
        self._pending: list[State] = []  # the newest state not yet shown; at most one
        self._task: asyncio.Task[None] | None = None

    def show(self, state: State) -> None:
        """Show a state as soon as an edit is due."""
        self._pending = [state]
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._edit_when_due(), name="live message")

    async def finish(self, state: State) -> None:
        """Show the last state and return when members see it, or nobody can."""
        self.show(state)
        assert self._task is not None  # `show` has just set it
        await self._task

    async def close(self) -> None:
        """Stop showing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _edit_when_due(self) -> None:
        while self._pending:
            await self._sleep(max(0.0, self._edited + EDIT_SECONDS - self._clock()))
            state = self._pending.pop()
            try:
                is_shown = await self._put(await self._render(state))
            except UNREACHABLE:
                log.warning("live_message_not_shown", exc_info=True)
                is_shown = False
            self._edited = self._clock()
            if is_shown and self._shown is not None:
                await self._shown(state)

    async def _put(self, content: MessageContent) -> bool:
        """Edit the message, or send a new one; return whether members see the content."""
        message = await self._message()
        if message is not None:
            try:
                await message.edit(
                    embed=content.embed, attachments=content.files(), view=content.view
                )
                return True
            except (discord.NotFound, discord.Forbidden):
                self._answer = self._message_id = None
        return await self._send(content)

    async def _message(self) -> EditableMessage | None:
        if self._answer is not None:
            if not self._answer.expired:
                return self._answer
            self._answer = None
        channel = None if self._message_id is None else await self._channel()
        partial = getattr(channel, "get_partial_message", None)  # not every Messageable has it
        return cast(EditableMessage, partial(self._message_id)) if partial else None

    async def _send(self, content: MessageContent) -> bool:
        channel = None if self._moved is None else await self._channel()
        if channel is None or self._moved is None:
            return False
        view = content.view or discord.utils.MISSING
        message = await channel.send(embed=content.embed, files=content.files(), view=view)
        self._message_id = message.id
        await self._moved(message.id)
        return True


# Questions


@dataclass(frozen=True, slots=True)
class Answer:
    """One button under a question.

    Attributes:
        label: its words.
        act: what follows; the request is acknowledged, its answer takes the question's place.
        style: how it looks.
    """

    label: str
    act: Callable[[Request], Awaitable[None]]
    style: ButtonStyle = ButtonStyle.secondary


class QuestionView(View):
    """The buttons under a question; whoever sees it can press, unless `Answer.act` checks.

    It is answered once. Where what follows fails, the error is reported and the buttons stay.
    """

    def __init__(
        self,
        gate: RequestGate,
        answers: Sequence[Answer],
        seconds: float = QUESTION_SECONDS,
        expired: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Offer answers.

        Args:
            gate: where presses come in.
            answers: the buttons.
            seconds: how long they answer.
            expired: is awaited when nobody answered in time.
        """
        super().__init__(timeout=seconds)
        self._gate = gate
        self._expired = expired
        for answer in answers:
            self.add_item(_AnswerButton(answer))

    async def press(self, interaction: discord.Interaction, answer: Answer) -> None:
        """Do what follows from an answer, then accept no other."""
        async with self._gate.handle(interaction) as request:
            await request.defer_in_place()
            await answer.act(request)
            self.stop()

    async def on_timeout(self) -> None:
        """End the question that nobody answered."""
        if self._expired is not None:
            await self._expired()


class _AnswerButton(Button[QuestionView]):
    def __init__(self, answer: Answer) -> None:
        super().__init__(label=answer.label, style=answer.style)
        self._answer = answer

    async def callback(self, interaction: discord.Interaction) -> None:
        assert self.view is not None  # it was added to one
        await self.view.press(interaction, self._answer)


# Buttons and selects that last


@dataclass(frozen=True, slots=True)
class Field:
    """One value in a custom id.

    Attributes:
        pattern: a regular expression for its text.
        parse: turns the text into the value.
        write: turns the value into text.
    """

    pattern: str
    parse: Callable[[str], Any] = str
    write: Callable[[Any], str] = str


ID = Field(r"[0-9]{1,20}", int)  # Discord's ids have up to 20 digits, rows of tables fewer
FLAG = Field(r"[01]", lambda text: text == "1", lambda value: str(int(value)))


def choice(kind: type[Enum]) -> Field:
    """Return the field of an enumeration with text values."""
    return Field("|".join(re.escape(member.value) for member in kind), kind, lambda e: e.value)


class CustomId:
    """Writes and reads the custom ids of one kind of button or select.

    A template reads `lesson:promote:{model_id}:{anyway}`; what stands between braces are its
    fields.
    """

    def __init__(self, template: str, fields: Mapping[str, Field]) -> None:
        """Compile a template.

        Raises:
            ValueError: the template and `fields` do not name the same fields.
        """
        names = re.findall(r"\{(\w+)\}", template)
        if sorted(names) != sorted(fields):
            raise ValueError(f"{template!r} names {names}, not {sorted(fields)}")
        groups = {name: f"(?P<{name}>{field.pattern})" for name, field in fields.items()}
        self._template = template
        self._fields = fields
        self.pattern = re.compile(template.format(**groups))

    def write(self, values: Mapping[str, Any]) -> str:
        """Write values as a custom id."""
        return self._template.format(
            **{name: field.write(values[name]) for name, field in self._fields.items()}
        )

    def read(self, match: re.Match[str]) -> dict[str, Any]:
        """Return the values in a match of `pattern`."""
        return {name: field.parse(match[name]) for name, field in self._fields.items()}


class _PersistentItem(DynamicItem[ItemT], template=r"(?!)"):
    """What persistent buttons and selects share: the custom id, and the way to their cog."""

    codec: ClassVar[CustomId]
    action: ClassVar[str]

    def __init_subclass__(
        cls, *, template: str = "", action: str = "", fields: Mapping[str, Field] | None = None
    ) -> None:
        if not template:  # the two base classes below
            super().__init_subclass__(template=r"(?!)")
            return
        cls.codec = CustomId(template, fields or {})
        cls.action = action
        super().__init_subclass__(template=cls.codec.pattern)

    values: Mapping[str, Any]

    @classmethod
    def check_owner(cls, owner: type[commands.Cog]) -> None:
        """Check that a cog can answer this item.

        Raises:
            TypeError: the cog's class has no such method, or one with other parameters.
        """
        method = getattr(owner, cls.action, None)
        if method is None:
            raise TypeError(f"{owner.__name__} has no {cls.action} for {cls.__name__}")
        inspect.signature(method).bind(None, None, **dict.fromkeys(cls._arguments()))

    @classmethod
    def _arguments(cls) -> tuple[str, ...]:
        return tuple(cls.codec.pattern.groupindex)

    async def _call(self, interaction: discord.Interaction, **values: Any) -> None:
        """Call the action of the cog that lists this item among its `persistent_items`."""
        # Discord hands a press to the client alone; this is the one way back to the cog.
        for cog in cast(commands.AutoShardedBot, interaction.client).cogs.values():
            if type(self) in getattr(cog, "persistent_items", ()):
                await getattr(cog, self.action)(interaction, **values)
                return
        log.error("press_without_cog", item=type(self).__name__)


class PersistentButton(_PersistentItem[Button[Any]]):
    """A button that works in messages from before a restart.

    A subclass names its template, its fields and the method of its cog that answers a press;
    the method is called with the interaction and the fields as keyword arguments:

        class CancelLesson(
            PersistentButton, template="lesson:cancel:{job_id}", fields={"job_id": ID},
            action="cancel",
        ): ...

        CancelLesson(tr("lesson-cancel"), job_id=7)

    The cog lists the class in `persistent_items`.
    """

    def __init__(
        self,
        label: str = "·",
        style: ButtonStyle = ButtonStyle.secondary,
        *,
        row: int | None = None,
        disabled: bool = False,
        **values: Any,
    ) -> None:
        """Make a button whose custom id holds `values`."""
        custom_id = self.codec.write(values)
        button: Button[Any] = Button(
            label=label, style=style, custom_id=custom_id, disabled=disabled
        )
        super().__init__(button, row=row)
        self.values = values

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again that was pressed."""
        return cls(**cls.codec.read(match))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Have the cog answer the press."""
        await self._call(interaction, **self.values)


class PersistentSelect(_PersistentItem[Select[Any]]):
    """A select that works in messages from before a restart, as `PersistentButton` does.

    Its cog's method is also given `chosen`, the value of the option chosen.
    """

    def __init__(
        self,
        placeholder: str = "·",
        options: Sequence[SelectOption] = (),
        *,
        row: int | None = None,
        **values: Any,
    ) -> None:
        """Make a select whose custom id holds `values`; Discord shows at most 25 options."""
        select: Select[Any] = Select(
            custom_id=self.codec.write(values),
            placeholder=placeholder,
            options=list(options) or [SelectOption(label="·")],
        )
        super().__init__(select, row=row)
        self.values = values

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the select again in which something was chosen."""
        return cls(**cls.codec.read(match))

    @classmethod
    def _arguments(cls) -> tuple[str, ...]:
        return (*super()._arguments(), "chosen")

    async def callback(self, interaction: discord.Interaction) -> None:
        """Have the cog answer the choice."""
        await self._call(interaction, **self.values, chosen=self.item.values[0])
