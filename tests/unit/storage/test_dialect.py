"""Statements are written once; what the engines would answer differently is translated."""

from __future__ import annotations

import asyncio

import pytest

from storage.codecs import ID_LIST, id_list
from storage.database import Database
from storage.dialect import postgres
from storage.errors import DatabaseUnavailableError
from storage.members import OptOuts
from storage.postgres import PostgresDatabase, without_password
from storage.song_values import Outcome
from storage.songs import Songs
from tests.helpers.postgres import PostgresServer
from tests.unit.storage import OTHER_SERVER, SERVER, heard, post


async def value(database: Database, sql: str, *parameters: object) -> object:
    row = await database.row(f"SELECT {sql} AS found", parameters)
    assert row is not None
    return row["found"]


@pytest.mark.parametrize(("number", "whole"), [(17.9, 17), (17.2, 17), (-1.9, -1), (18.0, 18)])
async def test_a_cast_to_a_whole_number_cuts_off_and_does_not_round(
    database: Database, number: float, whole: int
) -> None:
    for written in ("seconds", "seconds / 10", "seconds * 10"):
        factor = {"seconds": 1.0, "seconds / 10": 10.0, "seconds * 10": 0.1}[written]
        found = await database.row(
            f"""SELECT CAST({written} AS INTEGER) AS found
                FROM (SELECT CAST(? AS REAL) AS seconds) AS one""",
            (number * factor,),
        )
        assert found is not None
        assert found["found"] == whole


async def test_what_is_unknown_sorts_first_where_the_statement_says_so(
    songs: Songs, database: Database
) -> None:
    for number, genre in enumerate(("rock", None, "ambient")):
        await songs.remember(post(number), heard(number, genre=genre))
    rows = await database.rows("SELECT genre FROM songs ORDER BY genre NULLS FIRST")
    assert [row["genre"] for row in rows] == [None, "ambient", "rock"]


async def test_text_sorts_by_its_bytes(songs: Songs, database: Database) -> None:
    titles = ["B", "a", "Ä", "_", "うさ", "ウサ", "é"]
    for number, title in enumerate(titles):
        await songs.remember(post(number, title=title), heard(number))
    rows = await database.rows("SELECT title FROM songs ORDER BY title")
    assert [row["title"] for row in rows] == sorted(titles, key=str.encode)


async def test_text_sorts_by_its_bytes_whatever_language_the_database_speaks(
    postgres: PostgresServer,
) -> None:
    url = await postgres.empty_database(
        "TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
    )
    async with PostgresDatabase.open(url) as database:
        rows = await database.rows(
            """SELECT collation_name AS name FROM information_schema.columns
                WHERE table_schema = 'public' AND data_type = 'text'"""
        )
    assert {row["name"] for row in rows} == {"C"}


async def test_sums_and_counts_are_plain_numbers(songs: Songs, database: Database) -> None:
    for number in range(3):
        await songs.remember(post(number), heard(number))
    row = await database.row(
        """SELECT sum(file_bytes) AS bytes, sum(seconds) AS seconds, count(*) AS songs,
            avg(file_bytes) AS mean FROM songs"""
    )
    assert row is not None
    assert [type(row[name]) for name in ("bytes", "seconds", "songs", "mean")] == [
        int,
        float,
        int,
        float,
    ]


async def test_lists_of_ids_are_one_parameter(songs: Songs, database: Database) -> None:
    for number in range(5):
        await songs.remember(post(number), heard(number))
    for word, expected in (("IN", [1, 3]), ("NOT IN", [0, 2, 4])):
        rows = await database.rows(
            f"SELECT message_id FROM songs WHERE message_id {word} {ID_LIST} ORDER BY message_id",
            (id_list([1, 3, 99]),),
        )
        assert [row["message_id"] for row in rows] == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT title FROM songs WHERE title LIKE ?",
        "INSERT OR REPLACE INTO models VALUES (1)",
        "SELECT total(seconds) FROM songs",
    ],
)
def test_what_means_something_else_in_the_other_engine_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match="both engines"):
        postgres(sql)


def test_a_question_mark_in_a_text_is_no_parameter() -> None:
    statement = postgres("SELECT '?' AS a, title, 'it''s ?' FROM songs WHERE song_id = ?")
    assert statement.sql == "SELECT '?' AS a, title, 'it''s ?' FROM songs WHERE song_id = $1"


def test_what_postgres_cannot_store_in_a_text_is_left_out() -> None:
    assert postgres("SELECT ?").encode(["a\0b", b"\0", 1]) == ["ab", b"\0", 1]


async def test_a_song_of_somebody_who_opts_out_at_this_moment_is_never_kept(
    database: Database,
) -> None:
    """With many writers, what was read at the beginning of a change may be over at its end."""
    songs, opt_outs = Songs(database), OptOuts(database)
    for number in range(25):
        member = 1000 + number
        kept, _ = await asyncio.gather(
            songs.remember(post(number, poster_id=member), heard(number)),
            opt_outs.opt_out(SERVER, member),
        )
        assert kept.outcome in (Outcome.REMEMBERED, Outcome.REFUSED)
        assert await songs.by_poster(SERVER, member) == ()


async def test_changes_about_one_server_come_one_after_another(database: Database) -> None:
    """Each reads how many there are and writes the next, as the numbers of models do."""

    async def add() -> None:
        async with database.transaction(SERVER) as tx:
            row = await tx.row("SELECT count(*) AS channels FROM watched_channels")
            assert row is not None
            await asyncio.sleep(0)
            await tx.rows(
                """INSERT INTO watched_channels (guild_id, channel_id, watched_since, watched_by)
                    VALUES (?, ?, 0, 0)""",
                (SERVER, row["channels"]),
            )

    await asyncio.gather(*(add() for _ in range(12)))
    rows = await database.rows("SELECT channel_id FROM watched_channels ORDER BY channel_id")
    assert [row["channel_id"] for row in rows] == list(range(12))


async def test_changes_about_different_servers_do_not_wait_for_each_other(
    postgres: PostgresServer,
) -> None:
    async with (
        PostgresDatabase.open(await postgres.empty_schema()) as database,
        database.transaction(SERVER),
        database.transaction(OTHER_SERVER),
    ):
        pass  # the second would wait for ever


async def test_a_change_about_everything_waits_for_all_others(postgres: PostgresServer) -> None:
    async with PostgresDatabase.open(await postgres.empty_schema()) as database:
        order: list[str] = []

        async def everything() -> None:
            async with database.transaction():
                order.append("everything")

        async with database.transaction(SERVER):
            waiting = asyncio.create_task(everything())
            await asyncio.sleep(0.1)
            order.append("server")
        await waiting
        assert order == ["server", "everything"]


async def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    url = "postgresql://usamimi:secret@127.0.0.1:9/songs"
    with pytest.raises(DatabaseUnavailableError) as error:
        async with PostgresDatabase.open(url):
            pass
    assert "secret" not in str(error.value)
    assert without_password(url) == "postgresql://127.0.0.1:9/songs"


async def test_several_processes_that_start_at_once_migrate_once(postgres: PostgresServer) -> None:
    url = await postgres.empty_schema()

    async def start() -> list[str]:
        async with PostgresDatabase.open(url) as database:
            return list(await database.tables())

    found = await asyncio.gather(*(start() for _ in range(4)))
    assert found[0]
    assert all(each == found[0] for each in found)


async def test_a_killed_server_is_found_again_when_it_is_back(postgres: PostgresServer) -> None:
    async with PostgresDatabase.open(await postgres.empty_schema()) as database:
        songs = Songs(database)
        await songs.remember(post(1), heard(1))
        await asyncio.to_thread(postgres.kill)
        try:
            with pytest.raises(DatabaseUnavailableError):
                await songs.posted_with(SERVER, 1)
        finally:
            postgres.start()
        assert len(await songs.posted_with(SERVER, 1)) == 1
