"""The models that servers taught, what they learned from, and which of them serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from storage.database import Database, Row
from storage.lesson_values import Kind, TaughtModel
from storage.song_values import milliseconds, moment

_COLUMNS = """guild_id, kind, number, file, digest, made_at, made_by, card, decided, taken_back,
    model_id"""


class TaughtModels:
    """The taught models of every server; each question names the one server it is about."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` tells the time, with its zone."""
        self._database = database
        self._now = now

    async def keep(
        self, made: TaughtModel, sources: Collection[int], job_id: int
    ) -> TaughtModel | None:
        """Keep a model and end the job it came of, both or neither.

        Args:
            made: the model; its number is given here.
            sources: ids of the contributions it learned from.
            job_id: the job.

        Returns:
            The model, or None when the job was ended meanwhile, or a source taken back.
        """
        now, listed = milliseconds(self._now()), json.dumps(list(sources))
        async with self._database.transaction() as tx:
            standing = await tx.row(
                """SELECT EXISTS (SELECT 1 FROM jobs WHERE job_id = ? AND state = 'running'),
                    (SELECT count(*) FROM contributions
                        WHERE contribution_id IN (SELECT value FROM json_each(?)))""",
                (job_id, listed),
            )
            if standing != (1, len(sources)):
                return None
            row = await tx.row(
                f"""INSERT INTO taught_models (guild_id, kind, number, file, digest, made_at,
                        made_by, card)
                    SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7
                        FROM taught_models WHERE guild_id = ?1 AND kind = ?2
                    RETURNING {_COLUMNS}""",  # noqa: S608 - our own words
                (
                    made.guild_id,
                    made.kind.value,
                    made.file,
                    made.digest,
                    now,
                    made.made_by,
                    json.dumps(dict(made.card)),
                ),
            )
            assert row is not None  # an INSERT without ON CONFLICT returns its row
            model = _model_from(row)
            await tx.rows(
                "INSERT INTO model_sources SELECT ?, value FROM json_each(?)",
                (model.model_id, listed),
            )
            await tx.rows(
                """UPDATE jobs SET state = 'done', ended_at = ?, model_id = ? WHERE job_id = ?""",
                (now, model.model_id, job_id),
            )
        return model

    async def find(self, guild_id: int, model_id: int) -> TaughtModel | None:
        """Find one model of this server."""
        row = await self._database.row(
            f"SELECT {_COLUMNS} FROM taught_models WHERE guild_id = ? AND model_id = ?",  # noqa: S608
            (guild_id, model_id),
        )
        return _model_from(row) if row else None

    async def of_server(self, guild_id: int) -> tuple[TaughtModel, ...]:
        """List a server's models, the newest first."""
        rows = await self._database.rows(
            f"""SELECT {_COLUMNS} FROM taught_models WHERE guild_id = ?
                ORDER BY model_id DESC""",  # noqa: S608 - our own words
            (guild_id,),
        )
        return tuple(map(_model_from, rows))

    async def servers(self, kind: Kind) -> tuple[int, ...]:
        """List the servers that taught models of this kind."""
        rows = await self._database.rows(
            "SELECT DISTINCT guild_id FROM taught_models WHERE kind = ?", (kind.value,)
        )
        return tuple(guild_id for (guild_id,) in rows)

    async def marked(self) -> tuple[TaughtModel, ...]:
        """List the models, of all servers, that learned from something taken back since."""
        rows = await self._database.rows(
            f"SELECT {_COLUMNS} FROM taught_models WHERE taken_back > 0"  # noqa: S608
        )
        return tuple(map(_model_from, rows))

    async def taught_by(self, member_id: int) -> tuple[TaughtModel, ...]:
        """List the models that learned from a member's contributions, in all servers."""
        rows = await self._database.rows(
            f"""SELECT {_COLUMNS} FROM taught_models WHERE model_id IN (
                    SELECT model_id FROM model_sources JOIN contributions USING (contribution_id)
                    WHERE member_id = ?)
                ORDER BY model_id""",  # noqa: S608 - our own words
            (member_id,),
        )
        return tuple(map(_model_from, rows))

    async def taught_from(self, guild_id: int, contribution_id: int) -> tuple[TaughtModel, ...]:
        """List the models of a server that learned from one contribution."""
        rows = await self._database.rows(
            f"""SELECT {_COLUMNS} FROM taught_models WHERE guild_id = ? AND model_id IN (
                    SELECT model_id FROM model_sources WHERE contribution_id = ?)
                ORDER BY model_id""",  # noqa: S608 - our own words
            (guild_id, contribution_id),
        )
        return tuple(map(_model_from, rows))

    async def sources(self, model_id: int) -> frozenset[int]:
        """List the contributions that a model learned from and that are still there."""
        rows = await self._database.rows(
            "SELECT contribution_id FROM model_sources WHERE model_id = ?", (model_id,)
        )
        return frozenset(source for (source,) in rows)

    async def serving(self, guild_id: int, kind: Kind) -> TaughtModel | None:
        """Find the model that serves; None: what is shipped."""
        row = await self._database.row(
            f"""SELECT {_COLUMNS} FROM taught_models WHERE model_id = (
                    SELECT model_id FROM promotions WHERE guild_id = ? AND kind = ?
                    ORDER BY promotion_id DESC LIMIT 1)""",  # noqa: S608 - our own words
            (guild_id, kind.value),
        )
        return _model_from(row) if row else None

    async def promote(self, guild_id: int, kind: Kind, model_id: int | None, by: int) -> bool:
        """Let a model serve from now on, or what is shipped; False when there is no such model."""
        async with self._database.transaction() as tx:
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
        async with self._database.transaction() as tx:
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
        async with self._database.transaction() as tx:
            row = await tx.row(
                f"""DELETE FROM taught_models WHERE guild_id = ? AND model_id = ?
                    RETURNING {_COLUMNS}""",  # noqa: S608 - our own words
                (guild_id, model_id),
            )
        return _model_from(row) if row else None

    async def forget_member(self, member_id: int) -> None:
        """Remove a member's id from models and promotions, which belong to the server."""
        async with self._database.transaction() as tx:
            await tx.rows("UPDATE taught_models SET made_by = 0 WHERE made_by = ?", (member_id,))
            await tx.rows(
                "UPDATE promotions SET promoted_by = 0 WHERE promoted_by = ?", (member_id,)
            )

    async def files(self) -> frozenset[str]:
        """List the names of all models' files."""
        rows = await self._database.rows("SELECT file FROM taught_models")
        return frozenset(file for (file,) in rows)


def _model_from(row: Row) -> TaughtModel:
    guild, kind, number, file, digest, made_at, made_by, card, decided, taken_back, model_id = row
    return TaughtModel(
        guild_id=guild,
        kind=Kind(kind),
        number=number,
        file=file,
        digest=digest,
        made_at=moment(made_at),
        made_by=made_by,
        card=json.loads(card),
        decided=bool(decided),
        taken_back=taken_back,
        model_id=model_id,
    )
