"""Live messages, with a clock of the test's own; buttons and selects that last."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord.ext import commands

from bot.discord import ui
from bot.discord.cog import Cog
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import (
    FLAG,
    ID,
    Answer,
    CustomId,
    Field,
    InteractionMessage,
    LiveMessage,
    MessageContent,
    PersistentButton,
    PersistentSelect,
    QuestionView,
    choice,
    is_invoker,
)
from storage.errors import StorageError

APART_SECONDS = 2.0  # at least, between two edits of one message, as Discord asks


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Refusal:
    """What discord.py reads of a refusal."""

    status, reason = 404, "Not Found"


def not_found() -> discord.NotFound:
    return discord.NotFound(Refusal(), "gone")  # type: ignore[arg-type]  # all that is read


@dataclass
class Channel:
    """A channel with one message of the bot's, which can be edited while it is there."""

    clock: Clock = field(default_factory=Clock)
    id: int = 77
    gone: bool = False
    broken: bool = False
    sent: list[str] = field(default_factory=list)
    edits: list[tuple[float, str]] = field(default_factory=list)

    async def send(self, *, embed: discord.Embed, **_: Any) -> Any:
        if self.broken:
            raise aiohttp.ClientConnectionError
        self.sent.append(embed.description or "")
        self.gone = False
        return self

    async def edit(self, *, embed: discord.Embed, **_: Any) -> None:
        if self.gone:
            raise not_found()
        self.edits.append((self.clock.now, embed.description or ""))

    def get_partial_message(self, message_id: int) -> "Channel":
        assert message_id == self.id
        return self

    async def find(self) -> Any:
        return self


@dataclass
class Responder:
    """An interaction whose original response is edited."""

    shown: list[str] = field(default_factory=list)
    gone: bool = False

    async def edit_original_response(self, *, embed: discord.Embed, **_: Any) -> None:
        if self.gone:
            raise not_found()
        self.shown.append(embed.description or "")


async def render(state: str) -> MessageContent:
    return MessageContent(discord.Embed(description=state))


def live(channel: Channel, message_id: int | None = 77, **more: Any) -> LiveMessage[str]:
    clock = channel.clock
    return LiveMessage(render, channel.find, message_id, clock=clock, sleep=clock.sleep, **more)


class Moves(list[int]):
    """The ids of new messages."""

    async def note(self, message_id: int) -> None:
        self.append(message_id)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_edits_are_two_seconds_apart_however_fast_states_come() -> None:
    channel = Channel()
    message = live(channel)
    for number in range(100):
        message.show(str(number))
        await asyncio.sleep(0)
    await message.finish("end")
    times = [time for time, _ in channel.edits]
    gaps = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]
    assert min(gaps) >= APART_SECONDS
    assert channel.edits[-1][1] == "end"
    assert len(times) < 100


async def test_only_the_newest_state_is_shown_when_an_edit_is_due() -> None:
    channel = Channel()
    message = live(channel)
    for number in range(5):
        message.show(str(number))
    await message.finish("end")
    assert channel.edits == [(APART_SECONDS, "end")]


async def test_a_state_after_a_pause_is_shown_at_once() -> None:
    channel = Channel()
    message = live(channel)
    channel.clock.now = 60.0
    await message.finish("late")
    assert channel.edits == [(60.0, "late")]


async def test_an_answer_is_edited_until_its_token_is_over_then_a_message_follows() -> None:
    channel, responder, moves = Channel(), Responder(), Moves()
    answer = InteractionMessage(responder, channel.clock)  # type: ignore[arg-type]  # all it needs
    message = live(channel, None, answer=answer, moved=moves.note)
    await message.finish("1")
    channel.clock.now += ui.TOKEN_SECONDS
    await message.finish("2")
    await message.finish("3")
    assert responder.shown == ["1"]
    assert channel.sent == ["2"]
    assert [text for _, text in channel.edits] == ["3"]
    assert moves == [77]


async def test_a_dismissed_answer_is_followed_by_a_message() -> None:
    channel, moves = Channel(), Moves()
    answer = InteractionMessage(Responder(gone=True))  # type: ignore[arg-type]  # all it needs
    await live(channel, None, answer=answer, moved=moves.note).finish("end")
    assert channel.sent == ["end"]


async def test_after_a_restart_the_stored_message_is_edited() -> None:
    channel = Channel()
    await live(channel).finish("5")
    assert (channel.sent, [text for _, text in channel.edits]) == ([], ["5"])


async def test_a_deleted_message_is_not_replaced_where_its_successor_cannot_be_stored() -> None:
    channel = Channel(gone=True)
    message = live(channel)
    await message.finish("1")
    channel.gone = False
    await message.finish("2")
    assert (channel.sent, channel.edits) == ([], [])


async def test_only_what_members_saw_counts_as_shown() -> None:
    shown: list[str] = []

    async def note(state: str) -> None:
        shown.append(state)

    channel = Channel(broken=True)
    message = live(channel, None, moved=Moves().note, shown=note)
    await message.finish("1")
    channel.broken = False
    await message.finish("2")
    assert shown == ["2"]


async def test_without_a_channel_nothing_is_shown_and_nothing_breaks() -> None:
    async def nowhere() -> None:
        return None

    message = LiveMessage(render, nowhere, 77, moved=Moves().note, sleep=Clock().sleep)
    await message.finish("end")


async def test_a_closed_message_shows_nothing_more() -> None:
    channel = Channel()
    message = live(channel)
    message.show("1")
    await message.close()
    await settled()
    assert channel.edits == []


# Questions


def press() -> Any:
    """A press of a button, as far as a question looks at it."""

    async def accept(*_: Any, **__: Any) -> None: ...

    return SimpleNamespace(
        guild_id=None,
        command=None,
        type=discord.InteractionType.component,
        locale=discord.Locale.american_english,
        response=SimpleNamespace(defer=accept, is_done=lambda: True),
        followup=SimpleNamespace(send=accept),
    )


async def test_a_question_stays_open_until_what_follows_from_an_answer_went_well() -> None:
    tries: list[int] = []

    async def act(request: Request) -> None:
        tries.append(len(tries))
        if len(tries) == 1:
            raise StorageError("the disk is full")

    view = QuestionView(RequestGate(), [Answer("Delete", act)])
    (button,) = view.children
    await button.callback(press())
    assert not view.is_finished()
    await button.callback(press())
    assert view.is_finished()
    assert tries == [0, 1]


async def test_a_question_that_nobody_answers_says_so_to_whoever_asked() -> None:
    expired = []

    async def note() -> None:
        expired.append(True)

    await QuestionView(RequestGate(), [], seconds=1, expired=note).on_timeout()
    await QuestionView(RequestGate(), []).on_timeout()
    assert expired == [True]


# Buttons and selects


class Fruit(Enum):
    """Something to choose."""

    PLUM = "plum"
    PEACH = "peach"


class EatButton(
    PersistentButton,
    template="test:eat:{fruit}:{tree_id}:{washed}",
    fields={"fruit": choice(Fruit), "tree_id": ID, "washed": FLAG},
    action="eat",
):
    """Asks for a fruit."""


class PickSelect(
    PersistentSelect, template="test:pick:{tree_id}", fields={"tree_id": ID}, action="pick"
):
    """Chooses a branch."""


class Garden(Cog):
    """Answers both."""

    persistent_items = (EatButton, PickSelect)

    def __init__(self) -> None:
        super().__init__(RequestGate())
        self.eaten: list[tuple[Fruit, int, bool]] = []
        self.picked: list[tuple[int, str]] = []

    async def eat(
        self, interaction: discord.Interaction, fruit: Fruit, tree_id: int, *, washed: bool
    ) -> None:
        self.eaten.append((fruit, tree_id, washed))

    async def pick(self, interaction: discord.Interaction, tree_id: int, *, chosen: str) -> None:
        self.picked.append((tree_id, chosen))


def pressed_in(*cogs: commands.Cog) -> Any:
    return SimpleNamespace(client=SimpleNamespace(cogs={type(c).__name__: c for c in cogs}))


async def test_a_button_from_before_a_restart_calls_its_cog_with_what_its_id_holds() -> None:
    garden = Garden()
    custom_id = EatButton("Eat", fruit=Fruit.PEACH, tree_id=3, washed=True).custom_id
    assert custom_id == "test:eat:peach:3:1"
    match = EatButton.codec.pattern.fullmatch(custom_id)
    assert match is not None
    interaction = pressed_in(garden)
    button = await EatButton.from_custom_id(interaction, button_item(), match)
    await button.callback(interaction)
    assert garden.eaten == [(Fruit.PEACH, 3, True)]


def button_item() -> Any:
    return discord.ui.Button(label="Eat")


async def test_a_select_hands_over_what_was_chosen() -> None:
    garden = Garden()
    select = PickSelect("Which?", [discord.SelectOption(label="low", value="9")], tree_id=4)
    select.item._values = ["9"]
    await select.callback(pressed_in(garden))
    assert garden.picked == [(4, "9")]


def test_an_id_of_twenty_digits_fits() -> None:
    assert PickSelect(tree_id=10**19).custom_id == "test:pick:10000000000000000000"


def test_a_custom_id_with_other_values_is_not_read() -> None:
    for wrong in ("test:eat:pear:3:1", "test:eat:plum:x:1", "test:eat:plum:3:2", "test:eat"):
        assert EatButton.codec.pattern.fullmatch(wrong) is None


def test_a_template_must_name_its_fields() -> None:
    with pytest.raises(ValueError, match="names"):
        CustomId("test:{one}", {"other": Field(r"[a-z]+")})


def test_a_cog_without_the_method_of_its_button_cannot_be_defined() -> None:
    with pytest.raises(TypeError, match="has no eat"):

        class Desert(Cog):
            persistent_items = (EatButton,)


def test_a_cog_whose_method_takes_other_values_cannot_be_defined() -> None:
    with pytest.raises(TypeError):

        class Orchard(Cog):
            persistent_items = (PickSelect,)

            async def pick(self, interaction: discord.Interaction, row: int) -> None: ...


@pytest.mark.parametrize(
    ("ephemeral", "asked_by", "expected"), [(False, 5, True), (False, 6, False), (True, 6, True)]
)
def test_the_invoker_is_whoever_the_answer_was_given_to(
    ephemeral: bool, asked_by: int, expected: bool
) -> None:
    message = SimpleNamespace(
        flags=SimpleNamespace(ephemeral=ephemeral),
        interaction_metadata=SimpleNamespace(user=SimpleNamespace(id=asked_by)),
    )
    interaction: Any = SimpleNamespace(message=message, user=SimpleNamespace(id=5))
    assert is_invoker(interaction) is expected
