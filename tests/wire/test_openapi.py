"""The judge of requests finds what Discord would refuse."""

import pytest

from tests.wire.openapi import Description, description_path

HOOK = "/webhooks/1/a-token"


@pytest.fixture(scope="module")
def description() -> Description:
    path = description_path()
    if path is None:
        pytest.skip("Discord's OpenAPI description is not on this machine (see DISCORD_OPENAPI)")
    return Description.load(path)


def test_a_good_answer_passes(description: Description) -> None:
    body = {"content": "hello", "attachments": [{"id": 0, "filename": "genre.png"}]}
    assert description.problems("POST", HOOK, ["wait"], body) == []


@pytest.mark.parametrize(
    ("query", "body", "said"),
    [
        ([], {"content": "x" * 2001}, "content"),
        ([], {"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        (["patience"], {"content": "hello"}, "no parameter patience"),
        ([], {"attachments": [{"filename": "genre.png"}]}, "'id' is a required property"),
    ],
)
def test_what_discord_would_refuse_is_named(
    description: Description, query: list[str], body: object, said: str
) -> None:
    problems = description.problems("POST", HOOK, query, body)
    assert len(problems) == 1
    assert said in problems[0]


def test_a_request_that_discord_does_not_have_is_named(description: Description) -> None:
    assert "no such request" in description.problems("GET", "/users/@me/secrets", [], None)[0]
