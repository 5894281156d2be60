"""The genre lesson as its own process sees it: files in, events and a file out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.finetuning.events import Done, decode
from ml.finetuning.genre import LessonSongs, main
from ml.music.genre_head import GenreHead, GenreHeadError
from tests.unit.ml.finetuning.factories import songs


def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], lesson: LessonSongs) -> list[dict]:  # type: ignore[type-arg]
    lesson.save(tmp_path / "songs.safetensors")
    out = tmp_path / "head.safetensors"
    main(["--songs", str(tmp_path / "songs.safetensors"), "--out", str(out), "--events"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_it_tells_its_progress_and_writes_a_head_with_its_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *steps, done = run(tmp_path, capsys, songs())
    assert [event["step"] for event in steps] == [1, 2, 3, 6]  # three makers, three folds
    head = GenreHead.load(tmp_path / "head.safetensors")
    card = head.card
    assert decode(json.dumps(done)) == Done(tmp_path / "head.safetensors", card)
    assert card.score is not None
    assert card.score_before is not None
    assert card.interval is not None
    assert card.score > 0.9 > card.score_before
    assert card.genres == {"Drill'n'Bass": 6, "東方アレンジ": 6, "rock": 6}
    low, high = card.interval
    assert low <= card.score <= high


def test_one_genre_is_too_little(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = songs()
    one = replace(lesson, genres=("rock",), labels=np.zeros_like(lesson.labels))
    (failed,) = run(tmp_path, capsys, one)
    assert (failed["event"], failed["code"]) == ("failed", "too_little")


def test_a_damaged_file_of_songs_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "songs.safetensors").write_bytes(b"nothing")
    file = str(tmp_path / "songs.safetensors")
    assert main(["--songs", file, "--out", "x", "--events"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "damaged"


@pytest.mark.parametrize("keep", [0, 40, 400])
def test_a_head_cut_off_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], keep: int
) -> None:
    run(tmp_path, capsys, songs())
    file = tmp_path / "head.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(GenreHeadError):
        GenreHead.load(file)
