"""Settings are read once, name what is wrong, and keep the token to themselves."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import Settings, read_settings, variable_of

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
