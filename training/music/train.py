"""Train Music2Vector: `python -m training.music.train --data DIR --out FILE`."""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors.torch import load_file
from torch import Tensor

from ml.checkpoints import commit
from ml.music.checkpoint import Calibration, MusicCheckpoint, load_model, save_model
from ml.music.model import Music2Vector
from training.music.calibration import (
    HeldOutAnswers,
    calibration_error,
    fit_likeness,
    fit_sure,
    fit_temperature,
    macro_f1,
    whiten,
)
from training.music.clips import OTHER_GENRE, Clip
from training.music.data import TrainingData, add_options
from training.music.recipes import RECIPES, MusicRecipe
from training.music.steps import MusicTraining

VERSION = "1"
SAVE_EVERY = 50  # steps
_LOG = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Gather the data, train, fit the tuning, and write the weights."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    resume = options.out.with_suffix(".resume")
    school = TrainingData.of(options)
    clips = gather(school, options.recipe)
    trained = load_model(options.tune) if options.tune else None
    if trained:
        model, card = trained.model, dict(trained.card)
    else:
        training = prepare(school, clips, options)
        if options.resume and resume.exists():
            training.restore(resume)
        run(training, resume)
        model, card = training.model.cpu(), describe(options, training.recipe, clips)
    card |= figures(options)
    tuning = tune(model, clips, school, options)
    if trained and not options.pairs:
        tuning = replace(tuning, likeness=trained.tuning.likeness)
    joining = trained.joining if trained else None
    save_model(MusicCheckpoint(model, tuning, card, joining=joining), options.out)
    resume.unlink(missing_ok=True)
    _LOG.info("wrote %s", options.out)


def gather(school: TrainingData, recipe: str) -> list[Clip]:
    """Read what a recipe learns from."""
    if recipe == "seed":
        clips = school.clips()
    elif recipe == "base":
        # What cross-validation starts from must not know the artists it will be asked about.
        clips = school.beside()
    else:
        clips = school.clips() + school.beside(shared=True)
    _LOG.info("clips: %s", dict(Counter(clip.source for clip in clips)))
    return clips


def prepare(
    school: TrainingData, clips: Sequence[Clip], options: argparse.Namespace
) -> MusicTraining:
    """Set up the training, behind a progress bar: the teacher may be slow."""
    with Progress(transient=True) as progress:
        task = progress.add_task("asking the teacher", total=len(clips))
        return school.begin(
            RECIPES[options.recipe],
            clips,
            options.steps,
            lambda index: progress.update(task, completed=index),
        )


def run(training: MusicTraining, resume: Path) -> None:
    """Train to the end behind a progress bar, saving now and then."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("training", total=training.recipe.steps, completed=training.step)
        for parts in training.steps():
            said = " ".join(f"{name} {value:.2f}" for name, value in parts.items())
            progress.update(task, completed=training.step, description=said)
            if training.step % SAVE_EVERY == 0:
                training.save(resume)
                _LOG.info("step %d: %s", training.step, said)


def tune(
    model: Music2Vector, clips: Sequence[Clip], school: TrainingData, options: argparse.Namespace
) -> Calibration:
    """Fit the whitening on the clips, and the honesty on what was kept from training."""
    recordings = [clip for clip in clips if clip.path is not None and clip.genre != OTHER_GENRE]
    vectors = torch.stack([vector_of(model, clip, school) for clip in recordings])
    tuning = Calibration(1.0, 0.5, *whiten(vectors))
    if options.answers:
        stored = load_file(options.answers)
        unseen = HeldOutAnswers(stored["logits"], stored["genres"])
        temperature = fit_temperature(unseen)
        tuning = replace(tuning, temperature=temperature, sure=fit_sure(unseen, temperature))
    if options.pairs:
        stored = load_file(options.pairs)
        tuning = replace(tuning, likeness=fit_likeness(stored["same"], stored["unrelated"]))
    return tuning


@torch.inference_mode()
def vector_of(model: Music2Vector, clip: Clip, school: TrainingData) -> Tensor:
    """Hear the raw vector of a clip."""
    vector: Tensor = model(school.show(model, clip)).vector[0]
    return vector


def describe(
    options: argparse.Namespace, recipe: MusicRecipe, clips: Sequence[Clip]
) -> dict[str, str]:
    """Write the card that is kept in the weights."""
    sources = Counter(clip.source for clip in clips)
    return {
        "version": VERSION,
        "recipe": options.recipe,
        "steps": str(recipe.steps),
        "seed": str(options.seed),
        "data": ", ".join(f"{source}: {count}" for source, count in sorted(sources.items())),
        "teacher": "musicnn MSD_musicnn" if options.teacher else "none",
        "commit": commit(),
    }


def figures(options: argparse.Namespace) -> dict[str, str]:
    """Say for the card how well the recipe does on unseen artists, where that was measured."""
    if options.answers is None:
        return {}
    stored = load_file(options.answers)
    unseen = HeldOutAnswers(stored["logits"], stored["genres"])
    shares = (unseen.logits / fit_temperature(unseen)).softmax(dim=1)
    return {
        "macro F1 on unseen artists": f"{macro_f1(unseen):.3f} of {len(unseen.genres)} answers",
        "calibration error": f"{calibration_error(shares, unseen.genres):.3f}",
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.music.train", description=__doc__)
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="default")
    parser.add_argument("--out", type=Path, required=True, help="the weights to write")
    parser.add_argument("--tune", type=Path, help="only fit the tuning of these weights anew")
    parser.add_argument("--answers", type=Path, help="from benchmarks.genre, for the tuning")
    parser.add_argument("--pairs", type=Path, help="from benchmarks.similarity, likewise")
    parser.add_argument("--resume", action="store_true", help="go on where it stopped")
    parser.add_argument("--steps", type=int, help="instead of the recipe's own number")
    add_options(parser)
    return parser


if __name__ == "__main__":
    main()
