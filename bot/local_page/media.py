"""Keep what the page has already made playable, so that looking again costs nothing.

simcord checks every song and picture in a child process, one after another, each time another
member looks. With a channel full of songs that is seconds, and the bot's picture comes last.
"""

from __future__ import annotations

from collections import OrderedDict

from simcord.preview._media import MediaInfo, MediaWorker

MOST_KEPT = 64  # songs and pictures, about half a megabyte each


class RememberingMediaWorker(MediaWorker):
    """simcord's own worker, asked once for each file."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: OrderedDict[tuple[str, float | None], MediaInfo] = OrderedDict()

    async def validate(
        self, key: str, blob: bytes, *, media_time: float | None = None
    ) -> MediaInfo:
        """Return the checked file; `key` is its digest, so equal keys mean equal bytes."""
        info = self._kept.get((key, media_time))
        if info is None:
            info = await super().validate(key, blob, media_time=media_time)
            self._kept[key, media_time] = info
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return info
