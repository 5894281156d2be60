"""The models that servers trained, what they learned from, and which of them serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.codecs import ID_LIST, id_list, milliseconds, moment
from storage.database import Database, Row, Transaction
from storage.lessons import Job, Kind


@dataclass(frozen=True, slots=True)
class TaughtModel:
    """A model that a server trained.

    Attributes:
        number: how the server calls it, counted from 1 for each kind.
        file: its name in the folder of models.
        digest: SHA-256 of the file.
        made_by: who started the lesson; 0 after they were erased.
        decided: whether it was ever promoted, or left as it is.
        taken_back: how many of its sources were taken back since.
        card: what it learned from and how well it does, as JSON can hold it.
        model_id: 0 before it is stored.
    """

    guild_id: int
    kind: Kind
    number: int
    file: str
    digest: bytes
    made_at: datetime
    made_by: int
    card: Mapping[str, Any]
    decided: bool = False
    taken_back: int = 0
    model_id: int = 0


COLUMNS = """guild_id, kind, number, file, digest, made_at, made_by, card, decided, taken_back,
    model_id"""


class TaughtModels:
    """The trained models of every server; each question names the one server it is about."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def add(
        self, made: TaughtModel, sources: Collection[int], job: Job
    ) -> TaughtModel | None:
        """Store a model and end its job, both or neither.

        Args:
            made: the model; its number is assigned here.
            sources: ids of the contributions it learned from.
            job: as its worker began it.

        Returns:
            The model, or None when the job was ended meanwhile, another process went on with it,
            or a source was taken back.
        """
        now, listed = milliseconds(self._now()), id_list(sources)
        async with self._database.transaction(made.guild_id) as tx:
            held = await tx.row(
                """SELECT job_id FROM jobs WHERE job_id = ? AND worker = ? AND state = 'running'
                    /* FOR UPDATE */""",
                (job.job_id, job.worker),
            )
            there = await tx.row(
                f"SELECT count(*) AS sources FROM contributions WHERE contribution_id IN {ID_LIST}",
                (listed,),
            )
            assert there is not None  # a count returns one row
            if held is None or there["sources"] != len(sources):
                return None
            model = await _inserted(tx, made, now)
            await tx.rows(
                f"""INSERT INTO model_sources (model_id, contribution_id)
                    SELECT CAST(? AS INTEGER), contribution_id FROM contributions
                    WHERE contribution_id IN {ID_LIST}""",
                (model.model_id, listed),
            )
            await tx.rows(
                """UPDATE jobs SET state = 'done', ended_at = ?, model_id = ? WHERE job_id = ?""",
                (now, model.model_id, job.job_id),
            )
        return model

    async def find(self, guild_id: int, model_id: int) -> TaughtModel | None:
        """Find one model of this server."""
        row = await self._database.row(
            f"SELECT {COLUMNS} FROM taught_models WHERE guild_id = ? AND model_id = ?",
            (guild_id, model_id),
        )
        return model_from(row) if row else None

    async def of_server(self, guild_id: int) -> tuple[TaughtModel, ...]:
        """List a server's models, the newest first."""
        rows = await self._database.rows(
            f"""SELECT {COLUMNS} FROM taught_models WHERE guild_id = ?
                ORDER BY model_id DESC""",
            (guild_id,),
        )
        return tuple(map(model_from, rows))

    async def servers(self, kind: Kind) -> tuple[int, ...]:
        """List the servers that trained models of this kind."""
        rows = await self._database.rows(
            "SELECT DISTINCT guild_id FROM taught_models WHERE kind = ?", (kind.value,)
        )
        return tuple(row["guild_id"] for row in rows)

    async def marked(self) -> tuple[TaughtModel, ...]:
        """List the models, of all servers, that learned from something taken back since."""
        rows = await self._database.rows(
            f"SELECT {COLUMNS} FROM taught_models WHERE taken_back > 0"
        )
        return tuple(map(model_from, rows))

    async def taught_by(self, member_id: int) -> tuple[TaughtModel, ...]:
        """List the models that learned from a member's contributions, in all servers."""
        rows = await self._database.rows(
            f"""SELECT {COLUMNS} FROM taught_models WHERE model_id IN (
                    SELECT model_id FROM model_sources JOIN contributions USING (contribution_id)
                    WHERE member_id = ?)
                ORDER BY model_id""",
            (member_id,),
        )
        return tuple(map(model_from, rows))

    async def taught_from(self, guild_id: int, contribution_id: int) -> tuple[TaughtModel, ...]:
        """List the models of a server that learned from one contribution."""
        rows = await self._database.rows(
            f"""SELECT {COLUMNS} FROM taught_models WHERE guild_id = ? AND model_id IN (
                    SELECT model_id FROM model_sources WHERE contribution_id = ?)
                ORDER BY model_id""",
            (guild_id, contribution_id),
        )
        return tuple(map(model_from, rows))

    async def sources(self, model_id: int) -> frozenset[int]:
        """List the contributions that a model learned from and that are still there."""
        rows = await self._database.rows(
            "SELECT contribution_id FROM model_sources WHERE model_id = ?", (model_id,)
        )
        return frozenset(row["contribution_id"] for row in rows)

    async def serving(self, guild_id: int, kind: Kind) -> TaughtModel | None:
        """Find the model that serves; None: what is shipped."""
        row = await self._database.row(
            f"""SELECT {COLUMNS} FROM taught_models WHERE model_id = (
                    SELECT model_id FROM promotions WHERE guild_id = ? AND kind = ?
                    ORDER BY promotion_id DESC LIMIT 1)""",
            (guild_id, kind.value),
        )
        return model_from(row) if row else None

    async def promote(self, guild_id: int, kind: Kind, model_id: int | None, by: int) -> bool:
        """Promote a model, or what is shipped; False when there is no such model."""
        async with self._database.transaction(guild_id) as tx:
            if model_id is not None:
                known = await tx.rows(
                    """UPDATE taught_models SET decided = 1
                        WHERE guild_id = ? AND kind = ? AND model_id = ? RETURNING model_id""",
                    (guild_id, kind.value, model_id),
                )
                if not known:
                    return False
            await tx.rows(
                """INSERT INTO promotions (guild_id, kind, model_id, promoted_at, promoted_by)
                    VALUES (?, ?, ?, ?, ?)""",
                (guild_id, kind.value, model_id, milliseconds(self._now()), by),
            )
        return True

    async def step_back(self, guild_id: int, kind: Kind) -> bool:
        """Undo the last promotion; False when there is none."""
        async with self._database.transaction(guild_id) as tx:
            undone = await tx.rows(
                """DELETE FROM promotions WHERE promotion_id = (
                        SELECT max(promotion_id) FROM promotions WHERE guild_id = ? AND kind = ?)
                    RETURNING promotion_id""",
                (guild_id, kind.value),
            )
        return bool(undone)

    async def delete(self, guild_id: int, model_id: int) -> TaughtModel | None:
        """Delete a model with its promotions: what served before it serves again.

        Returns:
            The model, whose file is the caller's to remove; None when there was none.
        """
        async with self._database.transaction(guild_id) as tx:
            row = await tx.row(
                f"""DELETE FROM taught_models WHERE guild_id = ? AND model_id = ?
                    RETURNING {COLUMNS}""",
                (guild_id, model_id),
            )
        return model_from(row) if row else None

    async def files(self) -> frozenset[str]:
        """List the names of all models' files."""
        rows = await self._database.rows("SELECT file FROM taught_models")
        return frozenset(row["file"] for row in rows)


async def _inserted(tx: Transaction, made: TaughtModel, now: int) -> TaughtModel:
    """Insert a model under the next number of its kind."""
    kind = (made.guild_id, made.kind.value)
    facts = (made.file, made.digest, now, made.made_by, json.dumps(dict(made.card)))
    row = await tx.row(
        f"""INSERT INTO taught_models (guild_id, kind, number, file, digest, made_at, made_by,
                card)
            SELECT CAST(? AS INTEGER), CAST(? AS TEXT), coalesce(max(number), 0) + 1,
                CAST(? AS TEXT), CAST(? AS BLOB), CAST(? AS INTEGER), CAST(? AS INTEGER),
                CAST(? AS TEXT)
                FROM taught_models WHERE guild_id = ? AND kind = ?
            RETURNING {COLUMNS}""",
        (*kind, *facts, *kind),
    )
    assert row is not None  # an INSERT without ON CONFLICT returns its row
    return model_from(row)


def model_from(row: Row) -> TaughtModel:
    """Read a row of `COLUMNS`."""
    return TaughtModel(
        guild_id=row["guild_id"],
        kind=Kind(row["kind"]),
        number=row["number"],
        file=row["file"],
        digest=row["digest"],
        made_at=moment(row["made_at"]),
        made_by=row["made_by"],
        card=json.loads(row["card"]),
        decided=bool(row["decided"]),
        taken_back=row["taken_back"],
        model_id=row["model_id"],
    )
