"""`/taste`: what a member posts, and whose taste is near."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ui import View
from discord.utils import escape_markdown

from bot.discord.cog import Cog, localised
from bot.discord.map_answers import NEARNESS, TITLE_LIMIT, MapPicture, message_link
from bot.discord.permissions import sight_of
from bot.discord.requests import RequestGate
from bot.discord.ui import FLAG, PersistentButton
from bot.i18n import Translator
from bot.rendering.palette import LAVENDER
from bot.songbook.service import Songbook
from bot.songbook.taste import Neighbour, Taste, TasteService
from cogs.songbook import drawn_stats

NAME = "taste.png"


class ShareButton(
    PersistentButton, template="taste:share:{shared}", fields={"shared": FLAG}, action="share"
):
    """Shares the taste of whoever presses, or stops that."""


def taste_embed(taste: Taste, tr: Translator, *, own: bool) -> discord.Embed:
    """Word whose taste it is and whose is near."""
    heading = tr("taste-own-heading") if own else ""
    member = f"<@{taste.member_id}>"
    embed = discord.Embed(
        title=heading or None,
        description=None if own else tr("taste-heading", member=member),
        colour=discord.Colour.from_rgb(*LAVENDER),
    )
    embed.set_image(url=f"attachment://{NAME}")
    if taste.moods:
        moods = (tr("map-count", genre=tr(f"tag-{tag}"), songs=songs) for tag, songs in taste.moods)
        embed.add_field(name=tr("taste-moods"), value=tr("list-comma").join(moods), inline=False)
    if not own:
        embed.set_footer(text=tr("taste-next"))
    if taste.near is None:
        if own:
            embed.add_field(name=tr("taste-near"), value=tr("taste-not-shared"), inline=False)
        return embed
    lines = [_near(each, tr) for each in taste.near] or [tr("taste-nobody")]
    return embed.add_field(name=tr("taste-near"), value="\n".join(lines), inline=False)


def _near(neighbour: Neighbour, tr: Translator) -> str:
    member = f"<@{neighbour.member_id}>"
    near = tr(NEARNESS[neighbour.closeness])
    if neighbour.song is None:
        return tr("taste-neighbour", member=member, near=near)
    post = neighbour.song.post
    title = escape_markdown(post.title[:TITLE_LIMIT])
    return tr(
        "taste-neighbour-song", member=member, near=near, title=title, link=message_link(post)
    )


class TasteCog(Cog):
    """Shows tastes to whoever asks, of themselves and of members who agreed."""

    persistent_items = (ShareButton,)

    def __init__(self, gate: RequestGate, songbook: Songbook, tastes: TasteService) -> None:
        """Answer through `gate` with what `tastes` reads; `songbook` knows the channels."""
        super().__init__(gate)
        self._songbook = songbook
        self._tastes = tastes

    @app_commands.command(
        name=localised("command-taste"), description=localised("command-taste.description")
    )
    @app_commands.guild_only()
    @app_commands.rename(
        member=localised("option-taste-member"), private=localised("option-similar-private")
    )
    @app_commands.describe(
        member=localised("option-taste-member.description"),
        private=localised("option-similar-private.description"),
    )
    async def taste(
        self,
        interaction: discord.Interaction,
        member: discord.User | None = None,
        private: bool = False,
    ) -> None:
        """Show a member's taste."""
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=private)
            asker_id = interaction.user.id
            whose = member or interaction.user
            own, tr = whose.id == asker_id, request.tr
            sight = await sight_of(interaction, self._songbook, private=private)
            taste = await self._tastes.of(request.guild_id, whose.id, asker_id, sight.reach)
            picture = await request.draw(_drawn, taste, whose.display_name, tr)
            view = View(timeout=None)
            if own:
                view.add_item(share_button(taste.shared, tr))
            embed = taste_embed(taste, tr, own=own)
            await request.answer(embed, picture.file(), view if own else None)

    async def share(self, interaction: discord.Interaction, shared: bool) -> None:
        """Share the presser's own taste, or stop that."""
        if not await self.gate.admit(interaction):
            return
        async with self.gate.handle_guild(interaction) as request:
            await request.defer(private=True)
            await self._tastes.sharing.share(request.guild_id, interaction.user.id, shared=shared)
            key = "taste-shared" if shared else "taste-stopped"
            await request.send_ephemeral(request.tr(key))


def share_button(shared: bool, tr: Translator) -> ShareButton:
    """Build the button that changes whether the presser's taste is shared."""
    return ShareButton(tr("taste-stop" if shared else "taste-share"), shared=not shared)


def _drawn(taste: Taste, name: str, tr: Translator) -> MapPicture:
    heading = tr("taste-alt", member=name)
    picture = drawn_stats(taste.stats, tr, heading=heading, members=False)
    return MapPicture(picture.picture, picture.alt, NAME)
