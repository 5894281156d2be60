"""Erasing members, servers, channels and messages: everything of them, and all at once."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from storage.channels import Channels, Imports, Notice, WeeklyCards
from storage.database import Database, SqliteDatabase
from storage.erasure import COLUMNS, EVERYWHERE, OWN_IDS, Action, Erasure, Scope, ScopeKind
from storage.lessons import Contributions, JobNotice, Jobs, Kind, Matter
from storage.members import Consents, OptOuts, Ratings, TasteSharing
from storage.portraits import DIRECT_MESSAGES, Icons, Portraits, Sketch
from storage.songs import Songs
from storage.taught_models import TaughtModels
from tests.helpers.databases import table_names
from tests.unit.storage import NOW, heard, post
from tests.unit.storage.lessons import kept, taught

ROOT = Path(__file__).parents[3]
# Ids that look like Discord's, so that none is found by chance in another column.
ALICE, BOB = 111_000_000_000_000_001, 111_000_000_000_000_100
HERE, THERE = 222_000_000_000_000_001, 222_000_000_000_000_002
MUSIC, THREAD, OTHER_ROOM = (333_000_000_000_000_000 + number for number in (1, 2, 3))
SONG, IN_THREAD, ELSEWHERE, ANSWER, PROGRESS = (
    444_000_000_000_000_000 + number for number in range(1, 6)
)
SKETCH = Sketch("brush-0", "reisen", np.zeros(2, np.float32))
Dump = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def erasure(database: Database) -> Erasure:
    return Erasure(database)


async def dump(database: Database) -> Dump:
    """Read every cell of every table."""
    found = {}
    for table in await table_names(database):
        rows = await database.rows(f"SELECT * FROM {table}")
        found[table] = sorted(map(tuple, rows), key=repr)
    return found


async def naming(database: Database, wanted: int) -> set[str]:
    """Name the tables in which any cell holds an id."""
    cells = await dump(database)
    return {table for table, rows in cells.items() if any(wanted in row for row in rows)}


async def fill(database: Database, guild_id: int, member_id: int) -> None:
    """Store something of a member in every table."""

    def now() -> datetime:
        return NOW

    songs = Songs(database, now)
    for channel_id, parent_id, message_id in (
        (MUSIC, None, SONG),
        (THREAD, MUSIC, IN_THREAD),
        (OTHER_ROOM, None, ELSEWHERE),
    ):
        where = {"guild_id": guild_id, "channel_id": channel_id, "parent_id": parent_id}
        await songs.remember(
            post(1, message_id=message_id + member_id, poster_id=member_id, **where),
            heard(1),
        )
    portraits = Portraits(database, now)
    drawn = await portraits.add(guild_id, member_id, ANSWER + member_id, [SKETCH, SKETCH])
    await portraits.keep(guild_id, member_id, drawn[0].portrait_id, b"WebP", most=9)
    await Icons(database, now).changed(guild_id, member_id, new_icon="new", old_icon=b"old")
    channels = Channels(database, now)
    await channels.allow_remembering(guild_id, allowed=True)
    await channels.watch(guild_id, MUSIC, member_id)
    await WeeklyCards(database, now).set(guild_id, OTHER_ROOM, member_id, NOW)
    await TasteSharing(database, now).share(guild_id, member_id, shared=True)
    (song, *_) = await songs.by_poster(guild_id, member_id)
    await Ratings(database, now).rate(
        guild_id, member_id, song.song_id, song.song_id, liked=True, model="ear-0", shares={}
    )
    imports = Imports(database, now)
    started = await imports.start(guild_id, OTHER_ROOM, member_id)
    await imports.set_notice(started.import_id, Notice(MUSIC, PROGRESS, "en"))
    await Consents(database, now).agree(guild_id, member_id, 1)
    source = await kept(
        database,
        member_id,
        guild_id=guild_id,
        member_id=member_id,
        matter=Matter.ART,
        file=f"{member_id}-{guild_id}.png",
    )
    model = await taught(database, source, guild_id=guild_id, made_by=member_id)
    await TaughtModels(database, now).promote(guild_id, Kind.GENRE, model.model_id, member_id)
    jobs = Jobs(database, now)
    await jobs.queue(guild_id, member_id, Kind.AVATAR, JobNotice(MUSIC, PROGRESS, "en"))


@pytest.fixture
async def filled(database: Database) -> Database:
    """Two members' things in two servers."""
    for guild_id, member_id in ((HERE, ALICE), (THERE, BOB)):
        await fill(database, guild_id, member_id)
    return database


# The list of columns


async def test_every_column_with_an_id_of_discords_is_registered(sqlite: SqliteDatabase) -> None:
    registered = {(column.table, column.name) for column in COLUMNS}
    found = set()
    for table in await table_names(sqlite):
        for row in await sqlite.rows(f"PRAGMA table_info({table})"):
            names_somebody = row["name"].endswith(("_id", "_by"))
            if row["type"] == "INTEGER" and names_somebody and row["name"] not in OWN_IDS:
                found.add((table, row["name"]))
    assert found == registered


async def test_no_number_of_our_own_has_the_name_of_an_id_of_discords(
    sqlite: SqliteDatabase,
) -> None:
    assert {column.name for column in COLUMNS}.isdisjoint(OWN_IDS)
    rows = [
        (row["name"], row["pk"])
        for table in await table_names(sqlite)
        for row in await sqlite.rows(f"PRAGMA table_info({table})")
    ]
    assert {name for name, key in rows if key} >= OWN_IDS


def test_whatever_stays_has_a_reason_and_whatever_is_cleared_says_how() -> None:
    for column in COLUMNS:
        assert bool(column.reason) == (column.action is Action.KEEP)
        assert bool(column.cleared) == (column.action is Action.CLEAR)


async def test_the_columns_of_channels_and_messages_stand_beside_a_servers(
    database: Database,
) -> None:
    guilds = {column.table for column in COLUMNS if column.subject is ScopeKind.GUILD}
    inside = {
        column.table
        for column in COLUMNS
        if column.subject in (ScopeKind.CHANNEL, ScopeKind.MESSAGE)
    }
    assert inside <= guilds


# What goes, and what stays


async def test_nothing_in_any_table_names_an_erased_member(
    filled: Database, erasure: Erasure
) -> None:
    everything = await dump(filled)
    assert {column.table for column in COLUMNS if column.subject is ScopeKind.MEMBER} <= (
        await naming(filled, ALICE) | {"opt_outs", "owner"}
    )
    erased = await erasure.erase(Scope.member(ALICE))
    assert await naming(filled, ALICE) == set()
    assert erased.deleted == {
        "songs": 3,
        "portraits": 2,
        "contributions": 1,
        "ratings": 1,
        "taste_sharing": 1,
        "consents": 1,
        "jobs": 2,
    }
    assert erased.cleared == {
        "promotions": 1,
        "taught_models": 1,
        "icon_changes": 1,
        "imports": 1,
        "watched_channels": 1,
        "weekly_cards": 1,
    }
    assert {guild_id: len(songs) for guild_id, songs in erased.songs.items()} == {HERE: 3}
    assert erased.crops == (f"{ALICE}-{HERE}.png",)
    assert erased.model_files == ()
    assert len(erased.lessons) == 1  # the other was done
    assert [(model.guild_id, model.taken_back) for model in erased.marked] == [(HERE, 1)]
    after = await dump(filled)
    assert only(BOB, after) == only(BOB, everything)
    await filled.check()


def only(wanted: int, cells: Dump) -> Dump:
    return {table: [row for row in rows if wanted in row] for table, rows in cells.items()}


async def test_nothing_in_any_table_names_an_erased_server(
    filled: Database, erasure: Erasure
) -> None:
    await OptOuts(filled).opt_out(HERE, BOB)
    everything = await dump(filled)
    erased = await erasure.erase(Scope.guild(HERE))
    assert await naming(filled, HERE) == set()
    assert await naming(filled, ALICE) == set()
    assert erased.crops == (f"{ALICE}-{HERE}.png",)
    assert len(erased.model_files) == 1
    assert erased.cleared == {}
    after = await dump(filled)
    assert only(THERE, after) == only(THERE, everything)
    assert (await erasure.erase(Scope.guild(HERE))).deleted == {}
    await filled.check()


async def test_an_erased_channel_takes_its_threads_and_its_watching_along(
    filled: Database, erasure: Erasure
) -> None:
    assert (await erasure.erase(Scope.channel(THERE + 1, MUSIC))).deleted == {}
    erased = await erasure.erase(Scope.channel(HERE, MUSIC))
    assert erased.deleted == {"songs": 2, "watched_channels": 1}
    assert erased.cleared == {"imports": 1, "jobs": 1}  # their progress was shown there
    assert await erasure.channels(HERE) == {OTHER_ROOM, 10}  # 10: where `taught` shows progress
    (going_on, _) = await Imports(filled).running()
    assert (going_on.channel_id, going_on.notice) == (OTHER_ROOM, None)
    erased = await erasure.erase(Scope.channel(HERE, OTHER_ROOM))
    assert erased.deleted == {"songs": 1, "imports": 1, "weekly_cards": 1}
    assert len(await Songs(filled).by_poster(THERE, BOB)) == 3


async def test_erased_messages_take_songs_and_portraits_along_but_no_gallery(
    filled: Database, erasure: Erasure
) -> None:
    erased = await erasure.erase(Scope.messages(HERE, [SONG + ALICE, ANSWER + ALICE, PROGRESS]))
    assert erased.deleted == {"songs": 1, "portraits": 1}
    assert erased.cleared == {"imports": 1, "jobs": 1}
    assert (await Portraits(filled).gallery(HERE, ALICE, first=0, count=9)).total == 1
    for message_id in (SONG + BOB, ANSWER + BOB):  # another server's
        assert (await erasure.erase(Scope.messages(HERE, [message_id]))).deleted == {}


async def test_an_answer_in_direct_messages_takes_its_portrait_along(
    database: Database, erasure: Erasure
) -> None:
    await Portraits(database).add(DIRECT_MESSAGES, ALICE, ANSWER, [SKETCH])
    erased = await erasure.erase(Scope.messages(DIRECT_MESSAGES, [ANSWER]))
    assert erased.deleted == {"portraits": 1}


async def test_what_is_taken_back_is_counted_off_the_models_that_learned_from_it(
    database: Database, erasure: Erasure
) -> None:
    first, second = [await kept(database, number, member_id=ALICE) for number in (1, 2)]
    others = await kept(database, 3, member_id=BOB)
    model = await taught(database, first, second, others)
    erased = await erasure.erase_contributions(ALICE, [first, others])
    assert [each.contribution_id for each in erased.contributions] == [first]
    models = TaughtModels(database)
    found = await models.find(model.guild_id, model.model_id)
    assert found is not None
    assert found.taken_back == 1
    assert erased.marked == await models.marked() == (found,)
    assert await models.sources(model.model_id) == {second, others}
    assert len(await Contributions(database).of_member(BOB)) == 1


# Opting out


async def test_opting_out_and_erasing_is_one_change(filled: Database, erasure: Erasure) -> None:
    for _ in range(2):  # an earlier wish stays
        await erasure.erase(Scope.member(ALICE), opt_out_at=NOW)
    assert await naming(filled, ALICE) == {"opt_outs"}
    assert await OptOuts(filled).opted_out(THERE, ALICE)
    with pytest.raises(ValueError, match="only a member"):
        await erasure.erase(Scope.guild(HERE), opt_out_at=NOW)


async def test_a_wish_outlives_the_data_of_its_member(filled: Database, erasure: Erasure) -> None:
    await OptOuts(filled).opt_out(HERE, ALICE)
    await erasure.erase(Scope.member(ALICE))
    assert await OptOuts(filled).opted_out(HERE, ALICE)


# What is stored of whom


async def test_every_server_is_known_of_which_anything_is_stored(
    filled: Database, erasure: Erasure
) -> None:
    await Channels(filled).watch(5, MUSIC, watched_by=3)
    await Portraits(filled).add(9, 3, None, [SKETCH])
    assert await erasure.guilds() == {HERE, THERE, 5, 9}


async def test_what_belongs_to_no_server_is_not_taken_for_one(
    database: Database, erasure: Erasure
) -> None:
    await erasure.erase(Scope.member(ALICE), opt_out_at=NOW)
    assert await naming(database, EVERYWHERE) == {"opt_outs"}
    await Portraits(database).add(DIRECT_MESSAGES, 3, None, [SKETCH])
    assert await erasure.guilds() == frozenset()


async def test_every_channel_is_known_of_which_anything_is_stored(
    filled: Database, erasure: Erasure
) -> None:
    assert await erasure.channels(HERE) == {MUSIC, THREAD, OTHER_ROOM, 10}
    assert await erasure.channels(5) == frozenset()


async def test_the_first_bot_owns_the_data(erasure: Erasure) -> None:
    assert await erasure.claim_for_bot(1000)
    assert not await erasure.claim_for_bot(2000)
    assert await erasure.claim_for_bot(1000)


# All or nothing

SCOPES = {
    "member": Scope.member(ALICE),
    "server": Scope.guild(HERE),
    "channel": Scope.channel(HERE, MUSIC),
    "messages": Scope.messages(HERE, [SONG + ALICE, ANSWER + ALICE, PROGRESS]),
}


async def changes(folder: Path, scope: Scope) -> list[tuple[str, str]]:
    """Try an erasure in a database of its own; list what it does to which table."""
    async with SqliteDatabase.open(folder / "another.db") as another:
        for guild_id, member_id in ((HERE, ALICE), (THERE, BOB)):
            await fill(another, guild_id, member_id)
        erased = await Erasure(another).erase(scope)
    deleted = [(table, "DELETE") for table in erased.deleted]
    return deleted + [(table, "UPDATE") for table in erased.cleared]


@pytest.mark.parametrize("kind", list(SCOPES))
async def test_an_error_in_any_table_leaves_everything_as_it_was(
    sqlite: SqliteDatabase, tmp_path: Path, kind: str
) -> None:
    for guild_id, member_id in ((HERE, ALICE), (THERE, BOB)):
        await fill(sqlite, guild_id, member_id)
    scope, before, erasure = SCOPES[kind], await dump(sqlite), Erasure(sqlite)
    for table, change in await changes(tmp_path, scope):
        async with sqlite.transaction() as tx:
            await tx.rows(
                f"""CREATE TRIGGER fails BEFORE {change} ON {table}
                    BEGIN SELECT RAISE(ABORT, 'in the middle'); END"""
            )
        with pytest.raises(sqlite3.IntegrityError, match="in the middle"):
            await erasure.erase(scope)
        assert await dump(sqlite) == before
        async with sqlite.transaction() as tx:
            await tx.rows("DROP TRIGGER fails")
    assert (await erasure.erase(scope)).deleted


ERASER = """
import asyncio, os, signal, sqlite3, sys
from pathlib import Path

connect = sqlite3.connect

def connect_deadly(*args, **options):
    connection = connect(*args, **options)
    connection.create_function("die", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))
    return connection

sqlite3.connect = connect_deadly

from storage.database import SqliteDatabase
from storage.erasure import Erasure, Scope

async def main() -> None:
    async with SqliteDatabase.open(Path(sys.argv[1])) as database:
        await Erasure(database).erase(Scope.member(int(sys.argv[2])))

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "moment",
    [
        "AFTER DELETE ON songs",
        "AFTER DELETE ON consents",
        "AFTER UPDATE OF watched_by ON watched_channels",
        "AFTER DELETE ON model_sources",  # the very last statement before the commit
    ],
)
async def test_a_process_killed_in_the_middle_erased_nothing(path: Path, moment: str) -> None:
    async with SqliteDatabase.open(path) as database:
        await fill(database, HERE, ALICE)
        before = await dump(database)
        async with database.transaction() as tx:
            await tx.rows(f"CREATE TRIGGER killed {moment} BEGIN SELECT die(); END")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ERASER, str(path), str(ALICE), cwd=ROOT
    )
    assert await child.wait() == -signal.SIGKILL
    async with SqliteDatabase.open(path) as database:
        await database.check()
        assert await dump(database) == before
        async with database.transaction() as tx:
            await tx.rows("DROP TRIGGER killed")
        await Erasure(database).erase(Scope.member(ALICE))
        assert await naming(database, ALICE) == set()
    assert list(path.parent.iterdir()) == [path]  # the journal is gone


@pytest.mark.parametrize("table", ["songs", "portraits"])
async def test_a_members_rows_are_found_by_an_index(sqlite: SqliteDatabase, table: str) -> None:
    (column,) = [
        each.name for each in COLUMNS if (each.table, each.subject) == (table, ScopeKind.MEMBER)
    ]
    plan = await sqlite.rows(f"EXPLAIN QUERY PLAN DELETE FROM {table} WHERE {column} = 1")
    assert "USING INDEX" in plan[0]["detail"]
