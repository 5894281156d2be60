"""`/songbook search`, `random` and `path`: songs by words, by chance, and from one to another."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands
from discord.ui import View
from discord.utils import escape_markdown

from bot.discord.cog import Cog, localised
from bot.discord.map_answers import (
    NAME,
    NEARNESS,
    TITLE_LIMIT,
    drawn_list,
    message_link,
    song_facts,
    song_line,
)
from bot.discord.messages import SongMessages, links_among
from bot.discord.permissions import sight_of
from bot.discord.requests import GuildRequest, RequestGate
from bot.discord.ui import Field, PersistentButton
from bot.i18n import Translator
from bot.rendering.palette import LAVENDER
from bot.songbook.finding import FoundSongs, SongFinder
from bot.songbook.path import FEWEST_SONGS, MOST_SONGS, USUAL_SONGS, SongPath, SongPaths
from bot.songbook.service import Songbook
from bot.songbook.similar import SimilarityService
from cogs.similar import pick_select, similar_button, title_choices, typed_song
from ml.music.taxonomy import said_tags
from storage.song_values import Song

COLOUR = discord.Colour.from_rgb(*LAVENDER)
Typed = app_commands.Range[str, 1, 100]
Length = app_commands.Range[int, FEWEST_SONGS, MOST_SONGS]
ANOTHER_LIMIT = 80  # characters of words that fit into a button's id


def path_embed(path: SongPath, tr: Translator) -> discord.Embed:
    """Word a path: its songs in order, and how alike each is to the one before."""
    first, last = (escape_markdown(path.songs[end].post.title[:TITLE_LIMIT]) for end in (0, -1))
    lines = [song_line(1, path.songs[0], tr)]
    for number, (song, step) in enumerate(zip(path.songs[1:], path.steps, strict=True), 2):
        lines.append(song_line(number, song, tr, tr(NEARNESS[step])))
    embed = discord.Embed(
        title=tr("path-heading", first=first, last=last)[:256],
        description="\n".join(lines),
        colour=COLOUR,
    )
    return embed.set_image(url=f"attachment://{NAME}").set_footer(text=tr("path-explained"))


def found_embed(found: FoundSongs, typed: str, tr: Translator) -> discord.Embed:
    """Word what was found by words."""
    lines = [] if found.complete else [tr("search-partly")]
    lines += [song_line(number, song, tr) for number, song in enumerate(found.songs, 1)]
    embed = discord.Embed(
        title=tr("search-heading", typed=escape_markdown(typed[:TITLE_LIMIT])),
        description="\n".join(lines),
        colour=COLOUR,
    )
    embed.set_footer(text=tr("search-count", shown=len(found.songs), songs=found.count))
    return embed.set_image(url=f"attachment://{NAME}")


def random_embed(song: Song, tr: Translator) -> discord.Embed:
    """Word a song picked at random."""
    post = song.post
    tags = tr("list-comma").join(tr(f"tag-{tag}") for tag in said_tags(song.traits.tags))
    posted = tr("similar-posted", poster=f"<@{post.poster_id}>", link=message_link(post))
    lines = [song_facts(song, tr), tags, posted]
    return discord.Embed(
        title=f"🎲 {escape_markdown(post.title)}"[:256],
        description="\n".join(line for line in lines if line),
        colour=COLOUR,
    )


WORDS = Field(rf".{{0,{ANOTHER_LIMIT}}}")


class AnotherButton(
    PersistentButton,
    template="songbook:random:{words}",
    fields={"words": WORDS},
    action="another",
):
    """Picks another song at random that fits the same words, for whoever presses."""


class SongbookFindCog(Cog):
    """Finds songs of a server, and ways through them."""

    persistent_items = (AnotherButton,)

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        songbook: Songbook,
        similarity: SimilarityService,
        paths: SongPaths,
        finder: SongFinder,
        messages: SongMessages,
    ) -> None:
        """Join the parts and put commands into `group`.

        Args:
            gate: where requests come in.
            group: `/songbook`.
            songbook: knows where songs were posted.
            similarity: finds songs by title.
            paths: finds paths.
            finder: finds songs by words.
            messages: fetches a song's message again.
        """
        super().__init__(gate)
        self._songbook = songbook
        self._similar = similarity
        self._paths = paths
        self._finder = finder
        self._messages = messages
        path, about_path = "command-songbook-path", "command-songbook-path.description"
        search, about_search = "command-songbook-search", "command-songbook-search.description"
        random, about_random = "command-songbook-random", "command-songbook-random.description"
        self.add_to(group, localised(path), localised(about_path), self.path)
        self.add_to(group, localised(search), localised(about_search), self.search)
        self.add_to(group, localised(random), localised(about_random), self.random)

    @app_commands.rename(
        words=localised("option-search-words"), private=localised("option-similar-private")
    )
    @app_commands.describe(
        words=localised("option-search-words.description"),
        private=localised("option-similar-private.description"),
    )
    async def search(
        self, interaction: discord.Interaction, words: Typed, private: bool = False
    ) -> None:
        """Find songs by words."""
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            find = partial(self._messages.find, interaction.client)
            found = await self._finder.find(request.guild_id, words, sight.reach, find)
            tr = request.tr
            picture = await request.draw(drawn_list, found.map, found.songs, tr("search-alt"), tr)
            view = View(timeout=None)
            view.add_item(pick_select(found.songs, tr))
            await request.answer(found_embed(found, words, tr), picture.file(), view)
            if sight.narrowed:
                await request.send_ephemeral(tr("similar-narrowed"))

    @app_commands.rename(
        words=localised("option-search-words"), private=localised("option-similar-private")
    )
    @app_commands.describe(
        words=localised("option-random-words"),
        private=localised("option-similar-private.description"),
    )
    async def random(
        self, interaction: discord.Interaction, words: Typed | None = None, private: bool = False
    ) -> None:
        """Pick a song at random."""
        async with self.gate.handle_guild(interaction) as request:
            await self._pick(interaction, request, words or "", private=private)

    async def another(self, interaction: discord.Interaction, words: str) -> None:
        """Pick another song that fits the words for whoever pressed; only they see it."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            await self._pick(interaction, request, words, private=True)

    async def _pick(
        self, interaction: discord.Interaction, request: GuildRequest, words: str, *, private: bool
    ) -> None:
        await request.defer(private=private)
        sight = await sight_of(interaction, self._songbook, private=private)
        find = partial(self._messages.find, interaction.client)
        song = await self._finder.random(request.guild_id, words, sight.reach, find)
        view = View(timeout=None)
        view.add_item(similar_button(song.song_id, request.tr))
        if len(words) <= ANOTHER_LIMIT:
            view.add_item(AnotherButton(request.tr("random-another"), words=words))
        await request.answer(random_embed(song, request.tr), view=view)

    async def _titles(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await title_choices(interaction, typed, self._songbook, self._similar)

    @app_commands.rename(
        first=localised("option-path-first"),
        last=localised("option-path-last"),
        length=localised("option-path-length"),
        private=localised("option-similar-private"),
    )
    @app_commands.describe(
        first=localised("option-path-first.description"),
        last=localised("option-path-last.description"),
        length=localised("option-path-length.description"),
        private=localised("option-similar-private.description"),
    )
    @app_commands.autocomplete(first=_titles, last=_titles)
    async def path(
        self,
        interaction: discord.Interaction,
        first: str,
        last: str,
        length: Length = USUAL_SONGS,
        private: bool = False,
    ) -> None:
        """Find a playlist from one song to another."""
        async with self.gate.handle_guild(interaction) as request:
            links = links_among((first, last))
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            guild_id, reach = request.guild_id, sight.reach
            ends = [
                await typed_song(each, links, guild_id, self._similar, reach)
                for each in (first, last)
            ]
            find = partial(self._messages.find, interaction.client)
            path = await self._paths.find(guild_id, (ends[0], ends[1]), reach, find, length)
            tr = request.tr
            picture = await request.draw(
                drawn_list, path.map, path.songs, tr("path-alt"), tr, joined=True
            )
            view = View(timeout=None)
            view.add_item(pick_select(path.songs, tr))
            await request.answer(path_embed(path, tr), picture.file(), view)
            if sight.narrowed:
                await request.send_ephemeral(tr("similar-narrowed"))
