"""Every error has its sentence in both languages, with its facts in the reader's units."""

import pytest

from bot.errors import NeedsPermissionsError, StartError, TooBusyError, TooOftenError
from bot.i18n import LOCALES, translator_for
from bot.i18n.error_messages import duration, error_message
from bot.songbook.similar import UnknownTitleError
from ml.audio.errors import FileTooLargeError, SongDamagedError, SongTooLongError
from ml.images.errors import TooManyPixelsError
from tests.helpers.errors import example, member_errors

ERRORS = member_errors()
english, japanese = translator_for("en"), translator_for("ja")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_has_a_sentence_that_takes_its_facts(
    error: type[Exception], locale: str
) -> None:
    assert error_message(example(error), translator_for(locale))


def test_no_two_errors_share_a_code() -> None:
    codes = [getattr(error, "code", "") for error in ERRORS]
    assert sorted(codes) == sorted(set(codes))


def test_every_tree_of_errors_was_found() -> None:
    modules = {error.__module__ for error in ERRORS}
    trees = {"bot.errors", "bot.lessons.errors", "storage.errors"}
    assert trees | {"ml.audio.errors", "ml.images.errors"} <= modules


def test_bytes_are_said_in_megabytes() -> None:
    text = error_message(FileTooLargeError(5_242_880, 2_621_440), english)
    assert text is not None
    assert "5 MB" in text
    assert "2.5" in text


def test_a_byte_over_the_limit_does_not_read_as_the_limit() -> None:
    megabytes = 25 * 1024 * 1024
    text = error_message(FileTooLargeError(megabytes + 1, megabytes), english)
    assert "25.1 MB; the limit is 25 MB" in str(text)


def test_a_length_is_rounded_up_so_that_it_reads_as_over_the_limit() -> None:
    text = error_message(SongTooLongError(601.0, 600.0), english)
    assert text is not None
    assert "11 minutes" in text
    assert "10 minutes" in text


def test_pixels_are_said_in_millions() -> None:
    text = error_message(TooManyPixelsError(30_000_000, 25_000_000), english)
    assert text is not None
    assert "30 megapixels" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (59.0, "59 seconds"),
        (60.0, "1 minute"),
        (61.0, "2 minutes"),
        (7200.0, "2 hours"),
        (7201.0, "2 hours 1 minute"),
    ],
)
def test_durations_take_the_unit_that_suits_them(seconds: float, words: str) -> None:
    assert duration(seconds, english) == words


def test_a_channel_is_mentioned_and_permissions_are_named() -> None:
    text = error_message(NeedsPermissionsError(42, ("view_channel",)), english)
    assert text is not None
    assert "<#42>" in text
    assert "view_channel" not in text


def test_who_asked_too_often_is_told_whether_it_was_the_server() -> None:
    alone = error_message(TooOftenError(12, everybody=False), japanese)
    everybody = error_message(TooOftenError(12, everybody=True), japanese)
    assert alone is not None
    assert everybody is not None
    assert "12秒" in alone
    assert "サーバー" in everybody


def test_what_a_member_typed_cannot_format_the_answer_nor_fill_it() -> None:
    text = error_message(UnknownTitleError("**" + "a" * 500), english)
    assert text is not None
    assert r"\*\*" in text
    assert len(text) < 300


@pytest.mark.parametrize(("since", "words"), [(72.5, "from 1:12 on"), (0.4, "looks like a song")])
def test_damage_is_placed_where_sound_came_before_it(since: float, words: str) -> None:
    assert words in str(error_message(SongDamagedError(since), english))


def test_a_number_is_given_as_it_is() -> None:
    assert "7 songs" in str(error_message(TooBusyError(7), english))


@pytest.mark.parametrize("error", [StartError("no token"), ValueError("?"), OSError(2, "no file")])
def test_members_have_no_words_for_what_is_not_theirs(error: Exception) -> None:
    assert error_message(error, english) is None
