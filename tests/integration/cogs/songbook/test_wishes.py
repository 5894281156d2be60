"""Whether songs may be remembered, as servers and posters say."""

import discord
import pytest

from bot.services import Services
from tests.helpers.discord import (
    Server,
    administrator,
    answer_of,
    answers_of,
    labels_of,
    offer_to_everyone,
    text_of,
)
from tests.helpers.songs import wav
from tests.integration.cogs.songbook.playing import (
    SONG,
    allow,
    songs_of,
)

MENU = "Remember this song"


async def test_nothing_is_remembered_where_nobody_allowed_it(
    server: Server, services: Services
) -> None:
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=SONG))
    assert "Added to" not in str(answer.embeds[0].description)
    assert await songs_of(services, server.alice) == ()


async def test_an_administrator_allows_remembering_and_only_they_see_the_answer(
    server: Server, services: Services
) -> None:
    admin = administrator(server)
    answer = answer_of(await admin.slash(server.channel, "setup allow", allowed=True))
    assert answer.ephemeral
    assert "never the audio" in text_of(answer)
    assert labels_of(answer) == ["Watch this channel"]
    assert await services.ingest.allowed(admin.guild.id)
    answer = answer_of(await admin.slash(server.channel, "setup allow", allowed=False))
    assert "won't remember new songs" in text_of(answer)
    assert not await services.ingest.allowed(admin.guild.id)


async def test_members_are_not_offered_what_only_administrators_may_do(server: Server) -> None:
    own = ("setup", "train", "models")
    offered = {name.split()[0] for name in server.alice.available_commands(server.channel)}
    assert not offered & set(own)
    admin = administrator(server)
    assert set(own) < {name.split()[0] for name in admin.available_commands(server.channel)}


async def test_a_member_whom_a_server_gave_the_command_still_cannot_allow(
    server: Server, services: Services
) -> None:
    offer_to_everyone(server, "setup")
    result = await server.alice.slash(server.channel, "setup allow", allowed=True)
    assert "Only someone who can manage" in answer_of(result).content
    result = await server.yuki.slash(server.channel, "setup allow", allowed=True)
    assert "管理できる人だけ" in answer_of(result).content
    assert not await services.ingest.allowed(server.alice.guild.id)


@pytest.mark.parametrize(
    ("member", "words"), [("alice", "Added to this server"), ("yuki", "ソングブックに登録しました")]
)
async def test_a_public_genre_is_remembered_where_allowed_and_says_so(
    server: Server, services: Services, member: str, words: str
) -> None:
    await allow(server, services)
    asker = getattr(server, member)
    answer = answer_of(await asker.slash(server.channel, "genre", file=SONG))
    assert words in str(answer.embeds[0].description)
    (song,) = await songs_of(services, asker)
    assert (song.post.title, song.post.message_id) == ("tune", answer.id)
    assert song.post.content_hash is not None


async def test_a_private_genre_is_not_remembered(server: Server, services: Services) -> None:
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=SONG, private=True)
    assert await songs_of(services, server.alice) == ()


async def test_the_menu_remembers_the_songs_of_a_message_for_its_poster(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    files = [("one.wav", wav(4)), ("bad.mp3", b"words " * 99), ("two.wav", wav(4, seed=2))]
    message = await server.yuki.send(server.channel, attachments=files)
    said = answers_of(await server.alice.context_menu(server.channel, MENU, message))
    assert ["“one”" in said[0].content, "“two”" in said[2].content] == [True, True]
    assert all(answer.ephemeral for answer in said)
    songs = await songs_of(services, server.yuki)
    assert {song.post.title for song in songs} == {"one", "two"}


async def test_a_forwarded_song_is_remembered_for_who_posted_it_first(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    forward = await forwarded(server)
    answer = answer_of(await server.alice.context_menu(server.channel, MENU, forward))
    assert "I'll remember “tune”" in answer.content
    (song,) = await songs_of(services, server.yuki)
    assert song.post.message_id == forward.id
    assert await songs_of(services, server.alice) == ()


async def test_who_posted_a_forwarded_song_first_can_have_opted_out(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    await server.yuki.slash(server.channel, "songbook optout")
    forward = await forwarded(server)
    answer = answer_of(await server.alice.context_menu(server.channel, MENU, forward))
    assert "has opted out" in answer.content


async def test_a_forward_of_what_was_deleted_belongs_to_who_forwarded_it(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    original = await server.yuki.send(server.channel, attachments=[SONG])
    forward = await server.alice.forward(original, server.channel)
    await server.yuki.delete(original)
    await server.alice.context_menu(server.channel, MENU, forward)
    assert len(await songs_of(services, server.alice)) == 1


async def forwarded(server: Server) -> discord.Message:
    """Have Alice forward a song of Yuki's."""
    original = await server.yuki.send(server.channel, attachments=[SONG])
    return await server.alice.forward(original, server.channel)


async def test_the_menu_says_that_a_song_is_too_short(server: Server, services: Services) -> None:
    await allow(server, services)
    message = await server.alice.send(server.channel, attachments=[("kick.wav", wav(2))])
    english = answer_of(await server.alice.context_menu(server.channel, MENU, message))
    japanese = answer_of(await server.yuki.context_menu(server.channel, MENU, message))
    assert "“kick” has less than 3 seconds of sound" in english.content
    assert "3秒未満のため" in japanese.content
    assert await songs_of(services, server.alice) == ()


async def test_the_menu_says_what_it_knows_already(server: Server, services: Services) -> None:
    await allow(server, services)
    message = await server.alice.send(server.channel, attachments=[SONG])
    await server.alice.context_menu(server.channel, MENU, message)
    again = answer_of(await server.yuki.context_menu(server.channel, MENU, message))
    assert "すでにソングブックに登録されています" in again.content
    assert len(await songs_of(services, server.alice)) == 1


async def test_the_menu_where_nothing_is_allowed_says_who_can_allow_it(server: Server) -> None:
    message = await server.alice.send(server.channel, attachments=[SONG])
    english = answer_of(await server.alice.context_menu(server.channel, MENU, message))
    japanese = answer_of(await server.yuki.context_menu(server.channel, MENU, message))
    assert "/setup allow" in english.content
    assert "設定 許可" in japanese.content


async def test_who_opted_out_is_not_remembered_even_when_somebody_else_asks(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    message = await server.yuki.send(server.channel, attachments=[SONG])
    await server.yuki.slash(server.channel, "songbook optout")
    answer = answer_of(await server.alice.context_menu(server.channel, MENU, message))
    assert "has opted out" in answer.content
    assert await songs_of(services, server.yuki) == ()


async def test_opting_out_forgets_and_opting_in_allows_again(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    await server.yuki.slash(server.channel, "genre", file=SONG)
    question = answer_of(await server.yuki.slash(server.channel, "songbook optout"))
    assert question.ephemeral
    assert len(await songs_of(services, server.yuki)) == 1
    answer = answer_of(await server.yuki.click(question.message, label="今後は記憶せず、1曲も削除"))
    assert "1曲は削除しました" in text_of(answer)
    genre = answer_of(await server.yuki.slash(server.channel, "genre", file=SONG))
    assert "登録しました" not in str(genre.embeds[0].description)
    answer = answer_of(await server.yuki.slash(server.channel, "songbook optin"))
    assert "ありがとう" in answer.content
    await server.yuki.slash(server.channel, "genre", file=SONG)
    assert len(await songs_of(services, server.yuki)) == 1


async def test_opting_out_can_leave_the_songs_there_are(server: Server, services: Services) -> None:
    await allow(server, services)
    await server.alice.slash(server.channel, "genre", file=SONG)
    question = answer_of(await server.alice.slash(server.channel, "songbook optout"))
    assert labels_of(question) == ["Stop from now on", "Stop and delete my song"]
    answer = answer_of(await server.alice.click(question.message, label="Stop from now on"))
    assert "The one I know stays" in text_of(answer)
    await server.alice.slash(server.channel, "genre", file=("other.wav", wav(2, seed=5)))
    assert [song.post.title for song in await songs_of(services, server.alice)] == ["tune"]


async def test_opting_out_of_nothing_needs_no_question(server: Server) -> None:
    answer = answer_of(await server.alice.slash(server.channel, "songbook optout"))
    assert "I won't remember new songs of yours" in text_of(answer)
    assert labels_of(answer) == []
