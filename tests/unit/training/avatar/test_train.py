from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ml.avatar.inference import PortraitModel
from ml.finetuning.events import Event, JsonLines
from tests.unit.ml.avatar.drawings import folder_of_discs
from tests.unit.ml.avatar.tiny import tiny_weights
from training.avatar.train import main


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


@pytest.mark.slow
def test_trains_a_folder_and_reports_it(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(pictures, base, 2, "--name", "discs") == 0
    reported = events(capsys)
    assert [event["event"] for event in reported] == ["progress"] * 6 + ["done"]
    assert reported[0]["steps"] >= reported[0]["step"] >= 0
    with Image.open(reported[-2]["sheet"]) as sheet:
        assert sheet.width == 8 * 192
    assert PortraitModel.load(Path(reported[-1]["file"])).name.startswith("discs-1-")


@pytest.mark.slow
def test_ends_cleanly_when_asked_and_continues_later(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = JsonLines.report

    def report_and_end(lines: JsonLines, event: Event) -> None:
        report(lines, event)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(JsonLines, "report", report_and_end)
    assert run(pictures, base, 3) == 0
    assert [event["event"] for event in events(capsys)] == ["progress", "stopped"]
    monkeypatch.setattr(JsonLines, "report", report)
    assert run(pictures, base, 3, "--resume") == 0
    assert len([event for event in events(capsys) if event["event"] == "progress"]) == 2 + 3 + 3


def test_a_damaged_checkpoint_of_a_long_training_is_not_overwritten(
    pictures: Path, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = pictures.parent / "new.resume"
    checkpoint.write_bytes(b"PK and no more")
    assert run(pictures, base, 1, "--resume") == 1
    assert [event["code"] for event in events(capsys)] == ["damaged"]
    assert checkpoint.read_bytes() == b"PK and no more"
