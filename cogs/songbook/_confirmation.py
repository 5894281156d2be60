"""The question before songs are forgotten, and its two buttons."""

from __future__ import annotations

from typing import Any

import discord
from discord.utils import escape_markdown

from bot.administrators import require_administrator
from bot.front_desk import FrontDesk
from bot.services.forgetting import Forgetting, Named, Subject
from bot.words import Say

SECONDS = 180.0  # the buttons stay
QUESTIONS = {
    Subject.SONG: "songbook-forget-song",
    Subject.MEMBER: "songbook-forget-member",
    Subject.CHANNEL: "songbook-forget-channel",
}


def question(named: Named, say: Say) -> discord.Embed:
    """Ask whether that is really meant."""
    mention = f"<#{named.subject_id}>" if named.owner_id is None else f"<@{named.owner_id}>"
    text = say(QUESTIONS[named.subject], title=escape_markdown(named.name), mention=mention)
    return discord.Embed(description=text)


class Confirmation(discord.ui.View):
    """Two buttons that only whoever asked can see."""

    def __init__(self, desk: FrontDesk, forgetting: Forgetting, named: Named, say: Say) -> None:
        """Ask about `named` in the language of `say`."""
        super().__init__(timeout=SECONDS)
        self._desk = desk
        self._forgetting = forgetting
        self._named = named
        self._add(say("songbook-forget-yes"), discord.ButtonStyle.danger, self._forget)
        self._add(say("songbook-forget-no"), discord.ButtonStyle.secondary, self._keep)

    def _add(self, label: str, style: discord.ButtonStyle, callback: Any) -> None:
        """Add a button. Any: discord.py's buttons take their callback by assignment."""
        button: discord.ui.Button[Confirmation] = discord.ui.Button(label=label, style=style)
        button.callback = callback  # type: ignore[method-assign]  # as discord.py means it
        self.add_item(button)

    async def _forget(self, interaction: discord.Interaction) -> None:
        async with self._desk.serving(interaction) as request:
            if self._named.owner_id != interaction.user.id:
                require_administrator(interaction)  # it may have changed since the question
            await request.defer_in_place()
            count = await self._forgetting.forget(self._named)
            text = request.say("songbook-forgot", count=count)
            await request.answer_in_place(discord.Embed(description=text))
        self.stop()

    async def _keep(self, interaction: discord.Interaction) -> None:
        async with self._desk.serving(interaction) as request:
            await request.defer_in_place()
            text = request.say("songbook-kept")
            await request.answer_in_place(discord.Embed(description=text))
        self.stop()
