"""The command line from outside: exit status and what it says."""

import asyncio
import re
import socket
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.cli import main
from storage.database import SqliteDatabase
from storage.lessons import JobNotice, Jobs, Kind
from storage.postgres import PostgresDatabase
from storage.songs import Songs
from tests.helpers.databases import postgres
from tests.helpers.postgres import PostgresServer
from tests.unit.ml.avatar.tiny import tiny_weights
from tests.unit.storage import POST, SERVER, heard, post

__all__ = ["postgres"]  # a fixture


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("USAMIMI_HEALTH_PORT", "USAMIMI_PAGE_PORT"):
        monkeypatch.setenv(name, "0")


def test_check_passes_on_a_good_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert said.count("ok") == 9
    assert "wrong" not in said


def test_check_names_everything_that_is_wrong_and_looks_at_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"not a model")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("USAMIMI_MUSIC_MODEL", "bad.safetensors")
    monkeypatch.setenv("USAMIMI_PORTRAIT_MODEL", "bad.safetensors")
    monkeypatch.setenv("USAMIMI_DATA_DIR", "file/data")
    monkeypatch.setenv("USAMIMI_HEALT_PORT", "1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("USAMIMI_HEALTH_PORT", port)
        assert main(["check"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    for part in ("music model", "portrait model", "data folder", "settings", "ports"):
        assert f"wrong {part}" in said
    assert "did you mean USAMIMI_HEALTH_PORT?" in said
    assert f"USAMIMI_HEALTH_PORT {port}" in said
    assert said.count("ok ") == 4


def test_bad_settings_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_HEALTH_PORT", "-3")
    assert main(["check"]) == 2
    assert "USAMIMI_HEALTH_PORT" in capsys.readouterr().err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"usamimi \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_gpu_that_is_not_there_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_DEVICE", "cuda")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["analyze", "song.mp3"]) == 2
    assert "USAMIMI_DEVICE" in capsys.readouterr().err


def test_portraits_are_drawn_into_files_named_after_their_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_PORTRAIT_MODEL", str(tiny_weights(tmp_path / "tiny.safetensors")))
    command = ["avatar", "--count", "2", "--size", "96", "--out", "drawn"]
    assert main([*command, "--seed", "月/兎"]) == 0
    assert main([*command, "--seed", "41"]) == 0
    names = ["avatar-41.png", "avatar-42.png", "avatar-月-兎-2.png", "avatar-月-兎.png"]
    assert sorted(path.name for path in Path("drawn").iterdir()) == names
    first = Path("drawn/avatar-41.png").read_bytes()
    assert Image.open(BytesIO(first)).size == (96, 96)
    assert main([*command, "--seed", "41", "--force"]) == 0
    assert Path("drawn/avatar-41.png").read_bytes() == first
    assert f"{tmp_path}/drawn/avatar-42.png  seed 42, drawn by tiny-1" in capsys.readouterr().out


def test_a_file_that_is_there_is_not_replaced_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_PORTRAIT_MODEL", str(tiny_weights(tmp_path / "tiny.safetensors")))
    Path("avatar-42.png").write_bytes(b"somebody's own")
    assert main(["avatar", "--count", "2", "--size", "96", "--seed", "41"]) == 1
    assert f"{tmp_path}/avatar-42.png exists already" in capsys.readouterr().err
    assert Path("avatar-42.png").read_bytes() == b"somebody's own"
    assert not Path("avatar-41.png").exists()


def test_a_missing_portrait_model_is_said_and_keeps_nothing_else_from_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ml.avatar.latents.SHIPPED", tmp_path / "nowhere")
    assert main(["avatar"]) == 2
    assert "no portrait model is installed" in capsys.readouterr().err
    assert main(["check"]) == 0
    assert "none is installed" in capsys.readouterr().out


def test_health_without_a_running_bot_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_HEALTH_PORT", "1")
    assert main(["health"]) == 1
    assert "no answer" in capsys.readouterr().out


async def write_database(folder: Path) -> None:
    async with SqliteDatabase.open(folder / "usamimi.db") as database:
        await Songs(database).remember(post(1), heard(1))


async def titles(path: Path) -> list[str]:
    async with SqliteDatabase.open(path) as database:
        await database.check()
        return [song.post.title for song in await Songs(database).by_poster(SERVER, POST.poster_id)]


def test_a_backup_is_whole_and_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(write_database(Path("data")))
    assert main(["backup", "copy.zip"]) == 0
    assert "copy.zip" in capsys.readouterr().out
    Path("data/usamimi.db").write_bytes(b"damaged")
    assert main(["restore", "copy.zip"]) == 1
    assert "add --yes to replace it" in capsys.readouterr().err
    assert Path("data/usamimi.db").read_bytes() == b"damaged"
    assert main(["restore", "copy.zip", "--yes"]) == 0
    assert asyncio.run(titles(Path("data/usamimi.db"))) == ["Song 1"]


def test_a_backup_while_the_bot_runs_and_no_restore_over_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asyncio.run(write_database(Path("data")))

    async def while_open() -> tuple[int, int]:
        async with SqliteDatabase.open(Path("data/usamimi.db")):
            backed_up = await asyncio.to_thread(main, ["backup", "copy.zip"])
            return backed_up, await asyncio.to_thread(main, ["restore", "copy.zip", "--yes"])

    assert asyncio.run(while_open()) == (0, 1)
    assert "held by another program" in capsys.readouterr().err
    assert asyncio.run(titles(Path("data/usamimi.db"))) == ["Song 1"]


def test_a_file_that_is_no_backup_is_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    Path("holiday.zip").write_bytes(bytes(range(256)))
    assert main(["restore", "holiday.zip"]) == 1
    assert "not a backup" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_nothing_to_copy_is_said(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "nowhere.zip"]) == 1
    assert "nothing was copied" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_bot_on_postgresql_is_told_how_to_copy(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_DATABASE_URL", "postgresql://usamimi:secret@127.0.0.1:9/songs")
    assert main([command, "copy.zip"]) == 2
    said = capsys.readouterr().err
    assert "pg_" in said
    assert "secret" not in said


def test_a_bot_with_a_file_needs_no_teacher(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["teach"]) == 2
    assert "USAMIMI_DATABASE_URL" in capsys.readouterr().err


def test_check_says_when_lessons_wait_and_nobody_teaches(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = asyncio.run(postgres.empty_database())
    monkeypatch.setenv("USAMIMI_DATABASE_URL", url)
    monkeypatch.setenv("USAMIMI_LEAVE_LESSONS", "true")
    asyncio.run(queue_a_lesson(url))
    assert main(["check"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "wrong lessons: 1 wait and no teacher runs" in said
    assert said.count("wrong") == 1


async def queue_a_lesson(url: str) -> None:
    async with PostgresDatabase.open(url) as database:
        assert await Jobs(database).queue(SERVER, 7, Kind.GENRE, JobNotice(10, None, "en"))


def test_a_move_without_data_touches_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "nowhere", "postgresql://127.0.0.1:9/songs"]) == 1
    assert "nothing was moved" in capsys.readouterr().err


def test_a_move_to_a_database_that_is_away_leaves_the_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asyncio.run(write_database(Path("data")))
    assert main(["migrate", "data", "postgresql://usamimi:secret@127.0.0.1:9/songs"]) == 1
    said = capsys.readouterr().err
    assert "nothing was moved" in said
    assert "secret" not in said
    assert asyncio.run(titles(Path("data/usamimi.db"))) == ["Song 1"]


def test_without_postgresqls_client_the_host_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "storage.moving", None)
    assert main(["migrate", "data", "postgresql://127.0.0.1:9/songs"]) == 2
    assert "usamimi[cluster]" in capsys.readouterr().err


@pytest.mark.parametrize(("shell", "words"), [("bash", "complete -o"), ("zsh", "#compdef usamimi")])
def test_completions_know_every_command_and_need_no_settings(
    shell: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("USAMIMI_HEALTH_PORT", "-3")  # a wrong setting does not break a shell
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert words in said
    for command in ("analyze", "teach", "backup", "restore", "completion"):
        assert command in said


def test_no_portraits_are_not_drawn_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["avatar", "--count", "0"])
    assert "it must be a whole number from 1 on" in capsys.readouterr().err
