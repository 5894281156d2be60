"""Remembering posted songs, with the real ear and a real database."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from bot.errors import FileGoneError, RememberingNotAllowedError
from bot.listening.service import ListeningService
from bot.services import Services
from bot.songbook.ingest import PostedSong
from ml.audio.errors import NotAudioError
from ml.music.hearing import Hearing
from storage.song_values import Outcome, Remembered
from tests.factories import hearing
from tests.helpers.songs import wav
from tests.unit.storage import POST, SERVER

SOUND = wav(4)


async def sound() -> bytes:
    return SOUND


async def never() -> bytes:
    raise AssertionError("fetched for nothing")


SONG = PostedSong(POST, sound)


@pytest.fixture
async def allowing(services: Services) -> Services:
    await services.channels.allow_remembering(SERVER, allowed=True)
    return services


async def test_a_song_is_kept_with_what_was_heard(allowing: Services) -> None:
    assert await allowing.ingest.remember(SONG) is Outcome.REMEMBERED
    (song,) = await allowing.songs.by_poster(SERVER, POST.poster_id)
    assert song.traits.seconds == pytest.approx(4, abs=0.1)
    assert song.post.content_hash is not None


async def test_a_server_that_never_said_anything_does_not_allow_it(services: Services) -> None:
    with pytest.raises(RememberingNotAllowedError):
        await services.ingest.remember(PostedSong(POST, never))


async def test_what_is_known_or_unwanted_is_not_even_fetched(allowing: Services) -> None:
    await allowing.ingest.remember(SONG)
    assert await allowing.ingest.remember(PostedSong(POST, never)) is Outcome.KNOWN
    await allowing.songbook.opt_out(SERVER, POST.poster_id)
    assert await allowing.ingest.remember(PostedSong(POST, never)) is Outcome.REFUSED


async def test_a_song_with_too_little_sound_is_heard_but_not_kept(allowing: Services) -> None:
    async def shot() -> bytes:
        return wav(2)

    assert await allowing.ingest.remember(PostedSong(POST, shot)) is Outcome.TOO_SHORT
    hearing, remembered = await allowing.ingest.hear(PostedSong(POST, shot))
    assert hearing.genre is None
    assert remembered == Remembered(Outcome.TOO_SHORT, None)
    assert await allowing.songs.by_poster(SERVER, POST.poster_id) == ()


async def test_two_who_remember_the_same_song_at_once_enter_it_once(allowing: Services) -> None:
    outcomes = await asyncio.gather(*(allowing.ingest.remember(SONG) for _ in range(4)))
    assert sorted(outcome.value for outcome in outcomes) == [
        "known",
        "known",
        "known",
        "remembered",
    ]
    assert len(await allowing.songs.by_poster(SERVER, POST.poster_id)) == 1


async def test_a_song_deleted_while_it_is_fetched_is_not_kept(allowing: Services) -> None:
    async def deleted_meanwhile() -> bytes:
        await allowing.erasure.erase_messages(SERVER, [POST.message_id])
        return SOUND

    song = PostedSong(POST, deleted_meanwhile)
    assert await allowing.ingest.remember(song) is Outcome.FORGOTTEN
    assert await allowing.songs.by_poster(SERVER, POST.poster_id) == ()


async def test_a_file_edited_away_while_it_is_fetched_is_not_kept(allowing: Services) -> None:
    async def edited_meanwhile() -> bytes:
        await allowing.songbook.forget_other_attachments(SERVER, POST.message_id, [])
        return SOUND

    song = PostedSong(POST, edited_meanwhile)
    assert await allowing.ingest.remember(song) is Outcome.FORGOTTEN


async def test_only_the_files_that_an_edit_left_stay_remembered(allowing: Services) -> None:
    for attachment in (1, 2):
        post = replace(POST, attachment_id=attachment)
        await allowing.ingest.remember(PostedSong(post, sound))
    assert await allowing.songbook.forget_other_attachments(SERVER, POST.message_id, [2]) == 1
    (song,) = await allowing.songs.by_poster(SERVER, POST.poster_id)
    assert song.post.attachment_id == 2


async def test_permission_taken_back_while_hearing_counts(allowing: Services) -> None:
    async def forbidden_meanwhile() -> bytes:
        await allowing.channels.allow_remembering(SERVER, allowed=False)
        return SOUND

    with pytest.raises(RememberingNotAllowedError):
        await allowing.ingest.remember(PostedSong(POST, forbidden_meanwhile))
    assert await allowing.songs.by_poster(SERVER, POST.poster_id) == ()


@pytest.mark.parametrize("kind", ["speech", "noise", "tone"])
async def test_what_is_no_music_is_not_kept(
    allowing: Services, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    async def hear(*_: object, **__: object) -> Hearing:
        return hearing(kind=kind)

    monkeypatch.setattr(ListeningService, "hear", hear)
    assert await allowing.ingest.remember(SONG) is Outcome.NOT_MUSIC
    assert await allowing.songs.by_poster(SERVER, POST.poster_id) == ()


async def test_hearing_for_somebody_works_where_remembering_does_not(services: Services) -> None:
    heard, outcome = await services.ingest.hear(SONG)
    assert round(heard.seconds) == 4
    assert outcome is None


@pytest.mark.parametrize("error", [FileGoneError(), NotAudioError()])
async def test_what_cannot_be_heard_is_told_and_leaves_nothing(
    allowing: Services, error: Exception
) -> None:
    async def fail() -> bytes:
        raise error

    with pytest.raises(type(error)):
        await allowing.ingest.remember_in_background(PostedSong(POST, fail))
    assert await allowing.songs.by_poster(SERVER, POST.poster_id) == ()


async def test_songs_nobody_waits_for_wait_until_there_is_a_slot(allowing: Services) -> None:
    async with AsyncExitStack() as slots:
        for server in range(32):
            await slots.enter_async_context(allowing.listening.admission.slot(server))
        waiting = asyncio.create_task(allowing.ingest.remember_in_background(SONG))
        await asyncio.sleep(0.05)
        assert not waiting.done()
    assert await waiting is Outcome.REMEMBERED
