"""What a lesson tells while it runs: one JSON object a line on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

# Reasons for which a lesson fails; each has its words in the bot's catalogues.
MEMORY, DISK, DAMAGED, TOO_LITTLE, UNEXPECTED = (
    "memory",
    "disk",
    "damaged",
    "too_little",
    "unexpected",
)


def progress(
    step: int, steps: int, losses: Mapping[str, float], seconds_left: float | None = None
) -> None:
    """Tell how far it is: `step` of `steps`, and each loss by its name."""
    _tell(event="progress", step=step, steps=steps, losses=losses, seconds_left=seconds_left)


def done(card: Mapping[str, Any]) -> None:
    """Tell that the model is written; `card` says what it learned and how well it does."""
    _tell(event="done", card=card)


def failed(reason: str) -> None:
    """Tell why nothing came of it."""
    _tell(event="failed", reason=reason)


def _tell(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
