"""Settings, read once into one frozen object from the environment and `.env`.

Every variable is explained in `.env.example`; a test keeps the two in step.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from dotenv import dotenv_values
from pydantic import (
    Field,
    SecretStr,
    UrlConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError, Url
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError
from bot.sharding import parse_shard_ids

PREFIX = "USAMIMI_"
TOKEN_PARTS = 3  # of a bot's token, separated by dots
OWN_ERRORS = frozenset({"token", "shards", "database", "lessons", "workers"})  # which say it all
POSTGRES = ("postgresql://", "postgres://")
SECRETS = frozenset({"discord_token", "discord_api_base", "discord_gateway_url"})
LEAST_SECRET = 16  # characters of what workers and those who ask them share
LONGEST_VALUE = 60  # characters of a wrong value that are repeated
NUMBERS = {int: "a whole number", float: "a number"}

HttpUrl = Annotated[Url, UrlConstraints(allowed_schemes=["http", "https"], host_required=True)]
GatewayUrl = Annotated[Url, UrlConstraints(allowed_schemes=["ws", "wss"], host_required=True)]


class Settings(BaseSettings):
    """What a host can set; build it with `read_settings`, which names what is wrong."""

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

    database_url: SecretStr | None = None
    shard_count: int = Field(0, ge=0, le=100_000)
    shard_ids: str = ""
    leave_lessons: bool = False

    workers_secret: SecretStr | None = None
    workers_url: HttpUrl | None = None
    workers_host: str = "127.0.0.1"
    workers_port: int = Field(8000, ge=0, le=65_535)
    song_replicas: int = Field(2, ge=1, le=1000)
    portrait_replicas: int = Field(1, ge=0, le=1000)

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

    @field_validator("discord_token")
    @classmethod
    def _require_token_parts(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and token.get_secret_value().count(".") != TOKEN_PARTS - 1:
            raise PydanticCustomError(
                "token",
                "does not look like a bot token: it has three parts, separated by dots "
                "(Developer Portal > your application > Bot > Reset Token)",
            )
        return token

    @field_validator("database_url")
    @classmethod
    def _require_postgres(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(POSTGRES):
            raise PydanticCustomError(
                "database", "must be an address such as postgresql://name:password@host/database"
            )
        return url

    @field_validator("workers_secret")
    @classmethod
    def _require_long_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < LEAST_SECRET:
            raise PydanticCustomError("workers", f"must have {LEAST_SECRET} characters or more")
        return secret

    @field_validator("workers_url")
    @classmethod
    def _require_secret(cls, url: Url | None, info: ValidationInfo) -> Url | None:
        if url is not None and info.data.get("workers_secret") is None:
            raise PydanticCustomError(
                "workers", "needs USAMIMI_WORKERS_SECRET: workers answer nobody without it"
            )
        return url

    @field_validator("shard_ids")
    @classmethod
    def _require_shards(cls, written: str, info: ValidationInfo) -> str:
        count = info.data.get("shard_count", 0)
        if written and info.data.get("database_url") is None:
            raise PydanticCustomError(
                "shards",
                "needs USAMIMI_DATABASE_URL: several processes share one PostgreSQL database",
            )
        try:
            valid = all(each < count for each in parse_shard_ids(written))
        except ValueError:
            valid = False
        if not valid:
            raise PydanticCustomError(
                "shards",
                "must be numbers below USAMIMI_SHARD_COUNT, such as 0-3 or 0,2; empty for all",
            )
        return written

    @field_validator("leave_lessons")
    @classmethod
    def _require_teachers(cls, leave: bool, info: ValidationInfo) -> bool:
        if leave and info.data.get("database_url") is None:
            raise PydanticCustomError(
                "lessons",
                "needs USAMIMI_DATABASE_URL: a bot with a file carries lessons out by itself",
            )
        return leave

    @property
    def shard_numbers(self) -> tuple[int, ...]:
        """The shards of this process; empty: all."""
        return parse_shard_ids(self.shard_ids)


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


def unknown_variables(env_file: Path = Path(".env")) -> dict[str, str | None]:
    """Return variables that begin like ours but set nothing, each with the nearest right name."""
    fields = [field.upper() for field in Settings.model_fields]
    named = {name.upper() for name in (*os.environ, *dotenv_values(env_file))}
    ours = sorted(name.removeprefix(PREFIX) for name in named if name.startswith(PREFIX))
    nearest = {name: get_close_matches(name, fields, 1) for name in ours if name not in fields}
    return {
        PREFIX + name: variable_of(found[0].lower()) if found else None
        for name, found in nearest.items()
    }


def _problems(error: ValidationError) -> tuple[tuple[str, str], ...]:
    """Pair each bad variable with its problem, once."""
    found: dict[str, str] = {}
    fields = {variable_of(field): field for field in Settings.model_fields}
    for item in error.errors(include_url=False):
        name = str(item["loc"][0])
        field = name if name in Settings.model_fields else fields.get(name)
        if field is None:
            found.setdefault(name, item["msg"])
        else:
            found.setdefault(variable_of(field), _problem(field, item))
    return tuple(found.items())


def _problem(field: str, item: ErrorDetails) -> str:
    """Say what a value must be, and what it is unless that may be a secret."""
    if item["type"] in OWN_ERRORS:
        return item["msg"]
    must_be = f"must be {_allowed(Settings.model_fields[field])}"
    if field in SECRETS:
        return must_be
    value = str(item["input"])
    shown = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
    return f"is “{shown}”; it {must_be}"


def _allowed(field: FieldInfo) -> str:
    choices = get_args(field.annotation)
    if choices and all(isinstance(choice, str) for choice in choices):
        return f"one of {', '.join(choices)}"
    if field.annotation is bool:
        return "true or false"
    number = NUMBERS.get(field.annotation) if isinstance(field.annotation, type) else None
    if number is None:
        schemes = [meta.allowed_schemes for meta in _constraints(field)]
        return f"an address with {' or '.join(schemes[0] or [])}" if schemes else "a path"
    limits = {name: value for meta in field.metadata for name, value in _limits(meta).items()}
    if "gt" in limits:
        return f"{number} above {limits['gt']:g} and up to {limits['le']:,g}"
    return f"{number} from {limits['ge']:,g} to {limits['le']:,g}"


def _limits(meta: Any) -> dict[str, float]:
    return {name: getattr(meta, name) for name in ("gt", "ge", "le") if hasattr(meta, name)}


def _constraints(field: FieldInfo) -> list[UrlConstraints]:
    inside = [field, *get_args(field.annotation)]
    found = [meta for each in inside for meta in getattr(each, "__metadata__", ())]
    return [meta for meta in (*field.metadata, *found) if isinstance(meta, UrlConstraints)]
