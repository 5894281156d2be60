r"""Turn errors into sentences: what happened, the limit, what to try.

Every error that members may read has a stable `code`; its sentence is `error-<code>`, with dashes.
The sentence's facts are the error's public attributes, worded by the unit in their names:

    size_bytes = 3_145_729      $size = 3.1           megabytes, rounded up as lengths are
    length_seconds = 620.0      $length = 11 minutes  rounded up, as it is compared with a limit
    size_pixels = 25_000_000    $size = 25.0          millions, rounded up
    channel_id = 42             $channel = <#42>      a mention
    everybody = True            $everybody = yes
    typed = "a*b"               $typed = a\*b          no Markdown, at most TEXT_LIMIT characters
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from discord.utils import escape_markdown

from bot.i18n import Translator
from ml.audio.activity import LEAST_SECONDS_OF_SOUND

MEGABYTE = 1024 * 1024
MILLION = 1_000_000
MINUTE = 60  # seconds
MINUTES_AN_HOUR = 60
TEXT_LIMIT = 100  # characters repeated of what a member typed

Facts = dict[str, str | float]


def error_message(error: Exception, tr: Translator) -> str | None:
    """Return the sentence for an error, or None for one that members have no words for."""
    code = getattr(error, "code", None)
    if not isinstance(code, str):  # discord.py's codes are numbers
        return None
    facts = dict(fact for name, value in vars(error).items() for fact in _facts(name, value, tr))
    if code in MORE_FACTS:
        facts |= MORE_FACTS[code](error, tr)
    try:
        return tr(f"error-{code.replace('_', '-')}", **facts)
    except KeyError:
        return None


def _facts(name: str, value: object, tr: Translator) -> list[tuple[str, str | float]]:
    """Word one attribute; none for what cannot be worded, such as a path."""
    subject, _, unit = name.rpartition("_")
    match value:
        case bool():
            return [(name, "yes" if value else "no")]
        case int() | float() if unit == "bytes":
            return [(subject, _tenths_up(value / MEGABYTE))]
        case int() | float() if unit == "pixels":
            return [(subject, _tenths_up(value / MILLION))]
        case int() | float() if unit == "seconds":
            return [(subject, duration(value, tr))]
        case int() if unit == "id":
            return [(subject, f"<#{value}>" if subject == "channel" else f"<@{value}>")]
        case int() | float():
            return [(name, value)]
        case str():
            return [(name, escape_markdown(value[:TEXT_LIMIT]))]
    return []


def _tenths_up(value: float) -> float:
    """Round up to a tenth: what is a byte over a limit must not read as the limit."""
    return ceil(value * 10) / 10


def duration(seconds: float, tr: Translator) -> str:
    """Word a duration, rounded up: 10:20 is over a limit of 10 minutes, and must read so."""
    if seconds < MINUTE:
        return tr("seconds", seconds=max(1, ceil(seconds)))
    hours, minutes = divmod(ceil(seconds / MINUTE), MINUTES_AN_HOUR)
    parts = [tr("hours", hours=hours)] if hours else []
    if minutes:
        parts.append(tr("minutes", minutes=minutes))
    return tr("duration-space").join(parts)


def least_sound(tr: Translator) -> str:
    """Word how much sound a song needs for a verdict."""
    return duration(LEAST_SECONDS_OF_SOUND, tr)


def permission_key(name: str) -> str:
    """Return the key of a permission that Discord's API names so."""
    return f"permission-{name.replace('_', '-')}"


REFUSALS = {
    "no_face": "refused-no-face",
    "too_small": "refused-too-small",
    "duplicate": "refused-duplicate",
    "cut_off": "refused-cut-off",
    "older_model": "refused-older-model",
    "gone": "refused-gone",
}


def refusals(refused: Mapping[str, int], tr: Translator) -> str:
    """Word what was left out, reason by reason: a code -> how many."""
    comma = tr("list-comma")
    return comma.join(
        tr(REFUSALS.get(code, "refused-other"), count=count) for code, count in refused.items()
    )


def _permissions(error: Any, tr: Translator) -> Facts:
    return {"permissions": ", ".join(tr(permission_key(name)) for name in error.missing)}


def _reasons(error: Any, tr: Translator) -> Facts:
    return {"reasons": refusals(error.refused, tr)}


def _damage(error: Any, tr: Translator) -> Facts:
    minutes, seconds = divmod(int(error.since_seconds), MINUTE)
    return {
        "since": f"{minutes}:{seconds:02}",
        "begun": "yes" if error.since_seconds >= 1 else "no",
    }


# Facts that take more than a unit: code -> facts besides the plain attributes.
MORE_FACTS: dict[str, Callable[[Any, Translator], Facts]] = {
    "damaged": _damage,
    "needs_permissions": _permissions,
    "no_face": _reasons,
}
