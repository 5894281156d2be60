"""What each part of the default recipe is worth: the same folds, one part left out at a time.

    python -m benchmarks.ablation --data DIR --base FILE --teacher DIR --songs DIR... --only 0 1 2

Takes the options of `benchmarks.genre`. Every row is trained on the same folds by artist; with
`--only`, on some of them, which is faster and rougher.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.genre import measure, parser, protocols, summary
from ml.music.clips import read_gtzan
from ml.music.crops import Disturbance
from ml.music.recipes import RECIPES, Recipe

Change = Callable[[argparse.Namespace, Recipe], tuple[argparse.Namespace, Recipe]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parser("python -m benchmarks.ablation", __doc__).parse_args(arguments)
    torch.set_num_threads(options.threads)
    clips = read_gtzan(options.data, options.cache)
    ((_, folds), *_) = protocols(clips, options.folds, "default")
    folds = [fold for fold in folds if not options.only or fold[0] in options.only]
    table = Table("the default recipe", "macro F1", "95 %", "accuracy", "songs", "artists")
    for name, change in CHANGES.items():
        changed, recipe = change(options, RECIPES["default"])
        changed.work = options.work / "ablation" / name.replace(" ", "-")
        answers = [measure("default", "by artist", fold, clips, changed, recipe) for fold in folds]
        table.add_row(name, *summary(answers, clips, folds))
    Console().print(table)


def _option(**values: object) -> Change:
    return lambda options, recipe: (argparse.Namespace(**{**vars(options), **values}), recipe)


def _recipe(**values: object) -> Change:
    changed = {name: value for name, value in values.items() if value is not None}
    return lambda options, recipe: (
        argparse.Namespace(**vars(options)),
        replace(recipe, **changed),  # type: ignore[arg-type]  # the names are checked when it runs
    )


CHANGES: dict[str, Change] = {
    "as it is": _recipe(),
    "without the base": _option(base=None),
    "without the teacher and the base": _option(base=None, teacher=None),
    "without mel pictures": _option(pictures=False, base=None),
    "without disturbance": _recipe(disturbance=Disturbance()),
}


if __name__ == "__main__":
    main()
