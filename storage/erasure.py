"""Erase what is stored of a member, server, channel or message, in one transaction.

`COLUMNS` lists every column that holds an id of Discord's and says what an erasure does with it. A
test compares the list with the schema, so that a new column cannot be forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from storage.codecs import ID_LIST, id_list, milliseconds
from storage.database import Database, Row, Transaction
from storage.lessons import CONTRIBUTION_COLUMNS, Contribution, contribution_from
from storage.song_values import Post
from storage.taught_models import COLUMNS as MODEL_COLUMNS
from storage.taught_models import TaughtModel, model_from

EVERYWHERE = 0  # stands for a server in wishes that hold in all of them
NO_SERVER = 0  # stands for a server in direct messages


class ScopeKind(Enum):
    """Whose data a column is."""

    MEMBER = "member"
    GUILD = "guild"
    CHANNEL = "channel"
    MESSAGE = "message"
    CONTRIBUTION = "contribution"


class Action(Enum):
    """What an erasure does with a row whose column names the subject."""

    DELETE = "delete"  # the row goes
    CLEAR = "clear"  # the row stays without the id
    KEEP = "keep"  # the id stays; `reason` says why


@dataclass(frozen=True, slots=True)
class Column:
    """One column that holds an id of Discord's.

    Attributes:
        table: the table.
        name: the column.
        subject: what the id names.
        action: what an erasure of the subject does.
        cleared: SQL that takes the id out of a row; only for `Action.CLEAR`.
        reason: why the id stays; only for `Action.KEEP`.
    """

    table: str
    name: str
    subject: ScopeKind
    action: Action = Action.DELETE
    cleared: str = ""
    reason: str = ""


_MEMBER, _GUILD = ScopeKind.MEMBER, ScopeKind.GUILD
_CHANNEL, _MESSAGE = ScopeKind.CHANNEL, ScopeKind.MESSAGE
_CLEAR, _KEEP = Action.CLEAR, Action.KEEP
_NO_IMPORT_NOTICE = "notice_channel_id = NULL, notice_message_id = NULL, locale = NULL"
_NO_JOB_NOTICE = "channel_id = NULL, message_id = NULL"

COLUMNS: tuple[Column, ...] = (
    Column("ratings", "guild_id", _GUILD),  # before songs, which take theirs along uncounted
    Column("ratings", "member_id", _MEMBER),
    Column("songs", "guild_id", _GUILD),
    Column("songs", "channel_id", _CHANNEL),
    Column("songs", "parent_id", _CHANNEL),
    Column("songs", "message_id", _MESSAGE),
    Column("songs", "attachment_id", _MESSAGE, _KEEP, reason="goes with its message's row"),
    Column("songs", "poster_id", _MEMBER),
    Column("taste_sharing", "guild_id", _GUILD),
    Column("taste_sharing", "member_id", _MEMBER),
    Column("portraits", "guild_id", _GUILD),
    Column("portraits", "message_id", _MESSAGE),  # null once it is in a gallery
    Column("portraits", "member_id", _MEMBER),
    Column("contributions", "guild_id", _GUILD),
    Column("contributions", "member_id", _MEMBER),
    Column("consents", "guild_id", _GUILD),
    Column("consents", "member_id", _MEMBER),
    Column("jobs", "guild_id", _GUILD),
    Column("jobs", "channel_id", _CHANNEL, _CLEAR, _NO_JOB_NOTICE),
    Column("jobs", "message_id", _MESSAGE, _CLEAR, _NO_JOB_NOTICE),
    Column("jobs", "member_id", _MEMBER),
    Column("promotions", "guild_id", _GUILD),
    Column("promotions", "promoted_by", _MEMBER, _CLEAR, "promoted_by = 0"),
    Column("taught_models", "guild_id", _GUILD),
    Column("taught_models", "made_by", _MEMBER, _CLEAR, "made_by = 0"),
    Column("icon_changes", "guild_id", _GUILD),
    Column("icon_changes", "changed_by", _MEMBER, _CLEAR, "changed_by = 0"),
    Column("imports", "guild_id", _GUILD),
    Column("imports", "channel_id", _CHANNEL),
    Column("imports", "notice_channel_id", _CHANNEL, _CLEAR, _NO_IMPORT_NOTICE),
    Column("imports", "notice_message_id", _MESSAGE, _CLEAR, _NO_IMPORT_NOTICE),
    Column("imports", "cursor_id", _MESSAGE, _KEEP, reason="a position; goes with its channel"),
    Column("imports", "started_by", _MEMBER, _CLEAR, "started_by = 0"),
    Column("watched_channels", "guild_id", _GUILD),
    Column("watched_channels", "channel_id", _CHANNEL),
    Column("watched_channels", "watched_by", _MEMBER, _CLEAR, "watched_by = 0"),
    Column("weekly_cards", "guild_id", _GUILD),
    Column("weekly_cards", "channel_id", _CHANNEL),
    Column("weekly_cards", "set_by", _MEMBER, _CLEAR, "set_by = 0"),
    Column("servers", "guild_id", _GUILD),
    Column("opt_outs", "guild_id", _GUILD),
    Column(
        "opt_outs",
        "member_id",
        _MEMBER,
        _KEEP,
        reason="the wish not to be remembered outlives the data: the next song would be stored",
    ),
    Column("owner", "bot_id", _MEMBER, _KEEP, reason="the bot itself is no member"),
)
# Numbers that the database gives its own rows. They name nothing of Discord's.
OWN_IDS = frozenset(
    {
        "song_id",
        "rating_id",
        "portrait_id",
        "contribution_id",
        "job_id",
        "model_id",
        "promotion_id",
        "change_id",
        "import_id",
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an erasure is about.

    Attributes:
        subject: the kind of thing.
        ids: the member, server or channel, or the messages or contributions.
        guild_id: the server of a channel or of messages, `NO_SERVER` in direct messages; None
            where it does not matter.
    """

    subject: ScopeKind
    ids: frozenset[int]
    guild_id: int | None = None

    @classmethod
    def member(cls, member_id: int) -> Scope:
        """Mean a member, in every server."""
        return cls(ScopeKind.MEMBER, frozenset({member_id}))

    @classmethod
    def guild(cls, guild_id: int) -> Scope:
        """Mean a whole server."""
        return cls(ScopeKind.GUILD, frozenset({guild_id}))

    @classmethod
    def channel(cls, guild_id: int, channel_id: int) -> Scope:
        """Mean a channel with its threads, or a thread."""
        return cls(ScopeKind.CHANNEL, frozenset({channel_id}), guild_id)

    @classmethod
    def messages(cls, guild_id: int, message_ids: Collection[int]) -> Scope:
        """Mean messages of one server, or of direct messages."""
        return cls(ScopeKind.MESSAGE, frozenset(message_ids), guild_id)

    @classmethod
    def contributions(cls, contribution_ids: Collection[int]) -> Scope:
        """Mean contributions by their ids."""
        return cls(ScopeKind.CONTRIBUTION, frozenset(contribution_ids))

    @property
    def about(self) -> int | None:
        """The one server whose rows are erased; None: rows of several."""
        if self.subject is ScopeKind.GUILD:
            (guild_id,) = self.ids
            return guild_id
        return self.guild_id

    def covers(self, post: Post) -> bool:
        """Return whether the song of a post is to be erased."""
        match self.subject:
            case ScopeKind.MEMBER:
                return post.poster_id in self.ids
            case ScopeKind.GUILD:
                return post.guild_id in self.ids
            case ScopeKind.CHANNEL:
                inside = post.channel_id in self.ids or post.parent_id in self.ids
                return post.guild_id == self.guild_id and inside
            case ScopeKind.MESSAGE:
                return post.guild_id == self.guild_id and post.message_id in self.ids
            case ScopeKind.CONTRIBUTION:
                return False


@dataclass(frozen=True, slots=True)
class Erased:
    """What one erasure removed.

    Attributes:
        deleted: table -> rows deleted; tables without any are left out.
        cleared: table -> rows that stay without the id.
        songs: server -> ids of its deleted songs.
        contributions: the deleted contributions.
        lessons: ids of the deleted jobs that waited or ran.
        marked: models that stay, and had learned from a deleted contribution.
        crops: names of files in the folder of art that belong to nothing any more.
        model_files: names of files in the folder of models that belong to nothing any more.
    """

    deleted: Mapping[str, int] = field(default_factory=dict)
    cleared: Mapping[str, int] = field(default_factory=dict)
    songs: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    contributions: tuple[Contribution, ...] = ()
    lessons: tuple[int, ...] = ()
    marked: tuple[TaughtModel, ...] = ()
    crops: tuple[str, ...] = ()
    model_files: tuple[str, ...] = ()


# Rows of which more than their number is returned.
_RETURNED = {
    "songs": "guild_id, song_id",
    "contributions": CONTRIBUTION_COLUMNS,
    "taught_models": "file",
    "jobs": "job_id, state",
}


class Erasure:
    """Erases across all tables; nothing else deletes for a subject."""

    def __init__(self, database: Database) -> None:
        """Work on `database`."""
        self._database = database

    async def erase(self, scope: Scope, *, opt_out_at: datetime | None = None) -> Erased:
        """Erase everything that is stored of a scope, all of it or nothing.

        Args:
            scope: what to erase.
            opt_out_at: with a member: record in the same transaction that nothing of theirs is to
                be remembered in any server, from this moment on.

        Raises:
            StorageError: the database could not do it; nothing was erased.
        """
        async with self._database.transaction(scope.about) as tx:
            if opt_out_at is not None:
                await _opt_out_everywhere(tx, scope, opt_out_at)
            if scope.subject is ScopeKind.MEMBER:  # whose servers other processes may serve
                (member_id,) = scope.ids
                await tx.announce(member_id)
            return await _erase(tx, scope)

    async def erase_contributions(
        self, member_id: int, contribution_ids: Collection[int]
    ) -> Erased:
        """Delete some of a member's contributions, and mark the models that learned from them.

        Contributions of others are left as they are.

        Raises:
            StorageError: the database could not do it; nothing was erased.
        """
        async with self._database.transaction() as tx:
            rows = await tx.rows(
                f"""DELETE FROM contributions WHERE member_id = ?
                    AND contribution_id IN {ID_LIST}
                    RETURNING {CONTRIBUTION_COLUMNS}""",
                (member_id, id_list(contribution_ids)),
            )
            deleted = {"contributions": rows} if rows else {}
            return _erased(deleted, {}, await _mark_models(tx, rows))

    async def claim_for_bot(self, bot_id: int) -> bool:
        """Return whether the data is this bot's; the first bot that asks owns it from then on.

        Another bot is in none of the servers, and must not take them for gone.
        """
        async with self._database.transaction() as tx:
            owner = await tx.row("SELECT bot_id FROM owner")
            if owner is None:
                await tx.rows("INSERT INTO owner (bot_id) VALUES (?)", (bot_id,))
        return owner is None or owner["bot_id"] == bot_id

    async def guilds(self) -> frozenset[int]:
        """List the servers of which anything is stored.

        Walks through an index of all songs (12 ms with 100,000), once a start.
        """
        return await self._ids(ScopeKind.GUILD, "", ()) - {NO_SERVER}

    async def channels(self, guild_id: int) -> frozenset[int]:
        """List the channels and threads of a server of which anything is stored."""
        return await self._ids(ScopeKind.CHANNEL, "WHERE guild_id = ?", (guild_id,))

    async def _ids(
        self, subject: ScopeKind, where: str, parameters: Sequence[int]
    ) -> frozenset[int]:
        columns = [each for each in COLUMNS if each.subject is subject]
        sql = " UNION ".join(f"SELECT {c.name} AS id FROM {c.table} {where}" for c in columns)
        rows = await self._database.rows(sql, tuple(parameters) * len(columns))
        return frozenset(row["id"] for row in rows if row["id"] is not None)


async def _erase(tx: Transaction, scope: Scope) -> Erased:
    deleted: dict[str, list[Row]] = {}
    cleared: dict[str, int] = {}
    columns = [each for each in COLUMNS if each.subject is scope.subject]
    for column in columns:
        if column.action is Action.DELETE:
            where, parameters = _condition(column, scope)
            rows = await tx.rows(
                f"""DELETE FROM {column.table} WHERE {where}
                    RETURNING {_RETURNED.get(column.table, "1")}""",
                parameters,
            )
            if rows:
                deleted[column.table] = deleted.get(column.table, []) + rows
    for column in columns:
        if column.action is Action.CLEAR:
            where, parameters = _condition(column, scope)
            rows = await tx.rows(
                f"UPDATE {column.table} SET {column.cleared} WHERE {where} RETURNING 1",
                parameters,
            )
            if rows:
                cleared[column.table] = len(rows)
    return _erased(deleted, cleared, await _mark_models(tx, deleted.get("contributions", [])))


def _condition(column: Column, scope: Scope) -> tuple[str, tuple[Any, ...]]:
    """Return the WHERE clause that finds a scope's rows by one column, and its parameters."""
    ids = id_list(sorted(scope.ids))
    if scope.subject in (ScopeKind.MEMBER, ScopeKind.GUILD):
        (only,) = scope.ids
        return f"{column.name} = ?", (only,)
    where = f"guild_id = ? AND {column.name} IN {ID_LIST}"
    return where, (scope.guild_id, ids)


async def _mark_models(tx: Transaction, contributions: Sequence[Row]) -> tuple[TaughtModel, ...]:
    """Count deleted contributions off the models that learned from them; return those models."""
    if not contributions:
        return ()
    gone = id_list(row["contribution_id"] for row in contributions)
    learned = f"""SELECT model_id FROM model_sources
        WHERE contribution_id IN {ID_LIST}"""
    rows = await tx.rows(
        f"""UPDATE taught_models SET taken_back = taken_back + (
                SELECT count(*) FROM model_sources AS s WHERE s.model_id = taught_models.model_id
                    AND s.contribution_id IN {ID_LIST})
            WHERE model_id IN ({learned}) RETURNING {MODEL_COLUMNS}""",
        (gone, gone),
    )
    await tx.rows(
        f"DELETE FROM model_sources WHERE contribution_id IN {ID_LIST}",
        (gone,),
    )
    return tuple(sorted(map(model_from, rows), key=lambda model: model.model_id))


async def _opt_out_everywhere(tx: Transaction, scope: Scope, at: datetime) -> None:
    if scope.subject is not ScopeKind.MEMBER:
        raise ValueError("only a member can opt out")
    await tx.rows(
        """INSERT INTO opt_outs (guild_id, member_id, since) VALUES (?, ?, ?)
            ON CONFLICT DO NOTHING""",
        (EVERYWHERE, *scope.ids, milliseconds(at)),
    )


def _erased(
    deleted: Mapping[str, list[Row]], cleared: Mapping[str, int], marked: tuple[TaughtModel, ...]
) -> Erased:
    songs: defaultdict[int, list[int]] = defaultdict(list)
    for row in deleted.get("songs", []):
        songs[row["guild_id"]].append(row["song_id"])
    contributions = tuple(map(contribution_from, deleted.get("contributions", [])))
    return Erased(
        deleted={table: len(rows) for table, rows in deleted.items()},
        cleared=cleared,
        songs={guild_id: tuple(song_ids) for guild_id, song_ids in songs.items()},
        contributions=contributions,
        lessons=tuple(
            row["job_id"]
            for row in deleted.get("jobs", [])
            if row["state"] in ("waiting", "running")
        ),
        marked=marked,
        crops=tuple(each.file for each in contributions if each.file),
        model_files=tuple(row["file"] for row in deleted.get("taught_models", [])),
    )
