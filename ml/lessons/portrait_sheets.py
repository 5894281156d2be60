"""What a portrait lesson changed, side by side, in a process of its own.

    python -m ml.lessons.portrait_sheets --after FILE [--before FILE] --out PNG

The same eight seeds by the model that served and by the new one. That it can draw them also
shows that the file is sound.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from ml.avatar.checkpoint import ModelError
from ml.avatar.painter import Painter
from ml.avatar.sheets import SEEDS, write_sheet
from ml.lessons import events


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ml.lessons.portrait_sheets")
    parser.add_argument("--before", type=Path, help="the shipped one where none is named")
    parser.add_argument("--after", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        before, after = Painter.load(options.before), Painter.load(options.after)
    except ModelError:
        events.failed(events.DAMAGED)
        return 1
    rows = [painter.draw(painter.latents(SEEDS)) for painter in (before, after)]
    write_sheet(rows, options.out)
    events.done({"painter": after.name})
    return 0


if __name__ == "__main__":
    sys.exit(main())
