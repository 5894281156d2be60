"""The answer to `/similar`: songs, words, map, and what can be pressed under it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import discord
from discord import SelectOption, app_commands
from discord.ui import View
from discord.utils import escape_markdown

from bot.discord.map_answers import (
    NAME,
    NEARNESS,
    MapPicture,
    drawn_around,
    genre_names,
    message_link,
    song_facts,
)
from bot.discord.messages import MessageLink
from bot.discord.permissions import sight_of
from bot.discord.requests import Request
from bot.discord.ui import Field, PersistentButton, PersistentSelect
from bot.i18n import Translator
from bot.rendering.palette import LAVENDER
from bot.songbook.service import Songbook
from bot.songbook.similar import CHOSEN, Found, SimilarityService, SimilarRequest
from bot.songbook.values import Filters, Match, ReadableChannels, UnknownSongError
from ml.music.hearing import SimilarityParts, SimilarityScale
from storage.song_values import Song

PARTS = {
    "timbre": "similar-part-timbre",
    "sound": "similar-part-timbre",
    "style": "similar-part-style",
    "harmony": "similar-part-harmony",
    "rhythm": "similar-part-rhythm",
}
BAR = 5  # blocks
FULL, EMPTY = "▰", "▱"
TEMPOS = {0: "similar-tempo-same", 1: "similar-tempo-double", -1: "similar-tempo-half"}  # octaves
SAME_TEMPO = math.log2(1.04)  # octaves: as far as the estimate may be wrong
TITLE_LIMIT, NAME_LIMIT = 256, 256
CHOICE_LIMIT = 100  # characters of a choice's name


def why_text(
    parts: SimilarityParts, scale: SimilarityScale, tempo_ratio: float | None, tr: Translator
) -> str:
    """Show how alike two songs are in each part, and how their tempos stand to each other."""
    words = [
        tr("similar-part", part=tr(PARTS[name]), bar=_bar(scale.strength(name, cosine)))
        for name, cosine in parts.cosines.items()
        if name in PARTS
    ]
    if tempo_ratio is not None:
        words.append(tr(_tempo(tempo_ratio)))
    return " · ".join(words)


def _bar(strength: float) -> str:
    full = round(BAR * strength)
    return FULL * full + EMPTY * (BAR - full)


def _tempo(ratio: float) -> str:
    """Choose the words for the ratio of the two tempos."""
    octaves = math.log2(ratio)
    if abs(octaves - round(octaves)) > SAME_TEMPO:
        return "similar-tempo-other"
    return TEMPOS.get(round(octaves), "similar-tempo-other")


async def answer_for(
    found: Found, request: Request, scale: SimilarityScale, *, narrowed: bool
) -> tuple[discord.Embed, MapPicture]:
    """Word and draw an answer that found something.

    The drawing runs off the event loop.

    Args:
        found: the songs.
        request: whose answer it is.
        scale: of the vectors that were compared.
        narrowed: whether channels were left out that the asker can read.
    """
    tr, page = request.tr, found.page
    assert found.map is not None  # there is one whenever something was found
    numbered = {match.song.song_id: page.first + i for i, match in enumerate(page.matches)}
    titles = [match.song.post.title for match in page.matches]
    asked = [song.song_id for song in found.asked]
    drawn = await request.draw(drawn_around, found.map, found.titles, asked, numbered, titles, tr)
    embed = _embed(found, tr)
    if not page.alike:
        lines = [embed.description, tr("similar-nothing-close")]
        embed.description = "\n".join(line for line in lines if line)
    embed.set_image(url=f"attachment://{NAME}")
    for number, match in enumerate(page.matches, start=page.first):
        value = _value(match, scale, tr)
        embed.add_field(name=_name(number, match, tr), value=value, inline=False)
    notes = [
        tr("similar-page", page=page.number + 1, pages=page.pages),
        tr("similar-counts", alike=page.alike, songs=page.compared),
    ]
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
    titles = tr("list-plus").join(escape_markdown(title) for title in found.titles)
    heading = tr("similar-heading", title=titles)
    embed = discord.Embed(title=heading[:TITLE_LIMIT], colour=discord.Colour.from_rgb(*LAVENDER))
    several = len(found.titles) > 1
    lines = [_asked(song, tr, named=several) for song in found.asked]
    if found.request.filters != Filters():
        lines.append(_filter_words(found.request.filters, tr))
    embed.description = "\n".join(lines) or None
    return embed


def _asked(song: Song, tr: Translator, *, named: bool) -> str:
    key = "similar-asked-named" if named else "similar-asked"
    post = song.post
    title = escape_markdown(post.title[:TITLE_LIMIT])
    return tr(key, link=message_link(post), poster=f"<@{post.poster_id}>", title=title)


def _name(number: int, match: Match, tr: Translator) -> str:
    title = escape_markdown(match.song.post.title)
    near = tr(NEARNESS[match.closeness])
    return tr("similar-match", number=number, near=near, title=title)[:NAME_LIMIT]


def _value(match: Match, scale: SimilarityScale, tr: Translator) -> str:
    post = match.song.post
    posted = tr("similar-posted", poster=f"<@{post.poster_id}>", link=message_link(post))
    lines = [
        why_text(match.parts, scale, match.tempo_ratio, tr),
        f"{song_facts(match.song, tr)} · {posted}",
    ]
    return "\n".join(line for line in lines if line)


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


# Buttons and selects, whose custom ids hold the request

# Remembered songs, or the ticket of a file. Several songs have shorter numbers, so that the whole
# custom id stays within Discord's 100 characters.
ABOUT = r"s[0-9]{1,18}|s[0-9]{1,10}(?:\.[0-9]{1,10}){1,2}|f[0-9a-f]{1,32}"
REQUEST_PATTERN = rf"(?:{ABOUT}):[0-9]{{1,3}}:[^:]{{0,20}}:[0-9]{{0,19}}:[0-9]{{0,3}}-[0-9]{{0,3}}"
GENRE_LIMIT = 20  # characters of a genre in a custom id
LABEL_LIMIT = 100  # characters of a select's option


def write_request(request: SimilarRequest) -> str:
    """Write a request as `about:page:genre:poster:lowest-highest`, as `read_request` reads it."""
    about = f"f{request.ticket}" if request.ticket else f"s{_joined(request.song_ids)}"
    filters = request.filters
    tempo = "-".join(str(round(bpm)) for bpm in filters.tempo_bpm) if filters.tempo_bpm else "-"
    parts = (about, request.page, filters.genre or "", filters.poster_id or "", tempo)
    return ":".join(map(str, parts))


def fits_request(genre: str) -> bool:
    """Return whether a genre's name fits into the custom id of a button."""
    return len(genre) <= GENRE_LIMIT and ":" not in genre


def _joined(song_ids: Sequence[int]) -> str:
    return ".".join(map(str, song_ids))


def read_request(text: str) -> SimilarRequest:
    """Read a request from text that `REQUEST_PATTERN` matches."""
    about, page, genre, poster, tempo = text.split(":")
    lowest, highest = tempo.split("-")
    remembered = about.startswith("s")
    return SimilarRequest(
        song_ids=tuple(map(int, about[1:].split("."))) if remembered else (),
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


class RateSelect(
    PersistentSelect,
    template="similar:rate:{asked}",
    fields={"asked": REQUEST},
    action="rate",
):
    """Takes a thumb up or down for one of the songs found."""


class OpenButton(
    PersistentButton, template="similar:open:{song_id}", fields={"song_id": SONG_ID}, action="open"
):
    """Asks about a song from another answer, such as that to `/genre`."""


class PickSelect(PersistentSelect, template="similar:pick", action="pick"):
    """Asks about one of the songs of a list, such as that of `/songbook search`."""


def pick_select(songs: Sequence[Song], tr: Translator) -> PickSelect:
    """Build a select that asks which songs sound like one of a list."""
    options = [
        SelectOption(label=f"{number} · {song.post.title}"[:LABEL_LIMIT], value=str(song.song_id))
        for number, song in enumerate(songs, 1)
    ]
    return PickSelect(tr("similar-like-one"), options)


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
        ranked = enumerate(found.page.matches, found.page.first)
        options = [_option(number, match) for number, match in ranked]
        first_page = replace(request, page=0)
        view.add_item(SongSelect(tr("similar-like-one"), options, asked=first_page))
        view.add_item(RateSelect(tr("similar-rate"), _thumbs(found), asked=first_page))
    return view


THUMBS = {True: "👍", False: "👎"}


def _thumbs(found: Found) -> list[SelectOption]:
    """Offer a thumb up and one down for each song."""
    return [
        SelectOption(
            label=f"{number} · {match.song.post.title}"[:LABEL_LIMIT],
            emoji=thumb,
            value=f"{int(liked)}{match.song.song_id}",
        )
        for number, match in enumerate(found.page.matches, found.page.first)
        for liked, thumb in THUMBS.items()
    ]


def read_thumb(chosen: str) -> tuple[int, bool]:
    """Read the value of an option of `RateSelect`: which song, and whether it was liked."""
    return int(chosen[1:]), chosen.startswith("1")


def _option(number: int, match: Match) -> SelectOption:
    label = f"{number} · {match.song.post.title}"
    return SelectOption(label=label[:LABEL_LIMIT], value=str(match.song.song_id))


async def title_choices(
    interaction: discord.Interaction, typed: str, songbook: Songbook, similarity: SimilarityService
) -> list[app_commands.Choice[str]]:
    """Suggest songs whose titles hold what is typed, of the channels that the answer may name."""
    assert interaction.guild_id is not None  # the commands are for servers only
    private = bool(getattr(interaction.namespace, "private", False))
    sight = await sight_of(interaction, songbook, private=private, asking=False)
    titles = await similarity.titles(interaction.guild_id, typed, sight.reach)
    return [
        app_commands.Choice(name=each.title[:CHOICE_LIMIT], value=f"{CHOSEN}{each.song_id}")
        for each in titles
    ]


async def typed_song(
    typed: str,
    links: Mapping[str, MessageLink],
    guild_id: int,
    similarity: SimilarityService,
    reach: ReadableChannels,
) -> int:
    """Return the id of the song that a title, a suggestion or a link to its message names.

    Of a message with several songs it is the first. Whether a linked song may be shown is found out
    later.

    Raises:
        UnknownTitleError, UnknownSongError: none is remembered.
    """
    if typed not in links:
        return await similarity.named(guild_id, typed, reach)
    known = await similarity.posted_with(guild_id, links[typed].message_id)
    if not known:
        raise UnknownSongError(0)
    return next(iter(known.values()))
