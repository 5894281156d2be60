"""A song taken apart into its compressed packets, each with its place in time.

Reading all packets without decoding them tells what no header can be trusted to: how long the
song is and where each second of it lies. So it serves files alike that cannot seek, announce no
length, or announce a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from ml.audio.errors import Empty, TooLong
from ml.audio.windows import Span

_PACKETS_PER_SECOND = 400  # the shortest packets there are: Opus, 2.5 ms
_LONGEST_PACKET = 10.0  # seconds; the longest there are: FLAC, 65 535 samples at 8 kHz
# Seconds decoded before a moment and thrown away: after a jump, MP3 lacks what earlier frames
# reserved for it, and Opus finds its pitch and level again within 80 ms.
SETTLING = 0.1
HEAD_PACKETS = 32  # a song has begun to sound by then, or its beginning is damaged

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SongFile:
    """A file FFmpeg has opened.

    Attributes:
        data: all of its bytes.
        container: as FFmpeg sees it.
        stream: the song in it.
        tick: unit of the packets' time stamps, in seconds.
        reopened: opens other bytes of the same kind.
    """

    data: memoryview
    container: InputContainer
    stream: AudioStream
    tick: float
    reopened: Callable[[bytes], AbstractContextManager[SongFile]]

    def packets(self) -> Iterator[av.Packet]:
        """Read the song's packets, from where reading stands to the end.

        Raises:
            av.FFmpegError: the container breaks off.
        """
        # PyAV marks the end with a packet of no size.
        return (packet for packet in self.container.demux(self.stream) if packet.size)


class Song(Protocol):
    """A song of which any moment can be decoded."""

    @property
    def seconds(self) -> float:
        """Length of the song."""

    @property
    def settling(self) -> float:
        """Seconds before a moment from which to decode, so that it is heard as it should be."""

    def near(self, spans: Sequence[Span]) -> Song:
        """Give the song ready to be decoded around these spans."""

    def frames_from(self, time: float) -> Iterator[tuple[float, AudioFrame]]:
        """Decode from the packet that sounds at `time` on, passing over what is damaged.

        Args:
            time: in seconds after the song's first sample; earlier ones mean the first packet.

        Yields:
            When the frame begins, in seconds after the song's first sample, and the frame.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """A song whose packets are at hand, still compressed; see `Song`.

    Attributes:
        codec: decodes them; a packet may be decoded as often as one likes.
        packets: in their order in the file.
        times: (packets,) when each begins, in seconds after the song's first sample; rising.
        tick: unit of the packets' own time stamps, in seconds.
        seconds: length of the song.
        settling: seconds before a moment from which to decode.
    """

    codec: AudioCodecContext
    packets: Sequence[av.Packet]
    times: Times
    tick: float
    seconds: float
    settling: float = SETTLING

    def near(self, _: Sequence[Span]) -> Packets:
        """Give the song itself: all of it is at hand."""
        return self

    def frames_from(self, time: float) -> Iterator[tuple[float, AudioFrame]]:
        """Decode from the packet that sounds at `time` on."""
        self.codec.flush_buffers()
        first = max(0, int(np.searchsorted(self.times, time, "right")) - 1)
        for index in range(first, len(self.packets)):
            packet = self.packets[index]
            for frame in decoded(self.codec, packet):
                yield float(self.times[index]) + lag(packet, frame, self.tick), frame


def decoded(codec: AudioCodecContext, packet: av.Packet) -> list[AudioFrame]:
    """Decode one packet, to nothing when it is damaged."""
    try:
        return codec.decode(packet)
    except MemoryError:
        raise
    except av.FFmpegError:
        return []


def lag(packet: av.Packet, frame: AudioFrame, tick: float) -> float:
    """Seconds by which a frame begins after its packet: what the decoder cut off as delay."""
    if packet.pts is None or frame.pts is None:
        return 0.0
    return (frame.pts - packet.pts) * tick


def first_sound(
    codec: AudioCodecContext, packets: Sequence[av.Packet], times: Times, tick: float
) -> float:
    """Find the first sample meant to be heard, which lies past the delay an encoder added."""
    for packet, time in zip(packets[:HEAD_PACKETS], times, strict=False):
        for frame in decoded(codec, packet):
            return float(time) + lag(packet, frame, tick)
    return float(times[0])


def all_packets(file: SongFile, max_seconds: float) -> Packets:
    """Read every packet of a song.

    Raises:
        Empty: there is none.
        TooLong: there are more than a song of `max_seconds` can have.
    """
    packets = _read(file, max_seconds)
    if not packets:
        raise Empty
    codec = file.stream.codec_context
    times, end = _timeline(packets, file.tick)
    origin = first_sound(codec, packets, times, file.tick)
    return Packets(codec, packets, times - origin, file.tick, end - origin)


def _read(file: SongFile, max_seconds: float) -> list[av.Packet]:
    packets: list[av.Packet] = []
    ticks = 0
    most_ticks = max_seconds / file.tick
    most_packets = max_seconds * _PACKETS_PER_SECOND
    try:
        for packet in file.packets():
            packets.append(packet)
            ticks += packet.duration or 0
            if ticks > most_ticks or len(packets) > most_packets:
                announced = (file.container.duration or 0) / av.time_base
                raise TooLong(max(announced, max_seconds), max_seconds)
    except MemoryError:
        raise
    except av.FFmpegError:
        pass  # a file cut short is heard as far as it goes
    return packets


def _timeline(packets: Sequence[av.Packet], tick: float) -> tuple[Times, float]:
    """Say when each packet begins and when the last ends, in seconds on the file's own clock.

    Where that clock is missing, runs backwards or leaps (a recording that paused, a header that
    lies), the packet's own length is believed instead.
    """
    begins = np.array([packet.pts for packet in packets], float) * tick  # None becomes NaN
    lengths = np.array([packet.duration or None for packet in packets], float) * tick
    steps = np.append(np.diff(begins), lengths[-1])
    sound = (steps >= 0) & (steps < _LONGEST_PACKET)
    if not sound.all():
        # Not np.median, which imports on its first call: confined, nothing can be imported.
        usual = np.sort(steps[sound])[sound.sum() // 2] if sound.any() else 0.0
        lengths = np.where(lengths < _LONGEST_PACKET, lengths, usual)
        steps = np.where(sound, steps, lengths)
    start = begins[0] if np.isfinite(begins[0]) else 0.0
    ends = start + np.cumsum(steps)
    return np.append(start, ends[:-1]), float(ends[-1])
