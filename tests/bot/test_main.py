"""The command line from outside: exit status and what it says."""

from pathlib import Path

import pytest

from bot.__main__ import main


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_check_passes_on_a_good_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert said.count("ok") == 5
    assert "wrong" not in said


def test_check_names_a_damaged_model_and_looks_at_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"not a model")
    monkeypatch.setenv("USAMIMI_MUSIC_MODEL", "bad.safetensors")
    assert main(["check"]) == 1
    said = capsys.readouterr().out
    assert "wrong music model" in said
    assert said.count("ok") == 4


def test_check_names_a_data_folder_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("USAMIMI_DATA_DIR", "file/data")
    assert main(["check"]) == 1
    assert "wrong data folder" in capsys.readouterr().out


def test_bad_settings_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_HEALTH_PORT", "-3")
    assert main(["check"]) == 2
    assert "USAMIMI_HEALTH_PORT" in capsys.readouterr().err


def test_a_gpu_that_is_not_there_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_DEVICE", "cuda")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["analyze", "song.mp3"]) == 2
    assert "USAMIMI_DEVICE" in capsys.readouterr().err


def test_health_without_a_running_bot_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_HEALTH_PORT", "1")
    assert main(["health"]) == 1
    assert "no answer" in capsys.readouterr().out
