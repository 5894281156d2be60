"""MP4 and its kin: a table tells where every packet lies, so FFmpeg can go straight there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import av
import numpy as np
from av.audio.frame import AudioFrame

from ml.audio.packets import HEAD_PACKETS, SETTLING, SongFile, decoded, first_sound, lag
from ml.audio.windows import Span

_FAR = 2**62  # ticks; later than any song lasts
_TAIL_PACKETS = 64  # more at the end mean that the table was not all
_UNEVEN = 1.0  # seconds by which a song of even packets may differ from its packets' sum


def sought_song(file: SongFile) -> SoughtSong | None:
    """Look at the first and the last packets.

    Returns:
        None when the table does not reach to the end, the file does not reach as far as the
        table, or the packets do not last alike.
    """
    if not file.stream.frames:
        return None  # in fragments, each with a table of its own
    head = list(islice(file.packets(), HEAD_PACKETS))
    file.container.seek(_FAR, stream=file.stream)
    tail = list(islice(file.packets(), _TAIL_PACKETS))
    if not head or not tail or len(tail) == _TAIL_PACKETS:
        return None
    if head[0].duration is None or tail[-1].duration is None:
        return None
    times = np.array([packet.pts or 0 for packet in head], float) * file.tick
    end = ((tail[-1].pts or 0) + tail[-1].duration) * file.tick
    expected = file.stream.frames * head[0].duration * file.tick
    if abs(expected - (end - times[0])) > _UNEVEN:
        return None
    origin = first_sound(file.stream.codec_context, head, times, file.tick)
    return SoughtSong(file, float(times[0]), origin, end - origin)


@dataclass(frozen=True, slots=True, eq=False)
class SoughtSong:
    """A song in which FFmpeg goes to each span; see `ml.audio.packets.Song`.

    Attributes:
        file: where it lies.
        start: when its first packet begins, in seconds on the file's clock.
        origin: when it begins to sound, in seconds on the file's clock.
        seconds: its length.
        settling: see `ml.audio.packets.Song`.
    """

    file: SongFile
    start: float
    origin: float
    seconds: float
    settling: float = SETTLING

    def near(self, _: Sequence[Span]) -> SoughtSong:
        """Give the song itself: every moment of it is as near as any other."""
        return self

    def frames_from(self, time: float) -> Iterator[tuple[float, AudioFrame]]:
        """Decode from the packet that sounds at `time` on."""
        file, codec = self.file, self.file.stream.codec_context
        try:
            place = max(self.start, time + self.origin)
            file.container.seek(round(place / file.tick), stream=file.stream)
            for packet in file.packets():
                begin = (packet.pts or 0) * file.tick - self.origin
                for frame in decoded(codec, packet):
                    yield begin + lag(packet, frame, file.tick), frame
        except MemoryError:
            raise
        except av.FFmpegError:
            return  # damaged there
