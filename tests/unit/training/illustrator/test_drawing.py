from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from PIL import Image

from ml.avatar.detection import find_faces, looks_like_udonge, shows_udonge
from training.illustrator import STYLE_NAMES, Ears, Mood, Scene, draw, illustrate
from training.illustrator.drawing import silhouette


def test_a_seed_draws_the_same_picture_again_bit_for_bit() -> None:
    assert draw(7, 96).tobytes() == draw(7, 96).tobytes()


def test_another_seed_draws_another_picture() -> None:
    assert draw(7, 96).tobytes() != draw(8, 96).tobytes()


@pytest.mark.parametrize("side", [64, 256])
def test_a_drawing_is_square_and_in_colour(side: int) -> None:
    picture = draw(3, side)
    assert picture.shape == (side, side, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_a_larger_drawing_shows_the_same(name: str) -> None:
    large = Image.fromarray(draw(11, 256, name)).resize((64, 64), Image.Resampling.BOX)
    apart = np.abs(np.asarray(large, float) - draw(11, 64, name))
    assert apart.mean() < 12


def test_at_least_ten_styles_have_names_of_their_own() -> None:
    assert len(set(STYLE_NAMES)) == len(STYLE_NAMES) >= 10


@pytest.mark.slow
def test_the_seed_picks_every_style_about_as_often() -> None:
    picked = [illustrate(seed, 8).facts.style for seed in range(120)]
    assert min(picked.count(name) for name in STYLE_NAMES) > 2


def test_two_styles_draw_the_same_seed_quite_differently() -> None:
    pictures = [draw(21, 64, name).astype(float) for name in STYLE_NAMES]
    pairs = [(a, b) for i, a in enumerate(pictures) for b in pictures[:i]]
    assert min(np.abs(a - b).mean() for a, b in pairs) > 6


def test_a_style_is_named_in_whatever_case() -> None:
    assert np.array_equal(draw(5, 48, "Poster"), draw(5, 48, "poster"))


def test_an_unknown_style_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw(1, 64, "nobody")


@pytest.mark.parametrize("mood", Mood)
def test_the_same_seed_in_another_mood_is_the_same_girl(mood: Mood) -> None:
    one, other = illustrate(31, 128, mood=Mood.SMILE), illustrate(31, 128, mood=mood)
    rows = slice(0, 40)  # ears, crown and sky
    assert np.array_equal(one.pixels[rows], other.pixels[rows])
    same = replace(other.facts, mood=Mood.SMILE, eyes_open=one.facts.eyes_open)
    assert same == one.facts


def test_every_mood_is_another_face() -> None:
    faces = {illustrate(31, 128, mood=mood).pixels.tobytes() for mood in Mood}
    assert len(faces) == len(Mood)


def test_other_ears_leave_the_face_as_it_is() -> None:
    pictures = [illustrate(31, 128, ears=ears).pixels for ears in Ears]
    faces = {picture[80:100, 50:78].tobytes() for picture in pictures}
    assert len(faces) == 1
    assert len({picture.tobytes() for picture in pictures}) == len(Ears)


def test_another_scene_leaves_the_girl_where_she_is() -> None:
    facts = {replace(illustrate(31, 64, scene=scene).facts, scene=Scene.PLAIN) for scene in Scene}
    assert len(facts) == 1


def test_what_is_asked_for_is_what_the_facts_tell() -> None:
    facts = illustrate(
        9, 64, style="ink", mood=Mood.POUT, ears=Ears.DROOPING, scene=Scene.SNOW
    ).facts
    assert (facts.style, facts.mood, facts.ears, facts.scene) == (
        "ink", Mood.POUT, Ears.DROOPING, Scene.SNOW,
    )  # fmt: skip


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        illustrate(9, 16).facts.seed = 1  # type: ignore[misc]


def test_a_wink_shuts_one_eye_and_closed_eyes_are_two() -> None:
    wink = illustrate(12, 32, mood=Mood.WINK).facts.eyes_open
    assert min(wink) == 0 < max(wink)
    assert illustrate(12, 32, mood=Mood.CLOSED).facts.eyes_open == (0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_the_facts_point_at_red_eyes_left_and_right_of_the_face(seed: int) -> None:
    drawing = illustrate(seed, 256, mood=Mood.SURPRISE, scene=Scene.SKY)
    (left, right), mouth = drawing.facts.eyes, drawing.facts.mouth
    assert left[0] < mouth[0] + 0.05
    assert right[0] > mouth[0] - 0.05
    assert mouth[1] > max(left[1], right[1])
    for (x, y), (wide, high) in zip((left, right), drawing.facts.eye_sizes, strict=True):
        rows = slice(int(256 * (y - high / 4)), int(256 * (y + high / 2)))
        columns = slice(int(256 * (x - wide / 4)), int(256 * (x + wide / 4)))
        red, green, _ = drawing.pixels[rows, columns].reshape(-1, 3).mean(0)
        assert red > green + 25


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_the_roots_of_the_ears_and_most_of_them_are_in_the_frame(name: str) -> None:
    for seed in range(6):
        facts = illustrate(seed, 8, style=name).facts
        for (x, y), tip in zip(facts.ear_roots, facts.ear_tips, strict=True):
            assert 0.15 < x < 0.85
            assert 0.1 < y < 0.5
            assert tip[1] > -0.16


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_a_face_in_every_style_is_found_and_is_hers(name: str) -> None:
    found = (find_faces(Image.fromarray(draw(seed, 256, name))) for seed in (1, 3, 5))
    assert any(looks_like_udonge(face) for faces in found for face in faces)


@pytest.fixture(scope="module")
def many() -> list[Image.Image]:
    """Two hundred drawings that no other test and no training has seen."""
    return [Image.fromarray(draw(seed)) for seed in range(500_000, 500_200)]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nearly_every_face_is_found(many: list[Image.Image]) -> None:
    assert sum(bool(find_faces(picture)) for picture in many) >= 196


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nearly_every_face_is_hers(many: list[Image.Image]) -> None:
    assert sum(shows_udonge(picture) for picture in many) >= 190


def test_a_silhouette_covers_her_and_leaves_the_corners() -> None:
    covered = silhouette(3, 128)
    assert covered.shape == (128, 128)
    assert covered[80, 64] == 1
    assert covered[0, 0] == covered[0, -1] == 0
