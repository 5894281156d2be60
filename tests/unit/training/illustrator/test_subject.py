from training.illustrator.styles import STYLES, style_named
from training.illustrator.subject import (
    Clothes,
    Cut,
    Ears,
    Fringe,
    Gesture,
    Mood,
    Mouth,
    Ornament,
    Scene,
    Subject,
    sit,
)


def sittings(count: int) -> list[Subject]:
    return [sit(seed, STYLES[0], None, None, None) for seed in range(count)]


def test_everything_she_may_do_comes_up() -> None:
    seen = sittings(800)
    assert {each.mood for each in seen} == set(Mood)
    assert {each.ears for each in seen} == set(Ears)
    assert {each.scene for each in seen} == set(Scene)
    assert {each.cut for each in seen} == set(Cut)
    assert {each.fringe for each in seen} == set(Fringe)
    assert {each.clothes for each in seen} == set(Clothes)
    assert {each.ornament for each in seen} == set(Ornament)
    assert {each.gesture for each in seen} == set(Gesture)
    assert {each.expression.mouth for each in seen} == set(Mouth)


def test_she_looks_to_both_sides_about_as_often() -> None:
    left = sum(each.facing < 0 for each in sittings(400))
    assert 150 < left < 250


def test_another_style_keeps_the_pose() -> None:
    one, other = (sit(4, style_named(name), None, None, None) for name in ("cel", "chibi"))
    assert (one.yaw, one.tilt, one.facing, one.cut) == (
        other.yaw,
        other.tilt,
        other.facing,
        other.cut,
    )


def test_only_lunacy_glows() -> None:
    glowing = {each.mood for each in sittings(300) if each.expression.glow}
    assert glowing == {Mood.LUNATIC}
