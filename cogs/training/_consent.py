"""What members read before they hand something over, and the button by which they agree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from bot.front_desk import FrontDesk, Request
from bot.pictures.palette import LAVENDER
from bot.services.consent import WORDING, Consenting
from bot.words import Say

SECONDS = 600.0  # to read it
PARAGRAPHS = (
    "consent-once",
    "consent-kept",
    "consent-purpose",
    "consent-how-long",
    "consent-take-back",
    "consent-yours",
)
Then = Callable[[discord.Interaction, Request], Awaitable[None]]


def consent_embed(say: Say) -> discord.Embed:
    """Give the text."""
    embed = discord.Embed(
        title=say("consent-heading"),
        description="\n\n".join(say(each) for each in PARAGRAPHS),
        colour=discord.Colour.from_rgb(*LAVENDER),
    )
    return embed.set_footer(text=say("consent-version", version=WORDING))


class ConsentView(discord.ui.View):
    """One button under the text; what was asked for follows when it is pressed."""

    def __init__(self, desk: FrontDesk, consenting: Consenting, say: Say, then: Then) -> None:
        """Ask; `then` goes on with the interaction of the button, acknowledged in place."""
        super().__init__(timeout=SECONDS)
        self._desk = desk
        self._consenting = consenting
        self._then = then
        self._wording = WORDING
        button: discord.ui.Button[ConsentView] = discord.ui.Button(
            label=say("consent-agree"), style=discord.ButtonStyle.success
        )
        button.callback = self._agree  # type: ignore[method-assign]  # as discord.py means it
        self.add_item(button)

    async def _agree(self, interaction: discord.Interaction) -> None:
        async with self._desk.serving(interaction) as request:
            await request.defer_in_place()
            assert interaction.guild_id is not None  # its commands are a server's
            agreed = await self._consenting.agree(
                interaction.guild_id, interaction.user.id, self._wording
            )
            if not agreed:
                await request.whisper(request.say("consent-changed"))
                return
            await self._then(interaction, request)
