"""`/genre` and its context menu, as members use them."""

import asyncio
import io
from collections.abc import MutableMapping, Sequence
from typing import Any

import discord
import pytest
from PIL import Image

from bot.errors import TooBusyError
from bot.listening.service import ListeningService
from bot.services import Services
from ml.audio.errors import SongDamagedError, SongTooLongError, TookTooLongError
from ml.music.hearing import Hearing, Verdict
from tests.factories import hearing
from tests.helpers.discord import Server, answer_of, answers_of, labels_of, text_of
from tests.helpers.songs import licensed_songs, silence, wav
from tests.unit.ml.audio.encoding import FORMATS, encode, murmur

SONG = ("tune.wav", wav(4))


async def test_an_answer_names_the_genre_and_shows_a_picture(server: Server) -> None:
    result = await server.alice.slash(server.channel, "genre", file=SONG)
    answer = answer_of(result)
    embed = answer.embeds[0]
    assert embed.title == "tune"
    assert embed.description is not None
    assert "%" in embed.description
    picture = Image.open(io.BytesIO(await answer.attachments[0].read()))
    assert picture.width >= 1000


async def test_the_picture_is_described_for_those_who_cannot_see_it(server: Server) -> None:
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=SONG))
    description = answer.attachments[0].description
    assert description is not None
    assert "tune" in description
    assert "%" in description


async def test_everyone_sees_the_answer_unless_asked_otherwise(server: Server) -> None:
    public = await server.alice.slash(server.channel, "genre", file=SONG)
    private = await server.alice.slash(server.channel, "genre", file=SONG, private=True)
    assert not answer_of(public).ephemeral
    assert answer_of(private).ephemeral


async def test_a_japanese_member_is_answered_in_japanese(server: Server) -> None:
    answer = answer_of(await server.yuki.slash(server.channel, "genre", file=SONG))
    assert "聴いて判定" in (answer.embeds[0].footer.text or "")
    assert "図" in (answer.attachments[0].description or "")


async def test_a_real_song_gets_a_real_answer(server: Server) -> None:
    path = licensed_songs()[0]
    song = ("はじまりの曲.opus", path.read_bytes())
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=song))
    assert "excerpts from" in (answer.embeds[0].footer.text or "")


async def test_speech_is_named_and_offers_no_genre(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hear(*_: object, **__: object) -> Hearing:
        return hearing(kind="speech", verdict=Verdict())

    monkeypatch.setattr(ListeningService, "hear", hear)
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=SONG))
    assert "Speech, not music" in (answer.embeds[0].description or "")
    assert not answer.attachments
    assert not answer.components


async def test_where_nothing_is_sure_the_button_asks_for_a_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hear(*_: object, **__: object) -> Hearing:
        return hearing(sure=False)

    monkeypatch.setattr(ListeningService, "hear", hear)
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=SONG))
    buttons = [button["label"] for row in answer.components for button in row["components"]]
    assert "Name it yourself" in buttons


async def test_a_short_sound_is_shown_without_a_genre_and_not_remembered(
    server: Server, services: Services
) -> None:
    await services.channels.allow_remembering(server.alice.guild.id, allowed=True)
    kick = ("kick.wav", wav(2))
    english = answer_of(await server.alice.slash(server.channel, "genre", file=kick))
    japanese = answer_of(await server.yuki.slash(server.channel, "genre", file=kick))
    for answer, words in ((english, "less than 3 seconds"), (japanese, "3秒未満です")):
        assert words in text_of(answer)
        assert "%" not in text_of(answer)
        assert answer.attachments
        assert labels_of(answer) == []
    assert "didn't add it to this server's songbook" in text_of(english)
    assert await services.songs.by_poster(server.alice.guild.id, server.alice.id) == ()


async def test_a_title_is_shown_as_posted_but_pings_nobody(server: Server) -> None:
    song = ("@everyone **loud**.wav", wav(4))
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=song))
    assert answer.embeds[0].title == r"@everyone \*\*loud\*\*"
    assert answer.message.mention_everyone is False


@pytest.mark.parametrize(
    ("name", "data", "english", "japanese"),
    [
        ("notes.mp3", b"only words, no sound " * 50, "isn't audio or video", "音声でも動画でも"),
        ("empty.mp3", b"", "file is empty", "空です"),
        ("quiet.wav", silence(3), "only silence", "無音"),
        ("song.ogg", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
         "isn't audio or video", "音声でも動画でも"),
    ],
    ids=["not audio", "empty", "silent", "a session description in disguise"],
)  # fmt: skip
async def test_a_bad_file_is_declined_kindly_and_privately(
    server: Server, name: str, data: bytes, english: str, japanese: str
) -> None:
    for member, words in ((server.alice, english), (server.yuki, japanese)):
        answer = answer_of(await member.slash(server.channel, "genre", file=(name, data)))
        assert answer.ephemeral
        assert words in answer.content


async def test_a_file_over_the_limit_is_declined_before_it_is_fetched(server: Server) -> None:
    big = ("big.wav", bytes(25 * 1024 * 1024 + 1))
    result = await server.alice.slash(server.channel, "genre", file=big)
    assert not result.deferred
    assert "limit is 25 MB" in answer_of(result).content


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SongTooLongError(840, 600), "14 minutes long; I can take up to 10 minutes"),
        (SongDamagedError(), "damaged"),
        (TookTooLongError(20), "more than 20 seconds"),
        (TooBusyError(32), "32 songs are already waiting"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_every_named_error_says_what_happened(
    server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    fail_with(monkeypatch, error)
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=SONG))
    assert answer.ephemeral
    assert words in answer.content


async def test_the_unexpected_shows_a_code_and_the_log_has_the_traceback_under_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, logged: Sequence[MutableMapping[str, Any]]
) -> None:
    fail_with(monkeypatch, RuntimeError("/home/host/secret"))
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=SONG))
    entry = next(line for line in logged if line["log_level"] == "error")
    assert entry["request"] in answer.content
    assert "secret" not in answer.content
    assert isinstance(entry["exc_info"], RuntimeError)


async def test_two_songs_at_once_are_both_answered(
    listening: ListeningService,
) -> None:
    first, second = await asyncio.gather(
        listening.hear(wav(4, seed=1)), listening.hear(wav(5, seed=2))
    )
    assert (round(first.seconds), round(second.seconds)) == (4, 5)


async def test_the_menu_hears_every_song_of_a_message_privately(server: Server) -> None:
    files = [("one.wav", wav(4)), ("cover.png", b"png"), ("two.wav", wav(4))]
    message = await server.yuki.send(server.channel, "聴いて", attachments=files)
    result = await server.alice.context_menu(server.channel, "Genre", message)
    answers = {m.id: m for m in (result.response, *result.followups) if m is not None}
    assert [m.embeds[0].title for m in answers.values()] == ["one", "two"]
    assert all(m.ephemeral for m in answers.values())


async def test_the_menu_hears_the_song_of_a_forwarded_message(server: Server) -> None:
    message = await server.yuki.send(server.channel, attachments=[SONG])
    elsewhere = server.alice.guild.create_text_channel("general")
    forward = await server.yuki.forward(message, elsewhere)
    answer = answer_of(await server.alice.context_menu(elsewhere, "Genre", forward))
    assert answer.embeds[0].title == "tune"


async def test_the_menu_says_how_many_songs_it_left_out(server: Server) -> None:
    files = [(f"{number}.wav", wav(4, seed=number)) for number in range(7)]
    message = await server.yuki.send(server.channel, attachments=files)
    *heard, last = answers_of(await server.yuki.context_menu(server.channel, "Genre", message))
    assert len(heard) == 5
    assert "7曲あるため、最初の5曲だけ" in last.content


async def test_a_song_is_called_by_its_tags(server: Server, services: Services) -> None:
    await services.channels.allow_remembering(server.alice.guild.id, allowed=True)
    tags = {"title": "月まで届け、不死の煙", "artist": "ZUN"}
    song = ("01_track.mp3", encode(murmur(5.0, 44_100), FORMATS["mp3"], tags))
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=song))
    called = "ZUN – 月まで届け、不死の煙"
    assert answer.embeds[0].title == called
    (kept,) = await services.songs.by_poster(server.alice.guild.id, server.alice.id)
    assert kept.post.title == called


async def test_one_bad_file_does_not_cost_the_other_songs_of_a_message(server: Server) -> None:
    files = [("one.wav", wav(4)), ("bad.mp3", b"words " * 99), ("two.wav", wav(4))]
    message = await server.yuki.send(server.channel, attachments=files)
    result = await server.alice.context_menu(server.channel, "Genre", message)
    answers = {m.id: m for m in (result.response, *result.followups) if m is not None}
    assert [bool(m.embeds) for m in answers.values()] == [True, False, True]


async def test_the_menu_on_a_message_without_a_song_says_what_to_do(server: Server) -> None:
    message = await server.yuki.send(server.channel, "こんにちは")
    answer = answer_of(await server.alice.context_menu(server.channel, "Genre", message))
    assert answer.ephemeral
    assert "/genre" in answer.content


async def test_names_and_descriptions_are_synced_in_japanese(server: Server) -> None:
    commands = await server.bot.tree.fetch_commands()
    names = {(c.name, c.name_localizations.get(discord.Locale.japanese)) for c in commands}
    assert names >= {("genre", "ジャンル"), ("Genre", "ジャンル")}


async def test_a_stopping_bot_takes_no_new_song(server: Server) -> None:
    await server.bot.gate.close(within_seconds=1)
    answer = answer_of(await server.alice.slash(server.channel, "genre", file=SONG))
    assert "restarting" in answer.content


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def hear(self: ListeningService, data: bytes, *_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(ListeningService, "hear", hear)
