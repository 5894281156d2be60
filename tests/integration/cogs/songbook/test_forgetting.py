"""What somebody asks to be forgotten."""

from simcord.actors import MemberActor

from bot.services import Services
from tests.helpers.discord import Server, administrator, answer_of, answers_of
from tests.helpers.songs import wav
from tests.integration.cogs.songbook.playing import (
    SONG,
    allow,
    songs_of,
)

FORGET = "songbook forget"
FORGET_OTHERS = "setup forget"


async def remembered(server: Server, services: Services, *titles: str) -> None:
    """Have songs of yuki's and one of alice's remembered."""
    await allow(server, services)
    for seed, title in enumerate(titles):
        song = (f"{title}.wav", wav(4, seed=seed))
        await server.yuki.slash(server.channel, "genre", file=song)
    await server.alice.slash(server.channel, "genre", file=SONG)


async def titles_of(services: Services, member: MemberActor) -> set[str]:
    return {song.post.title for song in await songs_of(services, member)}


async def test_choices_are_ones_own_songs_only(server: Server, services: Services) -> None:
    await remembered(server, services, "アルファ", "ベータ")
    choices = await server.yuki.autocomplete(server.channel, FORGET, "song", "")
    assert {choice["name"] for choice in choices} == {"アルファ", "ベータ"}
    (choice,) = await server.yuki.autocomplete(server.channel, FORGET, "song", "べーた")
    question = answer_of(await server.yuki.slash(server.channel, FORGET, song=choice["value"]))
    assert question.ephemeral
    assert "「ベータ」を削除しますか" in str(question.embeds[0].description)
    result = await server.yuki.click(question.message, label="削除する")
    assert "1曲を削除しました" in str(answers_of(result)[0].embeds[0].description)
    assert await titles_of(services, server.yuki) == {"アルファ"}


async def test_naming_nothing_forgets_all_of_ones_own(server: Server, services: Services) -> None:
    await remembered(server, services, "アルファ", "ベータ")
    question = answer_of(await server.yuki.slash(server.channel, FORGET))
    await server.yuki.click(question.message, label="削除する")
    assert await titles_of(services, server.yuki) == set()
    assert await titles_of(services, server.alice) == {"tune"}


async def test_nothing_is_forgotten_without_the_button(server: Server, services: Services) -> None:
    await remembered(server, services)
    question = answer_of(await server.alice.slash(server.channel, FORGET))
    result = await server.alice.click(question.message, label="Cancel")
    assert "Nothing was forgotten" in str(answers_of(result)[0].embeds[0].description)
    assert await titles_of(services, server.alice) == {"tune"}


async def test_a_member_cannot_have_others_songs_forgotten(
    server: Server, services: Services
) -> None:
    await remembered(server, services, "アルファ")
    (song,) = await songs_of(services, server.yuki)
    answer = answer_of(await server.alice.slash(server.channel, FORGET, song=str(song.song_id)))
    assert "someone who can manage" in answer.content
    assert await titles_of(services, server.yuki) == {"アルファ"}


async def test_an_administrator_forgets_a_song_a_members_and_a_channels(
    server: Server, services: Services
) -> None:
    await remembered(server, services, "アルファ", "ベータ", "ガンマ")
    admin = administrator(server)
    (choice,) = await admin.autocomplete(server.channel, FORGET, "song", "アルファ")
    for options, left in (
        ({"song": choice["value"]}, {"ベータ", "ガンマ"}),
        ({"member": server.yuki}, set()),
    ):
        question = answer_of(await admin.slash(server.channel, FORGET_OTHERS, **options))
        await admin.click(question.message, label="Forget")
        assert await titles_of(services, server.yuki) == left
    question = answer_of(await admin.slash(server.channel, FORGET_OTHERS, channel=server.channel))
    await admin.click(question.message, label="Forget")
    assert await titles_of(services, server.alice) == set()


async def test_what_nobody_remembers_cannot_be_forgotten(server: Server) -> None:
    for options in ({}, {"song": "no such song"}, {"song": "9" * 40}):
        answer = answer_of(await server.yuki.slash(server.channel, FORGET, **options))
        assert "記憶していない" in answer.content


async def test_one_thing_at_a_time(server: Server) -> None:
    admin = administrator(server)
    for options in ({"member": server.alice, "channel": server.channel}, {}):
        answer = answer_of(await admin.slash(server.channel, FORGET_OTHERS, **options))
        assert "choose one" in answer.content
