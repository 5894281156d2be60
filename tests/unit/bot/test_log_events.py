"""The page of log events names every event that the code logs, with its levels and fields."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "log-events.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| ([a-z, ]+) \| ([^|]*)\|", re.MULTILINE)
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
NOT_FIELDS = {"exc_info"}


def logged() -> Iterator[tuple[str, str, set[str]]]:
    """Each call of a log in the code: event, level and the names of its fields."""
    for package in ("bot", "cogs", "ml", "storage"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                of = node.func.value
                if not (isinstance(of, ast.Name) and of.id == "log" and node.func.attr in LEVELS):
                    continue
                event = node.args[0]
                assert isinstance(event, ast.Constant), f"{path}: an event's name is not a literal"
                assert isinstance(event.value, str)
                level = "error" if node.func.attr == "exception" else node.func.attr
                yield event.value, level, {word.arg or "" for word in node.keywords} - NOT_FIELDS


def in_code() -> dict[str, tuple[set[str], set[str]]]:
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for event, level, fields in logged():
        found[event][0].add(level)
        found[event][1].update(fields)
    return dict(found)


def on_page() -> dict[str, tuple[set[str], set[str]]]:
    return {
        event: (set(levels.replace(",", " ").split()), set(re.findall(r"`(\w+)`", fields)))
        for event, levels, fields in ROW.findall(PAGE)
    }


def test_the_page_lists_every_event_with_its_levels_and_fields() -> None:
    assert on_page() == in_code()


def test_an_event_stands_on_the_page_once() -> None:
    events = [event for event, _, _ in ROW.findall(PAGE)]
    assert sorted(events) == sorted(set(events))
