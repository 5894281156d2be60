"""Every picture that the bot sends has a description for those who cannot see it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[4]
NO_PICTURES = {"cogs/privacy.py"}  # what members download: JSON and archives


def files_sent(path: Path) -> list[ast.Call]:
    """Return the calls that wrap bytes for sending."""
    calls = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
    return [call for call in calls if ast.unparse(call.func) == "discord.File"]


def test_every_picture_is_described() -> None:
    sources = [*(ROOT / "cogs").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]
    pictures = [
        (path, call)
        for path in sources
        if path.relative_to(ROOT).as_posix() not in NO_PICTURES
        for call in files_sent(path)
    ]
    assert len(pictures) > 5
    for path, call in pictures:
        assert "description" in {keyword.arg for keyword in call.keywords}, (path, call.lineno)
