"""What members read when songs were found that sound like theirs."""

from __future__ import annotations

import discord
from discord.utils import escape_markdown, format_dt

from bot.front_desk import Request
from bot.map_answers import NAME, Drawn, drawn_around, genre_names
from bot.pictures.palette import LAVENDER
from bot.pictures.timeline import clock
from bot.services.similar_songs import Found
from bot.services.songbook_values import Filters, Match
from bot.words import Say
from cogs.similar._why import words_for_why
from storage.song_values import Post, Song

TITLE_LIMIT, NAME_LIMIT = 256, 256


async def answer_for(
    found: Found, request: Request, *, narrowed: bool
) -> tuple[discord.Embed, Drawn]:
    """Word and draw an answer that found something; the drawing runs off the event loop.

    Args:
        found: the songs.
        request: whose answer it is.
        narrowed: whether channels were left out that the asker can read.
    """
    say = request.say
    assert found.map is not None  # there is one whenever something was found
    song_id, matches = found.question.song_id, found.page.matches
    drawn = await request.draw(drawn_around, found.map, found.title, song_id, matches, say)
    embed = _embed(found, say)
    embed.set_image(url=f"attachment://{NAME}")
    for number, match in enumerate(matches, start=1):
        embed.add_field(name=_name(number, match, say), value=_value(match, say), inline=False)
    notes = [say("similar-page", page=found.question.page + 1, songs=found.map.songs)]
    if narrowed:
        notes.append(say("similar-narrowed"))
    embed.set_footer(text=" · ".join(notes))
    return embed, drawn


def nothing_found(found: Found, say: Say, *, alone: bool, narrowed: bool) -> discord.Embed:
    """Say that nothing was found, and what to try.

    Args:
        found: the answer without songs.
        say: the reader's language.
        alone: whether there is no other song at all within reach.
        narrowed: whether channels were left out that the asker can read.
    """
    if found.question.page:
        text = say("similar-no-more")
    elif alone:
        text = say("similar-alone")
    else:
        text = say("similar-none-filtered", filters=_filter_words(found.question.filters, say))
    embed = _embed(found, say)
    embed.description = f"{text}\n{say('similar-narrowed')}" if narrowed else text
    return embed


def _embed(found: Found, say: Say) -> discord.Embed:
    heading = say("similar-heading", title=escape_markdown(found.title))
    embed = discord.Embed(title=heading[:TITLE_LIMIT], colour=discord.Colour.from_rgb(*LAVENDER))
    lines = []
    if found.asked is not None:
        post = found.asked.post
        lines.append(say("similar-asked", link=_link(post), poster=f"<@{post.poster_id}>"))
    if found.question.filters != Filters():
        lines.append(_filter_words(found.question.filters, say))
    embed.description = "\n".join(lines) or None
    return embed


def _name(number: int, match: Match, say: Say) -> str:
    title = escape_markdown(match.song.post.title)
    return say("similar-match", number=number, percent=match.percent, title=title)[:NAME_LIMIT]


def _value(match: Match, say: Say) -> str:
    post = match.song.post
    lines = [
        words_for_why(match.likeness, say),
        _facts(match.song, say),
        say(
            "similar-posted",
            poster=f"<@{post.poster_id}>",
            when=format_dt(post.posted_at, "D"),
            link=_link(post),
        ),
    ]
    return "\n".join(line for line in lines if line)


def _facts(song: Song, say: Say) -> str:
    traits = song.traits
    genres = genre_names(say)
    genre = say("card-unsure") if traits.genre is None else genres.get(traits.genre, traits.genre)
    tempo = [] if traits.tempo_bpm is None else [say("tempo-bpm", bpm=round(traits.tempo_bpm))]
    return " · ".join([genre, *tempo, clock(traits.seconds)])


def _filter_words(filters: Filters, say: Say) -> str:
    words = []
    if filters.genre:
        words.append(genre_names(say).get(filters.genre, filters.genre))
    if filters.poster_id:
        words.append(f"<@{filters.poster_id}>")
    if filters.tempo_bpm:
        lowest, highest = map(round, filters.tempo_bpm)
        words.append(say("similar-tempo-range", lowest=lowest, highest=highest))
    return say("similar-only", filters=" · ".join(words))


def _link(post: Post) -> str:
    return f"https://discord.com/channels/{post.guild_id}/{post.channel_id}/{post.message_id}"
