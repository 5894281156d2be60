"""What members decided and rated, and what is stored of each across all tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from storage.codecs import milliseconds, moment, vector_from
from storage.database import Database, Row
from storage.erasure import EVERYWHERE
from storage.portraits import choices_from
from storage.songs import forget_where


@dataclass(frozen=True, slots=True)
class Consent:
    """A member's agreement to the text of one version."""

    guild_id: int
    member_id: int
    wording: int
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class AdminAction:
    """Something a member did as an administrator, that is stored with their id.

    Attributes:
        what: `watch`, `import`, `weekly`, `icon`, `model` (a lesson of theirs made it) or
            `promotion`.
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
        choices: what was chosen beside the seed.
    """

    portrait_id: int
    guild_id: int
    seed: str
    model: str
    likeness: float
    drawn_at: datetime
    latent: npt.NDArray[np.float32]
    source: npt.NDArray[np.float32] | None
    choices: Mapping[str, str]


class Consents:
    """The consents of every server's members."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def agree(self, guild_id: int, member_id: int, wording: int) -> None:
        """Record that a member read version `wording` and agreed; a later one takes its place."""
        async with self._database.transaction(guild_id) as tx:
            await tx.rows(
                """INSERT INTO consents (guild_id, member_id, wording, agreed_at)
                    VALUES (?, ?, ?, ?) ON CONFLICT (guild_id, member_id) DO UPDATE
                    SET wording = excluded.wording, agreed_at = excluded.agreed_at""",
                (guild_id, member_id, wording, milliseconds(self._now())),
            )

    async def find(self, guild_id: int, member_id: int) -> Consent | None:
        """Find what a member agreed to in a server."""
        row = await self._database.row(
            "SELECT * FROM consents WHERE guild_id = ? AND member_id = ?",
            (guild_id, member_id),
        )
        return _consent_from(row) if row else None

    async def of_member(self, member_id: int) -> tuple[Consent, ...]:
        """List what a member agreed to in all servers."""
        rows = await self._database.rows(
            "SELECT * FROM consents WHERE member_id = ? ORDER BY guild_id", (member_id,)
        )
        return tuple(map(_consent_from, rows))


def _consent_from(row: Row) -> Consent:
    return Consent(row["guild_id"], row["member_id"], row["wording"], moment(row["agreed_at"]))


class OptOuts:
    """Who does not want to be remembered; each question names the one server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def opt_out(
        self, guild_id: int, member_id: int, *, forget: bool = True
    ) -> tuple[int, ...]:
        """Never remember this member's songs again; with `forget`, forget those that are.

        Both in one transaction: there is no moment in which only one of them is true.

        Returns:
            The ids of the songs forgotten.
        """
        async with self._database.transaction(guild_id) as tx:
            await tx.rows(
                """INSERT INTO opt_outs (guild_id, member_id, since) VALUES (?, ?, ?)
                    ON CONFLICT DO NOTHING""",
                (guild_id, member_id, milliseconds(self._now())),
            )
            if not forget:
                return ()
            return await forget_where(tx, "guild_id = ? AND poster_id = ?", guild_id, member_id)

    async def opt_in(self, guild_id: int, member_id: int) -> bool:
        """Take an opt-out back; False when there was none."""
        async with self._database.transaction(guild_id) as tx:
            removed = await tx.rows(
                "DELETE FROM opt_outs WHERE guild_id = ? AND member_id = ? RETURNING member_id",
                (guild_id, member_id),
            )
        return bool(removed)

    async def opted_out(self, guild_id: int, member_id: int) -> bool:
        """Return whether the member does not want to be remembered here."""
        row = await self._database.row(  # 0: `EVERYWHERE`
            "SELECT 1 FROM opt_outs WHERE guild_id IN (?, 0) AND member_id = ?",
            (guild_id, member_id),
        )
        return row is not None


class TasteSharing:
    """Which members agreed that others see their taste; each question names the one server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def share(self, guild_id: int, member_id: int, *, shared: bool) -> None:
        """Record that a member agrees, or no longer does."""
        async with self._database.transaction(guild_id) as tx:
            if shared:
                await tx.rows(
                    """INSERT INTO taste_sharing (guild_id, member_id, since) VALUES (?, ?, ?)
                        ON CONFLICT DO NOTHING""",
                    (guild_id, member_id, milliseconds(self._now())),
                )
            else:
                await tx.rows(
                    "DELETE FROM taste_sharing WHERE guild_id = ? AND member_id = ?",
                    (guild_id, member_id),
                )

    async def members(self, guild_id: int) -> frozenset[int]:
        """List the members of a server who agreed."""
        rows = await self._database.rows(
            "SELECT member_id FROM taste_sharing WHERE guild_id = ?", (guild_id,)
        )
        return frozenset(row["member_id"] for row in rows)

    async def of_member(self, member_id: int) -> tuple[tuple[int, datetime], ...]:
        """List the servers where a member agreed, and when."""
        rows = await self._database.rows(
            "SELECT guild_id, since FROM taste_sharing WHERE member_id = ? ORDER BY guild_id",
            (member_id,),
        )
        return tuple((row["guild_id"], moment(row["since"])) for row in rows)


class MemberData:
    """What all tables hold beside a member's id."""

    def __init__(self, database: Database) -> None:
        """Work on `database`."""
        self._database = database

    async def servers_with_songs(self, member_id: int) -> tuple[int, ...]:
        """List the servers that remember a song of the member's."""
        rows = await self._database.rows(
            "SELECT DISTINCT guild_id FROM songs WHERE poster_id = ? ORDER BY guild_id",
            (member_id,),
        )
        return tuple(row["guild_id"] for row in rows)

    async def vectors(self, member_id: int) -> Mapping[int, npt.NDArray[np.float32]]:
        """Return the vectors of the member's songs, by the songs' ids."""
        rows = await self._database.rows(
            """SELECT song_id, vector FROM vectors JOIN songs USING (song_id)
                WHERE poster_id = ?""",
            (member_id,),
        )
        return {row["song_id"]: vector_from(row["vector"]) for row in rows}

    async def servers_with_portraits(self, member_id: int) -> Mapping[int, int]:
        """Count the portraits drawn for the member, by server; 0 stands for direct messages."""
        rows = await self._database.rows(
            """SELECT guild_id, count(*) AS portraits FROM portraits WHERE member_id = ?
                GROUP BY guild_id ORDER BY guild_id""",
            (member_id,),
        )
        return {row["guild_id"]: row["portraits"] for row in rows}

    async def portraits(self, member_id: int) -> tuple[DrawnPortrait, ...]:
        """List the portraits drawn for the member, in all servers."""
        rows = await self._database.rows(
            """SELECT portrait_id, guild_id, seed, model, likeness, drawn_at, latent, source,
                    choices
                FROM portraits WHERE member_id = ? ORDER BY portrait_id""",
            (member_id,),
        )
        return tuple(
            DrawnPortrait(
                row["portrait_id"],
                row["guild_id"],
                row["seed"],
                row["model"],
                row["likeness"],
                moment(row["drawn_at"]),
                vector_from(row["latent"]),
                None if row["source"] is None else vector_from(row["source"]),
                choices_from(row["choices"]),
            )
            for row in rows
        )

    async def opted_out(self, member_id: int) -> tuple[tuple[int, datetime], ...]:
        """List where the member opted out, and when; `EVERYWHERE` stands for all servers."""
        rows = await self._database.rows(
            "SELECT guild_id, since FROM opt_outs WHERE member_id = ? ORDER BY guild_id",
            (member_id,),
        )
        return tuple((row["guild_id"], moment(row["since"])) for row in rows)

    async def admin_actions(self, member_id: int) -> tuple[AdminAction, ...]:
        """List what the member did as an administrator, in all servers."""
        rows = await self._database.rows(
            """SELECT guild_id, 'watch' AS what, channel_id, watched_since AS at
                    FROM watched_channels WHERE watched_by = ?
                UNION ALL SELECT guild_id, 'import', channel_id, started_at
                    FROM imports WHERE started_by = ?
                UNION ALL SELECT guild_id, 'weekly', channel_id, set_at
                    FROM weekly_cards WHERE set_by = ?
                UNION ALL SELECT guild_id, 'icon', 0, changed_at
                    FROM icon_changes WHERE changed_by = ?
                UNION ALL SELECT guild_id, 'model', 0, made_at
                    FROM taught_models WHERE made_by = ?
                UNION ALL SELECT guild_id, 'promotion', 0, promoted_at
                    FROM promotions WHERE promoted_by = ?""",
            (member_id,) * 6,
        )
        return tuple(
            AdminAction(row["guild_id"], row["what"], row["channel_id"], moment(row["at"]))
            for row in rows
        )

    async def opt_in_everywhere(self, member_id: int) -> bool:
        """Take the opt-out from all servers back; False when there was none."""
        async with self._database.transaction() as tx:
            rows = await tx.rows(
                "DELETE FROM opt_outs WHERE guild_id = ? AND member_id = ? RETURNING member_id",
                (EVERYWHERE, member_id),
            )
        return bool(rows)


@dataclass(frozen=True, slots=True)
class Rating:
    """What a member thought of one song as an answer.

    Attributes:
        guild_id: the server.
        member_id: who thought so.
        song_id: the song that was found.
        asked_id: the song asked about; None: a file, or several songs.
        liked: whether it was a good answer.
        model: name and version of the model that compared them.
        shares: what each part of the vectors added to their cosine.
        rated_at: when, with a time zone.
    """

    guild_id: int
    member_id: int
    song_id: int
    asked_id: int | None
    liked: bool
    model: str
    shares: Mapping[str, float]
    rated_at: datetime


_INSERT = """INSERT INTO ratings (guild_id, member_id, song_id, asked_song, liked, model, shares,
        rated_at)
    SELECT guild_id, CAST(? AS INTEGER), song_id, CAST(? AS INTEGER), CAST(? AS INTEGER),
        CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS INTEGER)
    FROM songs WHERE guild_id = ? AND song_id = ? AND gone_at IS NULL RETURNING 1"""


class Ratings:
    """The ratings of every server; each question names the one server, or the one member."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def rate(
        self,
        guild_id: int,
        member_id: int,
        song_id: int,
        asked_id: int | None,
        *,
        liked: bool,
        model: str,
        shares: Mapping[str, float],
    ) -> bool:
        """Record a rating; the same one a second time takes it back.

        Returns:
            False when it was taken back, or the song is no longer remembered.
        """
        same = (guild_id, member_id, song_id, asked_id or 0)
        async with self._database.transaction(guild_id) as tx:
            before = await tx.rows(
                """DELETE FROM ratings WHERE guild_id = ? AND member_id = ? AND song_id = ?
                    AND coalesce(asked_song, 0) = ? RETURNING liked""",
                same,
            )
            if before and bool(before[0]["liked"]) is liked:
                return False
            given = (int(liked), model, json.dumps(dict(shares)), milliseconds(self._now()))
            rows = await tx.rows(_INSERT, (member_id, asked_id, *given, guild_id, song_id))
        return bool(rows)

    async def of_server(self, guild_id: int, model: str) -> tuple[Rating, ...]:
        """List a server's ratings of answers that one model found, the oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM ratings WHERE guild_id = ? AND model = ? ORDER BY rating_id",
            (guild_id, model),
        )
        return tuple(map(_rating_from, rows))

    async def of_member(self, member_id: int) -> tuple[Rating, ...]:
        """List a member's ratings in all servers, the oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM ratings WHERE member_id = ? ORDER BY rating_id", (member_id,)
        )
        return tuple(map(_rating_from, rows))

    async def liked(self, guild_id: int) -> Mapping[int, int]:
        """Count the thumbs up minus the thumbs down of each rated song of a server."""
        rows = await self._database.rows(
            """SELECT song_id, sum(2 * liked - 1) AS thumbs FROM ratings WHERE guild_id = ?
                GROUP BY song_id""",
            (guild_id,),
        )
        return {row["song_id"]: row["thumbs"] for row in rows}


def _rating_from(row: Row) -> Rating:
    return Rating(
        row["guild_id"],
        row["member_id"],
        row["song_id"],
        row["asked_song"],
        bool(row["liked"]),
        row["model"],
        json.loads(row["shares"]),
        moment(row["rated_at"]),
    )
