"""Ogg: pages that say how far the song has come, so that most of them need not be read.

FFmpeg is given a file of the pages around the spans wanted; what they say of their place in time
stays true in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from struct import Struct

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame

from ml.audio.packets import SETTLING, Packets, SongFile, Times, first_sound
from ml.audio.windows import Span

_HEADER = Struct("<4sBBqIIIB")  # mark, version, flags, granule, serial, number, checksum, segments
_FIRST = 2  # flag of a stream's first page
_NOWHERE = -1  # granule of a page in which no packet ends
_CODECS = ("vorbis", "opus")  # their granules count samples
_ENOUGH_PAGES = 3  # at the beginning to learn of an encoder's delay, at the end of its padding
_BEFORE, _AFTER = 0.15, 0.1  # seconds read around a span: what is decoded before it, and a packet


def ogg_song(file: SongFile) -> OggSong | None:
    """Look at the pages' headers, and at the packets of the first and the last of them.

    Returns:
        None when it is anything but one Vorbis or Opus stream of unbroken pages.
    """
    if file.stream.codec_context.name not in _CODECS:
        return None
    pages = _Pages.of(file.data)
    if pages is None:
        return None
    wanted = pages.first() | pages.last()
    packets, times = _read(file, pages, wanted)
    if not packets or packets[-1].duration is None:
        return None
    origin = first_sound(file.stream.codec_context, packets, times, file.tick)
    seconds = float(times[-1]) + packets[-1].duration * file.tick - origin
    return OggSong(file, pages, origin, seconds)


@dataclass(frozen=True, slots=True, eq=False)
class _Pages:
    """Where pages lie, and when they end.

    Attributes:
        offsets: (pages + 1,) in bytes.
        granules: (pages,) samples that have sounded when the page's last packet has.
    """

    data: memoryview
    offsets: npt.NDArray[np.int64]
    granules: npt.NDArray[np.int64]

    @classmethod
    def of(cls, data: memoryview) -> _Pages | None:
        """Go from page to page; None when they are not of one stream, or not rising."""
        offsets, granules, serials = [0], [], set()
        for number, (flags, granule, serial, page, size) in enumerate(_headers(data)):
            if page != number or bool(flags & _FIRST) != (number == 0):
                return None
            granules.append(granule)
            offsets.append(offsets[-1] + size)
            serials.add(serial)
        ends = np.array(granules, np.int64)
        known = ends[ends != _NOWHERE]
        if len(serials) != 1 or offsets[-1] != len(data) or (np.diff(known) < 0).any():
            return None
        return cls(data, np.array(offsets), ends)

    def first(self) -> npt.NDArray[np.bool_]:
        """Mark the pages from which FFmpeg learns how the song is written and when it begins."""
        sounding = np.flatnonzero(self.granules > 0)[:_ENOUGH_PAGES]
        return np.arange(len(self.granules)) <= (sounding[-1] if len(sounding) else 0)

    def last(self) -> npt.NDArray[np.bool_]:
        """Mark the pages that tell when the song ends."""
        known = np.flatnonzero(self.granules != _NOWHERE)[-_ENOUGH_PAGES:]
        return np.arange(len(self.granules)) >= (known[0] if len(known) else 0)

    def around(self, spans: Sequence[tuple[float, float]]) -> npt.NDArray[np.bool_]:
        """Mark the pages that hold these spans of granules, and one before each.

        The one before tells when the next one begins.
        """
        wanted = np.zeros(len(self.granules), bool)
        rising = np.maximum.accumulate(self.granules)
        for begin, end in spans:
            first = int(np.searchsorted(rising, begin, "right")) - 1
            while first > 0 and self.granules[first] == _NOWHERE:
                first -= 1
            wanted[max(0, first) : int(np.searchsorted(rising, end, "left")) + 1] = True
        return wanted

    def cut(self, wanted: npt.NDArray[np.bool_]) -> tuple[bytes, frozenset[int]]:
        """Give the pages wanted, and where in them those begin that follow a gap."""
        edges = np.flatnonzero(np.diff(wanted, prepend=False, append=False)).reshape(-1, 2)
        runs = self.offsets[edges].tolist()
        sizes = [end - begin for begin, end in runs]
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        return b"".join(self.data[begin:end] for begin, end in runs), frozenset(starts[1:])


def _headers(data: memoryview) -> Iterator[tuple[int, int, int, int, int]]:
    """Give each page's flags, granule, serial, number and size, as far as there are pages."""
    at = 0
    while at + _HEADER.size <= len(data):
        mark, version, flags, granule, serial, number, _, segments = _HEADER.unpack_from(data, at)
        if mark != b"OggS" or version != 0:
            return
        body = at + _HEADER.size
        size = _HEADER.size + segments + sum(data[body : body + segments])
        yield flags, granule, serial, number, size
        at += size


@dataclass(frozen=True, slots=True, eq=False)
class OggSong:
    """A song of which no more pages are read than are needed; see `ml.audio.packets.Song`.

    Attributes:
        file: all of it.
        pages: its pages.
        origin: when it begins to sound, in seconds on the file's clock.
        seconds: its length.
        settling: see `ml.audio.packets.Song`.
    """

    file: SongFile
    pages: _Pages
    origin: float
    seconds: float
    settling: float = SETTLING

    def near(self, spans: Sequence[Span]) -> Packets:
        """Read the packets around these spans."""
        origin, tick = self.origin, self.file.tick
        wanted = self.pages.around(
            [
                ((origin + span.start - _BEFORE) / tick, (origin + span.end + _AFTER) / tick)
                for span in spans
            ]
        )
        packets, times = _read(self.file, self.pages, self.pages.first() | wanted)
        codec = self.file.stream.codec_context
        return Packets(codec, packets, times - self.origin, self.file.tick, self.seconds)

    def frames_from(self, time: float) -> Iterator[tuple[float, AudioFrame]]:
        """Decode from `time` to the end, for which all that follows is read."""
        return self.near([Span(time, self.seconds - time)]).frames_from(time)


def _read(
    file: SongFile, pages: _Pages, wanted: npt.NDArray[np.bool_]
) -> tuple[list[av.Packet], Times]:
    """Read the packets of some pages, and when each begins in seconds on the file's clock.

    Of a page behind a gap FFmpeg cannot know the beginning, so its packets are left out.
    """
    data, unknown = pages.cut(wanted)
    packets: list[av.Packet] = []
    begins: list[int] = []
    with file.reopened(data) as thinned, suppress(av.InvalidDataError):
        for packet in thinned.packets():
            begin = packet.pts
            if begin is not None and packet.pos not in unknown:
                packets.append(packet)
                begins.append(begin)
    times = np.array(begins, float) * file.tick
    return packets, np.maximum.accumulate(times) if packets else times
