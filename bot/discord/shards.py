"""Keep one line to Discord a shard: sessions, their turns to begin, and how they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import discord
import structlog
from discord.ext import commands
from discord.gateway import ReconnectWebSocket
from discord.shard import Shard
from yarl import URL

from bot.errors import StartError
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
