"""Files that are gone, not as announced, slow, cut off, empty or strangely named."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from tests.wire.cdn import File
from tests.wire.conftest import SONG, Stage
from tests.wire.loopback import SECRET
from tests.wire.member_request import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

MEGABYTE = 1024 * 1024


async def told(stage: Stage, file: File) -> str:
    """Ask about a file and give the private apology."""
    asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=file)
    answer = await asked.answer()
    assert answer.private
    assert len(asked.visible) == 1
    return answer.content


async def test_a_link_that_expired_before_hearing_is_told(stage: Stage) -> None:
    stage.discord.cdn.lifetime_seconds = -1
    try:
        assert "couldn't download that file" in await told(stage, SONG)
    finally:
        stage.discord.cdn.lifetime_seconds = 86_400


async def test_a_message_s_song_that_is_gone_is_told_in_japanese(stage: Stage) -> None:
    message = await stage.discord.post(stage.alice, stage.channel, SECRET, SONG)
    stage.discord.cdn.lose(message.attachments[0])
    asked = await stage.discord.menu(stage.yuki, message, "Genre")
    assert "ファイルをダウンロードできませんでした" in (await asked.answer()).content


async def test_a_message_deleted_while_it_is_heard_is_not_remembered(stage: Stage) -> None:
    for command, value in (("allow", {"allowed": True}), ("watch", {"channel": stage.channel})):
        asked = await stage.discord.slash(stage.admin, stage.channel, f"setup {command}", **value)
        await asked.answer()
    songs = [await stage.discord.post(stage.alice, stage.channel, SECRET, SONG)]

    async def delete() -> None:
        await stage.discord.delete(songs[0])

    # The file is on its way when its message goes; the next one shows that the bot is done with it.
    stage.discord.trouble.before(f"GET .*/{songs[0].attachments[0]['id']}/", delete)
    songs.append(await stage.discord.post(stage.alice, stage.channel, SECRET, SONG))
    await until(lambda: bool(songs[1].reactions), 90, "the second song")
    await until(lambda: remembered(stage) == [songs[1].id], 30, "one song in the songbook")


def remembered(stage: Stage) -> list[int]:
    """Which messages' songs the database has, straight from its file."""
    with closing(sqlite3.connect(stage.bot.folder / "usamimi.db")) as database:
        rows = database.execute(
            "SELECT message_id FROM songs WHERE guild_id = ? ORDER BY message_id",
            (stage.server.id,),
        )
        return [row[0] for row in rows]


async def test_a_file_announced_small_and_sent_large_is_dropped(stage: Stage) -> None:
    file = File(f"{SECRET}.wav", bytes(26 * MEGABYTE), announced=1_000)
    assert "larger than Discord said" in await told(stage, file)


async def test_a_file_sent_too_slowly_is_given_up(stage: Stage) -> None:
    assert "couldn't give me that file" in await told(stage, replace(SONG, bytes_a_second=9_000))


async def test_a_file_that_is_cut_off_is_not_taken_for_a_shorter_one(stage: Stage) -> None:
    assert "couldn't give me that file" in await told(stage, replace(SONG, cut_after=40_000))


async def test_a_file_with_less_than_announced_is_not_taken_for_whole(stage: Stage) -> None:
    assert "couldn't give me that file" in await told(stage, replace(SONG, announced=900_000))


async def test_nothing_is_fetched_of_a_file_without_bytes(stage: Stage) -> None:
    before = len(stage.discord.cdn.fetched)
    assert "file is empty" in await told(stage, File(f"{SECRET}.wav", b""))
    assert len(stage.discord.cdn.fetched) == before


STRANGE = {
    "very long": "あ" * 300,
    "markdown": "**bold** [link](https://example.org) `code` ||spoiler||",
    "everyone": "@everyone <@&1> <#2>",
    "right to left": "song\u202egnp.exe\u2067",
    "path": "../../etc/passwd\\..\\con",
    "control": "a\x00b\x1b[31mc\n\nd",
}


async def test_strange_names_neither_deceive_nor_ping(stage: Stage) -> None:
    async def ask(name: str) -> str:
        file = File(f"{name} {SECRET}.wav", SONG.data)
        asked = await stage.discord.slash(stage.alice, stage.channel, "genre", file=file)
        answer = await asked.answer()
        assert not answer.content  # an embed pings nobody
        return json.dumps(answer.embeds, ensure_ascii=False)

    shown = await asyncio.gather(*(ask(name) for name in STRANGE.values()))
    assert not any(mark in each for each in shown for mark in "\u202e\u2067\x00\x1b")
    assert not any("**bold**" in each or " [link](" in each for each in shown)
