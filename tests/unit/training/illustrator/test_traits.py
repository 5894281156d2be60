"""The row of numbers that says what a drawing shows."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ml.avatar import scenery
from ml.avatar.layout import EARS, EYES, MOUTH, FaceLayout
from ml.avatar.traits import BLOCK, KINDS, OPTIONS, TRAIT
from training.illustrator import Ears, Mood, Scene, illustrate
from training.illustrator.drawing import mix_palette
from training.illustrator.renderer import Renderer
from training.illustrator.styles import STYLE_NAMES, style_named
from training.illustrator.subject import sit
from training.illustrator.traits import traits_of


def test_the_options_are_the_illustrators_own_in_their_order() -> None:
    assert OPTIONS["style"] == STYLE_NAMES
    for group, kinds in (("mood", Mood), ("ears", Ears), ("scene", Scene)):
        assert OPTIONS[group] == tuple(kind.value for kind in kinds)


def test_a_drawing_is_of_one_kind_each_and_it_is_the_drawings_own() -> None:
    for seed in range(8):
        traits, facts = traits_of(seed), illustrate(seed, 64).facts
        assert all(traits[TRAIT[name]].sum() == 1 for name in KINDS)
        for group in OPTIONS:
            shown = OPTIONS[group][int(traits[TRAIT[group]].argmax())]
            assert shown == str(getattr(facts, group))


def test_another_mood_changes_the_block_of_the_mood_alone() -> None:
    one, other = traits_of(7), traits_of(7, mood=Mood.SHY)
    changed = np.flatnonzero(one != other)
    assert BLOCK["mood"].start <= changed.min() <= changed.max() < BLOCK["mood"].stop


def test_the_layout_finds_eyes_mouth_and_ears_where_the_drawing_has_them() -> None:
    layout = FaceLayout(128)
    for seed in range(12):
        traits, facts = traits_of(seed), illustrate(seed, 64).facts
        planes = layout(torch.from_numpy(traits[None]))[0].numpy()
        mirrored = traits[TRAIT["facing"]][0] > 0

        def at(place: tuple[float, float], plane: int, maps: np.ndarray, turned: bool) -> float:
            x = 1 - place[0] if turned else place[0]
            column, row = (int(np.clip(each * 128, 0, 127)) for each in (x, place[1]))
            return float(maps[plane, row, column])

        assert min(at(eye, EYES, planes, mirrored) for eye in facts.eyes) > 0.9
        assert at(facts.mouth, MOUTH, planes, mirrored) > 0.9
        inside = [root for root in facts.ear_roots if 0.05 < root[0] < 0.95]
        assert all(at(root, EARS, planes, mirrored) > 0.3 for root in inside)


@pytest.mark.parametrize("scene", [each for each in Scene if each is not Scene.PLAIN])
def test_the_layout_tells_where_the_things_of_a_scene_are(scene: Scene) -> None:
    """Backdrops follow from their own maps better than from those of other poses."""
    layout = FaceLayout(128)
    rows = np.stack([traits_of(seed, style="cel", scene=scene) for seed in _not_mirrored()])
    told = layout(torch.from_numpy(rows))[:, -scenery.PLANES :]
    drawn = [illustrate(seed, 128, style="cel", scene=scene).pixels for seed in _not_mirrored()]
    pictures = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2) / 255
    own = sum(map(_explained, pictures, told))
    others = sum(map(_explained, pictures, told.roll(1, 0)))
    assert own > 1.5 * others


@cache
def _not_mirrored() -> list[int]:
    """Return four seeds whose drawings the layout does not mirror."""
    return [seed for seed in range(60) if traits_of(seed)[TRAIT["facing"]][0] < 0][:4]


def _explained(picture: Tensor, planes: Tensor) -> float:
    """Return the share of what is fine in a picture, beside her, that maps explain linearly."""
    beside = torch.ones(128, 128, dtype=torch.bool)
    beside[24:, 24:104] = False
    seen, known = (
        (each - avg_pool2d(each, 17, 1, 8, count_include_pad=False))[:, beside].T.numpy()
        for each in (picture, planes)
    )
    weights, *_ = np.linalg.lstsq(known, seen, rcond=None)
    return 1 - float(((seen - known @ weights) ** 2).sum() / (seen**2).sum())


@pytest.mark.parametrize("seed", range(12))
def test_a_plain_backdrop_has_a_half_of_another_colour_where_that_is_told(seed: int) -> None:
    traits = torch.from_numpy(traits_of(seed, scene=Scene.PLAIN))[None]
    _, halved = scenery.plain_parts(
        *(traits[:, TRAIT[name]] for name in ("scene", "fringe", "style"))
    )
    picture = illustrate(seed, 64, scene=Scene.PLAIN).pixels.astype(int)
    if traits[0, TRAIT["facing"]][0] > 0:
        picture = picture[:, ::-1]
    above, below = (
        part.reshape(-1, 3).mean(0) for part in (picture[1:4, 1:4], picture[30:33, 60:63])
    )
    if halved[0]:
        assert np.abs(above - below).max() > 8


def test_brushes_fall_alike_in_all_drawings_of_a_style() -> None:
    style = style_named("gouache")
    palettes = [mix_palette(seed, style, sit(seed, style, None, None, None)) for seed in (3, 4)]
    habits = [
        [renderer.habit().random() for _ in range(3)]
        for renderer in (
            Renderer(None, style, palette, 1.0, seed)
            for seed, palette in zip((3, 4), palettes, strict=True)
        )
    ]
    assert habits[0] == habits[1]
    assert len(set(habits[0])) == 3
