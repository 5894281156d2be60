"""Portraits in answers and galleries, and server icons that were replaced by them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from storage.codecs import milliseconds, moment, moment_or_none, vector_bytes, vector_from
from storage.database import Database, Row, Transaction

DIRECT_MESSAGES = 0  # stands for the server where there is none


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A portrait that has just been drawn, with all it takes to draw it again.

    Attributes:
        model: name and version of the model that drew it.
        seed: what was asked for, as a member typed it or could type it.
        latent: (n,) float32, finite: what the model was given.
        likeness: how much of a member's picture is in it, 0 to 1.
        source: (n,) float32, the encoded picture of a member; None without one.
        choices: what was chosen beside the seed, by group such as `mood`.
    """

    model: str
    seed: str
    latent: npt.NDArray[np.float32]
    likeness: float = 0.0
    source: npt.NDArray[np.float32] | None = None
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A portrait the database knows.

    Attributes:
        portrait_id: its number, never given twice.
        guild_id: the server it was drawn in, or `DIRECT_MESSAGES`.
        member_id: for whom.
        sketch: what it takes to draw it again.
        drawn_at: when.
        kept_at: when it was put into the member's gallery; None: it was not.
    """

    portrait_id: int
    guild_id: int
    member_id: int
    sketch: Sketch
    drawn_at: datetime
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptPortrait:
    """A portrait of a gallery, as a member may export it.

    Attributes:
        portrait_id: its number.
        model: what drew it.
        seed: what was asked for.
        likeness: how much of a member's picture is in it, 0 to 1.
        drawn_at: when it was drawn.
        kept_at: when it was added to the gallery.
        picture: WebP without losses, as large as the model drew it.
        choices: what was chosen beside the seed.
    """

    portrait_id: int
    model: str
    seed: str
    likeness: float
    drawn_at: datetime
    kept_at: datetime
    picture: bytes
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """Some portraits of a gallery, the last added first; `total` is how many there are in all."""

    portraits: tuple[KeptPortrait, ...]
    total: int


@dataclass(frozen=True, slots=True)
class IconChange:
    """A server icon that the bot replaced, to be put back for a while.

    Attributes:
        change_id: its number.
        guild_id: the server.
        changed_by: the member who asked for it.
        changed_at: when.
        new_icon: Discord's name of the icon that was set, to see whether it is still there.
        old_icon: bytes of the icon before; None: there was none.
    """

    change_id: int
    guild_id: int
    changed_by: int
    changed_at: datetime
    new_icon: str
    old_icon: bytes | None


WHOLE_GALLERY = 1_000_000_000  # portraits; a gallery holds far fewer
MOST_LATEST = 90  # portraits of a member in a server outside the gallery: ten grids of nine

_COLUMNS = """portrait_id, guild_id, member_id, model, seed, latent, likeness, source, drawn_at,
    kept_at, choices"""
_KEPT_COLUMNS = "portrait_id, model, seed, likeness, drawn_at, kept_at, picture, choices"


class Portraits:
    """The portraits of every server; each question names the one server it is about."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def add(
        self, guild_id: int, member_id: int, message_id: int | None, sketches: Sequence[Sketch]
    ) -> tuple[Portrait, ...]:
        """Store what was drawn for a member; the ids of one call follow each other.

        Args:
            guild_id: the server, or `DIRECT_MESSAGES`.
            member_id: who asked.
            message_id: the answer it is in, which takes it along when it is deleted; None where
                that is not known.
            sketches: what was drawn.

        Raises:
            VectorMismatchError: a latent holds something that is not a number.
        """
        now = milliseconds(self._now())
        async with self._database.transaction(guild_id) as tx:
            rows = [
                await _insert(tx, (guild_id, member_id, message_id, now), sketch)
                for sketch in sketches
            ]
            await tx.rows(
                """DELETE FROM portraits WHERE guild_id = ? AND member_id = ? AND kept_at IS NULL
                    AND portrait_id NOT IN (
                        SELECT portrait_id FROM portraits
                        WHERE guild_id = ? AND member_id = ? AND kept_at IS NULL
                        ORDER BY portrait_id DESC LIMIT ?)""",
                (guild_id, member_id, guild_id, member_id, MOST_LATEST),
            )
        return tuple(_portrait_from(row) for row in rows)

    async def portrait(self, guild_id: int, portrait_id: int) -> Portrait | None:
        """Find a portrait of a server, whoever it was drawn for."""
        row = await self._database.row(
            f"SELECT {_COLUMNS} FROM portraits WHERE guild_id = ? AND portrait_id = ?",
            (guild_id, portrait_id),
        )
        return _portrait_from(row) if row else None

    async def of_message(self, guild_id: int, message_id: int) -> tuple[Portrait, ...]:
        """List the portraits of an answer that are in no gallery, in the order they were drawn."""
        rows = await self._database.rows(
            f"""SELECT {_COLUMNS} FROM portraits WHERE guild_id = ? AND message_id = ?
                ORDER BY portrait_id""",
            (guild_id, message_id),
        )
        return tuple(map(_portrait_from, rows))

    async def put_back(self, message_id: int, portraits: Sequence[Portrait]) -> None:
        """Store portraits of a deleted answer again, under the numbers they had."""
        async with self._database.transaction() as tx:
            for each in portraits:
                drawn_at = milliseconds(each.drawn_at)
                place = (each.guild_id, each.member_id, message_id, drawn_at)
                await _insert(tx, place, each.sketch, each.portrait_id)

    async def last_before(self, guild_id: int, member_id: int, portrait_id: int) -> Portrait | None:
        """Find what was drawn for a member before a portrait, or else what came last."""
        row = await self._database.row(
            f"""SELECT {_COLUMNS} FROM portraits
                WHERE guild_id = ? AND member_id = ? AND portrait_id <> ?
                ORDER BY portrait_id < ? DESC, portrait_id DESC LIMIT 1""",
            (guild_id, member_id, portrait_id, portrait_id),
        )
        return _portrait_from(row) if row else None

    async def keep(
        self, guild_id: int, member_id: int, portrait_id: int, picture: bytes, *, most: int
    ) -> int | None:
        """Add a portrait to a member's gallery; somebody else's is copied for it.

        Args:
            guild_id: the server, or `DIRECT_MESSAGES`.
            member_id: whose gallery.
            portrait_id: the portrait.
            picture: WebP without losses, as large as the model drew it.
            most: portraits that a gallery holds.

        Returns:
            Its id there, new or from before; None when the gallery is full or the portrait gone.
        """
        now = milliseconds(self._now())
        async with self._database.transaction(guild_id) as tx:
            same = await tx.row(
                """SELECT mine.portrait_id FROM portraits mine JOIN portraits USING (model, latent)
                    WHERE mine.guild_id = ? AND mine.member_id = ? AND mine.kept_at IS NOT NULL
                    AND portraits.guild_id = mine.guild_id AND portraits.portrait_id = ?""",
                (guild_id, member_id, portrait_id),
            )
            if same is not None:
                return int(same["portrait_id"])
            if await _count(tx, guild_id, member_id) >= most:
                return None
            kept = await tx.rows(
                """UPDATE portraits SET kept_at = ?, picture = ?, message_id = NULL
                    WHERE guild_id = ? AND member_id = ? AND portrait_id = ?
                    RETURNING portrait_id""",
                (now, picture, guild_id, member_id, portrait_id),
            ) or await tx.rows(
                """INSERT INTO portraits (guild_id, member_id, model, seed, latent, likeness,
                        choices, drawn_at, kept_at, picture)
                    SELECT guild_id, CAST(? AS INTEGER), model, seed, latent, likeness, choices,
                        drawn_at, CAST(? AS INTEGER), CAST(? AS BLOB)
                    FROM portraits WHERE guild_id = ? AND portrait_id = ? RETURNING portrait_id""",
                (member_id, now, picture, guild_id, portrait_id),
            )
        return int(kept[0]["portrait_id"]) if kept else None

    async def gallery(
        self, guild_id: int, member_id: int, *, first: int, count: int
    ) -> GalleryPage:
        """Page through a member's gallery: `count` portraits after the `first` ones."""
        where = "guild_id = ? AND member_id = ? AND kept_at IS NOT NULL"
        rows = await self._database.rows(
            f"""SELECT {_KEPT_COLUMNS} FROM portraits WHERE {where}
                ORDER BY kept_at DESC, portrait_id DESC LIMIT ? OFFSET ?""",
            (guild_id, member_id, count, first),
        )
        total = await self._database.row(
            f"SELECT count(*) AS portraits FROM portraits WHERE {where}",
            (guild_id, member_id),
        )
        return GalleryPage(
            tuple(_kept_from(row) for row in rows), int(total["portraits"]) if total else 0
        )

    async def kept(self, guild_id: int, member_id: int, portrait_id: int) -> KeptPortrait | None:
        """Find one portrait of a member's gallery."""
        row = await self._database.row(
            f"""SELECT {_KEPT_COLUMNS} FROM portraits WHERE guild_id = ? AND member_id = ?
                AND portrait_id = ? AND kept_at IS NOT NULL""",
            (guild_id, member_id, portrait_id),
        )
        return _kept_from(row) if row else None

    async def take_out(self, guild_id: int, member_id: int, portrait_id: int) -> bool:
        """Remove a portrait from a member's gallery, for good; False when it is not there."""
        async with self._database.transaction(guild_id) as tx:
            removed = await tx.rows(
                """DELETE FROM portraits WHERE guild_id = ? AND member_id = ? AND portrait_id = ?
                    AND kept_at IS NOT NULL RETURNING portrait_id""",
                (guild_id, member_id, portrait_id),
            )
        return bool(removed)

    async def export_member(self, guild_id: int, member_id: int) -> tuple[KeptPortrait, ...]:
        """List a member's whole gallery, the last added first."""
        everything = await self.gallery(guild_id, member_id, first=0, count=WHOLE_GALLERY)
        return everything.portraits


async def _insert(
    tx: Transaction,
    place: tuple[int, int, int | None, int],
    sketch: Sketch,
    portrait_id: int | None = None,
) -> Row:
    latent = vector_bytes(sketch.latent, sketch.model)
    source = None if sketch.source is None else vector_bytes(sketch.source, sketch.model)
    values = [*place, sketch.model, sketch.seed, latent, sketch.likeness, source]
    columns, marks = "", ""
    if portrait_id is not None:  # else the database numbers it: PostgreSQL takes no null for that
        columns, marks = "portrait_id, ", "?, "
        values.insert(0, portrait_id)
    rows = await tx.rows(
        f"""INSERT INTO portraits ({columns}guild_id, member_id, message_id, drawn_at, model,
                seed, latent, likeness, source, choices)
            VALUES ({marks}?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",
        (*values, _text(sketch.choices)),
    )
    return rows[0]


async def _count(tx: Transaction, guild_id: int, member_id: int) -> int:
    row = await tx.row(
        """SELECT count(*) AS portraits FROM portraits
            WHERE guild_id = ? AND member_id = ? AND kept_at IS NOT NULL""",
        (guild_id, member_id),
    )
    return int(row["portraits"]) if row else 0


def _portrait_from(row: Row) -> Portrait:
    source = row["source"]
    sketch = Sketch(
        row["model"],
        row["seed"],
        vector_from(row["latent"]),
        row["likeness"],
        None if source is None else vector_from(source),
        choices_from(row["choices"]),
    )
    return Portrait(
        row["portrait_id"],
        row["guild_id"],
        row["member_id"],
        sketch,
        moment(row["drawn_at"]),
        moment_or_none(row["kept_at"]),
    )


def _kept_from(row: Row) -> KeptPortrait:
    return KeptPortrait(
        row["portrait_id"],
        row["model"],
        row["seed"],
        row["likeness"],
        moment(row["drawn_at"]),
        moment(row["kept_at"]),
        row["picture"],
        choices_from(row["choices"]),
    )


def choices_from(stored: str | None) -> Mapping[str, str]:
    """Read what was chosen of a portrait, as the database has it."""
    return {} if stored is None else json.loads(stored)


def _text(choices: Mapping[str, str]) -> str | None:
    return json.dumps(dict(choices), sort_keys=True) if choices else None


UNDO_TIME = timedelta(hours=24)
_ICON_COLUMNS = "change_id, guild_id, changed_by, changed_at, new_icon, old_icon"


class Icons:
    """The latest icon changes of every server; each question names the one server."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def changed(
        self, guild_id: int, changed_by: int, *, new_icon: str, old_icon: bytes | None
    ) -> IconChange:
        """Store that an icon was replaced.

        Args:
            guild_id: the server.
            changed_by: the member who asked for it.
            new_icon: Discord's name of the icon that was set.
            old_icon: bytes of the icon before; None: there was none.
        """
        async with self._database.transaction(guild_id) as tx:
            rows = await tx.rows(
                f"""INSERT INTO icon_changes (guild_id, changed_by, changed_at, new_icon, old_icon)
                    VALUES (?, ?, ?, ?, ?) RETURNING {_ICON_COLUMNS}""",
                (guild_id, changed_by, milliseconds(self._now()), new_icon, old_icon),
            )
        return _change_from(rows[0])

    async def change(self, guild_id: int, change_id: int) -> IconChange | None:
        """Find a change that can still be undone."""
        row = await self._database.row(
            f"""SELECT {_ICON_COLUMNS} FROM icon_changes
                WHERE guild_id = ? AND change_id = ? AND changed_at > ?""",
            (guild_id, change_id, self._oldest()),
        )
        return _change_from(row) if row else None

    async def forget_change(self, guild_id: int, change_id: int) -> None:
        """Forget a change that was undone."""
        async with self._database.transaction(guild_id) as tx:
            await tx.rows(
                "DELETE FROM icon_changes WHERE guild_id = ? AND change_id = ?",
                (guild_id, change_id),
            )

    async def forget_old(self) -> None:
        """Forget the changes whose time for undoing is over."""
        async with self._database.transaction() as tx:
            await tx.rows("DELETE FROM icon_changes WHERE changed_at <= ?", (self._oldest(),))

    def _oldest(self) -> int:
        return milliseconds(self._now() - UNDO_TIME)


def _change_from(row: Row) -> IconChange:
    return IconChange(
        row["change_id"],
        row["guild_id"],
        row["changed_by"],
        moment(row["changed_at"]),
        row["new_icon"],
        row["old_icon"],
    )
