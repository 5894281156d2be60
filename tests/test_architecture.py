"""The rooms import in one direction: cogs -> bot.services -> ml, storage."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [path for room in ("bot", "cogs", "ml", "storage") for path in (ROOT / room).rglob("*.py")]

# What crosses every room: frozen dataclasses and errors.
VALUES = (
    "ml.audio.errors",
    "ml.audio.excerpts",
    "ml.avatar.explanation",
    "ml.music.hearing",
    "ml.music.rhythm",
    "ml.images.errors",
    "storage.errors",
    "storage.import_values",
    "storage.lesson_values",
    "storage.portrait_values",
    "storage.song_values",
)

# What a room may import of ours, longest prefix first; a room always may import itself.
ALLOWED = {
    "bot/__main__.py": ("bot", "cogs", "ml", "storage"),
    "bot/open_atelier.py": ("bot", "ml", "storage"),
    "bot/open_classroom.py": ("bot", "ml", "storage"),
    "bot/services/": ("bot.services", "bot.errors", "ml", "storage"),
    "bot/pictures/": ("bot.pictures", "ml.avatar.explanation", "ml.music.hearing"),
    "bot/": ("bot", *VALUES),
    "cogs/": ("cogs", "bot", *VALUES),
    "ml/audio/": ("ml.audio", "ml.sandbox"),
    "ml/sandbox/": ("ml.sandbox",),
    "ml/": ("ml",),
    "storage/": ("storage",),
}
WITHOUT_DISCORD = ("bot/services/", "bot/pictures/", "ml/", "storage/")


def imported_by(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            modules.append(node.module or "")
    return modules


def within(module: str, allowed: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    room = max((prefix for prefix in ALLOWED if place.startswith(prefix)), key=len)
    ours = [name for name in imported_by(path) if within(name, ("bot", "cogs", "ml", "storage"))]
    assert [name for name in ours if not within(name, ALLOWED[room])] == []


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.relative_to(ROOT).as_posix().startswith(WITHOUT_DISCORD)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_services_models_and_storage_do_not_know_discord(path: Path) -> None:
    assert not [name for name in imported_by(path) if within(name, ("discord", "simcord"))]
