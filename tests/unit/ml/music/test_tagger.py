import pytest
import torch

from ml.music.tagger import (
    EMBEDDING,
    PATCH_SAMPLES,
    RATE,
    TAGS,
    Tagger,
    TaggerSizes,
    tagger_input,
)
from ml.music.taxonomy import MSD_TAGS, MTT_TAGS

SMALL = TaggerSizes(timbral=(3, 2), temporal=(2, 1, 2))


def test_a_patch_of_three_seconds_has_187_frames_of_96_bands() -> None:
    assert tagger_input(torch.zeros(2, PATCH_SAMPLES)).shape == (2, 187, 96)


def test_the_loudest_possible_sound_stays_finite() -> None:
    square = torch.sign(torch.sin(torch.arange(RATE) * 0.05))[None]
    assert tagger_input(square).isfinite().all()


def test_silence_is_zero() -> None:
    assert tagger_input(torch.zeros(1, RATE)).abs().max() == 0


def test_a_wave_that_is_no_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="batch"):
        tagger_input(torch.zeros(RATE))


def test_every_patch_has_an_embedding_and_all_tags() -> None:
    found = Tagger(SMALL).eval()(torch.rand(2, 187, 96))
    assert found.embedding.shape == (2, EMBEDDING)
    assert found.tags.shape == (2, TAGS)


def test_patches_are_tagged_independently() -> None:
    tagger, patches = Tagger(SMALL).eval(), torch.rand(3, 187, 96)
    together = tagger(patches).tags[1]
    assert torch.allclose(together, tagger(patches[1:2]).tags[0], atol=1e-5)


def test_patches_of_another_height_are_refused() -> None:
    with pytest.raises(ValueError, match="96"):
        Tagger(SMALL)(torch.rand(1, 187, 95))


def test_both_vocabularies_name_every_output_once() -> None:
    assert len(set(MSD_TAGS)) == len(set(MTT_TAGS)) == TAGS
