"""What is kept of one member across all servers, for them to see and to have deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from storage.database import Database
from storage.song_values import milliseconds, moment, vector_from

EVERYWHERE = 0  # stands for a server in wishes that hold in all of them


@dataclass(frozen=True, slots=True)
class AdminAction:
    """Something a member did as an administrator, that is kept with their id.

    Attributes:
        what: `watch`, `import`, `icon`, `model` (a lesson of theirs made it) or `promotion`.
        channel_id: 0 where there is none.
    """

    guild_id: int
    what: str
    channel_id: int
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPortrait:
    """A portrait drawn for a member, in a gallery or not; 0 stands for direct messages.

    Attributes:
        latent: (n,) float32, what the model drew it from.
        source: (n,) float32, what the model made of a picture they handed over; None: none.
    """

    portrait_id: int
    guild_id: int
    seed: str
    model: str
    likeness: float
    drawn_at: datetime
    latent: npt.NDArray[np.float32]
    source: npt.NDArray[np.float32] | None


class MemberData:
    """What other subjects keep beside a member's id."""

    def __init__(self, database: Database) -> None:
        """Work on `database`."""
        self._database = database

    async def servers_with_songs(self, member_id: int) -> tuple[int, ...]:
        """List the servers that remember a song of the member's."""
        rows = await self._database.rows(
            "SELECT DISTINCT guild_id FROM songs WHERE poster_id = ? ORDER BY guild_id",
            (member_id,),
        )
        return tuple(guild_id for (guild_id,) in rows)

    async def vectors(self, member_id: int) -> Mapping[int, npt.NDArray[np.float32]]:
        """Give the vectors of the member's remembered songs, by the songs' ids."""
        rows = await self._database.rows(
            """SELECT song_id, vector FROM vectors JOIN songs USING (song_id)
                WHERE poster_id = ?""",
            (member_id,),
        )
        return {song_id: vector_from(blob) for song_id, blob in rows}

    async def servers_with_portraits(self, member_id: int) -> Mapping[int, int]:
        """Count the portraits drawn for the member, by server; 0 stands for direct messages."""
        rows = await self._database.rows(
            """SELECT guild_id, count(*) FROM portraits WHERE member_id = ?
                GROUP BY guild_id ORDER BY guild_id""",
            (member_id,),
        )
        counts: dict[int, int] = {guild_id: count for guild_id, count in rows}  # noqa: C416
        return counts

    async def portraits(self, member_id: int) -> tuple[DrawnPortrait, ...]:
        """List the portraits drawn for the member, in all servers."""
        rows = await self._database.rows(
            """SELECT portrait_id, guild_id, seed, model, likeness, drawn_at, latent, source
                FROM portraits WHERE member_id = ? ORDER BY portrait_id""",
            (member_id,),
        )
        return tuple(
            DrawnPortrait(
                portrait_id,
                guild_id,
                seed,
                model,
                likeness,
                moment(drawn_at),
                vector_from(latent),
                None if source is None else vector_from(source),
            )
            for portrait_id, guild_id, seed, model, likeness, drawn_at, latent, source in rows
        )

    async def opted_out(self, member_id: int) -> tuple[tuple[int, datetime], ...]:
        """List where the member said no, and when; `EVERYWHERE` stands for all servers."""
        rows = await self._database.rows(
            "SELECT guild_id, since FROM opt_outs WHERE member_id = ? ORDER BY guild_id",
            (member_id,),
        )
        return tuple((guild_id, moment(since)) for guild_id, since in rows)

    async def deeds(self, member_id: int) -> tuple[AdminAction, ...]:
        """List what the member switched on or began."""
        rows = await self._database.rows(
            """SELECT guild_id, 'watch', channel_id, watched_since FROM watched_channels
                WHERE watched_by = ?1
                UNION ALL SELECT guild_id, 'import', channel_id, started_at FROM imports
                WHERE started_by = ?1
                UNION ALL SELECT guild_id, 'icon', 0, changed_at FROM icon_changes
                WHERE changed_by = ?1
                UNION ALL SELECT guild_id, 'model', 0, made_at FROM taught_models
                WHERE made_by = ?1
                UNION ALL SELECT guild_id, 'promotion', 0, promoted_at FROM promotions
                WHERE promoted_by = ?1""",
            (member_id,),
        )
        return tuple(
            AdminAction(guild, what, channel, moment(at)) for guild, what, channel, at in rows
        )

    async def forget_deeds(self, member_id: int) -> None:
        """Remove the member's id from what they switched on or began; both stay in force."""
        async with self._database.transaction() as tx:
            await tx.rows(
                "UPDATE watched_channels SET watched_by = 0 WHERE watched_by = ?", (member_id,)
            )
            await tx.rows("UPDATE imports SET started_by = 0 WHERE started_by = ?", (member_id,))
            await tx.rows(
                "UPDATE icon_changes SET changed_by = 0 WHERE changed_by = ?", (member_id,)
            )

    async def opt_out_everywhere(self, member_id: int, at: datetime) -> None:
        """Never remember this member's songs again, in any server."""
        async with self._database.transaction() as tx:
            await tx.rows(
                """INSERT INTO opt_outs (guild_id, member_id, since) VALUES (?, ?, ?)
                    ON CONFLICT DO NOTHING""",
                (EVERYWHERE, member_id, milliseconds(at)),
            )

    async def opt_in_everywhere(self, member_id: int) -> bool:
        """Take the wish for all servers back; False when there was none."""
        async with self._database.transaction() as tx:
            rows = await tx.rows(
                "DELETE FROM opt_outs WHERE guild_id = ? AND member_id = ? RETURNING member_id",
                (EVERYWHERE, member_id),
            )
        return bool(rows)
