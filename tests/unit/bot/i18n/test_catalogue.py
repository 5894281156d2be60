"""Both languages say the same things, and nothing is said that no catalogue holds."""

import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast

from bot.i18n import LOCALES, translator_for
from cogs.portraits._answer import Group
from ml.avatar.traits import OPTIONS
from ml.music.hearing import KINDS, MODES
from ml.music.taxonomy import GENRE_KEYS, TAGS
from tests.helpers.errors import member_errors

ROOT = Path(__file__).parents[4]
WORDS = ROOT / "bot" / "i18n"
SOURCES = [path for room in ("bot", "cogs") for path in (ROOT / room).rglob("*.py")]

# Keys that the code composes.
CODES = [str(vars(error)["code"]) for error in member_errors()]
PERMISSIONS = (  # asked for by commands
    "view_channel",
    "read_message_history",
    "send_messages",
    "embed_links",
    "attach_files",
)
COMPOSED = (
    {f"genre-{genre}" for genre in GENRE_KEYS}
    | {f"tag-{tag}" for tag in TAGS}
    | {f"answer-{kind}" for kind in KINDS if kind != "music"}
    | {f"key-{mode}" for mode in MODES}
    | {f"avatar-{group}-{name}" for group, names in OPTIONS.items() for name in names}
    | {f"avatar-choose-{group.value}" for group in Group}
    | {f"error-{code.replace('_', '-')}" for code in CODES}
    | {f"permission-{name.replace('_', '-')}" for name in PERMISSIONS}
)


def messages(locale: str) -> dict[str, ast.Message]:
    found: dict[str, ast.Message] = {}
    for path in sorted((WORDS / locale).glob("*.ftl")):
        resource = FluentParser().parse(path.read_text(encoding="utf-8"))
        for entry in resource.body:
            assert not isinstance(entry, ast.Junk), f"{path}: {entry.content}"
            if isinstance(entry, ast.Message):
                assert entry.id.name not in found, f"{entry.id.name} is defined twice"
                found[entry.id.name] = entry
    return found


def keys(locale: str) -> set[str]:
    found = messages(locale)
    return set(found) | {
        f"{name}.{attribute.id.name}"
        for name, message in found.items()
        for attribute in message.attributes
    }


def facts(message: ast.Message) -> set[str]:
    text = repr(message.to_json())
    return set(re.findall(r"'VariableReference', 'id': \{[^}]*'name': '(\w+)'", text)) | set(
        re.findall(r"'name': '(\w+)', [^{}]*\}, 'type': 'VariableReference'", text)
    )


def test_every_language_has_the_same_keys() -> None:
    assert keys("en") == keys("ja")


def test_every_sentence_takes_the_same_facts_in_both_languages() -> None:
    english, japanese = messages("en"), messages("ja")
    assert {name: facts(m) for name, m in english.items()} == {
        name: facts(m) for name, m in japanese.items()
    }


def used_keys() -> set[str]:
    literals = re.compile(r'"([a-z]+(?:-[a-z0-9]+)*(?:\.[a-z]+)?)"')
    return {key for path in SOURCES for key in literals.findall(path.read_text(encoding="utf-8"))}


def test_no_key_is_unused() -> None:
    assert keys("en") - used_keys() - COMPOSED == set()


def test_no_key_is_missing() -> None:
    families = {key.split("-")[0] for key in keys("en") if "-" in key}
    wanted = {key for key in used_keys() if "-" in key and key.split("-")[0] in families}
    assert (wanted | COMPOSED) - keys("en") == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_missing_key_is_an_error_and_not_an_empty_sentence(locale: str) -> None:
    with pytest.raises(KeyError):
        translator_for(locale)("answer-to-everything")


def test_a_missing_fact_is_an_error() -> None:
    with pytest.raises(ValueError, match="reference"):
        translator_for("en")("error-unexpected")


@pytest.mark.parametrize(
    ("locale", "text"), [("ja", "ブルース"), ("en-GB", "Blues"), ("de", "Blues")]
)
def test_a_discord_locale_finds_its_language(locale: str, text: str) -> None:
    assert translator_for(locale)("genre-blues") == text
