"""Choosing what a conditioned portrait shows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ml.avatar.checkpoint import load_model, save_model
from ml.avatar.inference import LARGE, PortraitModel
from ml.avatar.latents import TraitBank, UnknownChoiceError, settled
from ml.avatar.traits import BLOCK, KINDS, OPTIONS, TRAIT, TRAITS
from tests.unit.ml.avatar.tiny import tiny_conditioned, tiny_portrait_model


@pytest.fixture(scope="module")
def portrait_model() -> PortraitModel:
    return PortraitModel(tiny_conditioned())


@pytest.fixture(scope="module")
def bank() -> TraitBank:
    chosen = tiny_conditioned().choices
    assert chosen is not None
    return chosen


def test_blocks_and_traits_cover_every_number_once() -> None:
    places = sorted((place.start, place.stop) for place in TRAIT.values())
    assert places[0][0] == 0
    assert places[-1][1] == TRAITS
    assert all(before[1] == after[0] for before, after in pairwise(places))
    assert sum(place.stop - place.start for place in BLOCK.values()) == TRAITS


@pytest.mark.parametrize("group", OPTIONS)
def test_every_option_is_shown_when_it_is_chosen(bank: TraitBank, group: str) -> None:
    for seed, option in enumerate(OPTIONS[group]):
        chosen = bank.choose(bank.draw(seed), seed, {group: option})
        assert bank.shown(chosen)[group] == option


def test_another_mood_changes_the_mood_alone(bank: TraitBank) -> None:
    latent = bank.draw(5)
    other = "wink" if bank.shown(latent)["mood"] != "wink" else "shy"
    changed = np.flatnonzero(bank.choose(latent, 5, {"mood": other}) != latent)
    assert BLOCK["mood"].start <= changed.min() <= changed.max() < BLOCK["mood"].stop


def test_choices_do_not_depend_on_their_order(bank: TraitBank) -> None:
    one = bank.choose(bank.draw(3), 3, {"mood": "pout", "scene": "snow"})
    other = bank.choose(bank.choose(bank.draw(3), 3, {"scene": "snow"}), 3, {"mood": "pout"})
    assert np.array_equal(one, other)


def test_a_seed_draws_the_same_and_another_seed_another(bank: TraitBank) -> None:
    assert np.array_equal(bank.draw(-7), bank.draw(-7))
    assert len(np.unique([bank.draw(seed) for seed in range(40)], axis=0)) == 40


def test_what_is_unknown_is_refused(bank: TraitBank) -> None:
    for choices in ({"mood": "furious"}, {"hat": "red"}):
        with pytest.raises(UnknownChoiceError, match=r"furious|hat"):
            bank.choose(bank.draw(1), 1, choices)
    older = tiny_portrait_model()
    with pytest.raises(UnknownChoiceError):
        older.choose(older.latents([1])[0], 1, {"mood": "wink"})


def test_an_older_model_offers_nothing(portrait_model: PortraitModel) -> None:
    assert tiny_portrait_model().options == {}
    assert portrait_model.options == OPTIONS


def test_settling_leaves_one_of_each_kind_and_one_direction() -> None:
    latents = settled(np.random.default_rng(0).normal(size=(5, TRAITS)).astype(np.float32))
    for name in KINDS:
        assert (np.sort(latents[:, TRAIT[name]], axis=1)[:, -2:] == [0, 1]).all()
    assert set(np.abs(latents[:, TRAIT["facing"]]).ravel()) == {1.0}


def test_variations_keep_every_kind_and_are_nearer_than_strangers(
    portrait_model: PortraitModel,
) -> None:
    latent = portrait_model.latents([1])[0]
    varied = portrait_model.vary(latent, [2, 3], 0.35)
    for name in (*KINDS, "facing"):
        assert (varied[:, TRAIT[name]] == latent[TRAIT[name]]).all()
    strangers = portrait_model.latents([2, 3])
    assert 0 < abs(varied - latent).mean() < abs(strangers - latent).mean()
    assert np.array_equal(portrait_model.vary(latent, [2], 0.0)[0], latent)


def test_a_morph_between_girls_who_face_each_other_keeps_its_ends(
    portrait_model: PortraitModel,
) -> None:
    a, b = portrait_model.latents([1, 2])
    b = b.copy()
    a[TRAIT["facing"]], b[TRAIT["facing"]] = -1, 1
    way = portrait_model.morph(a, b, 5)
    assert (way[0] == a).all()
    assert (way[-1] == b).all()


def test_turning_round_mirrors_the_picture(portrait_model: PortraitModel) -> None:
    latent = portrait_model.latents([4])
    left, right = latent.copy(), latent.copy()
    left[:, TRAIT["facing"]], right[:, TRAIT["facing"]] = -1, 1
    core = [portrait_model._drawn(each, finished=False)[0] for each in (left, right)]
    assert np.array_equal(core[0], core[1][:, ::-1])


def test_what_is_saved_draws_and_chooses_as_before(tmp_path: Path) -> None:
    saved = save_model(tiny_conditioned(), tmp_path / "conditioned.safetensors")
    one, other = (
        PortraitModel(saved),
        PortraitModel(load_model(tmp_path / "conditioned.safetensors")),
    )
    assert np.array_equal(one.latents([1, 2]), other.latents([1, 2]))
    chosen = [m.choose(m.latents([1])[0], 1, {"ears": "odd"}) for m in (one, other)]
    assert np.array_equal(one.draw(chosen[0][None]), other.draw(chosen[1][None]))
    assert other.options == OPTIONS


def test_full_size_is_the_same_for_every_model(portrait_model: PortraitModel) -> None:
    for each in (portrait_model, tiny_portrait_model()):
        picture = each.draw(each.latents([1]))[0]
        assert each.enlarge(picture).shape == (LARGE, LARGE, 3)


def test_a_picture_is_read_as_decided_traits(portrait_model: PortraitModel) -> None:
    dice = np.random.default_rng(0)
    read = portrait_model.encode(dice.integers(0, 256, (2, 40, 40, 3), dtype=np.uint8))
    assert np.array_equal(read, settled(read))
    between = portrait_model.blend(read[0], read[1], [0.4])
    assert np.array_equal(between, settled(between))
