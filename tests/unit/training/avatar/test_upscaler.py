from pathlib import Path

import pytest
import torch

from ml.avatar.conditioned import SCALE, FourfoldUpscaler, Sizes, enlarged
from training.avatar.upscaler import (
    Losses,
    PairUpscalerTraining,
    PatchDiscriminator,
    gradient_distance,
    load_upscaler,
)

TINY = Sizes(width=8, blocks=1, middle=8, last=8)


def training(**given: float) -> PairUpscalerTraining:
    drawn = {"fresh": 0, "pool": 2} | given
    return PairUpscalerTraining(sizes=TINY, batch=2, crop=16, **drawn)  # type: ignore[arg-type]


def test_an_untrained_network_enlarges_plainly() -> None:
    small = torch.rand(2, 3, 12, 12) * 2 - 1
    assert torch.equal(FourfoldUpscaler(TINY)(small), enlarged(small))


def test_it_enlarges_fourfold_at_any_side() -> None:
    for side in (9, 16):
        large = FourfoldUpscaler(TINY)(torch.zeros(1, 3, side, side))
        assert large.shape == (1, 3, SCALE * side, SCALE * side)


def test_the_default_network_has_about_a_million_weights() -> None:
    count = sum(each.numel() for each in FourfoldUpscaler().parameters())
    assert 600_000 < count < 1_200_000


def test_gradient_distance_is_nothing_for_the_same_picture_and_much_for_a_blurred_one() -> None:
    sharp = torch.rand(1, 3, 16, 16)
    blurred = torch.nn.functional.avg_pool2d(sharp, 3, 1, 1)
    assert gradient_distance(sharp, sharp) == 0
    assert gradient_distance(blurred, sharp) > 0.2


def test_the_discriminator_scores_patches() -> None:
    assert PatchDiscriminator(8)(torch.zeros(2, 3, 64, 64)).shape == (2, 1, 8, 8)


def test_a_step_at_a_rate_changes_the_upscaler_and_one_without_leaves_it() -> None:
    for rate in (2e-3, 0.0):
        trained = training(rate=rate)
        before = [weights.detach().clone() for weights in trained.model.parameters()]
        assert isinstance(trained.advance(0.0), Losses)
        after = list(trained.model.parameters())
        changed = any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
        assert changed == (rate > 0)


def test_the_discriminator_takes_no_part_in_the_first_third() -> None:
    early, late = training().advance(0.2), training().advance(0.6)
    assert (early.adversarial, early.discriminator) == (0, 0)
    assert late.discriminator > 0


def test_what_is_saved_enlarges_as_the_average_did(tmp_path: Path) -> None:
    one, file = training(), tmp_path / "upscaler.safetensors"
    one.advance(0.0)
    one.save(file)
    small = torch.rand(1, 3, 8, 8)
    loaded = load_upscaler(file)
    assert loaded.sizes == TINY
    assert torch.equal(loaded(small), one.average.eval()(small))


def test_a_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    one, file = training(), tmp_path / "upscaler.safetensors"
    one.advance(0.0)
    one.save(file)
    other = training()
    other.resume(file)
    assert other.step == 1
    small = torch.rand(1, 3, 8, 8)
    assert torch.equal(other.model(small), one.model(small))


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(KeyError):
        load_upscaler(tmp_path / "other.safetensors")
