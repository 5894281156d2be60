"""The answer to `/similar`: songs, words, map, and what can be pressed under it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import discord
from discord import SelectOption
from discord.ui import View
from discord.utils import escape_markdown, format_dt

from bot.discord.map_answers import NAME, MapPicture, drawn_around, genre_names
from bot.discord.requests import Request
from bot.discord.ui import Field, PersistentButton, PersistentSelect
from bot.i18n import Translator
from bot.rendering.palette import LAVENDER
from bot.rendering.timeline import clock
from bot.songbook.similar import Found, SimilarRequest
from bot.songbook.values import Filters, Match
from ml.music.hearing import SimilarityParts
from storage.song_values import Post, Song

PARTS = {
    "timbre": "similar-part-timbre",
    "harmony": "similar-part-harmony",
    "rhythm": "similar-part-rhythm",
}
TEMPOS = {0: "similar-tempo-same", 1: "similar-tempo-double", -1: "similar-tempo-half"}  # octaves
SAME_TEMPO = math.log2(1.04)  # octaves: as far as the estimate may be wrong


def why_text(parts: SimilarityParts | None, tempo_ratio: float | None, tr: Translator) -> str:
    """Word what two songs have in common and what not."""
    if parts is None:
        return ""
    words = [_in_common(parts.shares, tr)]
    if unlike := [tr(PARTS[name]) for name in PARTS if parts.shares.get(name, 0.0) < 0]:
        words.append(tr("similar-unlike", parts=tr("list-comma").join(unlike)))
    if tempo_ratio is not None:
        words.append(tr(_tempo(tempo_ratio)))
    return " · ".join(word for word in words if word)


def _in_common(shares: Mapping[str, float], tr: Translator) -> str:
    """Divide what is alike among its parts.

    The largest first, together 100 %.
    """
    alike = {name: share for name, share in shares.items() if name in PARTS and share > 0}
    if not alike:
        return ""
    whole = sum(alike.values())
    largest_first = sorted(alike, key=lambda name: -alike[name])
    words = [
        tr("similar-part", part=tr(PARTS[name]), percent=round(100 * alike[name] / whole))
        for name in largest_first
    ]
    return tr("similar-alike", parts=tr("list-comma").join(words))


def _tempo(ratio: float) -> str:
    """Choose the words for the ratio of the two tempos."""
    octaves = math.log2(ratio)
    if abs(octaves - round(octaves)) > SAME_TEMPO:
        return "similar-tempo-other"
    return TEMPOS.get(round(octaves), "similar-tempo-other")


TITLE_LIMIT, NAME_LIMIT = 256, 256


async def answer_for(
    found: Found, request: Request, *, narrowed: bool
) -> tuple[discord.Embed, MapPicture]:
    """Word and draw an answer that found something.

    The drawing runs off the event loop.

    Args:
        found: the songs.
        request: whose answer it is.
        narrowed: whether channels were left out that the asker can read.
    """
    tr = request.tr
    assert found.map is not None  # there is one whenever something was found
    song_id, matches = found.request.song_id, found.page.matches
    drawn = await request.draw(drawn_around, found.map, found.title, song_id, matches, tr)
    embed = _embed(found, tr)
    embed.set_image(url=f"attachment://{NAME}")
    for number, match in enumerate(matches, start=1):
        embed.add_field(name=_name(number, match, tr), value=_value(match, tr), inline=False)
    notes = [tr("similar-page", page=found.request.page + 1, songs=found.map.songs)]
    if narrowed:
        notes.append(tr("similar-narrowed"))
    embed.set_footer(text=" · ".join(notes))
    return embed, drawn


def nothing_found(found: Found, tr: Translator, *, alone: bool, narrowed: bool) -> discord.Embed:
    """Word that nothing was found, and what to try.

    Args:
        found: the answer without songs.
        tr: the reader's language.
        alone: whether there is no other song at all within reach.
        narrowed: whether channels were left out that the asker can read.
    """
    if found.request.page:
        text = tr("similar-no-more")
    elif alone:
        text = tr("similar-alone")
    else:
        text = tr("similar-none-filtered", filters=_filter_words(found.request.filters, tr))
    embed = _embed(found, tr)
    embed.description = f"{text}\n{tr('similar-narrowed')}" if narrowed else text
    return embed


def _embed(found: Found, tr: Translator) -> discord.Embed:
    heading = tr("similar-heading", title=escape_markdown(found.title))
    embed = discord.Embed(title=heading[:TITLE_LIMIT], colour=discord.Colour.from_rgb(*LAVENDER))
    lines = []
    if found.asked is not None:
        post = found.asked.post
        lines.append(tr("similar-asked", link=_link(post), poster=f"<@{post.poster_id}>"))
    if found.request.filters != Filters():
        lines.append(_filter_words(found.request.filters, tr))
    embed.description = "\n".join(lines) or None
    return embed


def _name(number: int, match: Match, tr: Translator) -> str:
    title = escape_markdown(match.song.post.title)
    return tr("similar-match", number=number, percent=match.percent, title=title)[:NAME_LIMIT]


def _value(match: Match, tr: Translator) -> str:
    post = match.song.post
    lines = [
        why_text(match.parts, match.tempo_ratio, tr),
        _facts(match.song, tr),
        tr(
            "similar-posted",
            poster=f"<@{post.poster_id}>",
            when=format_dt(post.posted_at, "D"),
            link=_link(post),
        ),
    ]
    return "\n".join(line for line in lines if line)


def _facts(song: Song, tr: Translator) -> str:
    traits = song.traits
    genres = genre_names(tr)
    genre = tr("card-unsure") if traits.genre is None else genres.get(traits.genre, traits.genre)
    tempo = [] if traits.tempo_bpm is None else [tr("tempo-bpm", bpm=round(traits.tempo_bpm))]
    return " · ".join([genre, *tempo, clock(traits.seconds)])


def _filter_words(filters: Filters, tr: Translator) -> str:
    words = []
    if filters.genre:
        words.append(genre_names(tr).get(filters.genre, filters.genre))
    if filters.poster_id:
        words.append(f"<@{filters.poster_id}>")
    if filters.tempo_bpm:
        lowest, highest = map(round, filters.tempo_bpm)
        words.append(tr("similar-tempo-range", lowest=lowest, highest=highest))
    return tr("similar-only", filters=" · ".join(words))


def _link(post: Post) -> str:
    return f"https://discord.com/channels/{post.guild_id}/{post.channel_id}/{post.message_id}"


# Buttons and selects, whose custom ids hold the request

ABOUT = r"s[0-9]{1,18}|f[0-9a-f]{1,32}"  # a remembered song, or the ticket of a file
REQUEST_PATTERN = rf"(?:{ABOUT}):[0-9]{{1,3}}:[^:]{{0,20}}:[0-9]{{0,19}}:[0-9]{{0,3}}-[0-9]{{0,3}}"
LABEL_LIMIT = 100  # characters of a select's option


def write_request(request: SimilarRequest) -> str:
    """Write a request as `about:page:genre:poster:lowest-highest`, as `read_request` reads it."""
    about = f"f{request.ticket}" if request.song_id is None else f"s{request.song_id}"
    filters = request.filters
    tempo = "-".join(str(round(bpm)) for bpm in filters.tempo_bpm) if filters.tempo_bpm else "-"
    parts = (about, request.page, filters.genre or "", filters.poster_id or "", tempo)
    return ":".join(map(str, parts))


def read_request(text: str) -> SimilarRequest:
    """Read a request from text that `REQUEST_PATTERN` matches."""
    about, page, genre, poster, tempo = text.split(":")
    lowest, highest = tempo.split("-")
    remembered = about.startswith("s")
    return SimilarRequest(
        song_id=int(about[1:]) if remembered else None,
        ticket="" if remembered else about[1:],
        page=int(page),
        filters=Filters(
            genre=genre or None,
            poster_id=int(poster) if poster else None,
            tempo_bpm=(float(lowest), float(highest)) if lowest and highest else None,
        ),
    )


REQUEST = Field(REQUEST_PATTERN, read_request, write_request)
SONG_ID = Field(r"[0-9]{1,18}", int)


class TurnButton(
    PersistentButton, template="similar:turn:{asked}", fields={"asked": REQUEST}, action="turn"
):
    """Turns the answer to another page."""


class SongSelect(
    PersistentSelect,
    template="similar:like:{asked}",
    fields={"asked": REQUEST},
    action="ask_about_match",
):
    """Asks on about one of the songs found."""


class OpenButton(
    PersistentButton, template="similar:open:{song_id}", fields={"song_id": SONG_ID}, action="open"
):
    """Asks about a song from another answer, such as that to `/genre`."""


def similar_button(song_id: int, tr: Translator) -> OpenButton:
    """Build a button that asks which songs sound like a remembered one."""
    return OpenButton(tr("similar-button"), song_id=song_id)


def view_of(found: Found, tr: Translator) -> View:
    """Build what can be pressed under an answer."""
    view = View(timeout=None)
    request = found.request
    if request.page or found.page.more:
        before = replace(request, page=max(request.page - 1, 0))
        after = replace(request, page=request.page + 1)
        if request.page:
            view.add_item(TurnButton(tr("similar-previous"), asked=before))
        more = found.page.more
        view.add_item(TurnButton(tr("similar-next"), disabled=not more, asked=after))
    if found.page.matches:
        options = [_option(number, match) for number, match in enumerate(found.page.matches, 1)]
        first_page = replace(request, page=0)
        view.add_item(SongSelect(tr("similar-like-one"), options, asked=first_page))
    return view


def _option(number: int, match: Match) -> SelectOption:
    label = f"{number} · {match.song.post.title}"
    return SelectOption(label=label[:LABEL_LIMIT], value=str(match.song.song_id))
