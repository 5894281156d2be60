"""The answer to `/genre`: picture, words and alt text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import discord
from discord.utils import escape_markdown

from bot.i18n import Translator
from bot.i18n.catalogue import genre_name
from bot.rendering.genre_card import GenreCardLabels, genre_card
from bot.rendering.palette import LAVENDER, genre_colours
from bot.rendering.timeline import clock
from ml.music.hearing import Hearing, Rhythm
from storage.lessons import TaughtModel

SPARSE, DENSE = 0.15, 0.35  # of a bar's thirty-seconds: below plain eighths, above plain sixteenths
LOOPED, NEW = 0.05, 0.17  # variety: loops read about 0.02, live bands 0.1, breaks cut by hand 0.25
DRILL_N_BASS = 0.5
FULL_HEIGHT = 0.4  # novelty of a bar as new as bars after the first get


def rhythm_line(rhythm: Rhythm, tr: Translator) -> str:
    """Describe the rhythm: tempo, how busy it is, how much it repeats itself."""
    if rhythm.tempo_bpm is None:
        return tr("rhythm-none")
    words = [tr("rhythm-tempo", bpm=round(rhythm.tempo_bpm)), _density(rhythm, tr)]
    if rhythm.variety is not None:
        words.append(_variety(rhythm.variety, tr))
    if rhythm.drill_n_bass >= DRILL_N_BASS:
        words.append(tr("rhythm-drill"))
    return " · ".join(words)


def bar_heights(rhythm: Rhythm | None) -> tuple[float, ...]:
    """Scale each bar's novelty to 0..1 for the picture; empty without bars."""
    if rhythm is None:
        return ()
    return tuple(min(1.0, novelty / FULL_HEIGHT) for novelty in rhythm.bars)


def _density(rhythm: Rhythm, tr: Translator) -> str:
    if rhythm.break_density < SPARSE:
        return tr("rhythm-sparse")
    return tr("rhythm-dense" if rhythm.break_density > DENSE else "rhythm-steady")


def _variety(variety: float, tr: Translator) -> str:
    if variety < LOOPED:
        return tr("rhythm-looped")
    return tr("rhythm-new" if variety > NEW else "rhythm-varied")


PICTURE_NAME = "genre.png"
SHARES_SHOWN = 3
ALT_LIMIT = 1024  # characters Discord keeps of a file's description


@dataclass(frozen=True, slots=True)
class GenreAnswer:
    """One answer's text and picture, ready to send."""

    embed: discord.Embed
    picture: bytes
    alt: str

    def file(self) -> discord.File:
        """Wrap the picture for sending; a file can be sent once."""
        return discord.File(BytesIO(self.picture), PICTURE_NAME, description=self.alt)


def answer_for(
    hearing: Hearing,
    title: str,
    tr: Translator,
    *,
    remembered: bool = False,
    taught: TaughtModel | None = None,
) -> GenreAnswer:
    """Draw and word the answer. Takes tens of milliseconds: keep it off the event loop.

    Args:
        hearing: what was heard.
        title: the song's title as posted.
        tr: the reader's language.
        remembered: whether the song was remembered, which the answer then says.
        taught: the server's model that named it; None: the shipped model did.
    """
    verdict = _verdict(hearing, tr)
    return GenreAnswer(
        embed=_embed(hearing, title, verdict, tr, _notes(remembered, taught, tr)),
        picture=genre_card(hearing, _labels(hearing, title, tr), bars=bar_heights(hearing.rhythm)),
        alt=_alt(hearing, title, verdict, tr),
    )


def _notes(remembered: bool, taught: TaughtModel | None, tr: Translator) -> list[str]:
    """Say what else there is to say."""
    notes = [tr("genre-taught", number=taught.number)] if taught else []
    return [*notes, tr("answer-remembered")] if remembered else notes


def _embed(
    hearing: Hearing, title: str, verdict: str, tr: Translator, notes: Sequence[str]
) -> discord.Embed:
    lines = [f"**{verdict}**", _shares(_ranked(hearing)[1:SHARES_SHOWN], tr)]
    if hearing.genre is None:
        lines.append(tr("answer-unsure-why"))
    if hearing.rhythm is not None:
        lines.append(rhythm_line(hearing.rhythm, tr))
    lines += notes
    colour = genre_colours(hearing.genres)[hearing.genre] if hearing.genre else LAVENDER
    embed = discord.Embed(
        title=escape_markdown(title)[:256],
        description="\n".join(lines),
        colour=discord.Colour.from_rgb(*colour),
    )
    embed.set_image(url=f"attachment://{PICTURE_NAME}")
    embed.set_footer(text=tr("answer-footer", windows=len(hearing.starts), model=hearing.model))
    return embed


def _verdict(hearing: Hearing, tr: Translator) -> str:
    best, share = _ranked(hearing)[0]
    return tr(
        "answer-genre" if hearing.genre else "answer-unsure",
        genre=_shown(best, tr),
        percent=round(100 * share),
    )


def _ranked(hearing: Hearing) -> list[tuple[str, float]]:
    return sorted(hearing.genres.items(), key=lambda item: -item[1])


def _shares(shares: Sequence[tuple[str, float]], tr: Translator) -> str:
    return " · ".join(
        tr("answer-share", genre=_shown(name, tr), percent=round(100 * share))
        for name, share in shares
    )


def _alt(hearing: Hearing, title: str, verdict: str, tr: Translator) -> str:
    return tr(
        "answer-alt",
        title=title,
        verdict=verdict,
        shares=_shares(_ranked(hearing)[:SHARES_SHOWN], tr),
        length=clock(hearing.seconds),
    )[:ALT_LIMIT]


def _labels(hearing: Hearing, title: str, tr: Translator) -> GenreCardLabels:
    return GenreCardLabels(
        title=title,
        genres={name: genre_name(name, tr) for name in hearing.genres},
        unsure=tr("card-unsure"),
        movement=tr("card-movement"),
        others=tr("card-others"),
        rhythm=tr("card-rhythm"),
    )


def _shown(genre: str, tr: Translator) -> str:
    return escape_markdown(genre_name(genre, tr))
