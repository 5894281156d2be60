"""How well each recipe hears genres, on songs of artists that it has not heard.

    python -m benchmarks.genre --data DIR --base runs/base.safetensors --teacher DIR

Both recipes are trained anew on the same folds of `gtzan/`, divided by artist: no artist is on
both sides. Pictures of artists who are known to be in GTZAN are left out altogether. The seed
recipe is also measured by the post's own protocol, a random tenth of the songs held out, which
leaves the same artists on both sides. Finished folds are kept in `--work` and not trained again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table
from safetensors.torch import load_file, save_file
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit

from benchmarks.figures import confusion_picture, reliability_picture
from ml.music.batches import Shuffle
from ml.music.checkpoint import load_model
from ml.music.clips import (
    SHARED_ARTISTS,
    Clip,
    mel_frames,
    noises,
    read_gtzan,
    read_images,
    read_others,
    read_songs,
)
from ml.music.hearing import GENRES
from ml.music.model import Music2Vector
from ml.music.pictures import spaced_pictures
from ml.music.recipes import RECIPES, Recipe
from ml.music.seed_batches import SeedShuffle, seed_pictures
from ml.music.teaching import teach
from ml.music.training import Training
from ml.music.tuning import Answers, calibration_error, fit_temperature

RESAMPLES = 1_000  # of the bootstrap
SEED_WINDOWS = 20  # of a clip, for the seed recipe: its pictures are dear


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parser("python -m benchmarks.genre", __doc__).parse_args(arguments)
    torch.set_num_threads(options.threads)
    clips = read_gtzan(options.data, options.cache)
    table = Table("recipe", "protocol", "macro F1", "95 %", "accuracy", "songs", "artists")
    for recipe in options.recipes:
        for protocol, folds in protocols(clips, options.folds, recipe):
            asked = [fold for fold in folds if not options.only or fold[0] in options.only]
            answers = [measure(recipe, protocol, fold, clips, options) for fold in asked]
            if len(asked) < len(folds):
                continue  # another process trains the rest
            table.add_row(recipe, protocol, *summary(answers, clips, folds))
            if protocol == "by artist":
                together = joined(answers)
                save_file(
                    {"logits": together.logits, "genres": together.genres},
                    options.work / f"{recipe}-answers.safetensors",
                )
                draw(recipe, together, options.figures)
    Console().print(table)


Fold = tuple[int, list[int], list[int]]  # number, training clips, test clips


def protocols(clips: Sequence[Clip], count: int, recipe: str) -> list[tuple[str, list[Fold]]]:
    """Divide the clips by artist, and for the seed also as the post does."""
    genres = np.array([clip.genre for clip in clips])
    artists = [clip.group for clip in clips]
    grouped = StratifiedGroupKFold(count, shuffle=True, random_state=0)
    divided = [("by artist", list(grouped.split(genres, genres, artists)))]
    if recipe == "seed":
        tenth = StratifiedShuffleSplit(1, test_size=0.1, random_state=0)
        divided.append(("random tenth", list(tenth.split(genres, genres))))
    return [
        (name, [(at, train.tolist(), test.tolist()) for at, (train, test) in enumerate(folds)])
        for name, folds in divided
    ]


def measure(
    name: str,
    protocol: str,
    fold: Fold,
    clips: Sequence[Clip],
    options: argparse.Namespace,
    recipe: Recipe | None = None,
) -> Answers:
    """Train on a fold's training clips and answer for its test clips.

    Args:
        name: of the recipe, `seed` or `default`.
        protocol: name of the division.
        fold: which clips to train on and which to ask about.
        clips: all clips.
        options: as from `parser`.
        recipe: instead of the one of that name.
    """
    number, train, test = fold
    kept = options.work / f"{name}-{protocol.replace(' ', '-')}-{number}.safetensors"
    if not kept.exists():
        label = f"{name}, {protocol}, fold {number + 1}"
        fit = _fit_seed if name == "seed" else _fit_default
        model = fit([clips[index] for index in train], options, recipe or RECIPES[name], label)
        with torch.inference_mode():
            logits = torch.stack([_answer(model, clips[index], options) for index in test])
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_file({"logits": logits}, kept)
    genres = torch.tensor([clips[index].genre for index in test])
    return Answers(load_file(kept)["logits"], genres)


def _fit_default(
    train: list[Clip], options: argparse.Namespace, recipe: Recipe, label: str
) -> Music2Vector:
    clips = train + noises() + read_songs(options.songs, options.cache)
    clips += read_others(options.others, options.cache)
    if options.pictures:
        clips += [clip for clip in read_images(options.data) if clip.group not in SHARED_ARTISTS]
    teachings = teach(clips, options.teacher, options.cache) if options.teacher else {}
    base = load_model(options.base).model if options.base else None
    shuffle = Shuffle(clips, teachings, recipe, options.seed)
    return _trained(Training(recipe, shuffle, options.seed, options.device, base), label)


def _fit_seed(
    train: list[Clip], options: argparse.Namespace, recipe: Recipe, label: str
) -> Music2Vector:
    frames = [mel_frames(clip, options.cache) for clip in train]
    shuffle = SeedShuffle(frames, [clip.genre for clip in train], options.seed)
    recipe = replace(recipe, steps=shuffle.steps)
    return _trained(Training(recipe, shuffle, options.seed, options.device), label)


def _trained(training: Training, label: str) -> Music2Vector:
    for _ in track(training.steps(), label, training.recipe.steps):
        pass
    return training.model.cpu()


def _answer(model: Music2Vector, clip: Clip, options: argparse.Namespace) -> torch.Tensor:
    if model.dimensions.recipe == "seed":
        pictures = seed_pictures(mel_frames(clip, options.cache), SEED_WINDOWS)
    else:
        pictures = spaced_pictures(clip.columns)
    logits: torch.Tensor = model(pictures).genres[0]
    return logits


def joined(answers: Sequence[Answers]) -> Answers:
    """Put the folds' answers together."""
    return Answers(
        torch.cat([fold.logits for fold in answers]), torch.cat([fold.genres for fold in answers])
    )


def summary(answers: Sequence[Answers], clips: Sequence[Clip], folds: Sequence[Fold]) -> list[str]:
    """Return macro F1, its interval over artists, accuracy and counts, as words."""
    together = joined(answers)
    guesses, genres = together.logits.argmax(1).numpy(), together.genres.numpy()
    artists = np.array([clips[index].group for _, _, test in folds for index in test])
    low, high = interval(guesses, genres, artists)
    return [
        f"{macro_f1(guesses, genres):.3f}",
        f"{low:.3f} to {high:.3f}",
        f"{(guesses == genres).mean():.3f}",
        str(len(genres)),
        str(len(set(artists))),
    ]


def macro_f1(guesses: np.ndarray, genres: np.ndarray) -> float:
    """Mean over the genres that occur of each one's F1."""
    return float(f1_score(genres, guesses, labels=sorted(set(genres)), average="macro"))


def interval(guesses: np.ndarray, genres: np.ndarray, artists: np.ndarray) -> tuple[float, float]:
    """Bootstrap macro F1 over artists, each drawn with all of its songs, within its genre."""
    dice = np.random.default_rng(0)
    songs_of = {artist: np.flatnonzero(artists == artist) for artist in sorted(set(artists))}
    by_genre: dict[int, list[str]] = {}
    for artist, songs in songs_of.items():
        by_genre.setdefault(int(genres[songs[0]]), []).append(artist)
    scores = []
    for _ in range(RESAMPLES):
        drawn = [a for group in by_genre.values() for a in dice.choice(group, len(group))]
        songs = np.concatenate([songs_of[artist] for artist in drawn])
        scores.append(macro_f1(guesses[songs], genres[songs]))
    return float(np.quantile(scores, 0.025)), float(np.quantile(scores, 0.975))


def draw(recipe: str, answers: Answers, folder: Path) -> None:
    """Draw what is mistaken for what, and whether probabilities mean what they say."""
    folder.mkdir(parents=True, exist_ok=True)
    warmth = fit_temperature(answers)
    confusion_picture(
        answers.genres.numpy(),
        answers.logits.argmax(1).numpy(),
        GENRES,
        folder / f"genre_confusion_{recipe}.png",
    )
    shares = (answers.logits / warmth).softmax(dim=1)
    error = calibration_error(shares, answers.genres)
    reliability_picture(
        shares.numpy(), answers.genres.numpy(), folder / f"genre_reliability_{recipe}.png"
    )
    Console().print(f"{recipe}: temperature {warmth:.2f}, calibration error {error:.3f}")


def parser(program: str, words: str | None) -> argparse.ArgumentParser:
    """Return the options that measuring genres takes."""
    parser = argparse.ArgumentParser(prog=program, description=(words or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds gtzan/ and mel_images/")
    parser.add_argument("--recipes", nargs="+", default=["seed", "default"])
    parser.add_argument("--base", type=Path, help="from ml.music.train --recipe base")
    parser.add_argument("--teacher", type=Path, help="musicnn's folder MSD_musicnn")
    parser.add_argument("--songs", type=Path, nargs="*", default=[], help="as for training")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="as for training")
    parser.add_argument("--no-pictures", dest="pictures", action="store_false")
    parser.add_argument("--only", type=int, nargs="*", help="train these folds and stop")
    parser.add_argument("--cache", type=Path, default=Path("runs/cache"))
    parser.add_argument("--work", type=Path, default=Path("runs/genre"))
    parser.add_argument("--figures", type=Path, default=Path("docs/figures"))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
