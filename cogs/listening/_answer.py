"""The answer to `/genre`: picture, words and alt text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import discord
import numpy as np
from discord.utils import escape_markdown

from bot.i18n import Translator, finest, genre_name, key_name
from bot.i18n.error_messages import least_sound
from bot.rendering.genre_card import Fact, HearingCard, Strip, clock, genre_card
from bot.rendering.palette import INK, LAVENDER, Rgb, genre_colours, mixed
from ml.music.hearing import Hearing, Rhythm
from ml.music.taxonomy import said_tags
from storage.song_values import Outcome
from storage.taught_models import TaughtModel

SPARSE, DENSE = 0.15, 0.35  # of a bar's thirty-seconds: below plain eighths, above plain sixteenths
LOOPED, NEW = 0.05, 0.17  # variety: loops read about 0.02, live bands 0.1, breaks cut by hand 0.25
FEWEST_STRIPS, MOST_STRIPS = 3, 4
WORTH_SHOWING = 0.05  # below this a family is shown only to make up the fewest
CHANGING = 0.25  # from its least to its most, from which a genre comes and goes in a song
STYLE_LIGHTER = 0.35  # how far a style's colour goes from its family's towards white
PICTURE_NAME = "genre.png"
OUTCOME_NOTES = {
    Outcome.REMEMBERED: "answer-remembered",
    Outcome.TOO_SHORT: "answer-not-remembered",
}
ALT_LIMIT = 1024  # characters Discord keeps of a file's description


@dataclass(frozen=True, slots=True)
class GenreAnswer:
    """One answer's text, and its picture where it has one, ready to send."""

    embed: discord.Embed
    picture: bytes | None
    alt: str

    def file(self) -> discord.File | None:
        """Wrap the picture for sending; a file can be sent once."""
        if self.picture is None:
            return None
        return discord.File(BytesIO(self.picture), PICTURE_NAME, description=self.alt)


def answer_for(
    hearing: Hearing,
    title: str,
    tr: Translator,
    *,
    outcome: Outcome | None = None,
    taught: TaughtModel | None = None,
    can_be_named: bool = False,
    in_words: bool = False,
) -> GenreAnswer:
    """Draw and word the answer. Takes tens of milliseconds: keep it off the event loop.

    Args:
        hearing: what was heard.
        title: the song's title as posted.
        tr: the reader's language.
        outcome: what became of the song in the songbook; None where it was not to be remembered.
        taught: the server's model that named it; None: the music model alone did.
        can_be_named: whether there is a button by which the reader can name the genre.
        in_words: whether words, in place of a button, lead on to songs that sound like it.
    """
    embed = discord.Embed(title=escape_markdown(title)[:256])
    if hearing.kind != "music":
        embed.description = "\n".join([f"**{finest(hearing, tr)}**", tr("answer-not-music")])
        embed.colour = discord.Colour.from_rgb(*LAVENDER)
        return GenreAnswer(embed, None, "")
    strips = _strips(hearing, tr)
    lines = [f"**{escape_markdown(finest(hearing, tr))}**"]
    lines += _too_short(tr) if hearing.too_short else _findings(hearing, strips, tr, can_be_named)
    lines += [tr("genre-taught", number=taught.number)] if taught else []
    lines += [tr(OUTCOME_NOTES[outcome])] if outcome in OUTCOME_NOTES else []
    lines += [tr("answer-next")] if in_words else []
    embed.description = "\n".join(line for line in lines if line)
    embed.colour = discord.Colour.from_rgb(
        *(strips[0].colour if hearing.verdict.family else LAVENDER)
    )
    embed.set_image(url=f"attachment://{PICTURE_NAME}")
    windows, length = len(hearing.timeline.starts), clock(hearing.seconds)
    embed.set_footer(text=tr("answer-footer", windows=windows, length=length))
    picture = genre_card(_card(hearing, title, strips, tr))
    return GenreAnswer(embed, picture, _alt(hearing, title, strips, tr))


def _too_short(tr: Translator) -> list[str]:
    return [tr("answer-too-short-why", needed=least_sound(tr))]


def _findings(
    hearing: Hearing, strips: Sequence[Strip], tr: Translator, can_be_named: bool
) -> list[str]:
    lines = [_shares(strips, tr)]
    if hearing.verdict.family is None:
        lines.append(tr("answer-unsure-name-it" if can_be_named else "answer-unsure-why"))
    return [*lines, _tags(hearing, tr), f"{_key(hearing, tr)} · {tempo_line(hearing.rhythm, tr)}"]


def genres_to_show(hearing: Hearing) -> tuple[str, ...]:
    """Choose three or four families and styles for strips, what is said first leading."""
    said = hearing.verdict
    shares = {**hearing.styles, **hearing.families}
    style = (said.style,) if said.style is not None else ()
    sure = (*said.families[:1], *style, *said.families[1:], *said.styles)
    chosen = [genre for genre in dict.fromkeys(sure) if genre in shares][:MOST_STRIPS]
    for family, share in hearing.families.items():
        if len(chosen) < FEWEST_STRIPS or (len(chosen) < MOST_STRIPS and share >= WORTH_SHOWING):
            chosen += [family] if family not in chosen else []
    return tuple(chosen)


def tempo_line(rhythm: Rhythm | None, tr: Translator) -> str:
    """Describe the rhythm: tempo, how busy it is, how much it repeats itself."""
    if rhythm is None or rhythm.tempo_bpm is None:
        return tr("rhythm-none")
    words = [tr("rhythm-tempo", bpm=round(rhythm.tempo_bpm)), _busyness(rhythm, tr)]
    return " · ".join(words)


def _busyness(rhythm: Rhythm, tr: Translator) -> str:
    density = rhythm.break_density
    words = [
        tr(
            "rhythm-sparse"
            if density < SPARSE
            else "rhythm-dense"
            if density > DENSE
            else "rhythm-steady"
        )
    ]
    if rhythm.variety is not None:
        looped, new = rhythm.variety < LOOPED, rhythm.variety > NEW
        words.append(tr("rhythm-looped" if looped else "rhythm-new" if new else "rhythm-varied"))
    return " · ".join(words)


def _strips(hearing: Hearing, tr: Translator) -> list[Strip]:
    said, shares = hearing.verdict, {**hearing.styles, **hearing.families}
    colours = _colours(hearing)
    return [
        Strip(
            genre_name(genre, tr),
            shares[genre],
            hearing.timeline.shares[genre],
            colours[genre],
            sure=genre in said.families or (genre == said.style and said.sure_of_style),
        )
        for genre in genres_to_show(hearing)
    ]


def _colours(hearing: Hearing) -> dict[str, Rgb]:
    """Give families their own colours, and styles a lighter one of the family said first."""
    colours = genre_colours(hearing.families)
    family = hearing.verdict.family
    ground = colours[family] if family is not None else LAVENDER
    return {style: mixed(ground, INK, STYLE_LIGHTER) for style in hearing.styles} | colours


def _shares(strips: Sequence[Strip], tr: Translator) -> str:
    return " · ".join(
        tr("answer-share", genre=escape_markdown(strip.name), percent=round(100 * strip.share))
        for strip in strips
    )


def _tags(hearing: Hearing, tr: Translator) -> str:
    return tr("list-comma").join(_tag_words(hearing, tr))


def _tag_words(hearing: Hearing, tr: Translator) -> list[str]:
    """Name the tags that are said, each with its probability."""
    return [
        tr("answer-share", genre=tr(f"tag-{tag}"), percent=round(100 * hearing.tags[tag]))
        for tag in said_tags(hearing.tags)
    ]


def _key(hearing: Hearing, tr: Translator) -> str:
    key = hearing.key
    if key is None:
        return tr("answer-no-key")
    return tr("answer-key", key=key_name(key.tonic, key.mode, tr), camelot=key.camelot)


def _card(hearing: Hearing, title: str, strips: Sequence[Strip], tr: Translator) -> HearingCard:
    timeline = hearing.timeline
    middles = (np.asarray(timeline.starts) + timeline.window_seconds / 2) / hearing.seconds
    return HearingCard(
        title=title,
        headline=finest(hearing, tr),
        sure=hearing.verdict.family is not None,
        strips=strips,
        middles=np.clip(middles, 0, 1).tolist(),
        seconds=hearing.seconds,
        heading=tr("card-heading"),
        explanation=tr("card-explanation"),
        tags=_tag_words(hearing, tr),
        key=_key_fact(hearing, tr),
        tempo=_tempo_fact(hearing.rhythm, tr),
    )


def _key_fact(hearing: Hearing, tr: Translator) -> Fact:
    key = hearing.key
    if key is None:
        return Fact(tr("card-key"), tr("card-no-key"))
    name = key_name(key.tonic, key.mode, tr)
    return Fact(tr("card-key"), name, tr("card-camelot", camelot=key.camelot))


def _tempo_fact(rhythm: Rhythm | None, tr: Translator) -> Fact:
    if rhythm is None or rhythm.tempo_bpm is None:
        return Fact(tr("card-tempo"), tr("rhythm-none"))
    tempo = tr("rhythm-tempo", bpm=round(rhythm.tempo_bpm))
    return Fact(tr("card-tempo"), tempo, _busyness(rhythm, tr))


def _alt(hearing: Hearing, title: str, strips: Sequence[Strip], tr: Translator) -> str:
    """Tell all that the picture shows, the course of the song as well."""
    tags = _tags(hearing, tr)
    return tr(
        "answer-alt" if tags else "answer-alt-plain",
        title=title,
        verdict=finest(hearing, tr),
        length=clock(hearing.seconds),
        course=tr("list-semicolon").join(_course(hearing, strip, tr) for strip in strips),
        tags=tags,
        key=_key(hearing, tr),
        tempo=tempo_line(hearing.rhythm, tr),
    )[:ALT_LIMIT]


def _course(hearing: Hearing, strip: Strip, tr: Translator) -> str:
    percent, shares = round(100 * strip.share), strip.over_time
    if float(np.ptp(shares)) < CHANGING:
        return tr("answer-alt-even", genre=strip.name, percent=percent)
    most, least = (
        clock(hearing.timeline.starts[int(at)]) for at in (shares.argmax(), shares.argmin())
    )
    key = "answer-alt-changing"
    return tr(key, genre=strip.name, percent=percent, most=most, least=least)
