"""What is kept in mind of songs, for lessons that may come of them."""

import gc
import weakref

from bot.lessons.contributions import ContributionService, Giver
from tests.factories import hearing


def test_of_an_answer_that_can_be_put_right_only_numbers_are_kept_in_mind() -> None:
    contributions = ContributionService(None, None, None, None, None)  # type: ignore[arg-type]  # nothing is handed over here
    heard = hearing()
    course = weakref.ref(heard.timeline.vectors)
    assert contributions.note(Giver(1, 2), "a song", heard)
    del heard
    gc.collect()
    assert course() is None
