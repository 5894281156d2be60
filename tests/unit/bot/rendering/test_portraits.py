"""Portraits, grids and morphs as files."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bot.rendering.portraits import (
    MorphTooHeavyError,
    animation,
    grid_png,
    kept_webp,
    loop_order,
    opened,
    portrait_png,
)


def portrait(seed: int, side: int = 64) -> np.ndarray:
    rough = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    return np.asarray(Image.fromarray(rough).resize((side, side), Image.Resampling.BICUBIC))


def image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_portrait_is_enlarged_and_as_it_was_otherwise() -> None:
    large = image(portrait_png(portrait(1), 512))
    assert (large.format, large.size) == ("PNG", (512, 512))
    back = np.asarray(large.resize((64, 64), Image.Resampling.BOX)).astype(int)
    assert np.abs(back - portrait(1)).mean() < 2


@pytest.mark.parametrize(("count", "columns", "rows"), [(2, 2, 1), (4, 2, 2), (5, 3, 2), (9, 3, 3)])
def test_several_lie_in_rows(count: int, columns: int, rows: int) -> None:
    width, height = image(grid_png([portrait(seed) for seed in range(count)])).size
    assert round(columns / rows, 1) == round(width / height, 1)
    assert min(width / columns, height / rows) >= 400


def test_every_one_in_a_grid_has_its_place() -> None:
    grid = np.asarray(image(grid_png([portrait(seed) for seed in range(4)])))
    last = Image.fromarray(grid[-512:, -512:]).resize((64, 64), Image.Resampling.BOX)
    difference = np.abs(np.asarray(last).astype(int) - portrait(3))[16:]  # below its number
    assert difference.mean() < 2


def test_what_is_kept_comes_back_bit_for_bit() -> None:
    np.testing.assert_array_equal(opened(kept_webp(portrait(5))), portrait(5))


def test_a_morph_shows_both_ends_once_and_every_step_twice() -> None:
    assert loop_order(4) == [0, 1, 2, 3, 2, 1]


def frames(count: int) -> np.ndarray:
    shares = np.linspace(0, 1, count)[:, None, None, None]
    mixed: np.ndarray = (1 - shares) * portrait(1) + shares * portrait(2)
    return mixed.astype(np.uint8)


def test_a_morph_is_a_loop_that_rests_at_its_ends() -> None:
    morph = image(animation(frames(5), 10**7))
    assert (morph.format, morph.size, morph.info["loop"]) == ("WEBP", (512, 512), 0)
    assert morph.n_frames == 8  # type: ignore[attr-defined]  # WebP has it
    times = []
    for number in range(8):
        morph.seek(number)
        morph.load()
        times.append(morph.info["duration"])
    assert [number for number, time in enumerate(times) if time == max(times)] == [0, 4]


def test_a_morph_keeps_to_the_size_of_files() -> None:
    full = len(animation(frames(5), 10**7))
    smaller = animation(frames(5), full - 1)
    assert len(smaller) < full
    with pytest.raises(MorphTooHeavyError):
        animation(frames(5), 100)
