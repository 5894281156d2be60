"""`/taste`: one's own, others' who agreed, and whose taste is near."""

from __future__ import annotations

from bot.services import Services
from tests.helpers.discord import Server, alt_of, answer_of, labels_of, text_of
from tests.integration.cogs.similar.songs import Record, remember


async def post_songs(server: Server, services: Services) -> None:
    """Have alice and yuki post alike, and somebody else nothing like them."""
    book, channel = services.songbook, server.channel
    for number in range(4):
        genre = "jazz" if number else "rock"
        await remember(book, channel, Record(f"a{number}", 20, genre), server.alice.id)
        await remember(book, channel, Record(f"雪{number}", 20, "jazz"), server.yuki.id)
        await remember(book, channel, Record(f"o{number}", 90, "metal"), 4242)


async def test_a_member_sees_what_they_post(server: Server, services: Services) -> None:
    await post_songs(server, services)
    answer = answer_of(await server.alice.slash(server.channel, "taste"))
    assert "What you post" in text_of(answer)
    assert "alice's taste in numbers: 4 songs" in alt_of(answer)
    assert "Jazz 3, Rock 1" in alt_of(answer)
    assert "Metal" not in alt_of(answer)
    assert labels_of(answer) == ["Share my taste"]
    assert "Only members who share theirs are compared" in text_of(answer)


async def test_the_nearest_taste_is_named_among_those_who_agreed(
    server: Server, services: Services
) -> None:
    await post_songs(server, services)
    await services.tastes.sharing.share(server.alice.guild.id, 4242, shared=True)
    first = answer_of(await server.alice.slash(server.channel, "taste"))
    told = answer_of(await server.alice.click(first, label="Share my taste"))
    assert told.ephemeral
    assert "is shared in this server now" in told.content
    alone = answer_of(await server.alice.slash(server.channel, "taste"))
    assert "Nobody who shares" in text_of(alone)
    await server.yuki.click(first, label="Share my taste")  # the presser's own
    found = answer_of(await server.alice.slash(server.channel, "taste"))
    assert f"<@{server.yuki.id}> · very close · try [雪" in text_of(found)
    assert "4242" not in text_of(found)
    assert labels_of(found) == ["Stop sharing"]


async def test_the_closest_of_several_tastes_comes_first(
    server: Server, services: Services
) -> None:
    await post_songs(server, services)
    for number in range(3):
        close = Record(f"c{number}", 70, "jazz")
        await remember(services.songbook, server.channel, close, 4343)
    for member in (4343, server.alice.id, server.yuki.id):
        await services.tastes.sharing.share(server.alice.guild.id, member, shared=True)
    found = text_of(answer_of(await server.alice.slash(server.channel, "taste")))
    assert 0 < found.index(f"<@{server.yuki.id}> · very close") < found.index("<@4343> · close")


async def test_others_see_a_taste_only_where_its_member_agreed(
    server: Server, services: Services
) -> None:
    await post_songs(server, services)
    refused = answer_of(await server.yuki.slash(server.channel, "taste", member=server.alice))
    assert refused.ephemeral
    assert "好みを公開していません" in refused.content
    await services.tastes.sharing.share(server.alice.guild.id, server.alice.id, shared=True)
    shown = answer_of(await server.yuki.slash(server.channel, "taste", member=server.alice))
    assert f"<@{server.alice.id}>さんが投稿する曲" in text_of(shown)
    assert labels_of(shown) == []
    stop = answer_of(await server.alice.slash(server.channel, "taste"))
    await server.alice.click(stop, label="Stop sharing")
    again = answer_of(await server.yuki.slash(server.channel, "taste", member=server.alice))
    assert "好みを公開していません" in again.content


async def test_too_few_songs_are_no_taste(server: Server, services: Services) -> None:
    await remember(services.songbook, server.channel, Record("one"), server.alice.id)
    answer = answer_of(await server.alice.slash(server.channel, "taste"))
    assert "at least 3 songs" in answer.content
    assert answer.ephemeral


async def test_sharing_is_in_privacy_and_goes_with_it(server: Server, services: Services) -> None:
    await services.tastes.sharing.share(server.alice.guild.id, server.alice.id, shared=True)
    shown = answer_of(await server.alice.slash(server.channel, "privacy show"))
    assert "consent to sharing your taste" in text_of(shown)
    await services.erasure.erase_member(server.alice.id)
    assert await services.tastes.sharing.members(server.alice.guild.id) == frozenset()


async def test_moods_are_told_with_the_genres(server: Server, services: Services) -> None:
    for number in range(3):
        record = Record(f"a{number}", 20, "jazz", tags={"mellow": 0.8, "piano": 0.9, "sad": 0.2})
        await remember(services.songbook, server.channel, record, server.alice.id)
    answer = answer_of(await server.alice.slash(server.channel, "taste"))
    (moods,) = [f.value for f in answer.embeds[0].fields if f.name == "Moods"]
    assert moods == "mellow 3"
