"""Importing a channel's history, as administrators see it."""

from collections.abc import Sequence

import discord
import pytest
from simcord.builders import UserHandle
from simcord.results import ResponseMessage

from bot.demo.simcord_patches import send_own_locales
from bot.services import Services
from storage.errors import DiskFullError
from storage.song_values import Song
from tests.helpers.discord import Server, administrator, answer_of, offer_to_everyone
from tests.helpers.songs import silence, wav
from tests.integration.cogs.songbook.playing import (
    Gate,
    allow,
    restart,
    say,
    songs_of,
)

IMPORT = "setup import"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits need not wait for each other, where a test does not ask for it."""
    monkeypatch.setattr("bot.discord.ui.EDIT_SECONDS", 0.0)


async def post(server: Server, count: int) -> None:
    """Post songs with words in between."""
    for number in range(count):
        song = (f"Song {number}.wav", wav(4, seed=number))
        await server.yuki.send(server.channel, "聴いてください", attachments=[song])
        await server.alice.send(server.channel, "nice")


async def imported(server: Server, services: Services) -> ResponseMessage:
    """Have the channel imported to its end; gives the message with the progress."""
    await allow(server, services)
    admin = administrator(server)
    return answer_of(await admin.slash(server.channel, IMPORT, channel=server.channel))


def text(message: ResponseMessage) -> str:
    return str(message.embeds[0].description)


async def remembered(services: Services, server: Server) -> Sequence[Song]:
    return await songs_of(services, server.yuki)


async def test_the_songs_of_the_history_are_remembered_and_counted(
    server: Server, services: Services
) -> None:
    await post(server, 3)
    answer = await imported(server, services)
    assert {song.post.title for song in await remembered(services, server)} == {
        "Song 0", "Song 1", "Song 2",
    }  # fmt: skip
    assert "Imported" in text(answer)
    assert "3 songs added" in text(answer)
    assert "messages read" in text(answer)
    assert answer.components == []
    assert not answer.ephemeral


async def test_importing_twice_enters_nothing_twice(server: Server, services: Services) -> None:
    await post(server, 2)
    await imported(server, services)
    again = await imported(server, services)
    assert len(await remembered(services, server)) == 2
    assert "0 songs added" in text(again)
    assert "2 already known" in text(again)


async def test_a_japanese_administrator_reads_progress_in_japanese(
    server: Server, services: Services
) -> None:
    await post(server, 1)
    await allow(server, services)
    admin = administrator(server)
    send_own_locales(server.env, {admin.id: "ja"})
    answer = answer_of(await admin.slash(server.channel, IMPORT, channel=server.channel))
    assert "取り込みました" in text(answer)
    assert "1曲を登録しました" in text(answer)


async def test_who_opted_out_and_what_cannot_be_heard_are_counted_and_left(
    server: Server, services: Services
) -> None:
    await post(server, 1)
    await server.alice.send(server.channel, attachments=[("mine.wav", wav(4, seed=9))])
    await server.yuki.send(server.channel, attachments=[("quiet.wav", silence(2))])
    await server.alice.slash(server.channel, "songbook optout")
    said = text(await imported(server, services))
    assert "1 song added" in said
    assert "1 by members who opted out" in said
    assert "1 I couldn't play" in said
    assert await songs_of(services, server.alice) == ()


async def test_songs_too_short_to_compare_are_counted_and_left(
    server: Server, services: Services
) -> None:
    await server.yuki.send(server.channel, attachments=[("kick.wav", wav(2))])
    said = text(await imported(server, services))
    assert "0 songs added" in said
    assert "1 too short" in said
    assert await remembered(services, server) == ()


async def test_voice_messages_and_forwards_are_left_alone(
    server: Server, services: Services
) -> None:
    elsewhere = server.alice.guild.create_text_channel("general")
    original = await server.yuki.send(elsewhere, attachments=[("tune.wav", wav(4))])
    await server.yuki.forward(original, server.channel)
    await say(server, server.yuki)
    said = text(await imported(server, services))
    assert "0 songs added" in said
    assert await remembered(services, server) == ()


async def test_only_administrators_import(server: Server, services: Services) -> None:
    await allow(server, services)
    offer_to_everyone(server, "setup")
    for member, words in ((server.alice, "can manage"), (server.yuki, "管理できる人だけ")):
        answer = answer_of(await member.slash(server.channel, IMPORT, channel=server.channel))
        assert words in answer.content
        assert answer.ephemeral


async def test_importing_where_remembering_is_not_allowed_says_so(server: Server) -> None:
    admin = administrator(server)
    answer = answer_of(await admin.slash(server.channel, IMPORT, channel=server.channel))
    assert "/setup allow" in answer.content


@pytest.mark.parametrize("message_content", [False])
async def test_without_the_intent_it_says_what_to_switch_on(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    admin = administrator(server)
    answer = answer_of(await admin.slash(server.channel, IMPORT, channel=server.channel))
    assert "Message Content Intent" in answer.content


async def test_a_channel_whose_history_the_bot_may_not_read_is_named(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    bot = UserHandle(server.env, server.env.backend.bot_user)
    no_history = discord.PermissionOverwrite(read_message_history=False)
    closed = server.alice.guild.create_text_channel("closed", overwrites={bot: no_history})
    admin = administrator(server)
    answer = answer_of(await admin.slash(server.channel, IMPORT, channel=closed))
    assert "Read Message History" in answer.content
    assert f"<#{closed.id}>" in answer.content


async def test_whoever_began_it_can_stop_it_and_nobody_else(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(server, 3)
    gate = Gate(server, monkeypatch, after=1)
    notice = await imported(server, services)
    assert "Importing songs" in text(notice)
    refused = await server.yuki.click(notice.message, label="Stop")
    assert "できるのは、その人か" in answer_of(refused).content
    another_admin = administrator(server)
    stopped = await another_admin.click(notice.message, label="Stop")
    assert "I'll stop after" in [m.content for m in stopped.followups][-1]
    gate.open.set()
    await server.env.settle()
    assert " stopped" in text(notice)
    assert len(await remembered(services, server)) < 4


async def test_a_channel_is_not_imported_twice_at_once(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(server, 1)
    gate = Gate(server, monkeypatch, after=0)
    await imported(server, services)
    admin = administrator(server)
    second = await admin.slash(server.channel, IMPORT, channel=server.channel)
    assert "already" in second.followups[-1].content
    gate.open.set()
    await server.env.settle()
    assert len(await remembered(services, server)) == 1


async def test_an_import_goes_on_in_the_same_message_after_a_restart(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(server, 4)
    with monkeypatch.context() as patch:
        Gate(server, patch, after=2)
        notice = await imported(server, services)
        assert "Importing songs" in text(notice)
        before = {song.post.message_id for song in await remembered(services, server)}
        assert 0 < len(before) < 4
    await restart(server, services, monkeypatch)
    after = [song.post.message_id for song in await remembered(services, server)]
    assert len(after) == len(set(after)) == 4
    assert before < set(after)
    assert "Imported" in text(notice)
    assert "4 songs added" in text(notice)


async def test_progress_lives_on_after_the_quarter_of_an_hour_an_interaction_has(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(server, 3)
    gate = Gate(server, monkeypatch, after=1)
    notice = await imported(server, services)
    await server.env.advance_time(20 * 60)
    gate.open.set()
    await server.env.settle()
    assert "Imported" in text(notice)
    assert "3 songs added" in text(notice)


async def test_a_message_deleted_in_the_middle_is_not_remembered(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await server.yuki.send(server.channel, attachments=[("gone.wav", wav(4))])
    gate = Gate(server, monkeypatch, after=0)
    notice = await imported(server, services)
    await server.yuki.delete(message)
    gate.open.set()
    await server.env.settle()
    assert "0 songs added" in text(notice)
    assert await remembered(services, server) == ()


async def test_a_channel_deleted_in_the_middle_ends_its_import(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(server, 2)
    elsewhere = server.alice.guild.create_text_channel("admins")
    await allow(server, services)
    gate = Gate(server, monkeypatch, after=0)
    admin = administrator(server)
    notice = answer_of(await admin.slash(elsewhere, IMPORT, channel=server.channel))
    server.env.backend.delete_channel(server.channel.id)
    gate.open.set()
    await server.env.settle()
    assert " stopped" in text(notice)
    assert await remembered(services, server) == ()


async def test_a_full_disk_stops_it_in_words_and_it_goes_on_after_a_restart(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    await post(server, 1)

    async def no_room(*_: object, **__: object) -> None:
        raise DiskFullError(services.settings.data_dir, 0)

    with monkeypatch.context() as patch:
        patch.setattr("storage.songs.Songs.remember", no_room)
        notice = await imported(server, services)
        assert "disk is full" in text(notice)
        assert str(tmp_path) not in text(notice)
    await restart(server, services, monkeypatch)
    assert len(await remembered(services, server)) == 1


async def test_a_deleted_progress_message_stops_nothing(
    server: Server, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(server, 1)
    gate = Gate(server, monkeypatch, after=0)
    notice = await imported(server, services)
    server.env.backend.delete_message(server.channel.id, notice.id)
    gate.open.set()
    await server.env.settle()
    assert len(await remembered(services, server)) == 1
