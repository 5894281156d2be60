"""The Discord client: connects, brings its commands, reports how it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

import discord
import structlog
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.discord.cog import CatalogueTranslator, Cog
from bot.discord.requests import RequestGate
from bot.health import LoopLag
from bot.metrics import Metrics
from bot.settings import Settings

log = structlog.stdlib.get_logger(__name__)

LAG_SECONDS = 1.0  # of the slowest hundredth of the last minute, from which on members notice


class Usamimi(commands.Bot):
    """A bot of slash commands and context menus; it reads messages only where that was allowed."""

    def __init__(
        self,
        cogs: Sequence[Cog],
        gate: RequestGate,
        groups: Sequence[app_commands.Group] = (),
        *,
        message_content: bool = False,
        look: Callable[[], Awaitable[Mapping[str, bool]]] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """Prepare the client; nothing connects yet.

        Args:
            cogs: the commands and what listens to Discord's events.
            gate: where requests come in.
            groups: commands that several cogs put together.
            message_content: ask Discord for the privileged message-content intent.
            look: returns whether the database and the models are well.
            metrics: figures about the bot.
        """
        super().__init__(
            command_prefix=commands.when_mentioned,
            tree_cls=_Tree,
            help_command=None,
            intents=discord.Intents(
                guilds=True,
                guild_messages=True,  # without content: to delete songs whose messages are deleted
                message_content=message_content,
            ),
            max_messages=None,  # no message is kept in memory; raw events do without
            allowed_mentions=discord.AllowedMentions.none(),
            activity=discord.Activity(type=discord.ActivityType.listening, name="/genre"),
        )
        self._own_cogs = cogs
        self._groups = groups
        self._look = look
        self.gate = gate
        self.lag = LoopLag()
        self.metrics = metrics or Metrics()

    async def setup_hook(self) -> None:
        """Bring the commands to Discord, in both languages."""
        await self.tree.set_translator(CatalogueTranslator())
        for cog in self._own_cogs:
            await self.add_cog(cog)
            for menu in cog.menus:
                self.tree.add_command(menu)
            self.add_dynamic_items(*cog.persistent_items)
        for group in self._groups:
            self.tree.add_command(group)
        synced = await self.tree.sync()
        log.info("commands_synced", count=len(synced))

    async def on_ready(self) -> None:
        """Log that members can be served, and let the cogs begin."""
        log.info("ready", user=str(self.user), guilds=len(self.guilds))
        for cog in self._own_cogs:
            await cog.ready(self)

    async def on_message(self, message: discord.Message, /) -> None:
        """Look for no commands in messages; ours come from Discord's own menus."""

    async def checks(self) -> dict[str, bool]:
        """Return what of the bot is well, for the health page."""
        return {
            "gateway": self.is_ready() and not self.is_closed() and not self.reconnecting,
            "loop": self.lag.quantile(0.99) < LAG_SECONDS,
            **(await self._look() if self._look else {}),
        }

    @property
    def reconnecting(self) -> bool:
        """Whether the line to Discord is down at this moment."""
        return self.ws is None or not self.ws.open


class _Tree(app_commands.CommandTree[Usamimi]):
    """Sends every command past the gate."""

    async def interaction_check(self, interaction: discord.Interaction[Usamimi]) -> bool:
        return await self.client.gate.admit(interaction)

    async def on_error(
        self, interaction: discord.Interaction[Usamimi], error: app_commands.AppCommandError
    ) -> None:
        # Commands report their own errors; what arrives here failed before (a check, an option).
        async with self.client.gate.handle(interaction):
            raise error


def use_discord_at(settings: Settings) -> None:
    """Point discord.py at another API or gateway (a rate-limiting proxy, say)."""
    if settings.discord_api_base is not None:
        Route.BASE = str(settings.discord_api_base).rstrip("/")
    if settings.discord_gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(str(settings.discord_gateway_url))
