"""Songs that are being heard at this moment, and whether they are still wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from storage.song_values import Post


@dataclass(slots=True, eq=False)
class _Arrival:
    post: Post
    unwanted: bool = False


class Arrivals:
    """Remembers, as long as a song is being heard, that it was deleted meanwhile.

    Hearing takes seconds. A message deleted in these seconds leaves nothing to forget yet, and
    without this its song would be remembered for good a moment later.
    """

    def __init__(self) -> None:
        self._arrivals: list[_Arrival] = []

    @contextmanager
    def expecting(self, post: Post) -> Iterator[None]:
        """Watch over a song from before it is heard until it is remembered."""
        arrival = _Arrival(post)
        self._arrivals.append(arrival)
        try:
            yield
        finally:
            self._arrivals.remove(arrival)

    def refuse(self, unwanted: Callable[[Post], bool]) -> None:
        """Note which of the songs being heard are not to be remembered any more."""
        for arrival in self._arrivals:
            arrival.unwanted = arrival.unwanted or unwanted(arrival.post)

    def wanted(self, post: Post) -> bool:
        """Tell whether nothing spoke against the song since it was expected."""
        key = _key(post)
        return not any(arrival.unwanted and _key(arrival.post) == key for arrival in self._arrivals)


def _key(post: Post) -> tuple[int, int, int]:
    """Name the file; its content hash becomes known only on the way."""
    return post.guild_id, post.message_id, post.attachment_id
