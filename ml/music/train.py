"""Trains a Music2Vector: `python -m ml.music.train --recipe default --data DIR --out FILE`."""

from __future__ import annotations

import argparse
import logging
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors.torch import load_file
from torch import Tensor

from ml.music.batches import Shuffle
from ml.music.checkpoint import Checkpoint, Tuning, load_model, save_model
from ml.music.clips import (
    OTHER_GENRE,
    SHARED_ARTISTS,
    Clip,
    mel_frames,
    noises,
    read_gtzan,
    read_images,
    read_others,
    read_songs,
)
from ml.music.model import Music2Vector
from ml.music.pictures import spaced_pictures
from ml.music.recipes import RECIPES, Recipe
from ml.music.seed_batches import SeedShuffle, seed_pictures
from ml.music.teaching import Teaching, teach
from ml.music.training import Draws, Training
from ml.music.tuning import (
    Answers,
    calibration_error,
    fit_likeness,
    fit_sure,
    fit_temperature,
    macro_f1,
    whiten,
)

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
    if options.tune:
        trained, clips = load_model(options.tune), gather(options)[0]
        model, card = trained.model, dict(trained.card)
    else:
        training, clips = prepare(options)
        if options.resume and resume.exists():
            training.restore(resume)
        run(training, resume)
        model, card = training.model.cpu(), describe(options, training.recipe, clips)
    card |= figures(options)
    save_model(Checkpoint(model, tune(model, clips, options), card), options.out)
    resume.unlink(missing_ok=True)
    _LOG.info("wrote %s", options.out)


def prepare(options: argparse.Namespace) -> tuple[Training, list[Clip]]:
    """Read the data and set up the training that the options ask for."""
    recipe = RECIPES[options.recipe]
    shuffle: Draws
    if options.recipe == "seed":
        clips = read_gtzan(options.data, options.cache)
        frames = [mel_frames(clip, options.cache) for clip in clips]
        seconds = SeedShuffle(frames, [clip.genre for clip in clips], options.seed)
        shuffle, recipe = seconds, replace(recipe, steps=seconds.steps)
    else:
        clips, teachings = gather(options)
        shuffle = Shuffle(clips, teachings, recipe, options.seed)
    recipe = replace(recipe, steps=options.steps or recipe.steps)
    base = load_model(options.base).model if options.base else None
    return Training(recipe, shuffle, options.seed, options.device, base), clips


def gather(options: argparse.Namespace) -> tuple[list[Clip], dict[int, Teaching]]:
    """Read what the options name, and ask the teacher if there is one."""
    clips = read_images(options.data) + noises()
    clips += read_songs(options.songs, options.cache) + read_others(options.others, options.cache)
    if options.recipe == "base":
        # What cross-validation starts from must not know the artists it will be asked about.
        clips = [clip for clip in clips if clip.group not in SHARED_ARTISTS]
    else:
        clips = read_gtzan(options.data, options.cache) + clips
    _LOG.info("clips: %s", dict(Counter(clip.source for clip in clips)))
    if options.teacher is None:
        return clips, {}
    with Progress(transient=True) as progress:
        task = progress.add_task("asking the teacher", total=len(clips))
        return clips, teach(
            clips,
            options.teacher,
            options.cache,
            lambda index: progress.update(task, completed=index),
        )


def run(training: Training, resume: Path) -> None:
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


def tune(model: Music2Vector, clips: Sequence[Clip], options: argparse.Namespace) -> Tuning:
    """Fit the whitening on the clips, and the honesty on what was kept from training."""
    recordings = [clip for clip in clips if clip.path is not None and clip.genre != OTHER_GENRE]
    vectors = torch.stack([vector_of(model, clip, options.cache) for clip in recordings])
    tuning = Tuning(1.0, 0.5, *whiten(vectors))
    if options.answers:
        stored = load_file(options.answers)
        unseen = Answers(stored["logits"], stored["genres"])
        temperature = fit_temperature(unseen)
        tuning = replace(tuning, temperature=temperature, sure=fit_sure(unseen, temperature))
    if options.pairs:
        stored = load_file(options.pairs)
        tuning = replace(tuning, likeness=fit_likeness(stored["same"], stored["unrelated"]))
    return tuning


@torch.inference_mode()
def vector_of(model: Music2Vector, clip: Clip, cache: Path) -> Tensor:
    """Hear the raw vector of a clip."""
    seed = model.dimensions.recipe == "seed"
    pictures = seed_pictures(mel_frames(clip, cache)) if seed else spaced_pictures(clip.columns)
    vector: Tensor = model(pictures).vector[0]
    return vector


def describe(options: argparse.Namespace, recipe: Recipe, clips: Sequence[Clip]) -> dict[str, str]:
    """Write the card that is kept in the weights."""
    sources = Counter(clip.source for clip in clips)
    return {
        "version": VERSION,
        "recipe": options.recipe,
        "steps": str(recipe.steps),
        "seed": str(options.seed),
        "data": ", ".join(f"{source}: {count}" for source, count in sorted(sources.items())),
        "teacher": "musicnn MSD_musicnn" if options.teacher else "none",
        "commit": _commit(),
    }


def figures(options: argparse.Namespace) -> dict[str, str]:
    """Say for the card how well the recipe does on unseen artists, where that was measured."""
    if options.answers is None:
        return {}
    stored = load_file(options.answers)
    unseen = Answers(stored["logits"], stored["genres"])
    shares = (unseen.logits / fit_temperature(unseen)).softmax(dim=1)
    return {
        "macro F1 on unseen artists": f"{macro_f1(unseen):.3f} of {len(unseen.genres)} songs",
        "calibration error": f"{calibration_error(shares, unseen.genres):.3f}",
    }


def _commit() -> str:
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - the host's git
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.music.train", description=__doc__)
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="default")
    parser.add_argument("--data", type=Path, required=True, help="holds gtzan/ and mel_images/")
    parser.add_argument("--out", type=Path, required=True, help="the weights to write")
    parser.add_argument("--songs", type=Path, nargs="*", default=[], help="unlabelled songs")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="of no known genre")
    parser.add_argument("--teacher", type=Path, help="musicnn's folder MSD_musicnn")
    parser.add_argument("--base", type=Path, help="weights of recipe base to go on from")
    parser.add_argument("--tune", type=Path, help="only fit the tuning of these weights anew")
    parser.add_argument("--answers", type=Path, help="from benchmarks.genre, for the tuning")
    parser.add_argument("--pairs", type=Path, help="from benchmarks.similarity, likewise")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"))
    parser.add_argument("--resume", action="store_true", help="go on where it stopped")
    parser.add_argument("--steps", type=int, help="instead of the recipe's own number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
