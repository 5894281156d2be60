"""Seeing, having and deleting everything that is kept of a member."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing

from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.lessons.contributions import WORDING
from bot.services import Services
from storage.files import DataFolder
from storage.lessons import Matter
from tests.helpers.discord import Server, answer_of, answers_of, text_of
from tests.helpers.songs import wav
from tests.integration.cogs.lessons.playing import (
    agree,
    contribute,
    last,
)
from tests.integration.cogs.songbook.playing import (
    allow,
    songs_of,
)


async def leave_traces(server: Server, services: Services, member: MemberActor) -> None:
    """Have a song remembered, songs handed over and a portrait drawn."""
    await allow(server, services)
    await agree(services, member)
    await member.slash(server.channel, "genre", file=("Eastern Wind.wav", wav(4)))
    await contribute(services, member, each=1)
    await member.slash(server.channel, "avatar", seed="reisen")


def tables_naming(services: Services, member_id: int) -> set[str]:
    """Name the tables of which any cell holds a member's id."""
    found = set()
    with closing(sqlite3.connect(DataFolder(services.settings.data_dir).database)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if any(member_id in row for row in database.execute(f"SELECT * FROM {table}")):
                found.add(table)
    return found


async def attached(message: ResponseMessage) -> dict[str, bytes]:
    return {each.filename: await each.read() for each in message.message.attachments}


async def test_show_tells_what_is_kept_privately(server: Server, services: Services) -> None:
    nothing = answer_of(await server.alice.slash(server.channel, "privacy show"))
    assert "I store nothing about you" in text_of(nothing)
    await leave_traces(server, services, server.alice)
    answer = answer_of(await server.alice.slash(server.channel, "privacy show"))
    assert answer.ephemeral
    for words in (
        "This server",
        "1 song in the songbook",
        "1 portrait drawn for you",
        "2 songs contributed",
        "Your consent",
    ):
        assert words in text_of(answer)


async def test_show_is_told_in_japanese(server: Server, services: Services) -> None:
    await leave_traces(server, services, server.yuki)
    answer = answer_of(await server.yuki.slash(server.channel, "privacy show"))
    assert "ソングブックの1曲" in text_of(answer)
    assert "レッスンのために提供した2曲" in text_of(answer)


async def test_export_hands_everything_out_and_nobody_elses(
    server: Server, services: Services
) -> None:
    await leave_traces(server, services, server.alice)
    await leave_traces(server, services, server.yuki)
    answer = answer_of(await server.alice.slash(server.channel, "privacy export"))
    assert answer.ephemeral
    told = json.loads((await attached(answer))["usamimi.json"])
    assert told["member"] == server.alice.id
    (song,) = told["songs"]
    assert song["title"] == "Eastern Wind"
    assert len(song["vector"]) > 8
    assert {given["genre"] for given in told["contributions"]} == {"tunes", "drones"}
    assert told["portraits"][0]["seed"] == "reisen"
    assert told["consents"][0]["wording"] == WORDING


async def test_pictures_come_in_an_archive(server: Server, services: Services) -> None:
    drawn = answer_of(await server.alice.slash(server.channel, "avatar", seed="reisen"))
    await server.alice.click(drawn.message, label="Save")
    first, *others = answers_of(await server.alice.slash(server.channel, "privacy export"))
    assert "an archive" in text_of(first)
    (archive,) = [data for each in others for data in (await attached(each)).values()]
    (name,) = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert name.startswith("gallery/")


async def test_delete_asks_first_and_then_leaves_nothing(
    server: Server, services: Services
) -> None:
    await leave_traces(server, services, server.alice)
    await leave_traces(server, services, server.yuki)
    asked = answer_of(await server.alice.slash(server.channel, "privacy delete"))
    kept = last(await server.alice.click(asked.message, label="Cancel"))
    assert "Nothing was deleted" in text_of(kept)
    assert len(await songs_of(services, server.alice)) == 1
    asked = answer_of(await server.alice.slash(server.channel, "privacy delete"))
    done = last(await server.alice.click(asked.message, label="Delete everything"))
    assert "Deleted: 1 song, 1 portrait, 2 contributions" in text_of(done)
    nothing = answer_of(await server.alice.slash(server.channel, "privacy show"))
    assert "I store nothing about you" in text_of(nothing)
    assert tables_naming(services, server.alice.id) == set()
    assert "songs" in tables_naming(services, server.yuki.id)
    assert len(await songs_of(services, server.yuki)) == 1
    others = await services.contributions.stored.of_server(server.alice.guild.id, Matter.SONG)
    assert {each.member_id for each in others} <= {server.yuki.id}


async def test_where_nothing_is_stored_there_was_nothing_to_delete(server: Server) -> None:
    for member, label, words in (
        (server.alice, "Delete everything", "There was nothing to delete."),
        (server.yuki, "すべて削除", "削除するものはありませんでした。"),
    ):
        asked = answer_of(await member.slash(server.channel, "privacy delete"))
        done = await member.click(asked.message, label=label)
        assert text_of(last(done)) == words


async def test_what_is_deleted_is_named_without_zeros(server: Server, services: Services) -> None:
    await agree(services, server.alice)
    asked = answer_of(await server.alice.slash(server.channel, "privacy delete"))
    done = await server.alice.click(asked.message, label="Delete everything")
    assert "0" not in text_of(last(done))
    assert "your consent" in text_of(last(done))


async def test_delete_tells_whose_entries_lost_the_administrators_id(
    server: Server, services: Services
) -> None:
    await services.channels.watch(server.alice.guild.id, server.channel.id, server.alice.id)
    asked = answer_of(await server.alice.slash(server.channel, "privacy delete"))
    done = last(await server.alice.click(asked.message, label="Delete everything"))
    assert "Your ID was removed from 1 administrator action" in text_of(done)
    assert len(await services.channels.watched(server.alice.guild.id)) == 1


async def test_who_opted_out_is_remembered_in_no_server_until_they_take_it_back(
    server: Server, services: Services
) -> None:
    await leave_traces(server, services, server.alice)
    asked = answer_of(await server.alice.slash(server.channel, "privacy optout"))
    done = last(await server.alice.click(asked.message, label="Delete everything"))
    assert "won't remember your songs in any server" in text_of(done)
    song = ("Again.wav", wav(4, seed=3))
    await server.alice.slash(server.channel, "genre", file=song)
    assert await songs_of(services, server.alice) == ()
    shown = answer_of(await server.alice.slash(server.channel, "privacy show"))
    assert "don't remember your songs in any server" in text_of(shown)
    back = answer_of(await server.alice.slash(server.channel, "privacy optout", undo=True))
    assert "can remember your songs again" in text_of(back)
    await server.alice.slash(server.channel, "genre", file=song)
    assert len(await songs_of(services, server.alice)) == 1
