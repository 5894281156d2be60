import numpy as np

from bot.rendering.palette import LIGHTNESS, moonrise
from tests.unit.bot.rendering.test_palette import seen


def test_moonrise_gets_lighter_evenly_from_end_to_end() -> None:
    lightness = np.array([seen(tuple(rgb), "normal")[0] for rgb in moonrise().tolist()])
    ideal = np.linspace(*LIGHTNESS, 256)
    assert np.abs(lightness - ideal).max() < 0.012


def test_equal_steps_look_about_equal() -> None:
    colours = np.array([seen(tuple(rgb), "normal") for rgb in moonrise()[::16].tolist()])
    steps = np.linalg.norm(np.diff(colours, axis=0), axis=1)
    assert steps.max() / steps.min() < 1.7


def test_moonrise_cannot_be_changed_by_a_caller() -> None:
    assert not moonrise().flags.writeable
