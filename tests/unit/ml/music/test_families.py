import numpy as np

from ml.music.heads import LABELS, FamilyRule, genre_witness, label_witness, tag_witness
from ml.music.taxonomy import FAMILIES, MSD_TAGS, STYLES, TEN_GENRES

NAMES = tuple(sorted({name for said in LABELS.values() for name in said}))
AT = {family: column for column, family in enumerate(FAMILIES)}


def plain_rule() -> FamilyRule:
    count = len(FAMILIES)
    return FamilyRule(
        centre=np.zeros((count, 2), np.float32),
        scale=np.ones((count, 2), np.float32),
        slopes=np.ones((2, 3), np.float32),
        bias=np.zeros(count, np.float32),
    )


def test_a_genre_speaks_for_its_own_family_only() -> None:
    logits = np.zeros((1, 10), np.float32)
    logits[0, TEN_GENRES.index("jazz")] = 5
    said = genre_witness(logits)[0]
    assert said.argmax() == AT["jazz"]
    assert said[AT["folk"]] == 0


def test_a_label_speaks_for_its_family() -> None:
    labels = np.full((1, len(NAMES)), -3, np.float32)
    labels[0, NAMES.index("Folk")] = labels[0, NAMES.index("Singer-Songwriter")] = 3
    assert label_witness(labels, NAMES)[0, AT["folk"]] == 3


def test_tags_speak_for_families_without_a_label() -> None:
    tags = np.zeros((1, 100), np.float32)
    tags[0, MSD_TAGS.index("blues")] = 4
    assert tag_witness(tags)[0, AT["blues"]] == 4


def test_every_further_witness_makes_a_family_likelier() -> None:
    rule, none = plain_rule(), np.zeros((1, len(FAMILIES)), np.float32)
    logits = np.zeros((1, 10), np.float32)
    logits[0, TEN_GENRES.index("rock")] = 3
    one = rule(logits, none, none)[0, AT["rock"]]
    both = rule(logits, none + 1, none)[0, AT["rock"]]
    assert both > one > rule(np.zeros((1, 10), np.float32), none, none)[0, AT["rock"]]


def test_every_family_has_a_witness_and_every_style_a_family() -> None:
    labels, tags = label_witness(np.ones((1, len(NAMES))), NAMES), tag_witness(np.ones((1, 100)))
    own = np.array([family in TEN_GENRES for family in FAMILIES])
    assert (own | (labels[0] > 0) | (tags[0] > 0)).all()
    assert all(set(style.families) <= set(FAMILIES) for style in STYLES.values())
