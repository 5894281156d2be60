"""No string is longer than Discord takes it, in either language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fluent.runtime import FluentBundle

from bot.discord.ui import PersistentButton, PersistentSelect
from bot.i18n import LOCALES, _bundle
from tests.helpers.discord import Server

ROOT = Path(__file__).parents[3]
NAME, DESCRIPTION, CHOICE = 32, 100, 100  # characters of a command or an option, of a choice
COMMAND = 8000  # of all names, descriptions and choices of a command together
MOST = 25  # options of a command, commands of a group, choices of an option
LABEL, PLACEHOLDER, MODAL, MESSAGE = 80, 150, 45, 2000
WIDE = "…" * 6  # in place of a number, a duration or a name in a label
LONG = "…" * 100  # and in a sentence


def parts_of(command: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a command and, one by one, all that lies in it."""
    yield command
    for option in command.get("options") or ():
        yield from parts_of(option)


def spellings(part: dict[str, Any], what: str) -> list[str]:
    """Return a name or description as it is and in every language."""
    return [part.get(what) or "", *(part.get(f"{what}_localizations") or {}).values()]


async def test_commands_and_options_fit(server: Server) -> None:
    commands = list(server.env.backend.commands[None].values())
    assert len(commands) > 15
    for command in commands:
        length = 0
        for part in parts_of(command):
            choices = [text for c in part.get("choices") or () for text in spellings(c, "name")]
            assert max(map(len, spellings(part, "name"))) <= NAME, part["name"]
            assert max(map(len, spellings(part, "description"))) <= DESCRIPTION, part["name"]
            assert max(map(len, choices), default=0) <= CHOICE, part["name"]
            assert len(part.get("options") or ()) <= MOST
            assert len(part.get("choices") or ()) <= MOST
            length += sum(max(map(len, spellings(part, what))) for what in ("name", "description"))
            length += sum(map(len, choices))
        assert length <= COMMAND, command["name"]


def offered() -> dict[str, int]:
    """Return keys of what can be pressed, by the calls that make it: key -> characters it may have.

    A key in such a call is its label, or the placeholder of a select; one that is composed is left
    out.
    """
    limits = {"Answer": LABEL, "Select": PLACEHOLDER, "TextInput": MODAL, "__init__": MODAL}
    limits |= {"_button": LABEL, "_page_button": LABEL}
    limits |= dict.fromkeys((each.__name__ for each in PersistentButton.__subclasses__()), LABEL)
    limits |= dict.fromkeys((c.__name__ for c in PersistentSelect.__subclasses__()), PLACEHOLDER)
    keys: dict[str, int] = {}
    for path in [*(ROOT / "cogs").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or called(call) not in limits:
                continue
            for said in ast.walk(call):
                if isinstance(said, ast.Call) and called(said) == "tr":
                    texts = [n.value for n in ast.walk(said.args[0]) if isinstance(n, ast.Constant)]
                    keys |= {str(text): limits[called(call)] for text in texts}
    return keys


def called(call: ast.Call) -> str:
    """Name what is called."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def sentences(bundle: FluentBundle, fact: str) -> dict[str, str]:
    """Format every message of a language, each fact of which is `fact`; by key."""
    said = {}
    for key in bundle._messages:
        message = bundle.get_message(key)
        patterns = {f"{key}.{name}": each for name, each in message.attributes.items()}
        patterns |= {key: message.value} if message.value is not None else {}
        for name, pattern in patterns.items():
            said[name] = str(bundle.format_pattern(pattern, _Always(fact))[0])
    return said


class _Always(dict[str, str]):
    """Has one value for every name."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self._value = value

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: str) -> str:
        return self._value


@pytest.mark.parametrize("locale", LOCALES)
def test_labels_and_placeholders_fit(locale: str) -> None:
    found, said = offered(), sentences(_bundle(locale), WIDE)
    assert len(found) > 40
    assert {"welcome-allow", "similar-rate", "songbook-optout-stop"} < set(found)
    lengths = {key: len(said[key]) for key in found if key in said}
    assert not [key for key, length in lengths.items() if length > found[key]]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_fits_into_a_message(locale: str) -> None:
    said = sentences(_bundle(locale), LONG)
    assert len(said) > 800
    assert not [key for key, text in said.items() if len(text) > MESSAGE]
