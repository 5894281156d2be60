from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ml.avatar.checkpoint import save_model
from ml.avatar.inference import PortraitModel
from ml.avatar.measures import write_sheet
from ml.avatar.traits import TRAIT
from ml.finetuning import portraits as lesson
from ml.finetuning.events import Event, JsonLines
from ml.finetuning.portraits import main
from tests.unit.ml.avatar.drawings import folder_of_discs
from tests.unit.ml.avatar.tiny import tiny_conditioned, tiny_weights


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_weights(tmp_path / "base.safetensors")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return folder_of_discs(tmp_path / "crops", 26)


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def run(pictures: Path, base: Path, steps: int, *more: str) -> int:
    out = pictures.parent / "new.safetensors"
    words = f"--pictures {pictures} --base {base} --out {out} --steps {steps}"
    return main([*words.split(), "--events", "--threads", "1", *more])


@pytest.fixture
def few_portraits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons are measured by few portraits."""
    monkeypatch.setattr(lesson, "_SAMPLES", 4)


@pytest.mark.usefixtures("few_portraits")
def test_a_lesson_reports_whether_it_got_nearer(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(pictures, base, 2, "--name", "discs") == 0
    *_, last, done = events(capsys)
    card = done["card"]
    assert card["score"] <= card["score_before"]
    assert last["losses"]["distance"] > card["score"] - 1e-3  # of what it has not seen
    assert card["portrait_model"] == PortraitModel.load(Path(done["file"])).name
    assert card["portrait_model"].startswith("discs-1-")
    assert card["pictures"] == 26
    with Image.open(last["sheet"]) as sheet:
        assert sheet.size == (8 * 192, 2 * 192)  # at the beginning, and now


@pytest.mark.usefixtures("few_portraits")
def test_portraits_before_and_after_are_drawn_beside_each_other(
    pictures: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison = tmp_path / "comparison.png"
    assert run(pictures, base, 1, "--comparison", str(comparison)) == 0
    with Image.open(comparison) as sheet:
        assert sheet.size == (8 * 192, 2 * (192 + 100))  # and each again as an icon


def test_icons_under_a_sheet_are_round_and_small(tmp_path: Path) -> None:
    file = tmp_path / "sheet.png"
    write_sheet([np.full((2, 64, 64, 3), 200, np.uint8)], file, icons=True)
    with Image.open(file) as sheet:
        middle, beside = sheet.getpixel((96, 242)), sheet.getpixel((96 - 38, 242 - 38))
    assert middle == (200, 200, 200)
    assert beside == sheet.getpixel((0, 195))


@pytest.mark.usefixtures("few_portraits")
def test_a_lesson_on_a_conditioned_base_can_still_be_told_mood_and_ears(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tmp_path / "conditioned.safetensors"
    save_model(tiny_conditioned(), base)
    assert run(pictures, base, 2) == 0
    taught = PortraitModel.load(Path(events(capsys)[-1]["file"]))
    assert set(taught.options) == {"mood", "ears"}
    facing = taught.latents(range(20))[:, TRAIT["facing"]]
    assert set(facing.ravel()) <= {-1.0, 1.0}  # nobody is drawn both ways at once
    latent = taught.choose(taught.latents([1])[0], 1, {"mood": "wink"})
    assert taught.draw(latent[None]).shape == (1, 128, 128, 3)


@pytest.mark.usefixtures("few_portraits")
def test_a_lesson_ends_with_distribution_matching(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(pictures, base, 2) == 0
    *progress, _ = events(capsys)
    assert ["mmd" in event["losses"] for event in progress] == [False, False, True, True]


@pytest.mark.usefixtures("few_portraits")
@pytest.mark.parametrize("harm", ["cut", "other"])
def test_a_lesson_whose_checkpoint_is_damaged_begins_anew(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    checkpoint = pictures.parent / "new.resume"
    if harm == "other":
        torch.save({"step": 7}, checkpoint)
    else:
        checkpoint.write_bytes(b"PK\x03\x04 and no more")
    assert run(pictures, base, 1, "--resume") == 0
    told = events(capsys)
    assert [(event["event"], event.get("step")) for event in told] == [
        ("progress", 1),
        ("progress", 2),  # the only one of distribution matching
        ("done", None),
    ]


@pytest.mark.usefixtures("few_portraits")
@pytest.mark.parametrize("after", [1, 3])
def test_ends_cleanly_when_asked_and_continues_later(
    pictures: Path,
    base: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    report, steps = JsonLines.report, []

    def report_and_end(lines: JsonLines, event: Event) -> None:
        report(lines, event)
        steps.append(event)
        if len(steps) == after:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(JsonLines, "report", report_and_end)
    assert run(pictures, base, 2) == 0
    assert [event["event"] for event in events(capsys)] == ["progress"] * after + ["stopped"]
    monkeypatch.setattr(JsonLines, "report", report)
    assert run(pictures, base, 2, "--resume") == 0
    continued = [event for event in events(capsys) if event["event"] == "progress"]
    assert len(continued) == 4 - after


def test_failures_have_a_code(
    tmp_path: Path, pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = folder_of_discs(tmp_path / "few", 3)
    assert run(few, base, 2) == 1
    assert run(pictures, tmp_path / "none.safetensors", 2) == 1
    assert run(tmp_path / "nowhere", base, 2) == 1
    codes = [event["code"] for event in events(capsys)]
    assert codes == ["too_little", "damaged", "unreadable"]
