"""How often members and servers may ask: so that nobody's hurry is everybody's wait."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from bot.errors import TooOften

MINUTE = 60.0
MOST_KEPT = 10_000  # members or servers; those who asked longest ago have all their turns again


class TokenBucket:
    """So many turns a minute for each key; they come back one by one."""

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        """Allow `a_minute` turns, all of them at once if need be; 0 means no limit."""
        self._most = a_minute
        self._clock = clock
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()  # turns, and when

    def wait_seconds(self, key: int) -> float:
        """Tell how long until `key` has a turn; 0 when it has one."""
        if not self._most:
            return 0.0
        return max(0.0, (1.0 - self._turns(key)) * MINUTE / self._most)

    def take(self, key: int) -> None:
        """Take one turn away."""
        self._left[key] = (self._turns(key) - 1.0, self._clock())
        self._left.move_to_end(key)
        while len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)

    def _turns(self, key: int) -> float:
        turns, since = self._left.get(key, (float(self._most), self._clock()))
        return min(self._most, turns + (self._clock() - since) * self._most / MINUTE)


class RateLimits:
    """What a member and a server may ask in a minute.

    How many songs there may be at once is for `ListeningService.place` to say.
    """

    def __init__(
        self, member: int = 0, server: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Set requests a minute, 0 for no limit; `clock` works in seconds."""
        self._members = TokenBucket(member, clock)
        self._servers = TokenBucket(server, clock)

    def admit(self, member_id: int, server_id: int | None) -> None:
        """Count one request.

        Args:
            member_id: who asks.
            server_id: where; None in private messages, which count for the member alone.

        Raises:
            TooOften: the member or the server has to wait; the request does not count.
        """
        if wait := self._members.wait_seconds(member_id):
            raise TooOften(ceil(wait), everybody=False)
        if server_id is not None and (wait := self._servers.wait_seconds(server_id)):
            raise TooOften(ceil(wait), everybody=True)
        self._members.take(member_id)
        if server_id is not None:
            self._servers.take(server_id)
