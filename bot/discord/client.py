"""The Discord client: connects, brings its commands, serves until told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence

import aiohttp
import discord
import structlog
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.discord.attachments import bounded_downloads
from bot.discord.cog import CatalogueTranslator, Cog, ShardedBot, close_reason
from bot.discord.requests import RequestGate
from bot.errors import StartError
from bot.health import LoopLag, health_page
from bot.metrics import Metrics
from bot.settings import Settings
from bot.sharding import ALL_SHARDS, Alone, Peers, Shards

log = structlog.stdlib.get_logger(__name__)

MEGABYTE = 1024 * 1024
LONGEST_PAUSE_SECONDS = 60.0  # between two tries to log in; the first comes after one second
UNREACHABLE = (aiohttp.ClientConnectionError, discord.HTTPException, discord.GatewayNotFound)
CLOSE_SECONDS = 8.0  # for the gateway, which may not answer any more
# It joins no voice channel, so it need not be told at each start what that would take.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

LAG_SECONDS = 1.0  # of the slowest hundredth of the last minute, from which on members notice


class Usamimi(ShardedBot):
    """A bot of slash commands and context menus; it reads messages only where that was allowed."""

    def __init__(
        self,
        cogs: Sequence[Cog],
        gate: RequestGate,
        groups: Sequence[app_commands.Group] = (),
        *,
        message_content: bool = False,
        limits: Mapping[str, int] | None = None,
        look: Callable[[], Awaitable[Mapping[str, bool]]] | None = None,
        metrics: Metrics | None = None,
        shards: Shards = ALL_SHARDS,
        peers: Peers | None = None,
    ) -> None:
        """Prepare the client; nothing connects yet.

        Args:
            cogs: commands, and what listens to Discord's events.
            gate: where requests come in.
            groups: commands that several cogs put together.
            message_content: ask Discord for the privileged message-content intent.
            limits: the largest `song` and `picture` in MB, for the descriptions of options.
            look: returns whether the database and the models are well.
            metrics: figures about the bot.
            shards: those of this process.
            peers: the other processes of this bot; None: there are none.
        """
        super().__init__(
            shards,
            peers or Alone(),
            command_prefix=commands.when_mentioned,
            tree_cls=_Tree,
            help_command=None,
            intents=_intents(message_content=message_content),
            max_messages=None,  # no message is kept in memory; raw events do without
            allowed_mentions=discord.AllowedMentions.none(),
            activity=discord.Activity(type=discord.ActivityType.listening, name="/genre"),
        )
        self._own_cogs = cogs
        self._groups = groups
        self._look = look
        self._limits = limits or {"song": 0, "picture": 0}
        self.gate = gate
        self.lag = LoopLag()
        self.metrics = metrics or Metrics()

    async def setup_hook(self) -> None:
        """Bring the commands to Discord, in both languages.

        Called again when Discord failed at that, since the whole login is tried again.
        """
        if not self.cogs:
            await self._add_commands()
        if await self.peers.lead():
            synced = await self.tree.sync()
            log.info("commands_synced", count=len(synced))

    async def _add_commands(self) -> None:
        await self.tree.set_translator(CatalogueTranslator(self._limits))
        for cog in self._own_cogs:
            await self.add_cog(cog)
            for menu in cog.menus:
                self.tree.add_command(menu)
            self.add_dynamic_items(*cog.persistent_items)
        for group in self._groups:
            self.tree.add_command(group)

    async def on_ready(self) -> None:
        """Log that members of every server can be served."""
        log.info("ready", user=str(self.user), guilds=len(self.guilds))

    async def on_shard_ready(self, shard_id: int) -> None:
        """Let the cogs begin what needs this shard's servers."""
        await super().on_shard_ready(shard_id)
        log.debug("shard_ready", shard=shard_id)
        for cog in self._own_cogs:
            await cog.ready(self)

    async def on_message(self, message: discord.Message, /) -> None:
        """Look for no commands in messages; ours come from Discord's own menus."""

    async def checks(self) -> dict[str, bool]:
        """Return what of the bot is well, for the health page."""
        return {
            "gateway": self.is_ready() and not self.is_closed() and not self.reconnecting,
            **self._each_shard(),
            "loop": self.lag.quantile(0.99) < LAG_SECONDS,
            **(await self._look() if self._look else {}),
        }

    @property
    def reconnecting(self) -> bool:
        """Whether a line to Discord is down at this moment."""
        return not all(self.open_shards().values())

    def _each_shard(self) -> dict[str, bool]:
        """Return how each shard is, where there are several."""
        shards = self.open_shards()
        return {f"shard {each}": up for each, up in shards.items()} if len(shards) > 1 else {}


def _intents(*, message_content: bool) -> discord.Intents:
    return discord.Intents(
        guilds=True,
        guild_messages=True,  # without content: to delete songs whose messages are deleted
        message_content=message_content,
    )


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


async def serve_discord(make_bot: Callable[[], Usamimi], settings: Settings) -> None:
    """Connect and serve until SIGTERM or SIGINT; then finish or report, and close.

    Raises:
        StartError: Discord refused the token or an intent, or the health port is taken.
    """
    assert settings.discord_token is not None
    use_discord_at(settings)
    stop = stop_signal()
    max_bytes = settings.max_song_mb * MEGABYTE
    try:
        async with (
            bounded_downloads(max_bytes, settings.fetch_seconds) as download,
            make_bot() as bot,
            bot.lag.measuring(),
            health_page(
                settings.health_host,
                settings.health_port,
                bot.checks,
                bot.metrics.exposition if settings.metrics else None,
            ),
        ):
            # discord.py downloads without bounds, builds its HTTPClient itself and takes no other:
            # this is the one place where its method is replaced. Attachments and assets use it.
            bot.http.get_from_cdn = download  # type: ignore[assignment]
            await _serve_until(stop, bot, settings)
    except discord.LoginFailure as error:
        raise StartError("Discord refused DISCORD_TOKEN") from error
    except discord.PrivilegedIntentsRequired as error:
        raise StartError(
            "Discord refused an intent; switch it on for the application or off in the settings"
        ) from error
    except discord.ConnectionClosed as error:
        raise StartError(f"Discord closed the connection: {close_reason(error)}") from error
    except UNREACHABLE as error:
        raise StartError(f"Discord cannot be reached: {error}") from error
    log.info("stopped")


async def _serve_until(stop: asyncio.Event, bot: Usamimi, settings: Settings) -> None:
    assert settings.discord_token is not None
    token = settings.discord_token.get_secret_value()
    connection = asyncio.create_task(_connect(bot, token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop signal")
    await asyncio.wait({connection, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if connection.done():
        await connection
        return
    log.info("stopping")
    await bot.gate.close(settings.stop_seconds)
    await _close(bot)
    connection.cancel()  # it may still wait between two tries to reach Discord
    await asyncio.gather(connection, return_exceptions=True)


async def _connect(bot: Usamimi, token: str) -> None:
    """Log in and serve; what is down of Discord is tried again until it is up."""
    await _log_in(bot, token)
    await bot.connect()


async def _log_in(bot: Usamimi, token: str) -> None:
    pause = 1.0
    while True:
        try:
            await bot.login(token)
            await bot.plan_shards()
            return
        except aiohttp.ClientSSLError:
            raise  # a wrong certificate or address does not mend itself
        except (
            aiohttp.ClientConnectionError,
            TimeoutError,
            discord.DiscordServerError,
            discord.GatewayNotFound,
        ) as error:
            reason = str(error) or type(error).__name__
            log.warning("discord_unreachable", reason=reason, retry_seconds=pause)
        # Each login opens a session of its own, which would leave this one and its lines open.
        await bot.http.close()
        bot.http.connector = discord.utils.MISSING
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


async def _close(bot: Usamimi) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await bot.close()
    except TimeoutError:
        log.warning("gateway_not_closed")


def stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def fetch_guild_ids(settings: Settings) -> tuple[int, frozenset[int]]:
    """Ask Discord for the bot's own id and for all servers it is in, those that are down included.

    Raises:
        StartError: Discord refused the token or cannot be reached.
    """
    if settings.discord_token is None:
        raise StartError("DISCORD_TOKEN is not set")
    use_discord_at(settings)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(settings.discord_token.get_secret_value())
            assert client.user is not None  # it has logged in
            guilds = [guild.id async for guild in client.fetch_guilds(limit=None)]
            return client.user.id, frozenset(guilds)
    except discord.LoginFailure as error:
        raise StartError("Discord refused DISCORD_TOKEN") from error
    except (aiohttp.ClientConnectionError, discord.HTTPException) as error:
        raise StartError(f"Discord cannot be reached: {error}") from error
