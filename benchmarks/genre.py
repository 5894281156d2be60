"""How well each recipe hears genres, on songs of artists that it has not heard.

    python -m benchmarks.genre --data DIR --base runs/base.safetensors --teacher DIR

Both recipes are trained anew on the same folds of `gtzan/`, divided by artist: no artist is on
both sides. With several divisions each is a row, and the answers of all are kept together. Pictures
of artists who are known to be in GTZAN are left out altogether. The seed recipe is also measured by
the post's own protocol, a random tenth of the songs held out, which leaves the same artists on both
sides. Finished folds are kept in `--work` and not trained again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
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
from ml.music.hearing import GENRES
from ml.music.model import Music2Vector
from training.music.calibration import HeldOutAnswers, calibration_error, fit_temperature
from training.music.clips import Clip
from training.music.data import TrainingData, add_options
from training.music.recipes import RECIPES, MusicRecipe

RESAMPLES = 1_000  # of the bootstrap
SEED_WINDOWS = 20  # of a clip, for the seed recipe: its pictures are dear
BY_ARTIST = "by artist"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = parser("python -m benchmarks.genre", __doc__).parse_args(arguments)
    torch.set_num_threads(options.threads)
    clips = TrainingData.of(options).clips()
    table = Table("recipe", "protocol", "macro F1", "95 %", "accuracy", "songs", "artists")
    for recipe in options.recipes:
        unseen: list[HeldOutAnswers] = []
        for protocol, folds in protocols(clips, options.folds, recipe, options.division):
            asked = [fold for fold in folds if not options.only or fold[0] in options.only]
            answers = [measure(recipe, protocol, fold, clips, options) for fold in asked]
            if len(asked) < len(folds):
                continue  # another process trains the rest
            table.add_row(recipe, protocol, *summary(answers, clips, folds))
            if protocol.startswith(BY_ARTIST):
                unseen += answers
        if unseen:
            together = joined(unseen)
            save_file(
                {"logits": together.logits, "genres": together.genres},
                options.work / f"{recipe}-answers.safetensors",
            )
            draw(recipe, together, options.figures)
    Console().print(table)


Fold = tuple[int, list[int], list[int]]  # number, training clips, test clips


def protocols(
    clips: Sequence[Clip], count: int, recipe: str, divisions: Sequence[int] = (0,)
) -> list[tuple[str, list[Fold]]]:
    """Divide the clips by artist, in one way or several, and for the seed also as the post does."""
    genres = np.array([clip.genre for clip in clips])
    artists = [clip.group for clip in clips]
    divided = []
    for division in divisions:
        grouped = StratifiedGroupKFold(count, shuffle=True, random_state=division)
        name = f"{BY_ARTIST}, division {division}" if division else BY_ARTIST
        divided.append((name, list(grouped.split(genres, genres, artists))))
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
    recipe: MusicRecipe | None = None,
) -> HeldOutAnswers:
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
    file = kept(options.work, name, protocol, number)
    if not file.exists():
        label = f"{name}, {protocol}, fold {number + 1}"
        known = [clips[index] for index in train]
        school = TrainingData.of(options)
        model = fit(name, recipe or RECIPES[name], known, school, options.pictures, label)
        most = SEED_WINDOWS if name == "seed" else 60
        logits, windows = ask(model, [school.show(model, clips[index], most) for index in test])
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file({"logits": logits, "windows": windows}, file)
    genres = torch.tensor([clips[index].genre for index in test])
    return HeldOutAnswers(load_file(file)["logits"], genres)


def kept(work: Path, name: str, protocol: str, number: int) -> Path:
    """Say where a fold's answers are kept."""
    return work / f"{name}-{protocol.replace(',', '').replace(' ', '-')}-{number}.safetensors"


def fit(
    name: str,
    recipe: MusicRecipe,
    known: list[Clip],
    school: TrainingData,
    pictures: bool,
    label: str,
) -> Music2Vector:
    """Train a recipe on the clips of a fold and, unless it is the seed's, all that is beside."""
    clips = known if name == "seed" else known + school.beside(pictures)
    training = school.begin(recipe, clips)
    for _ in track(training.steps(), label, training.recipe.steps):
        pass
    return training.model.cpu()


@torch.inference_mode()
def ask(model: Music2Vector, songs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the logits of songs, each given by its windows, and what windows say one by one."""
    heard = [model(song) for song in songs]
    alone = [song.timeline[0].log_softmax(dim=1).mean(dim=0) for song in heard]
    return torch.stack([song.genres[0] for song in heard]), torch.stack(alone)


def joined(answers: Sequence[HeldOutAnswers]) -> HeldOutAnswers:
    """Put the folds' answers together."""
    return HeldOutAnswers(
        torch.cat([fold.logits for fold in answers]), torch.cat([fold.genres for fold in answers])
    )


def summary(
    answers: Sequence[HeldOutAnswers], clips: Sequence[Clip], folds: Sequence[Fold]
) -> list[str]:
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


def draw(recipe: str, answers: HeldOutAnswers, folder: Path) -> None:
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
    parser.add_argument("--recipes", nargs="+", default=["seed", "default"])
    parser.add_argument("--no-pictures", dest="pictures", action="store_false")
    parser.add_argument("--only", type=int, nargs="*", help="train these folds and stop")
    parser.add_argument("--work", type=Path, default=Path("runs/genre"))
    parser.add_argument("--figures", type=Path, default=Path("docs/figures"))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument(
        "--division", type=int, nargs="+", default=[0], help="of the artists: one way or several"
    )
    add_options(parser)
    return parser


if __name__ == "__main__":
    main()
