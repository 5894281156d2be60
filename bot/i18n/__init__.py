"""The bot's words in English and Japanese, as Fluent catalogues (https://projectfluent.org)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.resolver import Pattern

from ml.music.taxonomy import GENRE_KEYS

if TYPE_CHECKING:
    from ml.music.hearing import Hearing

PROBABLE = 0.25  # from which half of the styles were right; below, a style only may be
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


def finest(hearing: Hearing, tr: Translator) -> str:
    """Say the finest thing that is sure of a song, or what it is where it is no music."""
    said = hearing.verdict
    if hearing.kind != "music":
        return tr(f"answer-{hearing.kind}")
    if hearing.too_short:
        return tr("answer-too-short")
    if said.family is None:
        best = max(hearing.families, key=lambda family: hearing.families[family])
        return tr("answer-unsure", genre=genre_name(best, tr))
    family = genre_name(said.family, tr)
    if said.style is None:
        return family
    names = {"family": family, "style": genre_name(said.style, tr)}
    if said.sure_of_style:
        return tr("answer-style", **names)
    probable = hearing.styles[said.style] >= PROBABLE
    return tr("answer-style-likely" if probable else "answer-style-maybe", **names)


def key_name(tonic: str, mode: str, tr: Translator) -> str:
    """Name a key: `C#`, `minor` reads "C♯ minor"."""
    sign = tonic[1:].replace("#", "♯").replace("b", "♭")
    return tr(f"key-{mode}", tonic=f"{tonic[0]}{sign}")
