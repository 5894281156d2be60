"""Listening bounds what comes in, decodes and hears off the loop, and passes errors on."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import numpy as np
import pytest

from bot.concurrency import open_executors
from bot.errors import TooBusy
from bot.listening.service import ListeningService
from ml.audio.errors import AudioError, Damaged, Empty, TooLarge
from ml.audio.excerpts import Excerpts
from ml.music.hearing import Hearing, SimilarityParts


class Decoder:
    """Takes the length of the bytes for the song's seconds; stumbles over "bad"."""

    def decode(self, data: bytes) -> Excerpts:
        assert threading.current_thread().name.startswith("decode")
        if data == b"bad":
            raise Damaged
        nothing = np.zeros(0, np.float32)
        return Excerpts(nothing, (), float(len(data)), nothing, 0.0)


class Meeting(Decoder):
    """Decodes a song only together with another; none comes within a moment where none may."""

    def __init__(self) -> None:
        self.met = 0
        self._door = threading.Barrier(2)

    def decode(self, data: bytes) -> Excerpts:
        try:
            self._door.wait(timeout=1)
            self.met += 1
        except threading.BrokenBarrierError:
            self._door.reset()
        return super().decode(data)


class Ear:
    """Hears only how long a song is."""

    model = "by the clock"

    def hear(self, batch: Sequence[Excerpts]) -> list[Hearing]:
        assert threading.current_thread().name.startswith("torch")
        nothing = np.zeros(0, np.float32)
        return [Hearing({}, None, nothing, nothing, (), nothing, e.seconds, "") for e in batch]

    def why(self, one: np.ndarray, other: np.ndarray) -> SimilarityParts:
        return SimilarityParts(100.0, {"timbre": 1.0})


@pytest.fixture
def listening() -> Iterator[ListeningService]:
    with open_executors(2) as executors:
        yield ListeningService(
            Decoder(), Ear(), executors, decoders=2, max_bytes=100, max_waiting=1
        )


async def test_a_song_is_decoded_and_heard_off_the_event_loop(listening: ListeningService) -> None:
    assert (await listening.hear(bytes(7))).seconds == 7


@pytest.mark.parametrize(
    ("data", "error"), [(b"bad", Damaged), (b"", Empty), (bytes(101), TooLarge)]
)
async def test_a_song_that_cannot_be_heard_says_why(
    listening: ListeningService, data: bytes, error: type[AudioError]
) -> None:
    with pytest.raises(error):
        await listening.hear(data)


def test_a_file_is_refused_by_its_announced_size(listening: ListeningService) -> None:
    with pytest.raises(TooLarge) as caught:
        listening.check_size(101)
    assert (caught.value.size_bytes, caught.value.limit_bytes) == (101, 100)


def test_more_songs_than_the_house_holds_are_asked_to_come_back(
    listening: ListeningService,
) -> None:
    with listening.place(), pytest.raises(TooBusy), listening.place():
        pass


def test_a_place_is_free_again_after_a_failure(listening: ListeningService) -> None:
    with pytest.raises(Damaged), listening.place():
        raise Damaged
    with listening.place():
        pass


def test_one_server_leaves_places_for_others_however_much_it_asks() -> None:
    with open_executors(2) as executors, ExitStack() as stack:
        house = ListeningService(
            Decoder(), Ear(), executors, decoders=2, max_bytes=100, max_waiting=32
        )
        for _ in range(24):
            stack.enter_context(house.place(1))
        with pytest.raises(TooBusy):
            stack.enter_context(house.place(1))
        stack.enter_context(house.place(2))
        assert house.inside == 25


async def test_songs_nobody_waits_for_have_a_child_each_and_others_have_all_of_them() -> None:
    meeting = Meeting()
    with open_executors(2) as executors:
        house = ListeningService(
            meeting, Ear(), executors, decoders=2, max_bytes=100, max_waiting=32
        )
        await asyncio.gather(house.hear(bytes(1)), house.hear(bytes(2)))
        assert meeting.met == 0
        await asyncio.gather(house.hear_in_background(bytes(1)), house.hear_in_background(bytes(2)))
        assert meeting.met == 2
