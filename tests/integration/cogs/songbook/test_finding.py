"""Playlists through the songbook, as members ask for them."""

from __future__ import annotations

import io

import discord
from PIL import Image

from bot.services import Services
from tests.helpers.discord import Server, alt_of, answer_of
from tests.integration.cogs.similar.songs import Record, remember, remember_row


async def test_a_path_is_a_playlist_with_its_line_on_the_map(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 6)
    options = {"from": f"song:{ids[0]}", "to": f"song:{ids[5]}", "length": 4}
    answer = answer_of(await server.alice.slash(server.channel, "songbook path", **options))
    assert answer.embeds[0].title == "From “Song 0” to “Song 5”"
    lines = (answer.embeds[0].description or "").split("\n")
    assert len(lines) == 4
    assert lines[0].startswith("**1** [Song 0](https://discord.com/channels/")
    assert "very close" in lines[1]
    assert "A playlist, drawn as a line on the map: 1 Song 0, 2 " in alt_of(answer)
    assert Image.open(io.BytesIO(await answer.attachments[0].read())).width == 1200


async def test_a_path_is_asked_for_in_japanese_by_typed_titles(
    server: Server, services: Services
) -> None:
    for degrees, title in ((10, "夜明け"), (30, "昼"), (50, "夕暮れ")):
        await remember(services.songbook, server.channel, Record(title, degrees))
    options = {"from": "夜明け", "to": "夕暮"}
    answer = answer_of(await server.yuki.slash(server.channel, "songbook path", **options))
    assert answer.embeds[0].title == "「夜明け」から「夕暮れ」へ"
    assert "とても近い" in (answer.embeds[0].description or "")
    assert "地図に線で示したプレイリスト" in alt_of(answer)


async def test_titles_are_suggested_for_both_ends(server: Server, services: Services) -> None:
    await remember(services.songbook, server.channel, Record("Lunatic Eyes"))
    for option in ("from", "to"):
        choices = await server.alice.autocomplete(server.channel, "songbook path", option, "luna")
        assert [choice["name"] for choice in choices] == ["Lunatic Eyes"]


async def test_one_song_has_no_path_to_itself(server: Server, services: Services) -> None:
    ids = await remember_row(services.songbook, server.channel, 2)
    one = f"song:{ids[0]}"
    same = await server.alice.slash(server.channel, "songbook path", **{"from": one, "to": one})
    assert "the same song" in answer_of(same).content
    other = {"from": one, "to": f"song:{ids[1]}"}
    none = await server.yuki.slash(server.channel, "songbook path", **other)
    assert "つなぐ曲が" in answer_of(none).content
    assert answer_of(none).ephemeral


async def test_songs_are_searched_by_words_in_both_languages(
    server: Server, services: Services
) -> None:
    await remember(services.songbook, server.channel, Record("月の歌", 20, "jazz", 90.0))
    await remember(services.songbook, server.channel, Record("Redline", 50, "rock", 170.0))
    for member, words, heading in (
        (server.alice, "jazz around 90", "Songs for “jazz around 90”"),
        (server.yuki, "ジャズ 90くらい", "「ジャズ 90くらい」の検索結果"),
    ):
        answer = answer_of(await member.slash(server.channel, "songbook search", words=words))
        assert answer.embeds[0].title == heading
        assert "月の歌" in (answer.embeds[0].description or "")
        assert "Redline" not in (answer.embeds[0].description or "")
        assert "1 月の歌" in alt_of(answer)


async def test_a_search_says_where_nothing_fits_in_everything(
    server: Server, services: Services
) -> None:
    await remember_row(services.songbook, server.channel, 2)
    partly = answer_of(
        await server.alice.slash(server.channel, "songbook search", words="rock around 300")
    )
    assert "No song has all of that" in (partly.embeds[0].description or "")
    nothing = answer_of(await server.yuki.slash(server.channel, "songbook search", words="xyzzy"))
    assert "「xyzzy」に合う曲は" in nothing.content
    empty = answer_of(await server.alice.slash(server.channel, "songbook search", words="the"))
    assert "Tell me what to look for" in empty.content


async def test_a_song_found_leads_on_to_what_sounds_like_it(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 3)
    found = answer_of(await server.alice.slash(server.channel, "songbook search", words="rock"))
    answer = answer_of(await server.yuki.select(found, [str(ids[1])], custom_id="similar:pick"))
    assert answer.embeds[0].title == "「Song 1」に似た曲"
    assert answer.ephemeral


async def test_a_path_leads_on_from_its_songs_and_takes_links_to_messages(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 4)
    post = await services.songs.song(server.alice.guild.id, ids[0])
    assert post is not None
    guild = server.alice.guild.id
    link = f"https://discord.com/channels/{guild}/{server.channel.id}/{post.post.message_id}"
    options = {"from": link, "to": f"song:{ids[3]}"}
    path = answer_of(await server.alice.slash(server.channel, "songbook path", **options))
    assert path.embeds[0].title == "From “Song 0” to “Song 3”"
    answer = answer_of(await server.alice.select(path, [str(ids[1])], custom_id="similar:pick"))
    assert answer.embeds[0].title == "Sounds like “Song 1”"


async def test_another_random_song_fits_the_same_words(server: Server, services: Services) -> None:
    for title, degrees in (("Moon one", 20), ("Moon two", 30), ("Sun", 40), ("Rain", 50)):
        await remember(services.songbook, server.channel, Record(title, degrees))
    answer = answer_of(await server.alice.slash(server.channel, "songbook random", words="moon"))
    for _ in range(6):
        answer = answer_of(await server.alice.click(answer, label="🎲 Another"))
        assert "Moon" in str(answer.embeds[0].title)


async def test_a_random_song_can_be_followed_by_another(server: Server, services: Services) -> None:
    await remember(services.songbook, server.channel, Record("Only one", 20))
    answer = answer_of(await server.alice.slash(server.channel, "songbook random"))
    assert answer.embeds[0].title == "🎲 Only one"
    assert "Rock · 120 BPM · 3:20" in (answer.embeds[0].description or "")
    again = answer_of(await server.yuki.click(answer, label="🎲 Another"))
    assert again.embeds[0].title == "🎲 Only one"
    assert again.ephemeral


async def test_searching_shows_only_what_the_asker_can_read(
    server: Server, services: Services
) -> None:
    guild = server.alice.guild
    hidden = guild.create_text_channel(
        "hidden",
        overwrites={guild.default_role: discord.PermissionOverwrite(view_channel=False)},
    )
    await remember(services.songbook, hidden, Record("secret song", 20))
    for command, words in (("songbook search", {"words": "secret"}), ("songbook random", {})):
        answer = answer_of(await server.alice.slash(server.channel, command, **words))
        assert "I don't know a song here" in answer.content
