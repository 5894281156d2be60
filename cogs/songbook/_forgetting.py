"""`/songbook forget` for one's own songs, `/setup forget` for a member's or a channel's."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.utils import escape_markdown

from bot.discord.cog import Cog, localised
from bot.discord.permissions import is_administrator, require_administrator, sight_of
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import Answer, QuestionView
from bot.errors import NothingToForgetError, NotYoursError, OneAtATimeError
from bot.i18n import Translator
from bot.songbook.service import Named, RemovalTarget, Songbook, SongRemoval
from cogs.songbook._remembering import Watchable

CHOICE_LENGTH = 100  # characters of a choice's name
QUESTIONS = {
    RemovalTarget.SONG: "songbook-forget-song",
    RemovalTarget.MEMBER: "songbook-forget-member",
    RemovalTarget.CHANNEL: "songbook-forget-channel",
}


def question(named: Named, tr: Translator) -> discord.Embed:
    """Ask whether that is really meant."""
    mention = f"<#{named.subject_id}>" if named.owner_id is None else f"<@{named.owner_id}>"
    text = tr(QUESTIONS[named.subject], title=escape_markdown(named.name), mention=mention)
    return discord.Embed(description=text)


class SongbookForgetCog(Cog):
    """Lets posters and administrators remove songs."""

    def __init__(
        self,
        gate: RequestGate,
        group: app_commands.Group,
        setup: app_commands.Group,
        removal: SongRemoval,
        songbook: Songbook,
    ) -> None:
        """Join the parts and put commands into `group`, administrators' into `setup`."""
        super().__init__(gate)
        self._removal = removal
        self._songbook = songbook
        self.add_to(
            group,
            localised("command-songbook-forget"),
            localised("command-songbook-forget.description"),
            self.forget,
        )
        self.add_to(
            setup,
            localised("command-setup-forget"),
            localised("command-setup-forget.description"),
            self.forget_others,
        )

    async def _suggest(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        assert interaction.guild_id is not None
        reach = None
        if is_administrator(interaction):
            sight = await sight_of(interaction, self._songbook, private=True, asking=False)
            reach = sight.reach
        titles = await self._removal.suggest(
            interaction.guild_id, interaction.user.id, typed, reach
        )
        return [
            app_commands.Choice(name=each.title[:CHOICE_LENGTH], value=str(each.song_id))
            for each in titles
        ]

    @app_commands.rename(song=localised("option-songbook-song"))
    @app_commands.describe(song=localised("option-songbook-song.description"))
    @app_commands.autocomplete(song=_suggest)
    async def forget(self, interaction: discord.Interaction, song: str | None = None) -> None:
        """Forget one song, or all of one's own when none is named."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            await self._ask(request, await self._named(interaction, song, None, None))

    @app_commands.rename(
        song=localised("option-songbook-song"),
        member=localised("option-songbook-member"),
        channel=localised("option-songbook-forget-channel"),
    )
    @app_commands.describe(
        song=localised("option-songbook-song.description"),
        member=localised("option-songbook-member.description"),
        channel=localised("option-songbook-forget-channel.description"),
    )
    @app_commands.autocomplete(song=_suggest)
    async def forget_others(
        self,
        interaction: discord.Interaction,
        song: str | None = None,
        member: discord.User | None = None,
        channel: Watchable | None = None,
    ) -> None:
        """Forget one song, a member's or a channel's."""
        async with self.gate.handle(interaction) as request:
            require_administrator(interaction)
            if sum(each is not None for each in (song, member, channel)) != 1:
                raise OneAtATimeError
            await request.defer(private=True)
            await self._ask(request, await self._named(interaction, song, member, channel))

    async def _ask(self, request: Request, named: Named) -> None:
        if not await self._removal.knows(named):
            raise NothingToForgetError
        view = self._confirmation(named, request.tr)
        await request.answer(question(named, request.tr), view=view)

    def _confirmation(self, named: Named, tr: Translator) -> QuestionView:
        async def forget(pressed: Request) -> None:
            if named.owner_id != pressed.interaction.user.id:
                require_administrator(pressed.interaction)  # it may have changed since the question
            text = pressed.tr("songbook-forgot", count=await self._removal.forget(named))
            await pressed.answer_in_place(discord.Embed(description=text))

        async def dismiss(pressed: Request) -> None:
            text = pressed.tr("songbook-kept")
            await pressed.answer_in_place(discord.Embed(description=text))

        answers = (
            Answer(tr("songbook-forget-yes"), forget, discord.ButtonStyle.danger),
            Answer(tr("songbook-forget-no"), dismiss),
        )
        return QuestionView(self.gate, answers)

    async def _named(
        self,
        interaction: discord.Interaction,
        song: str | None,
        member: discord.User | None,
        channel: Watchable | None,
    ) -> Named:
        """Return what was named; check that the caller may have it forgotten."""
        assert interaction.guild_id is not None
        if channel is not None:
            require_administrator(interaction)
            return Named(interaction.guild_id, RemovalTarget.CHANNEL, channel.id)
        if song is None:
            named = member or interaction.user
            if named.id != interaction.user.id:
                require_administrator(interaction)
            return Named(interaction.guild_id, RemovalTarget.MEMBER, named.id, owner_id=named.id)
        return await self._named_song(interaction, interaction.guild_id, song)

    async def _named_song(
        self, interaction: discord.Interaction, guild_id: int, song: str
    ) -> Named:
        found = await self._removal.chosen_song(guild_id, song)
        if found is None:
            raise NothingToForgetError
        if found.post.poster_id != interaction.user.id:
            await self._require_sight(interaction, found.post.channel_id)
        return Named(
            guild_id, RemovalTarget.SONG, found.song_id, found.post.title, found.post.poster_id
        )

    async def _require_sight(self, interaction: discord.Interaction, channel_id: int) -> None:
        """Allow others' songs to administrators, where they can read them."""
        if not is_administrator(interaction):
            raise NotYoursError
        sight = await sight_of(interaction, self._songbook, private=True)
        if channel_id not in sight.reach.readable:
            raise NothingToForgetError
