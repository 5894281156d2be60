import pytest
import torch

from ml.music.picture_network import (
    STACKED_SHARE,
    PictureNetwork,
    PictureSizes,
    StackedNetwork,
    StackedSizes,
    answers_together,
)

SIZES = PictureSizes(bands=20, filters=4, columns=(1, 3), embedding=8, heads={"a": 3, "b": 5})


def test_every_head_answers_and_the_vector_is_beside_them() -> None:
    out = PictureNetwork(SIZES).eval()(torch.rand(2, 20, 9) * -80)
    assert {name: tuple(value.shape) for name, value in out.items()} == {
        "a": (2, 3),
        "b": (2, 5),
        "vector": (2, 8),
    }


def test_a_picture_narrower_than_the_widest_filter_is_read_too() -> None:
    assert PictureNetwork(SIZES).eval().answers(torch.rand(4, 20, 1) * -80)["a"].isfinite().all()


def test_pictures_of_another_height_are_refused() -> None:
    with pytest.raises(ValueError, match="20"):
        PictureNetwork(SIZES)(torch.rand(1, 19, 9))


def test_hidden_bands_only_matter_in_training() -> None:
    network = PictureNetwork(SIZES).eval()
    picture = torch.rand(1, 20, 9) * -80
    assert torch.equal(network(picture)["a"], network(picture)["a"])


STACKED = StackedSizes(bands=20, filters=(3, 4), embedding=6, heads={"a": 3, "b": 5})


def test_stacked_convolutions_answer_every_head_and_give_a_vector() -> None:
    out = StackedNetwork(STACKED).eval()(torch.rand(2, 20, 9) * -80)
    assert {name: tuple(value.shape) for name, value in out.items()} == {
        "a": (2, 3),
        "b": (2, 5),
        "vector": (2, 6),
    }


def test_stacked_convolutions_read_pictures_of_any_width() -> None:
    network = StackedNetwork(STACKED).eval()
    for width in (1, 2, 3, 50):
        assert network.answers(torch.rand(4, 20, width) * -80)["a"].isfinite().all()


def test_both_networks_together_answer_once_and_both_vectors() -> None:
    one, other = PictureNetwork(SIZES).eval(), StackedNetwork(STACKED).eval()
    pictures = torch.rand(4, 20, 12) * -80
    together = answers_together(one, other, pictures)
    apart = one.answers(pictures)["a"], other.answers(pictures[::2])["a"]
    weighed = (1 - STACKED_SHARE) * apart[0] + STACKED_SHARE * apart[1]
    assert torch.allclose(together["a"], weighed, atol=1e-5)
    assert together["vector"].shape == (8 + 6,)
