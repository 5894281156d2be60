"""Listening bounds what comes in, decodes and hears off the loop, and passes errors on."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from bot.concurrency import open_executors
from bot.listening.admission import Admission
from bot.listening.service import ListeningService, SongInference
from ml.audio.errors import AudioError, EmptyFileError, FileTooLargeError, SongDamagedError
from ml.audio.excerpts import Excerpts
from ml.music.hearing import Hearing, SimilarityScale
from tests.factories import hearing


class Decoder:
    """Takes the length of the bytes for the song's seconds; stumbles over "bad"."""

    def decode(self, data: bytes) -> Excerpts:
        assert threading.current_thread().name.startswith("decode")
        if data == b"bad":
            raise SongDamagedError
        nothing = np.zeros(0, np.float32)
        return Excerpts(nothing, (), float(len(data)), nothing, 0.0)


class Model:
    """Hears only how long a song is."""

    model = "by the clock"
    scale = SimilarityScale()

    def hear(self, excerpts: Excerpts) -> Hearing:
        assert threading.current_thread().name.startswith("torch")
        return hearing(seconds=excerpts.seconds)


@pytest.fixture
def listening() -> Iterator[ListeningService]:
    with open_executors(2) as executors:
        songs = SongInference(Decoder(), Model(), executors)
        yield ListeningService(songs, Admission(slots=1, decoders=2), max_bytes=100)


async def test_a_song_is_decoded_and_heard_off_the_event_loop(listening: ListeningService) -> None:
    assert (await listening.hear(bytes(7))).seconds == 7


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"bad", SongDamagedError), (b"", EmptyFileError), (bytes(101), FileTooLargeError)],
)
async def test_a_song_that_cannot_be_heard_says_why(
    listening: ListeningService, data: bytes, error: type[AudioError]
) -> None:
    with pytest.raises(error):
        await listening.hear(data)


def test_a_file_is_refused_by_its_announced_size(listening: ListeningService) -> None:
    with pytest.raises(FileTooLargeError) as caught:
        listening.check_size(101)
    assert (caught.value.size_bytes, caught.value.limit_bytes) == (101, 100)
