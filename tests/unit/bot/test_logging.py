"""Logs are one line an entry, carry the request's id, and keep locals to themselves."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logging import configure_logging, new_reference


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_json_logs_are_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    with structlog.contextvars.bound_contextvars(request="ABC234"):
        structlog.stdlib.get_logger("usamimi").info("heard", title="曲")
    entry = json.loads(capsys.readouterr().err)
    assert (entry["event"], entry["request"], entry["title"]) == ("heard", "ABC234", "曲")


def test_a_librarys_logs_carry_the_requests_id_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    with structlog.contextvars.bound_contextvars(request="ABC234"):
        logging.getLogger("discord.http").warning("rate limited")
    assert json.loads(capsys.readouterr().err)["request"] == "ABC234"


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_traceback_is_logged_without_the_values_of_its_locals(
    capsys: pytest.CaptureFixture[str], style: str
) -> None:
    configure_logging("INFO", style)
    secret_of_a_member = "to whom " + "it may concern"
    try:
        raise RuntimeError(len(secret_of_a_member))
    except RuntimeError as error:
        structlog.stdlib.get_logger("usamimi").error("failed", exc_info=error)
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert secret_of_a_member not in said


def test_references_are_short_and_have_no_look_alikes() -> None:
    references = {new_reference() for _ in range(500)}
    assert len(references) == 500
    assert not set("".join(references)) & set("01IO")
