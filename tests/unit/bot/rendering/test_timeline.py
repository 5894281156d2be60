from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bot.rendering.timeline import clock, marks, ribbon_edges, roomiest
from tests.factories import hearing


@pytest.mark.parametrize(
    ("seconds", "read"), [(0.4, "0:00"), (7, "0:07"), (245.9, "4:05"), (3750, "1:02:30")]
)
def test_moments_read_as_people_write_them(seconds: float, read: str) -> None:
    assert clock(seconds) == read


def test_a_song_is_marked_at_round_minutes_and_its_end() -> None:
    assert [mark.text for mark in marks(245)] == ["0:00", "1:00", "2:00", "3:00", "4:05"]


@pytest.mark.parametrize("seconds", [0.4, 1, 2.5, 31, 59, 60, 61, 187, 245, 600, 3725, 195_000])
def test_marks_never_touch(seconds: float) -> None:
    places = [mark.at for mark in marks(seconds)]
    assert all(later - earlier >= 1 / 7 for earlier, later in pairwise(places))
    assert len(places) <= 8


def test_a_song_too_short_to_read_has_one_mark() -> None:
    assert [mark.text for mark in marks(0.4)] == ["0:00"]


@pytest.mark.parametrize("windows", [1, 2, 7, 60])
def test_ribbons_fill_the_whole_height_at_every_moment(windows: int) -> None:
    song = hearing(windows)
    edges = ribbon_edges(song.timeline, song, 400)
    assert edges.shape == (11, 400)
    assert (edges[0] == 0).all()
    assert edges[-1] == pytest.approx(1)
    assert (np.diff(edges, axis=0) >= 0).all()


def test_a_ribbon_swells_where_its_genre_does() -> None:
    shares = np.zeros((60, 2), np.float32)
    shares[:30, 0] = shares[30:, 1] = 1.0
    first = ribbon_edges(shares, hearing(), 600)[1]
    assert first[100] == pytest.approx(1)
    assert first[500] == pytest.approx(0, abs=1e-6)
    assert (np.diff(first) <= 1e-6).all()


def test_a_moment_stands_where_it_sounds() -> None:
    shares = np.zeros((3, 2), np.float32)
    shares[:, 0], shares[1] = 1.0, (0.0, 1.0)
    song = replace(hearing(3), starts=(0.0, 24.5, 99.0), seconds=100.0)
    assert abs(int(ribbon_edges(shares, song, 1000)[1].argmin()) - 250) < 50


def test_a_name_goes_where_its_ribbon_is_widest() -> None:
    edges = np.zeros((3, 300), np.float32)
    edges[1] = np.interp(np.arange(300), [0, 200, 300], [0, 0.8, 0])
    edges[2] = 1.0
    middle, floor, ceiling = roomiest(edges, 0, 40)
    assert 180 < middle < 220
    assert floor == 0
    assert ceiling == pytest.approx(0.72, abs=0.1)


def test_an_even_ribbon_is_named_in_its_middle() -> None:
    edges = np.repeat(np.array([[0.0], [0.6], [1.0]], np.float32), 300, axis=1)
    assert abs(roomiest(edges, 0, 60)[0] - 150) <= 1
