"""Every error that members may read, found in the code, and examples of each."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

PACKAGES = ("bot", "storage", "ml.audio", "ml.images")
PROGRAMS = ("__main__", "child", "serving")  # that run when imported, or need Ray
EXAMPLES: dict[Any, Any] = {
    int: 3,
    float: 700.0,
    str: "reisen",
    bool: True,
    Path: Path("usamimi.db"),
    Path | str: "db.example.org/usamimi",
    int | None: 5,
    tuple[str, ...]: ("view_channel", "send_messages"),
    Mapping[str, int]: {"no_face": 1, "too_small": 2},
}


def member_errors() -> list[type[Exception]]:
    """Return the leaves of every tree of errors with a `code`."""
    found = {
        error
        for module in map(importlib.import_module, _modules())
        for error in vars(module).values()
        if isinstance(error, type) and issubclass(error, Exception)
        if isinstance(getattr(error, "code", None), str)
        if error.__module__.startswith(PACKAGES)
    }
    leaves = [error for error in found if not found & set(error.__subclasses__())]
    return sorted(leaves, key=lambda error: error.__qualname__)


def example(error: type[Exception]) -> Exception:
    """Return an error of this class with made-up facts."""
    if error.__init__ is Exception.__init__:
        return error()
    hints = get_type_hints(error.__init__)
    return error(**{name: EXAMPLES[kind] for name, kind in hints.items() if name != "return"})


def _modules() -> Iterator[str]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if module.name.rpartition(".")[2] not in PROGRAMS:
                yield module.name
