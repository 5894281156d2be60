from __future__ import annotations

import torch

from ml.music.spectrograms import BANDS, RANGE_DB, level
from training.music.augmentation import Augmentation, cut, disturb


def dice() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def lit_band(windows: torch.Tensor) -> int:
    return int(windows[0].mean(dim=(0, 2)).argmax())


def one_band(band: int) -> torch.Tensor:
    windows = torch.full((1, 2, 128, 16), -60.0)
    windows[:, :, band] = 0.0
    return windows


def test_windows_are_cut_where_they_are_asked_for() -> None:
    columns = torch.arange(100.0).expand(128, 100)
    windows = cut(columns, torch.tensor([0, 30]))
    assert windows.shape == (2, 128, 16)
    assert windows[1, 0].tolist() == [float(at) for at in range(30, 46)]


def test_faster_playing_passes_more_columns() -> None:
    columns = torch.arange(100.0).expand(128, 100)
    assert cut(columns, torch.tensor([0]), speed=2.0)[0, 0, -1] == 30.0


def test_no_disturbance_changes_nothing() -> None:
    windows = torch.randn(2, 3, 128, 16)
    assert torch.equal(disturb(windows, Augmentation(), dice()), windows)


def test_every_disturbance_keeps_shape_and_sense() -> None:
    how = Augmentation(0.08, 1.0, 3.0, 1.0, 1.0, 16, 4)
    windows = level(disturb(torch.randn(4, 3, 128, 16) * 10, how, dice()))
    assert windows.shape == (4, 3, BANDS, 16)
    assert windows.isfinite().all()


def test_transposing_by_an_octave_moves_a_tone_up_or_down() -> None:
    moved = {
        lit_band(disturb(one_band(60), Augmentation(semitones=12.0), dice().manual_seed(seed)))
        for seed in range(8)
    }
    assert min(moved) < 60 < max(moved)


def test_levelling_forgets_loudness() -> None:
    windows = torch.randn(1, 3, 128, 16) * 10
    assert torch.allclose(level(windows), level(windows + 12), atol=1e-4)


def test_what_is_too_quiet_is_not_seen() -> None:
    windows = one_band(5) - 0.0
    windows[:, :, 60:] = -200.0
    seen = level(windows)
    assert float(seen.max() - seen.min()) * 10 <= RANGE_DB + 1e-3
