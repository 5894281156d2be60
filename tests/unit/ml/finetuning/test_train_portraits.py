from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from ml.avatar.inference import PortraitModel
from ml.finetuning import portrait_lesson as lesson
from ml.finetuning.events import Lines, State
from ml.finetuning.train_portraits import main
from tests.unit.ml.avatar.drawings import folder_of_discs
from tests.unit.ml.avatar.tiny import tiny_weights


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_weights(tmp_path / "base.safetensors")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return folder_of_discs(tmp_path / "crops", 26)


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def run(pictures: Path, base: Path, recipe: str, steps: int, *more: str) -> int:
    out = pictures.parent / "new.safetensors"
    words = f"--pictures {pictures} --base {base} --recipe {recipe} --out {out} --steps {steps}"
    return main([*words.split(), "--events", "--threads", "1", *more])


def test_trains_a_folder_and_tells_of_it(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(pictures, base, "default", 2, "--name", "discs") == 0
    told = events(capsys)
    assert [event["event"] for event in told] == ["progress"] * 6 + ["done"]
    assert told[0]["steps"] >= told[0]["step"] >= 0
    with Image.open(told[-2]["sheet"]) as sheet:
        assert sheet.width == 8 * 192
    assert PortraitModel.load(Path(told[-1]["file"])).name.startswith("discs-1-")


@pytest.fixture
def brief_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons judge themselves by few portraits."""
    monkeypatch.setattr(lesson, "_SAMPLES", 4)


@pytest.mark.usefixtures("brief_looks")
def test_a_lesson_says_whether_it_got_nearer(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(pictures, base, "lesson", 2) == 0
    *_, last, done = events(capsys)
    assert done["figures"]["distance"] <= done["figures"]["distance_before"]
    assert (
        last["losses"]["distance"] > done["figures"]["distance"] - 1e-6
    )  # of what it has not seen
    with Image.open(last["sheet"]) as sheet:
        assert sheet.size == (8 * 192, 2 * 192)  # at the beginning, and now


@pytest.mark.usefixtures("brief_looks")
def test_a_lesson_ends_with_the_crowd_of_its_pictures(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(pictures, base, "lesson", 2) == 0
    *progress, _ = events(capsys)
    assert ["crowd" in event["losses"] for event in progress] == [False, False, True, True]


@pytest.mark.usefixtures("brief_looks")
@pytest.mark.parametrize("harm", ["cut", "other"])
def test_a_lesson_whose_checkpoint_is_damaged_begins_anew(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    checkpoint = pictures.parent / "new.resume"
    if harm == "other":
        torch.save({"step": 7}, checkpoint)
    else:
        checkpoint.write_bytes(b"PK\x03\x04 and no more")
    assert run(pictures, base, "lesson", 1, "--resume") == 0
    told = events(capsys)
    assert [(event["event"], event.get("step")) for event in told] == [
        ("progress", 1),
        ("progress", 2),  # the polishing's only one
        ("done", None),
    ]


def test_ends_cleanly_when_asked_and_goes_on_later(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = Lines.progress

    def tell_and_end(lines: Lines, state: State) -> None:
        tell(lines, state)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Lines, "progress", tell_and_end)
    assert run(pictures, base, "default", 3) == 0
    assert [event["event"] for event in events(capsys)] == ["progress", "stopped"]
    monkeypatch.setattr(Lines, "progress", tell)
    assert run(pictures, base, "default", 3, "--resume") == 0
    assert len([event for event in events(capsys) if event["event"] == "progress"]) == 2 + 3 + 3


def test_says_why_it_cannot(
    tmp_path: Path, pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = folder_of_discs(tmp_path / "few", 3)
    assert run(few, base, "default", 2) == 1
    assert run(pictures, tmp_path / "none.safetensors", "lesson", 2) == 1
    assert run(tmp_path / "nowhere", base, "default", 2) == 1
    codes = [event["code"] for event in events(capsys)]
    assert codes == ["too_few_pictures", "bad_base", "unreadable"]
