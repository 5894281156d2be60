"""Writes the music model's weights: networks, heads, key, vector and calibration in one file.

    python -m training.music.song_fit --data DIR --work DIR --out FILE
    python -m training.music.song_fit --data DIR --work DIR --out FILE --keep FILE [--vector]

With `--keep` all but a part is taken from the model FILE. Without `--vector`, what is read off the
taggers is fitted anew: the ten genres, kinds and tags, and the rule for families, which rests on
them. With it, the vector is, and what its cosines mean; songs must then be embedded again.

WORK holds what the other steps wrote: `taggers/` (`convert_tagger`), `cache/*.npz`
(`tagger_features`, `pitch_songs`), `cache/changed*.npz` (`changed_songs`),
`coarse-0-0*.safetensors` (`coarse_training`), `stacked-0-0*.safetensors` (`stacked_training`) and
`cache/halves.npz` (`song_halves`).
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from ml.music.heads import FamilyRule, Floats, LinearHead, softmax
from ml.music.picture_network import joined_answers
from ml.music.song_checkpoint import SongCheckpoint, load_song_model, save_song_model
from ml.music.taxonomy import TEN_GENRES
from training.music.coarse_pictures import FmaSongs, read_fma
from training.music.coarse_training import load_coarse
from training.music.convert_tagger import load_tagger
from training.music.key_songs import key_songs, read_pitches
from training.music.key_training import fit_key, held_out_keys
from training.music.kind_sounds import read_kind_sounds
from training.music.song_table import SongTable, read_table, with_changed, with_others
from training.music.song_training import (
    GenreRecipe,
    TagRecipe,
    columns,
    fit_families,
    fit_family_tags,
    fit_genres,
    fit_kinds,
    fit_platt,
    fit_scale,
    genre_tags,
    in_favour_of_music,
    music_allowance,
    out_of_fold,
    padded,
    style_head,
    tag_head,
    tempered,
)
from training.music.stacked_training import load_stacked
from training.music.ten_genres import read_ten_genres
from training.music.vector_parts import fit_parts, fit_song_likeness, read_halves

COARSE, STACKED = "coarse-0-0", "stacked-0-0"  # of fold 0, seed 0
GENRES = GenreRecipe()
FAMILY_GENRES, FAMILY_TAGS = GenreRecipe(steadiness=2.0), TagRecipe()  # what families rest on
# Sounds that are learned from beside GTZAN's songs, and how much each counts: files in WORK/cache.
# Twins keep a head from learning which genres are there as rebuilt sound (see
# `benchmarks.song_genres`), changed copies from leaning on pitch, tempo and noise
# (`benchmarks.song_robustness`).
OTHERS: Mapping[str, float] = {"twins": 0.25, "changed": 0.2}
# Least probabilities, chosen on songs that the answers had not seen; see the model's card.
THRESHOLDS = {"family_sure": 0.5, "style_sure": 0.5, "style_likely": 0.2, "key_sure": 0.3}
_LOG = logging.getLogger(__name__)


def genre_table(data: Path, work: Path, counts: Mapping[str, float] = OTHERS) -> SongTable:
    """Read what was heard of GTZAN's songs, and of what is learned from beside them.

    Args:
        data: holds GTZAN and the named songs' pictures.
        work: where the other steps wrote.
        counts: as `OTHERS`.
    """
    songs, answers = read_ten_genres(data), picture_answers(work, "songs")
    cache = work / "cache"
    table = read_table(songs, [cache / "clips.npz", cache / "rebuilt.npz"], answers)
    named = songs.strangers()
    wanted = {"named": named[songs.labels[named] < len(TEN_GENRES)], "twins": table.gtzan()}
    heard = [
        (cache / f"{name}.npz", rows, counts[name])
        for name, rows in wanted.items()
        if name in counts
    ]
    table = with_others(table, heard)
    if "changed" not in counts:
        return table
    return with_changed(table, sorted(cache.glob("changed*.npz")), counts["changed"])


def picture_answers(work: Path, of: str) -> dict[str, Floats]:
    """Read what the picture networks answer together: to `songs`, or to the held-out `fma`."""
    one, other = (load_file(work / f"{stem}-{of}.safetensors") for stem in (COARSE, STACKED))
    return {name: answer.numpy() for name, answer in joined_answers(one, other).items()}


def held_out_labels(fma: FmaSongs, work: Path) -> tuple[np.ndarray, np.ndarray]:
    """Give the picture networks' label logits and the truth, of the blocks they never saw."""
    return picture_answers(work, "fma")["labels"], fma.labels[fma.folds() == 0]


def fit_all(data: Path, work: Path) -> SongCheckpoint:
    """Fit everything; the order of the steps is that of what they need."""
    table, fma = genre_table(data, work), read_fma(data / "fma_small", work / "cache")
    rows, labels = table.gtzan(), table.songs.labels
    logits = out_of_fold(table, GENRES)
    temperature = fit_scale(logits, labels[rows])
    slope, offset = fit_platt(*held_out_labels(fma, work))
    coarse = load_coarse(work / f"{COARSE}.safetensors")
    stacked = load_stacked(work / f"{STACKED}.safetensors")
    halves = read_halves(work / "cache" / "halves.npz", coarse, stacked)
    parts = fit_parts(halves)
    likeness = fit_song_likeness(halves)
    family_heads, rule = fit_family_answers(table, fma.label_names)
    heads: dict[str, LinearHead] = {
        **family_heads,
        "genres": fit_genres(table, GENRES, rows),
        "styles": style_head(table, fma.label_names, slope, offset),
        "tags": tag_head(table, *fit_platt(*genre_tags(table, rows))),
        "kinds": kind_head(work, table),
    }
    shares = np.zeros((len(labels), len(TEN_GENRES)), np.float32)
    shares[rows] = softmax(logits / temperature)
    key, key_temperature = fit_key_rule(work, table, shares)
    return SongCheckpoint(
        msd=load_tagger(work / "taggers" / "MSD.safetensors"),
        mtt=load_tagger(work / "taggers" / "MTT.safetensors"),
        coarse=coarse,
        stacked=stacked,
        heads=heads,
        families=rule,
        vector=parts,
        key=key,
        labels=fma.label_names,
        numbers={
            "genres_temperature": temperature,
            "key_temperature": key_temperature,
            "likeness_slope": likeness[0],
            "likeness_offset": likeness[1],
            **THRESHOLDS,
        },
        card=card(table, fma),
    )


def fit_heads_anew(data: Path, work: Path, kept: SongCheckpoint) -> SongCheckpoint:
    """Fit genres, kinds, tags and families; keep all else of a model, the vector too."""
    table, fma = genre_table(data, work), read_fma(data / "fma_small", work / "cache")
    rows = table.gtzan()
    logits = out_of_fold(table, GENRES)
    temperature = fit_scale(logits, table.songs.labels[rows])
    family_heads, rule = fit_family_answers(table, kept.labels)
    return replace(
        kept,
        heads={
            **kept.heads,
            **family_heads,
            "genres": fit_genres(table, GENRES, rows),
            "tags": tag_head(table, *fit_platt(*genre_tags(table, rows))),
            "kinds": kind_head(work, table),
        },
        families=rule,
        numbers={**kept.numbers, "genres_temperature": temperature},
        card=card(table, fma),
        digest="",
    )


def fit_vector_anew(work: Path, kept: SongCheckpoint) -> SongCheckpoint:
    """Fit the vector; keep all else of a model."""
    halves = read_halves(work / "cache" / "halves.npz", kept.coarse, kept.stacked)
    slope, offset = fit_song_likeness(halves)
    songs, games = len(halves.names), len(set(halves.groups.tolist()))
    return replace(
        kept,
        vector=fit_parts(halves),
        numbers={**kept.numbers, "likeness_slope": slope, "likeness_offset": offset},
        card={**kept.card, "vector": f"{songs} songs of {games} games, in halves"},
        digest="",
    )


def fit_family_answers(
    table: SongTable, names: Sequence[str]
) -> tuple[dict[str, LinearHead], FamilyRule]:
    """Fit what reads genres and tags for families, steadier in changed copies, and the rule.

    Args:
        table: what was heard.
        names: of FMA's labels, in the network's order.
    """
    rows = table.gtzan()
    logits = out_of_fold(table, FAMILY_GENRES)
    temperature = fit_scale(logits, table.songs.labels[rows])
    genres = tempered(fit_genres(table, FAMILY_GENRES, rows), temperature)
    tags = fit_family_tags(table, FAMILY_TAGS)
    said = tags(table.features[rows])
    rule = fit_families(table, rows, logits / temperature, said, names)
    return {"family_genres": genres, "family_tags": tags}, rule


def kind_head(work: Path, table: SongTable) -> LinearHead:
    """Fit what tells music from speech and noise, in favour of music."""
    kinds = read_kind_sounds(work / "cache", table)
    head, logits = fit_kinds(kinds.features, kinds.kinds, kinds.folds)
    logits[:, 0] += (allowance := music_allowance(logits, kinds.kinds))
    fair = in_favour_of_music(head, allowance, fit_scale(logits, kinds.kinds))
    return padded(fair, columns(table)["taggers"], table.features.shape[1])


def fit_key_rule(work: Path, table: SongTable, genres: Floats) -> tuple[dict[str, Tensor], float]:
    """Fit the key's rule on all clips, and its temperature on folds that it had not seen.

    Sound rebuilt from pictures, whose bands are wider than a semitone, makes the rule worse.
    """
    pitches = read_pitches([work / "cache" / "pitch_clips.npz"])
    songs, rows = key_songs(table.songs, pitches, genres)
    held_out = held_out_keys(songs, table.songs.folds[rows])
    return fit_key(songs), fit_scale(held_out, songs.keys.numpy())


def card(table: SongTable, fma: FmaSongs) -> dict[str, str]:
    """Say what was learned from; the figures are in docs/models/music2vector.md."""
    rows = table.gtzan()
    clips = int(table.songs.has_audio[rows].sum())
    return {
        "data": f"GTZAN train and valid, {clips} clips, {len(rows) - clips} rebuilt from pictures; "
        f"FMA small, {int((fma.folds() != 0).sum())} pictures; "
        f"{len(table.songs.strangers())} pictures of named songs",
        "taggers": "musicnn 0.1.0, MSD and MTT (Pons and Serra, 2019, ISC)",
        "recipe": "python -m training.music.song_fit",
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(prog="python -m training.music.song_fit")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--keep", type=Path, help="a model of which all else stays")
    parser.add_argument("--vector", action="store_true", help="with --keep: the vector, not heads")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    if options.keep:
        kept = load_song_model(options.keep)
        if options.vector:
            checkpoint = fit_vector_anew(options.work, kept)
        else:
            checkpoint = fit_heads_anew(options.data, options.work, kept)
    else:
        checkpoint = fit_all(options.data, options.work)
    save_song_model(checkpoint, options.out)
    _LOG.info("%s", dict(checkpoint.numbers))


if __name__ == "__main__":
    main()
