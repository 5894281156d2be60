"""`/similar`, its context menu and its buttons: songs of the server that sound like one."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands

from bot.discord.attachments import announce_left_out, fetch, files_of, songs_among, title_of
from bot.discord.cog import Cog, ShardedBot, localised
from bot.discord.map_answers import MapPicture, words_for_nothing
from bot.discord.messages import SongMessages, links_among
from bot.discord.permissions import ChannelAccess, is_administrator, sight_of
from bot.discord.requests import GuildRequest, Request, RequestGate
from bot.discord.ui import is_invoker
from bot.errors import NothingToHearError
from bot.i18n import genre_name
from bot.listening.service import ListeningService
from bot.songbook.ingest import Find, SongIngest
from bot.songbook.service import Songbook
from bot.songbook.similar import (
    Found,
    SimilarityService,
    SimilarRequest,
    UnknownGenreError,
)
from bot.songbook.sync import PostCheck
from bot.songbook.taste import RatingService
from bot.songbook.values import Filters
from cogs.similar._answer import (
    CHOICE_LIMIT,
    THUMBS,
    OpenButton,
    PickSelect,
    RateSelect,
    SongSelect,
    TurnButton,
    answer_for,
    fits_request,
    nothing_found,
    read_thumb,
    title_choices,
    typed_song,
    view_of,
)
from ml.music.taxonomy import GENRE_KEYS
from storage.codecs import fold

SONGS_A_MESSAGE = 3  # each gets an answer of its own
MOST_CHOICES = 25  # that Discord shows
SLOWEST, FASTEST = 20, 400  # beats a minute that can be asked for
Tempo = app_commands.Range[int, SLOWEST, FASTEST]


class SimilarCog(Cog):
    """Finds songs of the server that sound like one."""

    persistent_items = (TurnButton, SongSelect, RateSelect, OpenButton, PickSelect)

    def __init__(
        self,
        gate: RequestGate,
        listening: ListeningService,
        songbook: Songbook,
        ingest: SongIngest,
        similarity: SimilarityService,
        post_check: PostCheck,
        messages: SongMessages,
        ratings: RatingService,
    ) -> None:
        """Join the parts.

        Args:
            gate: where requests come in.
            listening: knows how large a song may be.
            songbook: knows where songs were posted.
            ingest: knows whether the server lets the bot remember.
            similarity: answers.
            post_check: remembers which songs were found to be still posted.
            messages: fetches a song's message again.
            ratings: learns from thumbs.
        """
        super().__init__(gate)
        self._listening = listening
        self._songbook = songbook
        self._ingest = ingest
        self._similar = similarity
        self._post_check = post_check
        self._messages = messages
        self._ratings = ratings
        self.add_menu(localised("menu-similar"), self.similar_to_message)

    async def ready(self, bot: ShardedBot) -> None:
        """Look every song up anew: deletions while offline are not replayed."""
        self._post_check.trust_nothing()

    @app_commands.command(
        name=localised("command-similar"), description=localised("command-similar.description")
    )
    @app_commands.guild_only()
    @app_commands.rename(
        file=localised("option-similar-file"),
        song=localised("option-similar-song"),
        second=localised("option-similar-second"),
        third=localised("option-similar-third"),
        genre=localised("option-similar-genre"),
        poster=localised("option-similar-poster"),
        tempo_min=localised("option-similar-slowest"),
        tempo_max=localised("option-similar-fastest"),
        private=localised("option-similar-private"),
    )
    @app_commands.describe(
        file=localised("option-similar-file.description", limit="song"),
        song=localised("option-similar-song.description"),
        second=localised("option-similar-second.description"),
        third=localised("option-similar-third.description"),
        genre=localised("option-similar-genre.description"),
        poster=localised("option-similar-poster.description"),
        tempo_min=localised("option-similar-slowest.description"),
        tempo_max=localised("option-similar-fastest.description"),
        private=localised("option-similar-private.description"),
    )
    async def similar(
        self,
        interaction: discord.Interaction,
        song: str | None = None,
        second: str | None = None,
        third: str | None = None,
        file: discord.Attachment | None = None,
        genre: str | None = None,
        poster: discord.User | None = None,
        tempo_min: Tempo | None = None,
        tempo_max: Tempo | None = None,
        private: bool = False,
    ) -> None:
        """Find songs like remembered ones, a file or the last one."""
        async with self.gate.handle_guild(interaction) as request:
            typed = [each for each in (song, second, third) if each is not None]
            links = links_among(typed)
            if file is not None:
                self._listening.check_size(file.size)
            await request.defer(private=private)
            sight = await sight_of(interaction, self._songbook, private=private)
            if not await self._anything(interaction, request, sight):
                return
            named = await self._genre_named(request, genre, sight) if genre else None
            filters = Filters(named, poster.id if poster else None, _tempos(tempo_min, tempo_max))
            guild_id, reach = request.guild_id, sight.reach
            songs = [
                await typed_song(each, links, guild_id, self._similar, reach) for each in typed
            ]
            song_ids = tuple(dict.fromkeys(songs))
            if file is not None:
                asked = await self._about_file(request, file, filters, song_ids)
            else:
                song_ids = song_ids or (await self._last_song(interaction, request, sight),)
                asked = SimilarRequest(song_ids, filters=filters)
            await self._answer(interaction, request, asked, sight)
            if tempo_min and tempo_max and tempo_min > tempo_max:
                await request.send_ephemeral(request.tr("similar-swapped"))

    @similar.autocomplete("song")
    @similar.autocomplete("second")
    @similar.autocomplete("third")
    async def _titles(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await title_choices(interaction, typed, self._songbook, self._similar)

    @similar.autocomplete("genre")
    async def _genres(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        assert interaction.guild_id is not None  # the command is for servers only
        tr = Request(interaction).tr
        private = bool(getattr(interaction.namespace, "private", False))
        sight = await sight_of(interaction, self._songbook, private=private, asking=False)
        known = await self._similar.maps.genres(interaction.guild_id, sight.reach)
        names = {genre: genre_name(genre, tr) for genre in known if fits_request(genre)}
        return [
            app_commands.Choice(name=name[:CHOICE_LIMIT], value=genre)
            for genre, name in names.items()
            if fold(typed) in fold(f"{name} {genre}")
        ][:MOST_CHOICES]

    async def _genre_named(self, request: GuildRequest, typed: str, sight: ChannelAccess) -> str:
        """Return the genre that was chosen among suggestions, or whose name was typed."""
        known = await self._similar.maps.genres(request.guild_id, sight.reach)
        names = {fold(genre_name(genre, request.tr)): genre for genre in [*GENRE_KEYS, *known]}
        genre = typed if typed in {*GENRE_KEYS, *known} else names.get(fold(typed))
        if genre is None or not fits_request(genre):
            raise UnknownGenreError(typed)
        return genre

    @app_commands.guild_only()
    async def similar_to_message(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Find songs like those of a message.

        Only the one who asked sees the answers.
        """
        async with self.gate.handle_guild(interaction) as request:
            known = await self._similar.posted_with(request.guild_id, message.id)
            others = [each for each in songs_among(files_of(message)) if each.id not in known]
            songs: list[int | discord.Attachment] = [*known.values(), *others]
            if not songs:
                raise NothingToHearError
            await request.defer(private=True)
            sight = await sight_of(interaction, self._songbook, private=True)
            if not await self._anything(interaction, request, sight):
                return
            for song in songs[:SONGS_A_MESSAGE]:
                async with request.report_errors():  # one song does not cost the others
                    asked = await self._about(request, song)
                    await self._answer(interaction, request, asked, sight)
            await announce_left_out(request, len(songs), SONGS_A_MESSAGE)

    async def open(self, interaction: discord.Interaction, song_id: int) -> None:
        """Answer whoever pressed the button about a song elsewhere, and nobody else."""
        await self._answer_anew(interaction, SimilarRequest((song_id,)))

    async def pick(self, interaction: discord.Interaction, chosen: str) -> None:
        """Answer whoever chose a song of a list elsewhere, and nobody else."""
        await self._answer_anew(interaction, SimilarRequest((int(chosen),)))

    async def ask_about_match(
        self, interaction: discord.Interaction, asked: SimilarRequest, chosen: str
    ) -> None:
        """Ask about one of the songs found, under the same filters."""
        about_match = SimilarRequest((int(chosen),), filters=asked.filters)
        await self.turn(interaction, about_match)

    async def rate(
        self, interaction: discord.Interaction, asked: SimilarRequest, chosen: str
    ) -> None:
        """Take a thumb for a song found, from anybody who can read it."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=True)
            song_id, liked = read_thumb(chosen)
            sight = await sight_of(interaction, self._songbook, private=True)
            guild_id = request.guild_id
            parts = await self._similar.compare(guild_id, asked, song_id, sight.reach)
            about = asked.song_ids[0] if len(asked.song_ids) == 1 else None
            stands = await self._ratings.rate(
                guild_id, interaction.user.id, song_id, about, parts, liked=liked
            )
            key = "similar-rated" if stands else "similar-rating-taken-back"
            await request.send_ephemeral(request.tr(key, thumb=THUMBS[liked]))

    async def _answer_anew(self, interaction: discord.Interaction, asked: SimilarRequest) -> None:
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=True)
            sight = await sight_of(interaction, self._songbook, private=True)
            if await self._anything(interaction, request, sight):
                await self._answer(interaction, request, asked, sight)

    async def turn(self, interaction: discord.Interaction, asked: SimilarRequest) -> None:
        """Turn an answer's page for its asker.

        Others get that page for themselves.
        """
        if not is_invoker(interaction):
            await self._answer_anew(interaction, asked)
            return
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            assert interaction.message is not None
            await request.defer_in_place()
            private = interaction.message.flags.ephemeral
            sight = await sight_of(interaction, self._songbook, private=private)
            found = await self._similar.find(
                request.guild_id, asked, sight.reach, self._find_posted(interaction)
            )
            if found.map is None:
                embed = _nothing_embed(found, request, sight)
                await request.answer_in_place(embed, view=view_of(found, request.tr))
                return
            embed, drawn = await self._words(found, request, sight)
            view = view_of(found, request.tr)
            await request.answer_in_place(embed, drawn.file(), view)

    async def _answer(
        self,
        interaction: discord.Interaction,
        request: GuildRequest,
        asked: SimilarRequest,
        sight: ChannelAccess,
    ) -> None:
        find = self._find_posted(interaction)
        found = await self._similar.find(request.guild_id, asked, sight.reach, find)
        if found.map is None:
            await request.answer(_nothing_embed(found, request, sight))
            return
        embed, drawn = await self._words(found, request, sight)
        await request.answer(embed, drawn.file(), view_of(found, request.tr))

    def _find_posted(self, interaction: discord.Interaction) -> Find:
        return partial(self._messages.find, interaction.client)

    async def _anything(
        self, interaction: discord.Interaction, request: GuildRequest, sight: ChannelAccess
    ) -> bool:
        """Return whether there is a song to answer with.

        If not, word what to do about it.
        """
        if await self._similar.anything_within(request.guild_id, sight.reach):
            return True
        await request.send_ephemeral(
            words_for_nothing(
                request.tr,
                allowed=await self._ingest.allowed(request.guild_id),
                administrator=is_administrator(interaction),
                narrowed=sight.narrowed,
            )
        )
        return False

    async def _words(
        self, found: Found, request: Request, sight: ChannelAccess
    ) -> tuple[discord.Embed, MapPicture]:
        return await answer_for(found, request, self._listening.scale, narrowed=sight.narrowed)

    async def _last_song(
        self, interaction: discord.Interaction, request: GuildRequest, sight: ChannelAccess
    ) -> int:
        find = self._find_posted(interaction)
        return await self._similar.last_posted(request.guild_id, sight.reach, find)

    async def _about(self, request: GuildRequest, song: int | discord.Attachment) -> SimilarRequest:
        """Ask about a remembered song by its id, or about a file."""
        if isinstance(song, int):
            return SimilarRequest((song,))
        return await self._about_file(request, song, Filters())

    async def _about_file(
        self,
        request: GuildRequest,
        file: discord.Attachment,
        filters: Filters,
        song_ids: tuple[int, ...] = (),
    ) -> SimilarRequest:
        async with self._listening.admission.slot(request.guild_id):
            data = await fetch(file, self._listening)
            title = title_of(file)
            ticket = await self._similar.embed_file(request.guild_id, title, data, song_ids)
        return SimilarRequest(ticket=ticket, filters=filters)


def _tempos(lowest: int | None, highest: int | None) -> tuple[float, float] | None:
    """Complete a range whose ends may be missing or swapped."""
    if lowest is None and highest is None:
        return None
    low, high = sorted((lowest or SLOWEST, highest or FASTEST))
    return float(low), float(high)


def _nothing_embed(found: Found, request: Request, sight: ChannelAccess) -> discord.Embed:
    alone = found.request.filters == Filters()
    return nothing_found(found, request.tr, alone=alone, narrowed=sight.narrowed)
