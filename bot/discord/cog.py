"""The bot that cogs are added to, the base of every cog, and command texts in both languages.

The bot keeps one line to Discord a shard: sessions, their turns to begin, and how they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import discord
import structlog
from discord import Locale, app_commands
from discord.ext import commands
from discord.gateway import ReconnectWebSocket
from discord.shard import Shard
from yarl import URL

from bot.discord.requests import RequestGate
from bot.discord.ui import PersistentButton, PersistentSelect
from bot.errors import StartError
from bot.i18n import LOCALES, translator_for
from bot.sharding import Peers, Shards, shard_of

log = structlog.stdlib.get_logger(__name__)


class ShardedBot(commands.AutoShardedBot):
    """discord.py's sharded bot, for some or all shards; it knows which of them are ready.

    Attributes:
        owned: the shards of this process.
        peers: the other processes.
        ready_shards: those whose servers are all known.
    """

    def __init__(self, owned: Shards, peers: Peers, **options: Any) -> None:
        """Prepare the client; nothing connects yet.

        Args:
            owned: the shards of this process.
            peers: the other processes, which begin sessions too.
            options: discord.py's (Any: they are of many types).
        """
        if owned.ids:
            options["shard_ids"] = list(owned.ids)
        super().__init__(shard_count=owned.count or None, **options)
        self.owned = owned
        self.ready_shards: set[int] = set()
        self.peers = peers
        self._max_concurrency = 1

    async def plan_shards(self) -> None:
        """Ask Discord how many shards it wants and how many sessions may begin; needs `login`.

        discord.py does not ask when it is given a number of shards, and so would not know.

        Raises:
            StartError: too few sessions may begin today; beginning more resets the token.
            discord.GatewayNotFound: Discord cannot be reached.
        """
        recommended, _, limits = await self.http.get_bot_gateway()
        self.shard_count = self.shard_count or recommended
        self._max_concurrency = max(1, limits["max_concurrency"])
        wanted = len(self.shard_ids or range(self.shard_count))
        if limits["remaining"] < wanted:
            hours = limits["reset_after"] / 3_600_000
            raise StartError(
                f"Discord allows {limits['remaining']} more sessions today and {wanted} shards "
                f"want one each; it allows more in {hours:.1f} hours"
            )
        log.info("shards_planned", count=self.shard_count, here=wanted, recommended=recommended)

    def knows_guilds_near(self, guild_id: int) -> bool:
        """Return whether all servers are known of the shard that a server belongs to."""
        return bool(self.shard_count) and shard_of(guild_id, self.shard_count) in self.ready_shards

    @property
    def complete(self) -> bool:
        """Whether the servers of all own shards are known."""
        return self.ready_shards >= set(self.shard_ids or range(self.shard_count or 1))

    def open_shards(self) -> Mapping[int, bool]:
        """Return whether each shard's line is open; empty before the first."""
        return {shard_id: not info.is_closed() for shard_id, info in self.shards.items()}

    def guilds_by_shard(self) -> Mapping[int, int]:
        """Count the servers of each shard."""
        counts = dict.fromkeys(self.shards, 0)
        for guild in self.guilds:
            counts[guild.shard_id] = counts.get(guild.shard_id, 0) + 1
        return counts

    async def on_shard_ready(self, shard_id: int) -> None:
        """Note that a shard's servers are all known."""
        self.ready_shards.add(shard_id)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Forget what the shard's last session knew, and wait for the turn of a new one.

        discord.py's sharded client keeps servers of the last session, and so would never see that
        the bot left one while the line was down.
        """
        number = shard_id or 0
        self.ready_shards.discard(number)
        for guild in [each for each in self.guilds if each.shard_id == number]:
            self._connection._remove_guild(guild)
        await self.peers.take(number % self._max_concurrency)

    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        """Open a shard's first line; from then on a line that breaks is resumed.

        When a line cannot be opened again at the first try, discord.py's sharded client begins a
        new session, in which everything sent meanwhile is lost; its other client resumes.
        """
        await super().launch_shard(gateway, shard_id, initial=initial)
        shard = self.shards[shard_id]._parent
        shard.reconnect = partial(_resume, shard)  # type: ignore[method-assign]


async def _resume(shard: Shard) -> None:
    resume = shard.ws.session_id is not None
    await shard.reidentify(ReconnectWebSocket(shard.id, resume=resume))


def close_reason(error: discord.ConnectionClosed) -> str:
    """Explain why Discord closed a line for good, for the host."""
    reasons = {
        4010: "USAMIMI_SHARD_IDS names a shard that USAMIMI_SHARD_COUNT does not have, or Discord "
        "wants a multiple of another number",
        4011: "a shard has too many servers: raise USAMIMI_SHARD_COUNT, or set it to 0",
    }
    return reasons.get(error.code, f"code {error.code}")


Text = app_commands.locale_str


def localised(key: str, *, limit: str | None = None) -> Text:
    """Name something that Discord shows: in English here, translated when commands sync.

    Args:
        key: of the catalogues.
        limit: which file's largest size the text takes as `$limit`, `song` or `picture`. The host
            sets it, so it is known when commands sync; for readers of other languages it is 0.
    """
    facts = {} if limit is None else {"limit": 0}
    return Text(translator_for("en")(key, **facts), key=key, limit=limit)


class CatalogueTranslator(app_commands.Translator):
    """Answers Discord's question for a translation from the catalogues."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        """Fill `limits`, the largest files in MB, into the texts that take one."""
        super().__init__()
        self._limits = limits

    async def translate(
        self, string: Text, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Translate `string`, or return None where its English stands for the locale."""
        key = string.extras.get("key")
        language = locale.value.split("-")[0]
        if key is None or language not in LOCALES:
            return None
        limit = string.extras.get("limit")
        if limit is not None:
            return translator_for(language)(key, limit=self._limits[limit])
        return None if language == "en" else translator_for(language)(key)


class Cog(commands.Cog):
    """A cog whose requests pass the gate.

    Attributes:
        gate: where its requests come in.
        menus: its context menus.
        persistent_items: its buttons and selects that work in messages from before a restart.
    """

    persistent_items: ClassVar[tuple[type[PersistentButton | PersistentSelect], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for item in cls.persistent_items:
            item.check_owner(cls)

    def __init__(self, gate: RequestGate) -> None:
        """Start without context menus; discord.py cannot declare them inside a cog."""
        super().__init__()
        self.gate = gate
        self.menus: list[app_commands.ContextMenu] = []

    async def ready(self, bot: ShardedBot) -> None:
        """Begin what needs Discord.

        Called whenever a shard has a new session and knows its servers. Does nothing unless a
        cog says otherwise.
        """

    def add_menu(self, name: app_commands.locale_str, callback: Any) -> None:
        """Offer a context menu; `callback` takes the interaction and its target.

        Any: discord.py types it by a private union.
        """
        self.menus.append(app_commands.ContextMenu(name=name, callback=callback))

    def add_to(
        self,
        group: app_commands.Group,
        name: app_commands.locale_str,
        description: app_commands.locale_str,
        callback: Any,
    ) -> None:
        """Offer a command of a group that several cogs share.

        discord.py can declare a group inside one cog only. The callback's options are described
        as everywhere, by decorators. Any: discord.py types it by a private union.
        """
        group.add_command(
            app_commands.Command(name=name, description=description, callback=callback)
        )
