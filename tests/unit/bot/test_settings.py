"""Settings are read once, name what is wrong, and keep the token to themselves."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import Settings, read_settings, unknown_variables, variable_of

EXAMPLE = Path(__file__).parents[3] / ".env.example"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_any_variable_the_defaults_serve_the_local_page() -> None:
    assert read_settings().discord_token is None


def test_an_error_names_every_variable_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAMIMI_MAX_SONG_MB", "many")
    monkeypatch.setenv("DISCORD_API_BASE", "ftp://example.org")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert {name for name, _ in caught.value.problems} == {
        "USAMIMI_MAX_SONG_MB",
        "DISCORD_API_BASE",
    }


def test_an_error_does_not_repeat_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_GATEWAY_URL", "https://secret@example.org")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("USAMIMI_MAX_SONG_MB", "abc", "is “abc”; it must be a whole number from 1 to 500"),
        ("USAMIMI_DEVICE", "gpu", "is “gpu”; it must be one of auto, cpu, cuda"),
        ("USAMIMI_METRICS", "perhaps", "is “perhaps”; it must be true or false"),
        ("USAMIMI_UNSAFE_ABOVE", "0", "is “0”; it must be a number above 0 and up to 1"),
        ("DISCORD_API_BASE", "ftp://x", "must be an address with http or https"),
        (
            "USAMIMI_SHARD_IDS",
            "0-3",
            "needs USAMIMI_DATABASE_URL: several processes share one PostgreSQL database",
        ),
    ],
)
def test_an_error_says_what_a_value_is_and_what_it_must_be(
    name: str, value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert caught.value.problems == ((name, problem),)


def test_a_token_without_three_parts_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "notatoken")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    ((name, problem),) = caught.value.problems
    assert name == "DISCORD_TOKEN"
    assert "three parts" in problem
    assert "notatoken" not in problem


def test_a_misspelled_variable_is_named_with_the_nearest_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USAMIMI_MAX_SONGS", "3")
    (tmp_path / ".env").write_text("USAMIMI_QQQ=1\nUSAMIMI_DEVICE=cpu\n")
    assert unknown_variables() == {"USAMIMI_MAX_SONGS": "USAMIMI_MAX_SONG_MB", "USAMIMI_QQQ": None}


def test_the_token_shows_in_no_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "MTk4.hidden.token")
    settings = read_settings()
    assert "hidden" not in f"{settings!r}{settings}{settings.model_dump_json()}"


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("USAMIMI_MAX_SONG_MINUTES=7\n")
    assert read_settings().max_song_minutes == 7


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "")
    assert read_settings().discord_token is None


def test_settings_cannot_be_changed_after_reading() -> None:
    settings = read_settings()
    with pytest.raises(ValidationError):
        settings.max_song_mb = 1


def test_the_example_explains_every_setting_and_no_other() -> None:
    explained = set(re.findall(r"^#? ?([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.M))
    assert explained == {variable_of(field) for field in Settings.model_fields}


def test_shards_of_a_process_must_be_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAMIMI_DATABASE_URL", "postgresql://usamimi:secret@localhost/usamimi")
    monkeypatch.setenv("USAMIMI_SHARD_COUNT", "3")
    monkeypatch.setenv("USAMIMI_SHARD_IDS", "0-3")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert "below USAMIMI_SHARD_COUNT" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_lessons_are_left_to_others_only_where_there_can_be_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("USAMIMI_LEAVE_LESSONS", "true")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    ((name, problem),) = caught.value.problems
    assert (name, problem[:26]) == ("USAMIMI_LEAVE_LESSONS", "needs USAMIMI_DATABASE_URL")
    monkeypatch.setenv("USAMIMI_DATABASE_URL", "postgresql://usamimi:secret@localhost/usamimi")
    assert read_settings().leave_lessons


def test_a_database_must_be_one_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAMIMI_DATABASE_URL", "mysql://usamimi:secret@localhost/usamimi")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert "postgresql://" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_workers_answer_nobody_without_a_long_secret() -> None:
    url = "http://workers.internal:8000"
    with pytest.raises(SettingsError, match="needs USAMIMI_WORKERS_SECRET"):
        read_settings(_env_file=None, workers_url=url)
    with pytest.raises(SettingsError, match="16 characters or more") as caught:
        read_settings(_env_file=None, workers_secret="too short")
    assert "too short" not in str(caught.value)
    settings = read_settings(_env_file=None, workers_url=url, workers_secret="long enough to share")
    assert "long enough" not in repr(settings)
