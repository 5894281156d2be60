from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.audio.excerpts import Excerpts
from ml.music.hearing import Verdict
from ml.music.song_checkpoint import MusicModelError, load_song_model, save_song_model
from ml.music.song_model import MusicModel, verdict
from ml.music.taxonomy import DRILL_N_BASS, TEN_GENRES
from tests.unit.ml.music.tiny_song_model import excerpts_of, tiny_song_checkpoint

NUMBERS = {"family_sure": 0.5, "style_sure": 0.5, "style_likely": 0.2}


@pytest.fixture(scope="module")
def model() -> MusicModel:
    return MusicModel(tiny_song_checkpoint())


def test_the_mean_of_the_timeline_is_the_answer(model: MusicModel) -> None:
    found = model.hear(excerpts_of())
    over_time = dict(zip(TEN_GENRES, found.timeline.genres.mean(axis=0), strict=True))
    assert found.genres == pytest.approx(over_time, abs=1e-3)
    means = {name: shares.mean() for name, shares in found.timeline.shares.items()}
    assert {**found.families, **found.styles} == pytest.approx(means, abs=1e-3)


def test_every_window_has_a_vector_of_unit_length(model: MusicModel) -> None:
    found = model.hear(excerpts_of(6))
    assert found.timeline.vectors.shape == (6, found.vector.size)
    assert np.linalg.norm(found.timeline.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (found.timeline.vectors @ found.vector).min() > 0.5


def test_genres_sum_to_one_and_everything_else_is_a_probability(model: MusicModel) -> None:
    found = model.hear(excerpts_of())
    assert sum(found.genres.values()) == pytest.approx(1, abs=1e-5)
    assert sum(found.kinds.values()) == pytest.approx(1, abs=1e-5)
    for answers in (found.families, found.styles, found.tags):
        assert all(0 <= value <= 1 for value in answers.values())


def test_a_songs_findings_do_not_depend_on_what_was_heard_before(model: MusicModel) -> None:
    alone = model.hear(excerpts_of(seed=1))
    model.hear(excerpts_of(seed=2))
    afterwards = model.hear(excerpts_of(seed=1))
    assert alone.genres == afterwards.genres
    assert np.array_equal(alone.vector, afterwards.vector)


@pytest.mark.parametrize("decibels", [-30, -6, 6])
def test_a_song_is_heard_alike_however_loud_it_is(model: MusicModel, decibels: int) -> None:
    song, gain = excerpts_of(), np.float32(10 ** (decibels / 20))
    other = replace(song, windows=gain * song.windows, passage=gain * song.passage)
    one, two = model.hear(song), model.hear(other)
    assert two.genres == pytest.approx(one.genres, abs=1e-3)
    assert float(one.vector @ two.vector) > 0.9999


def test_vectors_have_unit_length_and_their_parts_add_up(model: MusicModel) -> None:
    one, other = (
        model.hear(excerpts).vector for excerpts in (excerpts_of(seed=1), excerpts_of(4, seed=2))
    )
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    alike = model.scale.compare(one, other)
    assert sum(alike.shares.values()) == pytest.approx(float(one @ other), abs=1e-5)
    assert 0 <= alike.percent <= 100


def test_windows_of_one_second_are_heard_through_the_passage(model: MusicModel) -> None:
    short = excerpts_of(seconds_a_window=1.0)
    found = model.hear(short)
    assert found.timeline.starts[0] == short.passage_start
    assert np.isfinite(found.vector).all()


def test_a_sound_of_half_a_second_is_heard_too(model: MusicModel) -> None:
    wave = excerpts_of().passage[:11_025]
    found = model.hear(Excerpts(wave[None], (0.0,), 0.5, wave, 0.0))
    assert np.isfinite(list(found.genres.values())).all()
    assert found.key is None


def test_what_is_saved_hears_the_same(tmp_path: Path) -> None:
    checkpoint = tiny_song_checkpoint()
    save_song_model(checkpoint, tmp_path / "model.safetensors")
    again = load_song_model(tmp_path / "model.safetensors")
    assert again.card == checkpoint.card
    found, same = (MusicModel(c).hear(excerpts_of()) for c in (checkpoint, again))
    assert found.genres == pytest.approx(same.genres)
    assert np.allclose(found.vector, same.vector)


def test_the_name_changes_with_the_weights(tmp_path: Path) -> None:
    for seed in (0, 1):
        save_song_model(tiny_song_checkpoint(seed), tmp_path / f"{seed}.safetensors")
    names = {load_song_model(tmp_path / f"{seed}.safetensors").name for seed in (0, 1)}
    assert len(names) == 2


def test_what_is_no_song_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    with pytest.raises(MusicModelError, match="junk"):
        load_song_model(tmp_path / "junk.safetensors")
    with pytest.raises(MusicModelError, match="missing"):
        load_song_model(tmp_path / "missing.safetensors")


def said(
    families: dict[str, float], styles: dict[str, float], drill_n_bass: float = 0.0
) -> Verdict:
    return verdict(_ranked(families), _ranked(styles), drill_n_bass, NUMBERS)


def _ranked(shares: dict[str, float]) -> dict[str, float]:
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def test_a_style_is_said_only_within_its_family() -> None:
    found = said({"electronic": 0.8, "rock": 0.1}, {"techno": 0.3, "surf": 0.9})
    assert found == Verdict(("electronic",), "techno", False, ("techno",))


def test_a_sure_style_is_said_as_sure() -> None:
    assert said({"electronic": 0.8}, {"house": 0.7}).sure_of_style


def test_the_likeliest_style_is_said_where_others_would_not_be_listed() -> None:
    found = said({"electronic": 0.8}, {"techno": 0.15, "house": 0.12})
    assert found == Verdict(("electronic",), "techno", False, ("techno",))


def test_a_family_may_ask_more_of_its_styles() -> None:
    assert said({"hiphop": 0.9}, {"rap": 0.4}).style is None
    assert said({"hiphop": 0.9}, {"rap": 0.6}).style == "rap"


def test_several_families_are_sure_at_once_with_the_styles_of_each() -> None:
    found = said({"soundtrack": 0.9, "electronic": 0.6}, {"techno": 0.8, "new_age": 0.4})
    assert found.families == ("soundtrack", "electronic")
    assert (found.style, found.styles) == ("new_age", ("new_age", "techno"))


def test_experimental_is_said_first_only_where_no_other_family_is_sure() -> None:
    found = said({"experimental": 0.9, "soundtrack": 0.7}, {"new_age": 0.4})
    assert (found.families, found.style) == (("soundtrack", "experimental"), "new_age")
    assert said({"experimental": 0.9, "soundtrack": 0.4}, {}).family == "experimental"


def test_no_family_is_said_where_none_is_sure() -> None:
    assert said({"electronic": 0.4}, {"techno": 0.9}) == Verdict()


@pytest.mark.parametrize(
    ("family", "style", "rhythm", "agree"),
    [
        ("electronic", "drum_and_bass", 0.8, True),
        ("electronic", "drum_and_bass", 0.2, False),
        ("electronic", "house", 0.8, False),
        ("rock", "drum_and_bass", 0.8, False),
    ],
    ids=["both", "only the style", "only the rhythm", "another family"],
)
def test_drill_n_bass_is_said_where_rhythm_and_style_agree(
    family: str, style: str, rhythm: float, agree: bool
) -> None:
    assert (said({family: 0.9}, {style: 0.6}, rhythm).style == DRILL_N_BASS) is agree


def test_what_is_no_music_gets_no_family() -> None:
    checkpoint = tiny_song_checkpoint()
    kinds = replace(checkpoint.heads["kinds"], bias=np.array([0, 9, 0, 0], np.float32))
    speech = MusicModel(replace(checkpoint, heads={**checkpoint.heads, "kinds": kinds}))
    found = speech.hear(excerpts_of())
    assert (found.kind, found.verdict, found.genre) == ("speech", Verdict(), None)


def test_a_sound_too_short_for_a_verdict_gets_no_family(model: MusicModel) -> None:
    found = model.hear(replace(excerpts_of(), seconds_of_sound=1.0))
    assert found.verdict == Verdict()


def test_no_key_is_named_where_none_is_clear() -> None:
    checkpoint = tiny_song_checkpoint()
    unsure = replace(checkpoint, numbers={**checkpoint.numbers, "key_sure": 1.1})
    assert MusicModel(unsure).hear(excerpts_of()).key is None


def test_listening_needs_no_gradients(model: MusicModel) -> None:
    assert torch.is_grad_enabled()
    model.hear(excerpts_of())
    assert all(
        not p.requires_grad or p.grad is None for p in tiny_song_checkpoint().msd.parameters()
    )
