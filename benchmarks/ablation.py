"""What each part of the default recipe is worth: the same folds, one part left out at a time.

    python -m benchmarks.ablation --data DIR --base FILE --teacher DIR --songs DIR... --only 0 1 2

Takes the options of `benchmarks.genre`, and what that has kept in `--work` for the recipe as it
is. Every row is trained on the same folds by artist; with `--only`, on some of them, which is
faster and rougher. The base is trained once: the rows after it change the second stage alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from rich.console import Console
from rich.table import Table
from safetensors.torch import load_file

from benchmarks.genre import kept, measure, parser, protocols, summary
from training.music.augmentation import Augmentation
from training.music.calibration import HeldOutAnswers
from training.music.data import TrainingData
from training.music.recipes import RECIPES, MusicRecipe

AS_IT_IS = "as it is"
Change = Callable[[argparse.Namespace, MusicRecipe], tuple[argparse.Namespace, MusicRecipe]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parser("python -m benchmarks.ablation", __doc__).parse_args(arguments)
    torch.set_num_threads(options.threads)
    clips = TrainingData.of(options).clips()
    ((_, folds), *_) = protocols(clips, options.folds, "default", options.division)
    folds = [fold for fold in folds if not options.only or fold[0] in options.only]
    table = Table("the default recipe", "macro F1", "95 %", "accuracy", "songs", "artists")
    for name, change in CHANGES.items():
        changed, recipe = change(options, RECIPES["default"])
        if name != AS_IT_IS:
            changed.work = options.work / "ablation" / name.replace(" ", "-")
        answers = [measure("default", "by artist", fold, clips, changed, recipe) for fold in folds]
        if name == AS_IT_IS:
            alone = [
                _windows(fold[0], said, options) for fold, said in zip(folds, answers, strict=True)
            ]
            table.add_row("single windows' answers alone", *summary(alone, clips, folds))
        table.add_row(name, *summary(answers, clips, folds))
    Console().print(table)


def _windows(fold: int, answers: HeldOutAnswers, options: argparse.Namespace) -> HeldOutAnswers:
    """Return what the windows said one by one, in place of what they said together."""
    stored = load_file(kept(options.work, "default", "by artist", fold))
    return HeldOutAnswers(stored["windows"], answers.genres)


def _option(**values: object) -> Change:
    return lambda options, recipe: (argparse.Namespace(**{**vars(options), **values}), recipe)


def _recipe(**values: object) -> Change:
    return lambda options, recipe: (
        argparse.Namespace(**vars(options)),
        replace(recipe, **values),  # type: ignore[arg-type]  # the names are checked when it runs
    )


CHANGES: dict[str, Change] = {
    AS_IT_IS: _recipe(),
    "400 steps": _recipe(steps=400),
    "1,800 steps": _recipe(steps=1_800),
    "without the base": _option(base=None),
    "without the base and the teacher": _option(base=None, teacher=None),
    "without the base and mel pictures": _option(base=None, pictures=False),
    "without mixup": _recipe(mixup=0.0),
    "without disturbance": _recipe(disturbance=Augmentation()),
}


if __name__ == "__main__":
    main()
