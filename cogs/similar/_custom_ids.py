"""Questions as the custom ids of buttons, so that a button knows its question after a restart.

A custom id has at most 100 characters. These read `similar:<kind>:<about>:<page>:<genre>:
<poster>:<lowest>-<highest>`, where `about` is `s` with a song's id or `f` with a file's ticket.
"""

from __future__ import annotations

import re

from bot.services.similar_songs import Question
from bot.services.songbook_values import Filters

ABOUT = r"(?P<about>s[0-9]{1,18}|f[0-9a-f]{1,32})"
FILTERS = (
    r"(?P<genre>[^:]{0,20}):(?P<poster>[0-9]{0,19})"
    r":(?P<lowest>[0-9]{0,3})-(?P<highest>[0-9]{0,3})"
)
QUESTION = rf"{ABOUT}:(?P<page>[0-9]{{1,3}}):{FILTERS}"


def written(kind: str, question: Question) -> str:
    """Write a question as a custom id."""
    about = f"f{question.ticket}" if question.song_id is None else f"s{question.song_id}"
    filters = question.filters
    tempo = "-".join(str(round(bpm)) for bpm in filters.tempo_bpm) if filters.tempo_bpm else "-"
    parts = (about, question.page, filters.genre or "", filters.poster_id or "", tempo)
    return ":".join(["similar", kind, *map(str, parts)])


def read(match: re.Match[str]) -> Question:
    """Read a question from a custom id that `QUESTION` matched."""
    about, kind = match["about"][1:], match["about"][0]
    tempo = (float(match["lowest"]), float(match["highest"])) if match["lowest"] else None
    return Question(
        song_id=int(about) if kind == "s" else None,
        ticket=about if kind == "f" else "",
        page=int(match["page"]),
        filters=Filters(
            genre=match["genre"] or None,
            poster_id=int(match["poster"]) if match["poster"] else None,
            tempo_bpm=tempo,
        ),
    )
