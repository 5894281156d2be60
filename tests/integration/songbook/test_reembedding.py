"""Hearing again what an earlier model heard, with the real ear and a real database."""

from dataclasses import replace

import pytest

from bot.errors import CannotFetchError, FileGoneError, NeedsPermissionsError
from bot.listening.service import ListeningService
from bot.services import Services
from bot.songbook.ingest import PostedSong, Reembedding, ReembeddingCounts
from ml.music.hearing import Hearing
from storage.song_values import Post
from tests.factories import hearing
from tests.helpers.songs import wav
from tests.unit.storage import POST, SERVER, heard, post

SOUND = wav(4)


async def sound() -> bytes:
    return SOUND


async def find(post: Post) -> PostedSong | None:
    return PostedSong(post, sound)


@pytest.fixture
async def old(services: Services) -> Services:
    """Three songs that an earlier model heard."""
    await services.channels.allow_remembering(SERVER, allowed=True)
    for number in (1, 2, 3):
        await services.songbook.remember(post(number), heard(number, model="ear-0"))
    return services


def reembedding(services: Services) -> Reembedding:
    async def no_pause(_: float) -> None:
        pass

    return Reembedding(services.songbook, services.songs, services.ingest, sleep=no_pause)


async def models(services: Services) -> list[str]:
    return [song.model for song in await services.songs.by_poster(SERVER, POST.poster_id)]


async def test_every_song_of_another_model_is_heard_again(old: Services) -> None:
    assert await reembedding(old).run(find) == ReembeddingCounts(heard=3)
    assert await models(old) == [old.listening.model] * 3
    assert await old.songs.embedded_by_other_models(old.listening.model) == ()


async def test_what_is_done_is_not_done_again(old: Services) -> None:
    await reembedding(old).run(find)
    assert await reembedding(old).run(find) == ReembeddingCounts()


async def test_broken_off_it_goes_on_where_it_was(old: Services) -> None:
    found = 0

    async def break_off(post: Post) -> PostedSong | None:
        nonlocal found
        found += 1
        if found > 1:
            raise KeyboardInterrupt
        return await find(post)

    with pytest.raises(KeyboardInterrupt):
        await reembedding(old).run(break_off)
    assert await reembedding(old).run(find) == ReembeddingCounts(heard=2)


async def test_what_turns_out_to_be_no_music_is_shown_no_more(
    old: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hear(*_: object, **__: object) -> Hearing:
        return hearing(kind="speech")

    monkeypatch.setattr(ListeningService, "hear", hear)
    assert await reembedding(old).run(find) == ReembeddingCounts(gone=3)
    assert await models(old) == []


async def test_what_is_gone_is_marked_and_shown_no_more(old: Services) -> None:
    async def lost(post: Post) -> PostedSong | None:
        async def file_gone() -> bytes:
            raise FileGoneError

        return None if post.message_id == 1 else PostedSong(post, file_gone)

    assert await reembedding(old).run(lost) == ReembeddingCounts(gone=3)
    assert await models(old) == []
    assert await reembedding(old).run(lost) == ReembeddingCounts()


async def test_what_proves_too_short_to_compare_is_shown_no_more(old: Services) -> None:
    async def shot(post: Post) -> PostedSong | None:
        async def fetch() -> bytes:
            return wav(2)

        return PostedSong(post, fetch)

    assert await reembedding(old).run(shot) == ReembeddingCounts(gone=3)
    assert await models(old) == []


@pytest.mark.parametrize("error", [CannotFetchError(), NeedsPermissionsError(1, ("view_channel",))])
async def test_what_cannot_be_told_now_waits_for_another_time(
    old: Services, error: Exception
) -> None:
    async def fail(_: Post) -> PostedSong | None:
        raise error

    assert await reembedding(old).run(fail) == ReembeddingCounts(waiting=3)
    assert await models(old) == ["ear-0"] * 3


async def test_a_server_that_does_not_allow_remembering_is_left_alone(old: Services) -> None:
    await old.songbook.remember(replace(post(9), guild_id=2), heard(9, model="ear-0"))
    assert await reembedding(old).run(find) == ReembeddingCounts(heard=3, waiting=1)
