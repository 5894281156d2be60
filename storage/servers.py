"""Forgetting whole channels and whole servers, in every table at once."""

from __future__ import annotations

from storage.database import Database
from storage.songs import forget_where

OF_SERVERS = (
    "watched_channels",
    "imports",
    "opt_outs",
    "servers",
    "consents",
    "contributions",
    "jobs",
    "promotions",
    "taught_models",
)


class Servers:
    """What is known of a server across all subjects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget_channel(self, guild_id: int, channel_id: int) -> tuple[int, ...]:
        """Forget a channel that was deleted: its songs, its threads' songs, that it was watched.

        Returns:
            The ids of the songs forgotten.
        """
        async with self._database.transaction() as tx:
            for table in ("watched_channels", "imports"):
                await tx.rows(
                    f"DELETE FROM {table} WHERE guild_id = ? AND channel_id = ?",  # noqa: S608
                    (guild_id, channel_id),
                )
            return await forget_where(
                tx,
                "guild_id = ? AND (channel_id = ? OR parent_id = ?)",
                guild_id,
                channel_id,
                channel_id,
            )

    async def forget_server(self, guild_id: int) -> tuple[int, ...]:
        """Forget everything about a server that is gone or sent the bot away.

        Returns:
            The ids of the songs forgotten.
        """
        async with self._database.transaction() as tx:
            for table in OF_SERVERS:
                await tx.rows(f"DELETE FROM {table} WHERE guild_id = ?", (guild_id,))  # noqa: S608
            return await forget_where(tx, "guild_id = ?", guild_id)
