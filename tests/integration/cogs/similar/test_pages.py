"""What can be pressed under an answer: by its asker, by others, after a restart."""

import json

import pytest
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.app import make_bot, open_services
from bot.concurrency import Executors
from bot.listening.service import ListeningService
from bot.portraits.inference import PortraitModels
from bot.services import Services
from ml.sandbox.pool import Sandbox
from tests.helpers.discord import Server, answer_of, custom_ids_of, text_of
from tests.helpers.songs import wav
from tests.integration.cogs.similar.songs import (
    Record,
    allow,
    remember,
    remember_row,
    titles_in,
)

FIRST = [f"Song {i}" for i in (1, 2, 3, 4, 5)]
SECOND = ["Song 6", "Song 7"]


@pytest.fixture
async def ids(server: Server, services: Services) -> list[int]:
    return await remember_row(services.songbook, server.channel, 8)


async def asked(server: Server, ids: list[int], **options: object) -> ResponseMessage:
    """Alice's answer about the first song."""
    result = await server.alice.slash(server.channel, "similar", song=f"song:{ids[0]}", **options)
    return answer_of(result)


async def test_the_asker_turns_the_page_in_place_and_back(server: Server, ids: list[int]) -> None:
    answer = await asked(server, ids)
    second = answer_of(await server.alice.click(answer, label="Next ▶"))
    assert (second.id, titles_in(second)) == (answer.id, SECOND)
    assert len(second.attachments) == 1
    first = answer_of(await server.alice.click(second, label="◀ Previous"))
    assert (first.id, titles_in(first)) == (answer.id, FIRST)


async def test_somebody_else_gets_the_page_alone_and_in_their_language(
    server: Server, ids: list[int]
) -> None:
    answer = await asked(server, ids)
    page = answer_of(await server.yuki.click(answer, label="Next ▶"))
    assert page.ephemeral
    assert (page.embeds[0].title, titles_in(page)) == ("「Song 0」に似た曲", SECOND)
    assert titles_in(answer) == FIRST


async def test_more_like_one_of_the_answers(server: Server, ids: list[int]) -> None:
    answer = await asked(server, ids)
    select = next(each for each in custom_ids_of(answer) if each.startswith("similar:like:"))
    more = answer_of(await server.alice.select(answer, [str(ids[3])], custom_id=select))
    assert more.embeds[0].title == "Sounds like “Song 3”"
    assert "Song 3" not in titles_in(more)


async def test_filters_stay_from_page_to_page(server: Server, services: Services) -> None:
    for i in range(7):
        genre = "jazz" if i % 7 else "rock"
        await remember(services.songbook, server.channel, Record(f"{genre} {i}", 50 - i, genre), i)
    await remember(services.songbook, server.channel, Record("asked", 10), 99)
    result = await server.alice.slash(
        server.channel, "similar", genre="jazz", **{"tempo-min": 100, "tempo-max": 130}
    )
    page = answer_of(await server.alice.click(answer_of(result), label="Next ▶"))
    assert titles_in(page) == ["jazz 1"]
    assert "100 to 130 BPM" in (page.embeds[0].description or "")


async def test_buttons_answer_after_a_restart(
    server: Server, services: Services, ids: list[int]
) -> None:
    answer = await asked(server, ids)
    await server.env.restart_bot(make_bot(services))
    assert titles_in(answer_of(await server.alice.click(answer, label="Next ▶"))) == SECOND


async def test_a_file_asked_about_is_forgotten_after_a_restart(
    server: Server,
    services: Services,
    executors: Executors,
    listening: ListeningService,
    shipped: PortraitModels,
    sandbox: Sandbox,
) -> None:
    await allow(server, services)
    for seed in range(7):
        await server.alice.slash(server.channel, "genre", file=(f"{seed}.wav", wav(4, seed=seed)))
    result = await server.alice.slash(server.channel, "similar", file=("x.wav", wav(4, seed=9)))
    answer = answer_of(result)
    select = custom_ids_of(answer)[0]
    async with open_services(
        services.settings, executors, listening, shipped, sandbox
    ) as restarted:
        await server.env.restart_bot(make_bot(restarted))
        refusal = (await server.alice.click(answer, custom_id=select)).followups[-1]
    assert "no longer have that file" in refusal.content
    assert refusal.ephemeral
    assert answer.embeds


async def test_a_song_deleted_between_pages_vanishes_quietly(
    server: Server, services: Services, ids: list[int]
) -> None:
    answer = await asked(server, ids)
    assert server.channel.guild is not None
    await services.songbook.forget_song(server.channel.guild.id, ids[6])
    page = answer_of(await server.alice.click(answer, label="Next ▶"))
    assert titles_in(page) == ["Song 7"]


async def test_a_page_that_is_no_more_says_so(
    server: Server, services: Services, ids: list[int]
) -> None:
    answer = await asked(server, ids)
    assert server.channel.guild is not None
    for song in ids[5:]:
        await services.songbook.forget_song(server.channel.guild.id, song)
    page = answer_of(await server.alice.click(answer, label="Next ▶"))
    assert "no more songs" in (page.embeds[0].description or "")
    assert titles_in(answer_of(await server.alice.click(page, label="◀ Previous"))) == FIRST[:4]


async def test_when_the_song_asked_about_is_deleted_the_button_says_so(
    server: Server, services: Services, ids: list[int]
) -> None:
    answer = await asked(server, ids)
    assert server.channel.guild is not None
    await services.songbook.forget_song(server.channel.guild.id, ids[0])
    said = (await server.alice.click(answer, label="Next ▶")).followups[-1]
    assert "don't know that song any more" in said.content
    assert said.ephemeral
    assert titles_in(answer) == FIRST


async def test_what_is_written_on_buttons_fits_discord(server: Server, services: Services) -> None:
    for i in range(7):
        await remember(
            services.songbook, server.channel, Record(f"{i}", 50 - i, "classical"), 2**62
        )
    await remember(services.songbook, server.channel, Record("asked", 10), 99)
    result = await server.alice.slash(
        server.channel,
        "similar",
        genre="classical",
        **{"tempo-min": 20, "tempo-max": 400},
    )
    assert all(len(each) <= 100 for each in custom_ids_of(answer_of(result)))


async def test_a_stopping_bot_turns_no_page(server: Server, ids: list[int]) -> None:
    answer = await asked(server, ids)
    await server.bot.gate.close(within_seconds=1)
    result = await server.alice.click(answer, label="Next ▶")
    assert "restarting" in answer_of(result).content


async def test_the_answer_to_genre_leads_on_for_whoever_presses(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    for seed in (1, 2):
        result = await server.alice.slash(
            server.channel, "genre", file=(f"{seed}.wav", wav(4, seed=seed))
        )
    await server.env.restart_bot(make_bot(services))
    answer = answer_of(await server.yuki.click(answer_of(result), label="Similar songs"))
    assert (answer.embeds[0].title, titles_in(answer)) == ("「2」に似た曲", ["1"])
    assert answer.ephemeral


async def test_the_menu_for_a_genre_leads_on_where_the_song_is_remembered(
    server: Server, services: Services
) -> None:
    await allow(server, services)
    message = await server.yuki.send(server.channel, attachments=[("a.wav", wav(4))])
    before = answer_of(await server.alice.context_menu(server.channel, "Genre", message))
    await server.yuki.context_menu(server.channel, "Remember this song", message)
    after = answer_of(await server.alice.context_menu(server.channel, "Genre", message))
    assert (len(before.components), len(after.components)) == (0, 1)


# Thumbs


async def rate(
    server: Server, member: MemberActor, answer: ResponseMessage, song: int, *, liked: bool
) -> ResponseMessage:
    """Choose a thumb for one of the songs found."""
    select = next(each for each in custom_ids_of(answer) if each.startswith("similar:rate:"))
    return answer_of(await member.select(answer, [f"{int(liked)}{song}"], custom_id=select))


async def test_a_thumb_is_stored_shown_in_privacy_and_deleted_with_it(
    server: Server, services: Services, ids: list[int]
) -> None:
    answer = await asked(server, ids)
    told = await rate(server, server.yuki, answer, ids[2], liked=True)
    assert told.ephemeral
    assert "👍 ありがとうございます" in told.content
    shown = answer_of(await server.yuki.slash(server.channel, "privacy show"))
    assert "👍と👎1件" in text_of(shown)
    export = await services.privacy.export(server.yuki.id, 1 << 20)
    (rating,) = json.loads(export.json)["ratings"]
    assert (rating["song"], rating["asked_about"], rating["thumb"]) == (ids[2], ids[0], "up")
    await services.erasure.erase_member(server.yuki.id)
    nothing = answer_of(await server.yuki.slash(server.channel, "privacy show"))
    assert "👍" not in text_of(nothing)


async def test_the_same_thumb_again_takes_it_back(server: Server, ids: list[int]) -> None:
    answer = await asked(server, ids)
    await rate(server, server.alice, answer, ids[2], liked=False)
    told = await rate(server, server.alice, answer, ids[2], liked=False)
    assert told.content == "👎 taken back."


async def test_a_thumb_for_a_song_that_is_gone_says_so(
    server: Server, services: Services, ids: list[int]
) -> None:
    answer = await asked(server, ids)
    await services.songbook.forget_song(server.alice.guild.id, ids[2])
    told = await rate(server, server.alice, answer, ids[2], liked=True)
    assert "don't know that song any more" in told.content
