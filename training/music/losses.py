"""What the default recipe is trained to make small."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ml.music.model import ModelOutput
from training.music.batches import Batch
from training.music.recipes import MusicRecipe

_WARMTH = 0.1  # temperature of the contrast


def loss_of(
    heard: ModelOutput, batch: Batch, recipe: MusicRecipe
) -> tuple[Tensor, dict[str, float]]:
    """Return the total to make small, and its parts for the log."""
    weights, smoothing = recipe.weights, recipe.smoothing
    parts = {"genre": genre_loss(heard.genres, batch, smoothing)}
    total = parts["genre"]
    if weights.windows:
        parts["windows"] = window_loss(heard.timeline, batch, smoothing)
        total = total + weights.windows * parts["windows"]
    if weights.teacher and heard.taught and batch.taught.any():
        parts["teacher"] = teacher_loss(heard.taught, batch)
        total = total + weights.teacher * parts["teacher"]
    if weights.contrast:
        parts["contrast"] = contrast_loss(heard.vector)
        total = total + weights.contrast * parts["contrast"]
    return total, {name: float(part.detach()) for name, part in parts.items()}


def genre_loss(logits: Tensor, batch: Batch, smoothing: float) -> Tensor:
    """Cross entropy of whole songs' genres, over the songs that have one."""
    return functional.cross_entropy(
        logits[batch.labelled], batch.genres[batch.labelled], label_smoothing=smoothing
    )


def window_loss(timeline: Tensor, batch: Batch, smoothing: float) -> Tensor:
    """Cross entropy of single windows, each with its song's genre."""
    logits = timeline[batch.labelled]
    targets = batch.genres[batch.labelled].unsqueeze(1).expand_as(logits)
    return functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(0, 1), label_smoothing=smoothing
    )


def teacher_loss(taught: tuple[Tensor, ...], batch: Batch) -> Tensor:
    """How far from the teacher: its embedding's direction, and its tags' cross entropy."""
    embedding, tags = (said[batch.taught] for said in taught)
    centred = batch.embeddings[batch.taught]
    away = 1 - functional.cosine_similarity(embedding, centred, dim=1).mean()
    wanted = batch.tags[batch.taught]
    # The tags' own entropy is taken away, so that a perfect pupil is at zero.
    rest = functional.binary_cross_entropy_with_logits(tags, wanted)
    least = functional.binary_cross_entropy(wanted, wanted)
    return 2 * away + 5 * (rest - least)


def contrast_loss(vectors: Tensor) -> Tensor:
    """NT-Xent (Chen and others, 2020): find each view's other half among all views."""
    views = vectors.shape[0]
    unit = functional.normalize(vectors - vectors.mean(0), dim=1)
    itself = torch.eye(views, dtype=torch.bool, device=vectors.device)
    likeness = (unit @ unit.T / _WARMTH).masked_fill(itself, -1e9)
    partner = torch.arange(views, device=vectors.device).roll(views // 2)
    return functional.cross_entropy(likeness, partner)
