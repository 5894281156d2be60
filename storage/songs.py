"""The remembered songs of every server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from storage.codecs import ID_LIST, fold, id_list, milliseconds, vector_bytes, vector_from
from storage.database import Database, Row, Transaction
from storage.errors import VectorMismatchError
from storage.song_values import (
    SONG_COLUMNS,
    TRAITS_COLUMNS,
    VECTOR_COLUMNS,
    HeardSong,
    Outcome,
    Place,
    Post,
    Remembered,
    Song,
    StoredSong,
    VectorPage,
    page_from,
    post_values,
    song_from,
    traits_values,
)

FORGOTTEN_AT_ONCE = 2_000  # songs that are too old
SONGS = "songs JOIN models USING (model_id)"
# Beside a list of song ids. The plus keeps SQLite from walking through all songs of the server by
# an index of servers, which takes 7 ms with 100,000 of them, instead of looking the few ids up.
OF_SERVER = "+guild_id = ?"
# The channels that have songs. Every search and every letter typed of a title begins with this, and
# it must not read every song: SELECT DISTINCT walks through all entries of the index (24 ms with
# 100,000 songs; GROUP BY with gone_at 470 ms), this takes one step by the index from each channel
# to the next (0.4 ms with 50 channels). Both engines have recursive queries.
_OF_PLACE = """songs INDEXED BY songs_by_channel
    WHERE guild_id = ? AND channel_id = channel AND gone_at IS NULL LIMIT 1"""
PLACES = f"""WITH RECURSIVE found (channel) AS (
        SELECT min(channel_id) FROM songs WHERE guild_id = ?
        UNION ALL
        SELECT (SELECT min(channel_id) FROM songs WHERE guild_id = ? AND channel_id > channel)
            FROM found WHERE channel IS NOT NULL)
    SELECT channel AS channel_id, (SELECT parent_id FROM {_OF_PLACE}) AS parent_id
    FROM found WHERE (SELECT song_id FROM {_OF_PLACE}) IS NOT NULL ORDER BY channel"""


class Songs:
    """The songs of every server; each question names the one server it is about."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Work on `database`; `now` is a clock with a time zone."""
        self._database = database
        self._now = now

    async def remember(
        self, post: Post, heard: HeardSong, *, same_as: int | None = None
    ) -> Remembered:
        """Store a song, unless this attachment is stored already or its poster opted out.

        The opt-out is read in the same transaction, so that one in time is obeyed.

        Args:
            post: where it was posted.
            heard: what was heard in it.
            same_as: id of a song of this server that is the same recording in another encoding;
                None: none is known. The same file is found by its hash.

        Raises:
            VectorMismatchError: the vector does not fit the others of its model.
            StorageError: the database could not do it.
        """
        blob = vector_bytes(heard.vector, heard.model)
        async with self._database.transaction(post.guild_id) as tx:
            refused, known = await _standing(tx, post)
            if refused:
                return Remembered(Outcome.REFUSED, None)
            if known is not None:
                return Remembered(Outcome.KNOWN, known)
            recording_id = await _recording(tx, post, same_as)
            stored = await self._insert(tx, post, heard, blob, recording_id)
            return Remembered(Outcome.REMEMBERED, stored.song_id, stored.recording_id)

    async def _insert(
        self,
        tx: Transaction,
        post: Post,
        heard: HeardSong,
        blob: bytes,
        recording_id: int | None,
    ) -> StoredSong:
        model_id = await _model_id(tx, heard)
        await tx.rows(  # the same attachment, marked as gone: it gets a new number
            "DELETE FROM songs WHERE guild_id = ? AND message_id = ? AND attachment_id = ?",
            (post.guild_id, post.message_id, post.attachment_id),
        )
        inserted = await tx.rows(
            f"""INSERT INTO songs (guild_id, channel_id, parent_id, message_id,
                    attachment_id, poster_id, title, title_key, posted_at, file_bytes,
                    content_hash, by_command, {TRAITS_COLUMNS}, model_id, remembered_at,
                    recording)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?)
                RETURNING song_id""",
            (
                *post_values(post),
                *traits_values(heard.traits),
                model_id,
                milliseconds(self._now()),
                recording_id or 0,
            ),
        )
        song_id = int(inserted[0]["song_id"])
        await tx.rows("INSERT INTO vectors (song_id, vector) VALUES (?, ?)", (song_id, blob))
        if recording_id is None:  # the first of its recording, which is named after it
            recording_id = song_id
            await tx.rows("UPDATE songs SET recording = song_id WHERE song_id = ?", (song_id,))
        return StoredSong(song_id, recording_id)

    async def replace_embedding(
        self,
        guild_id: int,
        song_id: int,
        heard: HeardSong,
        title: str | None = None,
        *,
        same_as: int | None = None,
    ) -> StoredSong | None:
        """Replace what an earlier model made; None when the song is no longer stored.

        Args:
            guild_id: the server.
            song_id: the song.
            heard: what was heard in it now.
            title: its title from now on; None: as it is.
            same_as: id of a song that is the same recording, as in `remember`.
        """
        blob = vector_bytes(heard.vector, heard.model)
        async with self._database.transaction(guild_id) as tx:
            model_id = await _model_id(tx, heard)
            updated = await tx.rows(
                f"""UPDATE songs SET ({TRAITS_COLUMNS}, model_id)
                        = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), recording = coalesce(
                            (SELECT s.recording FROM songs AS s WHERE s.guild_id = ?
                                AND s.song_id = ? AND s.gone_at IS NULL), recording),
                        title = coalesce(?, title), title_key = coalesce(?, title_key)
                    WHERE guild_id = ? AND song_id = ? AND gone_at IS NULL
                    RETURNING song_id, recording""",
                (
                    *traits_values(heard.traits),
                    model_id,
                    guild_id,
                    same_as,
                    title,
                    None if title is None else fold(title),
                    guild_id,
                    song_id,
                ),
            )
            if not updated:
                return None
            await tx.rows("UPDATE vectors SET vector = ? WHERE song_id = ?", (blob, song_id))
        return StoredSong(updated[0]["song_id"], updated[0]["recording"])

    async def set_label(self, guild_id: int, song_id: int, contribution_id: int) -> bool:
        """Name a song, and every other post of its recording, after a contribution.

        The name goes when the contribution is taken back.

        Returns:
            False when the song is no longer remembered.
        """
        async with self._database.transaction(guild_id) as tx:
            rows = await tx.rows(
                """UPDATE songs SET contribution_id = ? WHERE guild_id = ? AND gone_at IS NULL
                    AND recording = (SELECT s.recording FROM songs AS s
                        WHERE s.guild_id = ? AND s.song_id = ?) RETURNING song_id""",
                (contribution_id, guild_id, guild_id, song_id),
            )
        return bool(rows)

    async def mark_gone(self, guild_id: int, song_id: int) -> bool:
        """Mark a song whose message cannot be found: only its ids stay, to be skipped.

        Returns:
            False when the song is not remembered, or marked already.
        """
        async with self._database.transaction(guild_id) as tx:
            marked = await tx.rows(
                """UPDATE songs SET gone_at = ?, title = '', title_key = '', content_hash = NULL,
                        genre = NULL, likeliest = NULL, genres = '{}', tempo_bpm = NULL,
                        rhythm = '{}', style = NULL, sure_genres = '[]', styles = '{}', tags = '{}',
                        camelot = NULL, key_confidence = NULL, recording = song_id
                    WHERE guild_id = ? AND song_id = ? AND gone_at IS NULL RETURNING song_id""",
                (milliseconds(self._now()), guild_id, song_id),
            )
            await tx.rows(
                f"DELETE FROM vectors WHERE song_id IN {ID_LIST}",
                (id_list(row["song_id"] for row in marked),),
            )
        return bool(marked)

    async def forget_song(self, guild_id: int, song_id: int) -> tuple[int, ...]:
        """Forget one song; like all of these, returns the ids of the forgotten songs."""
        return await self._forget("guild_id = ? AND song_id = ?", guild_id, song_id)

    async def forget_attachment(
        self, guild_id: int, message_id: int, attachment_id: int
    ) -> tuple[int, ...]:
        """Forget one file of a message."""
        return await self._forget(
            "guild_id = ? AND message_id = ? AND attachment_id = ?",
            guild_id,
            message_id,
            attachment_id,
        )

    async def forget_channel(self, guild_id: int, channel_id: int) -> tuple[int, ...]:
        """Forget everything posted in a channel and in its threads."""
        return await self._forget(
            "guild_id = ? AND (channel_id = ? OR parent_id = ?)", guild_id, channel_id, channel_id
        )

    async def forget_poster(self, guild_id: int, poster_id: int) -> tuple[int, ...]:
        """Forget everything a member posted in this server."""
        return await self._forget("guild_id = ? AND poster_id = ?", guild_id, poster_id)

    async def forget_older_than(self, moment: datetime) -> tuple[tuple[int, int], ...]:
        """Forget, in every server, what was remembered before `moment`.

        A part at a time, so that nobody waits for all of it.

        Returns:
            (guild_id, song_id) of each forgotten song.
        """
        forgotten: list[tuple[int, int]] = []
        while part := await self._forget_some(milliseconds(moment)):
            forgotten += part
        return tuple(forgotten)

    async def _forget_some(self, before: int) -> list[tuple[int, int]]:
        async with self._database.transaction() as tx:
            rows = await tx.rows(
                """DELETE FROM songs WHERE song_id IN (
                        SELECT song_id FROM songs WHERE remembered_at < ? LIMIT ?)
                    RETURNING guild_id, song_id""",
                (before, FORGOTTEN_AT_ONCE),
            )
            if rows:
                await tx.announce()
        return [(row["guild_id"], row["song_id"]) for row in rows]

    async def _forget(self, condition: str, guild_id: int, *others: Any) -> tuple[int, ...]:
        async with self._database.transaction(guild_id) as tx:
            return await forget_where(tx, condition, guild_id, *others)

    async def song(self, guild_id: int, song_id: int) -> Song | None:
        """Find one song of this server; None when it is unknown, gone or of another server."""
        found = await self.songs(guild_id, [song_id])
        return found[0] if found else None

    async def songs(self, guild_id: int, song_ids: Sequence[int]) -> tuple[Song, ...]:
        """Find songs of this server, in the order asked for; those it has not are left out."""
        rows = await self._database.rows(
            f"""SELECT {SONG_COLUMNS} FROM {SONGS} WHERE {OF_SERVER} AND gone_at IS NULL
                AND song_id IN {ID_LIST}""",
            (guild_id, id_list(song_ids)),
        )
        found = {song.song_id: song for song in map(song_from, rows)}
        return tuple(found[song_id] for song_id in song_ids if song_id in found)

    async def latest(
        self, guild_id: int, channels: Collection[int], *, offset: int = 0, limit: int = 25
    ) -> tuple[Song, ...]:
        """Page through the songs of these channels, the last posted first."""
        rows = await self._database.rows(
            f"""SELECT {SONG_COLUMNS} FROM {SONGS} WHERE guild_id = ? AND gone_at IS NULL
                AND channel_id IN {ID_LIST}
                ORDER BY posted_at DESC, song_id DESC LIMIT ? OFFSET ?""",
            (guild_id, id_list(channels), limit, offset),
        )
        return tuple(map(song_from, rows))

    async def posted_between(
        self,
        guild_id: int,
        channels: Collection[int],
        since: datetime,
        until: datetime,
        *,
        limit: int,
    ) -> tuple[Song, ...]:
        """List songs of these channels that were posted in a time, the last posted first."""
        rows = await self._database.rows(
            f"""SELECT {SONG_COLUMNS} FROM {SONGS} WHERE guild_id = ? AND gone_at IS NULL
                AND channel_id IN {ID_LIST} AND posted_at >= ? AND posted_at < ?
                ORDER BY posted_at DESC, song_id DESC LIMIT ?""",
            (guild_id, id_list(channels), milliseconds(since), milliseconds(until), limit),
        )
        return tuple(map(song_from, rows))

    async def ids_posted_before(
        self, guild_id: int, channels: Collection[int], moment: datetime
    ) -> frozenset[int]:
        """List the ids of the songs of these channels that were posted before a moment."""
        rows = await self._database.rows(
            f"""SELECT song_id FROM songs WHERE guild_id = ? AND gone_at IS NULL
                AND channel_id IN {ID_LIST} AND posted_at < ?""",
            (guild_id, id_list(channels), milliseconds(moment)),
        )
        return frozenset(row["song_id"] for row in rows)

    async def by_poster(
        self, guild_id: int, poster_id: int, *, offset: int = 0, limit: int = 25
    ) -> tuple[Song, ...]:
        """Page through what a member posted here, to show them what is stored of them."""
        rows = await self._database.rows(
            f"""SELECT {SONG_COLUMNS} FROM {SONGS} WHERE guild_id = ? AND poster_id = ?
                AND gone_at IS NULL
                ORDER BY posted_at DESC, song_id DESC LIMIT ? OFFSET ?""",
            (guild_id, poster_id, limit, offset),
        )
        return tuple(map(song_from, rows))

    async def count_by_poster(self, guild_id: int, poster_id: int) -> int:
        """Count all that is stored of a member here, hidden songs too."""
        row = await self._database.row(
            "SELECT count(*) AS songs FROM songs WHERE guild_id = ? AND poster_id = ?",
            (guild_id, poster_id),
        )
        return int(row["songs"]) if row else 0

    async def posted_with(self, guild_id: int, message_id: int) -> tuple[Song, ...]:
        """Find the songs of one message, in the order of their attachments."""
        rows = await self._database.rows(
            f"""SELECT {SONG_COLUMNS} FROM {SONGS} WHERE guild_id = ? AND message_id = ?
                AND gone_at IS NULL ORDER BY attachment_id""",
            (guild_id, message_id),
        )
        return tuple(map(song_from, rows))

    async def first_post(
        self, guild_id: int, message_id: int, attachment_id: int, channels: Collection[int]
    ) -> Song | None:
        """Find the first post of the recording that a message posts again.

        Args:
            guild_id: the server.
            message_id: the message.
            attachment_id: the file within the message.
            channels: where the first post may be.

        Returns:
            The song first posted; None where it is new, or was told of in this channel before.
        """
        rows = await self._database.rows(
            f"""SELECT {SONG_COLUMNS} FROM {SONGS}
                WHERE guild_id = ? AND gone_at IS NULL AND channel_id IN {ID_LIST}
                AND message_id <> ? AND recording = (SELECT s.recording FROM songs AS s
                    WHERE s.guild_id = ? AND s.message_id = ? AND s.attachment_id = ?
                    AND s.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM songs AS t
                        WHERE t.guild_id = s.guild_id AND t.recording = s.recording
                        AND t.channel_id = s.channel_id AND t.repeat_told = 1))
                ORDER BY posted_at, song_id LIMIT 1""",
            (guild_id, id_list(channels), message_id, guild_id, message_id, attachment_id),
        )
        return song_from(rows[0]) if rows else None

    async def mark_told(self, guild_id: int, message_id: int, attachment_id: int) -> bool:
        """Record that members were told of a repeat; False when they were, or the song is gone."""
        async with self._database.transaction(guild_id) as tx:
            rows = await tx.rows(
                """UPDATE songs SET repeat_told = 1 WHERE guild_id = ? AND message_id = ?
                    AND attachment_id = ? AND gone_at IS NULL AND repeat_told = 0 RETURNING 1""",
                (guild_id, message_id, attachment_id),
            )
        return bool(rows)

    async def places(self, guild_id: int) -> tuple[Place, ...]:
        """List the channels and threads that have songs, for asking which a member can read."""
        rows = await self._database.rows(PLACES, (guild_id,) * 4)
        return tuple(Place(row["channel_id"], row["parent_id"]) for row in rows)

    async def vector(
        self, guild_id: int, song_id: int, model: str
    ) -> npt.NDArray[np.float32] | None:
        """Read one song's (n,) float32 vector; None when this model has not embedded it."""
        row = await self._database.row(
            f"""SELECT vector FROM {SONGS} JOIN vectors USING (song_id)
                WHERE guild_id = ? AND song_id = ? AND models.name = ?""",
            (guild_id, song_id, model),
        )
        return vector_from(row["vector"]) if row else None

    async def vectors(
        self, guild_id: int, model: str, *, after: int = 0, limit: int = 4096
    ) -> VectorPage | None:
        """Read the next songs of a server that this model has embedded.

        Args:
            guild_id: the server.
            model: name and version of the model.
            after: the last song id of the page before.
            limit: how many songs; a page is short work, so that other reads get their turn.

        Returns:
            The page, or None when there are no more.
        """
        rows: list[Row] = await self._database.rows(
            f"""SELECT {VECTOR_COLUMNS} FROM songs JOIN vectors USING (song_id)
                WHERE guild_id = ? AND song_id > ? AND vectors.song_id > ? AND gone_at IS NULL
                AND model_id = (SELECT model_id FROM models WHERE name = ?)
                ORDER BY song_id LIMIT ?""",
            # Twice: PostgreSQL would read all vectors before `after` as well, for each page.
            (guild_id, after, after, model, limit),
        )
        return await asyncio.to_thread(page_from, rows) if rows else None

    async def count_vectors(self, guild_id: int, model: str) -> int:
        """Count a server's songs that this model has embedded."""
        row = await self._database.row(
            """SELECT count(*) AS songs FROM songs WHERE guild_id = ?
                AND model_id = (SELECT model_id FROM models WHERE name = ?)""",
            (guild_id, model),
        )
        return int(row["songs"]) if row else 0

    async def embedded_by_other_models(
        self, model: str, *, after: int = 0, limit: int = 100
    ) -> tuple[Song, ...]:
        """List songs of all servers that another model embedded, in order of id.

        Those that were handed to a command are left out: their file is in no message.
        """
        rows = await self._database.rows(
            f"""SELECT {SONG_COLUMNS} FROM {SONGS} WHERE models.name <> ? AND gone_at IS NULL
                AND by_command = 0 AND song_id > ? ORDER BY song_id LIMIT ?""",
            (model, after, limit),
        )
        return tuple(map(song_from, rows))


async def forget_where(tx: Transaction, condition: str, *parameters: Any) -> tuple[int, ...]:
    """Delete songs inside a transaction; `condition` is our own SQL, never a member's words."""
    rows = await tx.rows(
        f"DELETE FROM songs WHERE {condition} RETURNING song_id",
        parameters,
    )
    return tuple(row["song_id"] for row in rows)


async def _standing(tx: Transaction, post: Post) -> tuple[bool, int | None]:
    """Return whether the poster opted out, and the id of a song that is stored already."""
    rows = await tx.rows(
        """SELECT EXISTS (SELECT 1 FROM opt_outs WHERE guild_id IN (?, 0) AND member_id = ?)
                AS refused,
            (SELECT song_id FROM songs WHERE guild_id = ? AND message_id = ? AND attachment_id = ?
                AND gone_at IS NULL) AS known""",
        (post.guild_id, post.poster_id, post.guild_id, post.message_id, post.attachment_id),
    )
    return bool(rows[0]["refused"]), rows[0]["known"]


async def _recording(tx: Transaction, post: Post, same_as: int | None) -> int | None:
    """Find the recording that a song is one more post of; None: it is new in its server."""
    # Each by its own index: with OR in place of UNION, SQLite reads all songs of the server.
    rows = await tx.rows(
        f"""SELECT song_id, recording FROM songs
                WHERE guild_id = ? AND content_hash = ? AND gone_at IS NULL
            UNION ALL SELECT song_id, recording FROM songs
                WHERE song_id = ? AND {OF_SERVER} AND gone_at IS NULL
            ORDER BY song_id LIMIT 1""",
        (post.guild_id, post.content_hash, same_as, post.guild_id),
    )
    return rows[0]["recording"] if rows else None


async def _model_id(tx: Transaction, heard: HeardSong) -> int:
    """Find the model's number, entering a new model with the length of its vectors."""
    name, length = heard.model, heard.vector.size
    find = "SELECT model_id, dimensions FROM models WHERE name = ?"
    row = await tx.row(find, (name,))
    if row is None:  # or another server's song brings it at this very moment
        await tx.rows(
            "INSERT INTO models (name, dimensions) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (name, length),
        )
        row = await tx.row(find, (name,))
    assert row is not None  # it is there now
    if row["dimensions"] != length:
        raise VectorMismatchError(name, length, row["dimensions"])
    return int(row["model_id"])
