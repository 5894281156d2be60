"""Look up sentences and genre names in the reader's language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Protocol

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.resolver import Pattern

from ml.music.taxonomy import GENRE_KEYS

LOCALES = ("en", "ja")  # the first serves every language we do not speak

_HERE = Path(__file__).parent


class Translator(Protocol):
    """Turns a key and its facts into a sentence of one language."""

    def __call__(self, key: str, /, **facts: str | float) -> str:
        """Return the sentence of `key`, or of its attribute where the key reads `key.attribute`.

        Raises:
            KeyError: no catalogue has the key.
            ValueError: a fact that the sentence needs is missing.
        """


@cache
def translator_for(locale: str) -> Translator:
    """Return the words for a Discord locale such as `ja` or `en-GB`."""
    language = locale.split("-")[0]
    bundle = _bundle(language if language in LOCALES else LOCALES[0])

    def tr(key: str, /, **facts: str | float) -> str:
        text, errors = bundle.format_pattern(_pattern(bundle, key), facts)
        if errors:
            raise ValueError(f"{key}: {errors[0]}")
        return str(text)

    return tr


def _pattern(bundle: FluentBundle, key: str) -> Pattern:
    name, _, attribute = key.partition(".")
    if not bundle.has_message(name):
        raise KeyError(key)
    message = bundle.get_message(name)
    pattern = message.attributes.get(attribute) if attribute else message.value
    if pattern is None:
        raise KeyError(key)
    return pattern


@cache
def _bundle(language: str) -> FluentBundle:
    # Isolation marks would show as boxes in some Discord clients and break Markdown.
    bundle = FluentBundle([language], use_isolating=False)
    for path in sorted((_HERE / language).glob("*.ftl")):
        bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle


def genre_name(genre: str, tr: Translator) -> str:
    """Name a family or style in the reader's language; what a server taught, as it calls it."""
    return tr(f"genre-{genre}") if genre in GENRE_KEYS else genre
