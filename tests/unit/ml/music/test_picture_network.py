import pytest
import torch

from ml.music.picture_network import PictureNetwork, PictureSizes

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
