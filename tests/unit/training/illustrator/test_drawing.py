import numpy as np
import pytest
from PIL import Image

from ml.avatar.detection import SELF_TEST, find_faces, looks_like_udonge, shows_udonge
from training.illustrator import HANDS, draw
from training.illustrator.curves import turned
from training.illustrator.drawing import EYES_AT, HEADS_ACROSS
from training.illustrator.ears import ears_of
from training.illustrator.subject import Clothes, Ear, Lids, Mouth, Season, sit

NAMES = [hand.name for hand in HANDS]


def test_a_seed_draws_the_same_picture_again_bit_for_bit() -> None:
    assert draw(7, 96).tobytes() == draw(7, 96).tobytes()


def test_the_illustrator_still_draws_what_it_drew_when_models_learned_from_it() -> None:
    with Image.open(SELF_TEST) as shipped:
        apart = np.abs(np.asarray(shipped, float) - draw(103, 128, "Poster"))
    assert apart.mean() < 1


def test_another_seed_draws_another_picture() -> None:
    assert draw(7, 96).tobytes() != draw(8, 96).tobytes()


@pytest.mark.parametrize("side", [64, 256])
def test_a_drawing_is_square_and_in_colour(side: int) -> None:
    picture = draw(3, side)
    assert picture.shape == (side, side, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("name", NAMES)
def test_a_larger_drawing_shows_the_same(name: str) -> None:
    large = Image.fromarray(draw(11, 256, name)).resize((64, 64), Image.Resampling.BOX)
    apart = np.abs(np.asarray(large, float) - draw(11, 64, name))
    assert apart.mean() < 12


def test_at_least_eight_hands_have_names_of_their_own() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 8


def test_the_seed_picks_every_hand_about_as_often() -> None:
    picked = [int(np.random.default_rng(seed).integers(len(HANDS))) for seed in range(1000)]
    assert np.bincount(picked, minlength=len(HANDS)).min() > 60


def test_two_hands_draw_the_same_seed_quite_differently() -> None:
    pictures = [draw(21, 64, name).astype(float) for name in NAMES]
    pairs = [(a, b) for i, a in enumerate(pictures) for b in pictures[:i]]
    assert min(np.abs(a - b).mean() for a, b in pairs) > 8


def test_an_unknown_hand_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw(1, 64, "Nobody")


@pytest.mark.parametrize("name", NAMES)
def test_a_face_by_every_hand_is_found_and_is_hers(name: str) -> None:
    faces = [find_faces(Image.fromarray(draw(seed, 256, name)))[0] for seed in (1, 3)]
    assert any(looks_like_udonge(face) for face in faces)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nearly_every_face_is_found_and_is_hers() -> None:
    pictures = [Image.fromarray(draw(seed)) for seed in range(500_000, 500_200)]
    assert sum(bool(find_faces(picture)) for picture in pictures) >= 196
    assert sum(shows_udonge(picture) for picture in pictures) >= 190


@pytest.mark.parametrize("hand", HANDS, ids=NAMES)
def test_ears_stay_inside_the_frame(hand: object) -> None:
    for seed in range(60):
        subject = sit(np.random.default_rng(seed), hand)  # type: ignore[arg-type]
        ears = np.vstack([ear.outer for ear in ears_of(subject)])
        ears = turned(ears, subject.tilt, (0, 0.9))
        assert ears[:, 1].min() > -EYES_AT * HEADS_ACROSS
        assert np.abs(ears[:, 0]).max() < HEADS_ACROSS / 2


def test_everything_she_may_do_comes_up() -> None:
    rng = np.random.default_rng(0)
    sittings = [sit(rng, HANDS[0]) for _ in range(1500)]
    assert {each.lids for each in sittings} == set(Lids)
    assert {each.mouth for each in sittings} == set(Mouth)
    assert {each.clothes for each in sittings} == set(Clothes)
    assert {each.season for each in sittings} == set(Season)
    assert {ear for each in sittings for ear in each.ears} == set(Ear)
