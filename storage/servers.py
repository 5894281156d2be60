"""Forgetting whole channels and whole servers, in every table at once."""

from __future__ import annotations

from storage.database import Database, Row
from storage.songs import forget_where

OF_MEMBERS = ("portraits", "icon_changes")  # have a server, and are forgotten by their own classes
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
# Of songs the next id by the index, one after another: to read 100,000 songs takes 100 ms.
KNOWN = f"""WITH RECURSIVE found (guild) AS (
        SELECT min(guild_id) FROM songs
        UNION ALL
        SELECT (SELECT min(guild_id) FROM songs WHERE guild_id > guild)
            FROM found WHERE guild IS NOT NULL),
    every (guild) AS (
        SELECT guild FROM found
        {" ".join(f"UNION SELECT guild_id FROM {table}" for table in (*OF_SERVERS, *OF_MEMBERS))})
    SELECT guild FROM every WHERE guild <> 0"""  # noqa: S608 - our own words; 0: no server at all
CHANNELS = """WITH RECURSIVE found (channel) AS (
        SELECT min(channel_id) FROM songs WHERE guild_id = ?1
        UNION ALL
        SELECT (SELECT min(channel_id) FROM songs WHERE guild_id = ?1 AND channel_id > channel)
            FROM found WHERE channel IS NOT NULL),
    parents (channel) AS (
        SELECT min(parent_id) FROM songs WHERE guild_id = ?1
        UNION ALL
        SELECT (SELECT min(parent_id) FROM songs WHERE guild_id = ?1 AND parent_id > channel)
            FROM parents WHERE channel IS NOT NULL),
    every (channel) AS (
        SELECT channel FROM found
        UNION SELECT channel FROM parents
        UNION SELECT channel_id FROM watched_channels WHERE guild_id = ?1
        UNION SELECT channel_id FROM imports WHERE guild_id = ?1)
    SELECT channel FROM every WHERE channel IS NOT NULL"""


class Servers:
    """What is known of a server across all subjects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim_for_bot(self, bot_id: int) -> bool:
        """Tell whether all this is a bot's; the first that asks is the one from then on."""
        async with self._database.transaction() as tx:
            owners = await tx.rows("SELECT bot_id FROM owner")
            if not owners:
                await tx.rows("INSERT INTO owner VALUES (?)", (bot_id,))
        return not owners or owners[0][0] == bot_id

    async def known(self) -> frozenset[int]:
        """List the servers of which anything is kept."""
        return _first(await self._database.rows(KNOWN))

    async def channels(self, guild_id: int) -> frozenset[int]:
        """List the channels and threads of a server of which anything is kept."""
        return _first(await self._database.rows(CHANNELS, (guild_id,)))

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


def _first(rows: list[Row]) -> frozenset[int]:
    return frozenset(int(row[0]) for row in rows)
