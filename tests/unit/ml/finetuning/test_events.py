"""What a lesson's process writes is what the bot reads."""

from pathlib import Path

import pytest

from ml.finetuning.events import (
    Done,
    Event,
    Failed,
    PortraitCard,
    Stopped,
    TrainingProgress,
    decode,
    encode,
)
from ml.music.genre_head import GenreCard


@pytest.mark.parametrize(
    "event",
    [
        TrainingProgress(3, 9, 12.0, {"unseen": 0.5}, Path("sheets") / "3.png"),
        TrainingProgress(0, 9),
        Done(Path("weights"), PortraitCard("udonge-1-0123abcd", 40, 0.1, 0.4)),
        Done(Path("head"), GenreCard("music2vector-2", 12, interval=(0.5, 0.9), score=0.7)),
        Done(Path("weights")),
        Stopped(Path("weights.resume")),
        Failed("memory", "12 GB"),
    ],
)
def test_every_event_is_read_as_it_was_written(event: Event) -> None:
    assert decode(encode(event)) == event


@pytest.mark.parametrize(
    "line", ["", "a library's chatter", "[1, 2]", "7", '{"event": "new"}', '{"event": "failed"}']
)
def test_any_other_line_is_no_event(line: str) -> None:
    assert decode(line.encode()) is None


def test_cards_of_version_0_1_are_read() -> None:
    assert PortraitCard.from_json({"painter": "udonge-1", "pictures": 40}) == PortraitCard(
        "udonge-1", 40
    )
    assert GenreCard.from_json({"ear": "ear-1", "songs": 9, "named_right": None}) == GenreCard(
        "ear-1", 9
    )
