from pathlib import Path

import pytest
import torch
from torch.nn import functional

from ml.avatar.conditioned import SCALE, FourfoldUpscaler, Sizes, StyleMarks, enlarged
from ml.avatar.layout import FaceLayout
from ml.avatar.traits import TRAIT
from training.avatar.upscaler import (
    Losses,
    PairUpscalerTraining,
    PatchDiscriminator,
    gradient_distance,
    load_upscaler,
)
from training.illustrator.pairs import LARGE, pair
from training.illustrator.styles import STYLE_NAMES
from training.illustrator.traits import traits_of

PENCIL = STYLE_NAMES.index("pencil")
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


@pytest.mark.parametrize(("style", "plane"), [("manga", 0), ("pencil", 1)])
def test_marks_lie_where_the_illustrator_makes_them(style: str, plane: int) -> None:
    number = STYLE_NAMES.index(style)
    seeds = [seed for seed in range(60) if traits_of(seed)[TRAIT["style"]][number]][:3]
    for seed in seeds:
        light = torch.from_numpy(pair(seed).large).float().mean(2)[None]
        fine = light - functional.avg_pool2d(light, 9, 1, 4, count_include_pad=False)
        marks = StyleMarks.of(FaceLayout(128), torch.from_numpy(traits_of(seed))[None], LARGE)
        there = marks.planes[0, plane]
        met = [float((fine[0].roll(by, 1) * there).mean()) for by in range(-3, 4)]
        assert met[3] == min(met)
        assert met[3] < -0.5  # darker on the marks


def test_paper_is_the_same_in_drawings_and_in_what_is_told_of_it() -> None:
    seed = next(seed for seed in range(60) if traits_of(seed)[TRAIT["style"]][PENCIL])
    marks = StyleMarks.of(FaceLayout(128), torch.from_numpy(traits_of(seed))[None], LARGE)
    there = marks.planes[0, 3]
    light = torch.from_numpy(pair(seed).large).float().mean(2)[None]
    fine = (light - functional.avg_pool2d(light, 5, 1, 2))[0, 8:40, 8:40]
    met = [
        float(torch.corrcoef(torch.stack([fine.flatten(), tooth.flatten()]))[0, 1])
        for tooth in (there[8:40, 8:40], there[48:80, 48:80])
    ]
    assert met[0] < -0.25  # the hills are darker
    assert abs(met[1]) < 0.1  # of another place of the sheet


def test_who_knows_nothing_of_styles_yet_draws_the_same_with_them() -> None:
    upscaler, small = FourfoldUpscaler(TINY), torch.rand(1, 3, 16, 16) * 2 - 1
    marks = StyleMarks.of(FaceLayout(16), torch.from_numpy(traits_of(1))[None], SCALE * 16)
    assert torch.equal(upscaler(small, marks), upscaler(small))


def test_a_cut_and_a_mirror_of_marks_are_those_of_the_patch() -> None:
    marks = StyleMarks.of(FaceLayout(16), torch.from_numpy(traits_of(1))[None], 64)
    patch = marks.cut(8, 16, 24).mirrored()
    assert torch.equal(patch.planes[0, :, 3, 5], marks.planes[0, :, 19, 26])
    assert StyleMarks.joined([patch, patch]).styles.shape == (2, len(STYLE_NAMES))
