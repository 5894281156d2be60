import pytest

from ml.audio.excerpts import ExcerptPlan, Span, lay_out


def test_sixty_windows_tile_a_song_of_sixty_seconds() -> None:
    layout = lay_out(60.0, ExcerptPlan())
    assert layout.windows == tuple(Span(float(second), 1.0) for second in range(60))


def test_windows_of_a_long_song_are_evenly_spaced_around_its_middle() -> None:
    starts = [window.start for window in lay_out(240.0, ExcerptPlan()).windows]
    assert starts == pytest.approx([1.5 + 4 * index for index in range(60)])


@pytest.mark.parametrize(("seconds", "count"), [(0.3, 1), (1.0, 1), (1.9, 1), (10.4, 10), (61, 60)])
def test_a_short_song_has_a_window_for_each_whole_second(seconds: float, count: int) -> None:
    windows = lay_out(seconds, ExcerptPlan()).windows
    assert len(windows) == count
    assert all(window.start >= 0 for window in windows)
    assert seconds < 1 or windows[-1].end <= seconds + 1e-9


def test_the_passage_lies_in_the_middle() -> None:
    assert lay_out(240.0, ExcerptPlan(passage_seconds=40)).passage == Span(100.0, 40.0)


def test_a_short_song_is_all_passage() -> None:
    layout = lay_out(30.0, ExcerptPlan(passage_seconds=40))
    assert layout.passage == Span(0.0, 30.0)
    assert layout.spans() == (layout.passage,)


def test_windows_within_the_passage_are_not_decoded_again() -> None:
    layout = lay_out(240.0, ExcerptPlan(passage_seconds=40))
    apart = layout.spans()[1:]
    assert len(apart) == 50
    assert not any(layout.passage.holds(window) for window in apart)


def test_without_a_passage_only_windows_are_decoded() -> None:
    layout = lay_out(240.0, ExcerptPlan())
    assert layout.spans() == layout.windows
