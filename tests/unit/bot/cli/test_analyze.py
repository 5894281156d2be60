"""`python -m bot analyze`, as hosts and measurements use it."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from bot.cli import analyze, main
from bot.engines import load_music_model, open_sandbox
from bot.settings import read_settings
from ml.music.hearing import GENRES, KINDS
from ml.music.song_model import MusicModel
from ml.music.taxonomy import FAMILIES, STYLES, TAGS
from ml.sandbox.pool import Sandbox
from tests.helpers.songs import wav

Engines = tuple[MusicModel, Sandbox]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    """The shipped model and the decoding children, which take seconds to start."""
    settings = read_settings(_env_file=None, decoder_workers=1)
    with open_sandbox(settings) as sandbox:
        yield load_music_model(settings), sandbox


@pytest.fixture
def opened(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command finds them started."""
    model, sandbox = engines
    monkeypatch.setattr(analyze, "load_music_model", lambda _: model)
    monkeypatch.setattr(analyze, "open_sandbox", lambda _: nullcontext(sandbox))


@pytest.fixture
def songs(tmp_path: Path) -> list[str]:
    (tmp_path / "first.wav").write_bytes(wav(2, seed=1))
    (tmp_path / "notes.mp3").write_bytes(b"only words " * 40)
    (tmp_path / "second.wav").write_bytes(wav(3, seed=2))
    return [str(tmp_path / name) for name in ("first.wav", "notes.mp3", "gone.wav", "second.wav")]


def test_each_file_becomes_one_json_object_in_order(
    songs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["analyze", *songs, "--json"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [entry["file"] for entry in found] == songs
    assert [entry.get("code") for entry in found] == [None, "not_audio", "unreadable", None]
    assert status == 1


@pytest.mark.usefixtures("opened")
def test_a_hearing_has_shares_that_sum_to_one_and_a_vector(
    songs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", songs[0], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["genres"]) == set(GENRES)
    assert sum(found["genres"].values()) == pytest.approx(1, abs=1e-4)
    assert found["genre"] in {*GENRES, None}
    assert found["seconds"] == pytest.approx(2, abs=0.01)
    assert sum(x * x for x in found["vector"]) == pytest.approx(1, abs=1e-3)
    assert isinstance(found["model"], str)


@pytest.mark.usefixtures("opened")
def test_a_hearing_has_families_styles_tags_key_and_kind(
    songs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", songs[0], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    for name, keys in (("families", FAMILIES), ("styles", STYLES), ("tags", TAGS)):
        assert set(found[name]) == set(keys)
        assert all(0 <= share <= 1 for share in found[name].values())
    assert found["kind"] in KINDS
    key = found["key"]
    assert key is None or set(key) == {"tonic", "mode", "camelot", "confidence"}


@pytest.mark.usefixtures("opened")
def test_what_is_said_is_english_unless_another_language_is_asked_for(
    songs: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for language in ([], ["--language", "ja"]):
        main(["analyze", songs[0], "--json", *language])
        said.append(json.loads(capsys.readouterr().out)["says"])
    assert said[0].isascii()
    assert not said[1].isascii()


@pytest.mark.usefixtures("opened")
def test_a_hearing_has_a_rhythm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "beat.wav").write_bytes(wav(20))  # which strikes twice a second
    assert main(["analyze", str(tmp_path / "beat.wav"), "--json"]) == 0
    rhythm = json.loads(capsys.readouterr().out)["rhythm"]
    assert set(rhythm) == {
        "tempo_bpm",
        "onsets_per_second",
        "break_density",
        "variety",
        "drill_n_bass",
    }
    beats = rhythm["tempo_bpm"] / 120
    assert min(abs(beats - octave) for octave in (1, 2)) < 0.04


@pytest.mark.usefixtures("opened")
def test_a_short_sound_gets_no_genre_and_it_is_told_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kick.wav").write_bytes(wav(1))
    assert main(["analyze", str(tmp_path / "kick.wav")]) == 0
    table = capsys.readouterr().out
    assert "Too short" in table or "single sound" in table
    assert main(["analyze", str(tmp_path / "kick.wav"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["too_short"] is True


@pytest.mark.usefixtures("opened")
def test_a_file_over_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "huge.wav").open("wb") as file:
        file.truncate(2**40)  # holes: no disk is used, but nobody could read it
    assert main(["analyze", str(tmp_path / "huge.wav"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "too_large"


@pytest.mark.usefixtures("opened")
def test_a_folder_gets_a_plain_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", str(tmp_path)]) == 1
    assert "a folder: name the files in it" in capsys.readouterr().out


@pytest.mark.usefixtures("opened")
def test_names_are_printed_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 150
    names = ["Song [dQw4w9WgXcQ].flac", "[red]a[bold].mp3", f"{long}.wav", "می\u200cخواهم.wav"]
    for name in names:
        (tmp_path / name).write_bytes(b"words")
    assert main(["analyze", *(str(tmp_path / name) for name in names)]) == 1
    table = capsys.readouterr().out
    assert all(name in table for name in names)


@pytest.mark.usefixtures("opened")
def test_a_name_cannot_command_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a\x1b[2J\n.wav").write_bytes(b"words")
    assert main(["analyze", str(tmp_path / "a\x1b[2J\n.wav")]) == 1
    table = capsys.readouterr().out
    assert "\x1b" not in table
    assert r"a\x1b[2J\n.wav" in table


@pytest.mark.usefixtures("opened")
def test_without_json_a_table_names_every_file(
    songs: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["analyze", *songs]) == 1
    table = capsys.readouterr().out
    assert all(Path(song).name in table for song in songs)
    assert "not_audio" in table


@pytest.mark.usefixtures("opened")
def test_long_names_are_whole_and_a_folder_is_called_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    name = "a-song-with-a-name-that-is-rather-longer-than-the-column.wav"
    (tmp_path / name).write_bytes(wav(2))
    assert main(["analyze", str(tmp_path / name), str(tmp_path)]) == 1
    table = capsys.readouterr().out
    cells = [line.split("│")[1].strip() for line in table.splitlines() if line.startswith("│")]
    assert name in "".join(cells)
    assert "a folder: name" in table
