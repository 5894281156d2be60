"""Spoilt songs and pictures: each is heard, seen or refused by name, and nothing gets out."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.doors import (
    AUDIO_LIMITS,
    MEGABYTE,
    PICTURE_WALL_SECONDS,
    SLACK_SECONDS,
    try_audio,
    try_pictures,
)
from tests.fuzz.hunt import Findings, require_calm
from tests.fuzz.listener import forbidden_port
from tests.fuzz.mutations import MUTATIONS, Mutation, spoilt
from tests.fuzz.seeds import pictures, songs

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/limits").exists(), reason="looks at children through /proc"
)


@pytest.mark.parametrize(
    ("attempt", "count", "seconds"),
    [
        (try_audio, 120, AUDIO_LIMITS.wall_seconds),
        (try_pictures, 24, PICTURE_WALL_SECONDS),
        pytest.param(try_audio, 1_000, AUDIO_LIMITS.wall_seconds, marks=pytest.mark.slow),
        pytest.param(try_pictures, 200, PICTURE_WALL_SECONDS, marks=pytest.mark.slow),
    ],
)
@pytest.mark.timeout(1_200)
def test_spoilt_files_are_refused_by_name_and_open_nothing(
    attempt: Callable[[int, int, str], Findings], count: int, seconds: float
) -> None:
    with forbidden_port() as (address, callers):
        found = attempt(count, 1, address)
    assert require_calm(found, seconds + SLACK_SECONDS, 64 * MEGABYTE) == []
    assert callers == []
    assert sum(found.outcomes.values()) == count
    assert len(found.outcomes) > 1  # not all were refused for the same reason


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: str(mutation.__name__))
def test_a_mutation_can_be_repeated_and_does_spoil(mutation: Mutation) -> None:
    data = songs()["wav"][:5_000]
    first = [mutation(data, Random(number)) for number in range(20)]
    assert first == [mutation(data, Random(number)) for number in range(20)]
    assert any(each != data for each in first)


def test_every_seed_is_a_file_of_its_own() -> None:
    seeds = [*songs().values(), *pictures().values()]
    assert len(set(seeds)) == len(seeds)
    assert len(spoilt(seeds[0], seeds, Random(0))) > 0
