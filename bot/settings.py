"""Settings, read once into one frozen object from the environment and `.env`.

Every variable is explained in `.env.example`; a test keeps the two in step.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, UrlConstraints, ValidationError
from pydantic_core import Url
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

PREFIX = "USAMIMI_"


HttpUrl = Annotated[Url, UrlConstraints(allowed_schemes=["http", "https"], host_required=True)]
GatewayUrl = Annotated[Url, UrlConstraints(allowed_schemes=["ws", "wss"], host_required=True)]


class Settings(BaseSettings):
    """What a host can set. Build it with `read_settings`, which names what is wrong."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    discord_token: SecretStr | None = Field(None, validation_alias="DISCORD_TOKEN")
    discord_api_base: HttpUrl | None = Field(None, validation_alias="DISCORD_API_BASE")
    discord_gateway_url: GatewayUrl | None = Field(None, validation_alias="DISCORD_GATEWAY_URL")

    data_dir: Path = Path("data")
    music_model: Path | None = None
    portrait_model: Path | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    torch_threads: int = Field(0, ge=0, le=256)

    max_song_mb: int = Field(25, ge=1, le=500)
    max_song_minutes: int = Field(60, ge=1, le=24 * 60)
    decoder_workers: int = Field(2, ge=1, le=64)
    decoder_memory_mb: int = Field(768, ge=256, le=8192)
    decoder_seconds: int = Field(20, ge=1, le=600)
    waiting_songs: int = Field(32, ge=1, le=10_000)
    fetch_seconds: int = Field(60, ge=1, le=600)

    member_requests: int = Field(20, ge=0, le=10_000)
    server_requests: int = Field(90, ge=0, le=100_000)

    max_picture_mb: int = Field(8, ge=1, le=100)
    max_picture_megapixels: int = Field(40, ge=1, le=500)
    unsafe_above: float = Field(0.7, gt=0.0, le=1.0)
    waiting_portraits: int = Field(32, ge=1, le=10_000)
    gallery_portraits: int = Field(36, ge=1, le=10_000)

    songbook_memory_mb: int = Field(256, ge=16, le=65_536)
    keep_songs_days: int = Field(0, ge=0, le=36_500)
    message_content: bool = False

    member_lessons: int = Field(4, ge=1, le=1000)
    server_lessons: int = Field(8, ge=1, le=1000)
    waiting_lessons: int = Field(20, ge=1, le=1000)
    lesson_memory_mb: int = Field(4096, ge=64, le=65_536)
    portrait_lesson_minutes: float = Field(45.0, gt=0.0, le=24 * 60)
    discord_permits_training: bool = False

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    health_host: str = "127.0.0.1"
    health_port: int = Field(8787, ge=0, le=65_535)
    metrics: bool = False
    stop_seconds: int = Field(20, ge=1, le=600)
    page_port: int = Field(8765, ge=0, le=65_535)


def variable_of(field: str) -> str:
    """Name the environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def read_settings(**overrides: Any) -> Settings:  # Any: tests set any field by its variable's name
    """Read the settings.

    Args:
        overrides: values that win over the environment, by field or variable name.

    Raises:
        SettingsError: naming every variable that cannot be used, and why.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_problems(error)) from None


def _problems(error: ValidationError) -> tuple[tuple[str, str], ...]:
    """Pair each bad variable with its problem, once."""
    found: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False):
        name = str(item["loc"][0])
        found.setdefault(variable_of(name) if name in Settings.model_fields else name, item["msg"])
    return tuple(found.items())
