import numpy as np

from bot.rendering.song_map import Box, Tag, placed

ROOM = Box(0, 0, 1000, 800)
TITLE = (200.0, 40.0)


def points(*at: tuple[float, float]) -> np.ndarray:
    return np.array(at, np.float32).reshape(-1, 2)


def test_titles_never_cover_each_other_or_leave_the_room() -> None:
    random = np.random.default_rng(0)
    tags = [Tag((x * 1000, y * 800), 6, TITLE) for x, y in random.random((60, 2))]
    boxes = list(placed(tags, points(), [], ROOM, 60).values())
    assert len(boxes) > 10
    assert all(box.within(ROOM) for box in boxes)
    assert not any(a.touches(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_what_matters_gets_its_place_first() -> None:
    tags = [Tag((500, 400), 6, TITLE), *(Tag((500, 400), 6, TITLE) for _ in range(30))]
    assert list(placed(tags, points(), [], ROOM, 2)) == [0, 1]


def test_a_title_moves_aside_for_a_dot_beside_it() -> None:
    (box,) = placed([Tag((500, 400), 6, TITLE)], points((600, 400)), [], ROOM, 1).values()
    assert box.right < 500


def test_a_title_without_room_is_left_out_unless_it_is_needed() -> None:
    crowd = points(*((x, y) for x in range(0, 1000, 20) for y in range(0, 800, 20)))
    assert placed([Tag((500, 400), 6, (600, 300))], crowd, [], ROOM, 1) == {}
    assert placed([Tag((500, 400), 6, (400, 300), needed=True)], crowd, [], ROOM, 1) != {}


def test_nothing_is_written_over_a_mark() -> None:
    everywhere = [ROOM]
    assert placed([Tag((500, 400), 6, TITLE, needed=True)], points(), everywhere, ROOM, 1) == {}
