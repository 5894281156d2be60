"""The answer to `/genre`: picture, words and alt text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import discord
from discord.utils import escape_markdown

from bot.i18n import Say
from bot.i18n.genres import genre_name
from bot.rendering.genre_card import GenreCardLabels, genre_card
from bot.rendering.palette import LAVENDER, genre_colours
from bot.rendering.timeline import clock
from ml.music.hearing import Hearing
from ml.music.rhythm import Rhythm
from storage.lesson_values import TaughtModel

SPARSE, DENSE = 0.15, 0.35  # of a bar's thirty-seconds: below plain eighths, above plain sixteenths
LOOPED, NEW = 0.05, 0.17  # variety: loops read about 0.02, live bands 0.1, breaks cut by hand 0.25
DRILL_N_BASS = 0.5
FULL_HEIGHT = 0.4  # novelty of a bar as new as bars after the first get


def rhythm_line(rhythm: Rhythm, say: Say) -> str:
    """Describe the rhythm: tempo, how busy it is, how much it repeats itself."""
    if rhythm.tempo_bpm is None:
        return say("rhythm-none")
    words = [say("rhythm-tempo", bpm=round(rhythm.tempo_bpm)), _density(rhythm, say)]
    if rhythm.variety is not None:
        words.append(_variety(rhythm.variety, say))
    if rhythm.drill_n_bass >= DRILL_N_BASS:
        words.append(say("rhythm-drill"))
    return " · ".join(words)


def bar_heights(rhythm: Rhythm | None) -> tuple[float, ...]:
    """Scale each bar's novelty to 0..1 for the picture; empty without bars."""
    if rhythm is None:
        return ()
    return tuple(min(1.0, novelty / FULL_HEIGHT) for novelty in rhythm.bars)


def _density(rhythm: Rhythm, say: Say) -> str:
    if rhythm.break_density < SPARSE:
        return say("rhythm-sparse")
    return say("rhythm-dense" if rhythm.break_density > DENSE else "rhythm-steady")


def _variety(variety: float, say: Say) -> str:
    if variety < LOOPED:
        return say("rhythm-looped")
    return say("rhythm-new" if variety > NEW else "rhythm-varied")


PICTURE_NAME = "genre.png"
SHARES_SHOWN = 3
ALT_LIMIT = 1024  # characters Discord keeps of a file's description


@dataclass(frozen=True, slots=True)
class Answer:
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
    say: Say,
    *,
    remembered: bool = False,
    taught: TaughtModel | None = None,
) -> Answer:
    """Draw and word the answer. Takes tens of milliseconds: keep it off the event loop.

    Args:
        hearing: what was heard.
        title: the song's title as posted.
        say: the reader's language.
        remembered: whether the song was remembered, which the answer then says.
        taught: the server's model that named it; None: the ear alone did.
    """
    verdict = _verdict(hearing, say)
    return Answer(
        embed=_embed(hearing, title, verdict, say, _notes(remembered, taught, say)),
        picture=genre_card(hearing, _labels(hearing, title, say), bars=bar_heights(hearing.rhythm)),
        alt=_alt(hearing, title, verdict, say),
    )


def _notes(remembered: bool, taught: TaughtModel | None, say: Say) -> list[str]:
    """Say what else there is to say."""
    notes = [say("genre-taught", number=taught.number)] if taught else []
    return [*notes, say("answer-remembered")] if remembered else notes


def _embed(
    hearing: Hearing, title: str, verdict: str, say: Say, notes: Sequence[str]
) -> discord.Embed:
    lines = [f"**{verdict}**", _shares(_ranked(hearing)[1:SHARES_SHOWN], say)]
    if hearing.genre is None:
        lines.append(say("answer-unsure-why"))
    if hearing.rhythm is not None:
        lines.append(rhythm_line(hearing.rhythm, say))
    lines += notes
    colour = genre_colours(hearing.genres)[hearing.genre] if hearing.genre else LAVENDER
    embed = discord.Embed(
        title=escape_markdown(title)[:256],
        description="\n".join(lines),
        colour=discord.Colour.from_rgb(*colour),
    )
    embed.set_image(url=f"attachment://{PICTURE_NAME}")
    embed.set_footer(text=say("answer-footer", windows=len(hearing.starts), model=hearing.model))
    return embed


def _verdict(hearing: Hearing, say: Say) -> str:
    best, share = _ranked(hearing)[0]
    return say(
        "answer-genre" if hearing.genre else "answer-unsure",
        genre=_shown(best, say),
        percent=round(100 * share),
    )


def _ranked(hearing: Hearing) -> list[tuple[str, float]]:
    return sorted(hearing.genres.items(), key=lambda item: -item[1])


def _shares(shares: Sequence[tuple[str, float]], say: Say) -> str:
    return " · ".join(
        say("answer-share", genre=_shown(name, say), percent=round(100 * share))
        for name, share in shares
    )


def _alt(hearing: Hearing, title: str, verdict: str, say: Say) -> str:
    return say(
        "answer-alt",
        title=title,
        verdict=verdict,
        shares=_shares(_ranked(hearing)[:SHARES_SHOWN], say),
        length=clock(hearing.seconds),
    )[:ALT_LIMIT]


def _labels(hearing: Hearing, title: str, say: Say) -> GenreCardLabels:
    return GenreCardLabels(
        title=title,
        genres={name: genre_name(name, say) for name in hearing.genres},
        unsure=say("card-unsure"),
        movement=say("card-movement"),
        others=say("card-others"),
        rhythm=say("card-rhythm"),
    )


def _shown(genre: str, say: Say) -> str:
    return escape_markdown(genre_name(genre, say))
