"""Another program takes the database for a while: songs are heard, and remembered afterwards."""

import sqlite3
from contextlib import closing

import pytest

from tests.wire.conftest import SONG, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_song_is_heard_while_another_program_holds_the_database(stage: Stage) -> None:
    discord, channel = stage.discord, stage.channel
    await (await discord.slash(stage.admin, channel, "setup allow", allowed=True)).answer()
    with closing(sqlite3.connect(stage.bot.folder / "usamimi.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asked = await discord.slash(stage.alice, channel, "genre", file=SONG)
        error_message = await asked.answer(count=2)
        other.execute("ROLLBACK")
    assert asked.visible[0].embeds
    assert "Another program is using" in error_message.content
    again = await discord.slash(stage.alice, channel, "genre", file=SONG)
    assert "Added to" in str((await again.answer()).embeds)
