"""Know which packet sounds when, without decoding the song.

A moment of a song is counted in the samples that decoding all of it gives, as FFmpeg does, not by
the file's clock: where time stamps leap, run backwards or leave a hole, the sound simply goes on.
Within the rounding of the file's clock the two are the same.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import CodecContext

from ml.audio.formats import MEMORIES, Memory

Times = npt.NDArray[np.float64]

RATES = range(1_000, 384_001)  # Hz; what a header says beyond is no sound

_LONGEST_PACKET = 10.0  # seconds; the longest there are: FLAC, 65 535 samples at 8 kHz
_LONGEST_VORBIS = 4_096  # samples
_HEAD_PACKETS = 3  # after so many, decoders give as much sound as packets announce
_FRAME_OVERHEAD = 38  # bytes of an MP3 frame that are no part of its bit reservoir
_TOLERANCE = 0.015  # seconds; Ogg tells Vorbis packets' places that exactly
_BY_HEADER = ("mp3float", "mp3", "aac", "opus", "vorbis", "flac")
_UNKNOWN = Memory(packets=2, seconds=1.0)


class IrregularTimesError(Exception):
    """Decoding gave other sound than the packets announced."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A run of packets that one decoder decodes.

    Attributes:
        codec: their decoder; a packet may be decoded as often as one likes.
        packets: in their order in the file.
        starts: (packets + 1,) when the sound of each begins, in seconds after the link's first
            sample, and when the last ends; rising.
        head: the packets before this one can be decoded only from the first one on.
        surplus: seconds that decoding anew from the first packet gives before the first sample:
            some decoders cut their own delay off only once.
        rate: Hz.
        tick: unit of the file's clock, in seconds.
    """

    codec: AudioCodecContext
    packets: Sequence[av.Packet]
    starts: Times
    head: int
    surplus: float
    rate: int
    tick: float

    @classmethod
    def of(cls, stream: AudioStream, packets: Sequence[av.Packet]) -> Link | None:
        """Place packets in time; decodes the first few.

        Returns:
            None when nothing can be decoded.
        """
        codec = stream.codec_context
        _set_up(codec)
        tick = float(stream.time_base or 1)
        lengths = _lengths(packets, tick, codec)
        head, heard_seconds, rate = _decode_head(codec, packets)
        if rate not in RATES:
            return None
        codec.flush_buffers()
        surplus = _decode_head(codec, packets)[1] - heard_seconds
        lengths[-1] = lengths[-1] or _last_length(codec, packets[-1], rate)
        starts = np.zeros(len(packets) + 1)
        starts[head:] = heard_seconds + np.append(0.0, np.cumsum(lengths[head:]))
        return cls(codec, packets, np.maximum.accumulate(starts), head, surplus, rate, tick)

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return float(self.starts[-1])

    @property
    def memory(self) -> Memory | None:
        """How far its decoder looks back; None where that is not known."""
        return MEMORIES.get(self.codec.name)

    def twin(self) -> Link | None:
        """Return the same link with a decoder of its own, for another thread.

        Returns:
            None where a decoder needs more than its header says.
        """
        if self.codec.name not in _BY_HEADER:
            return None
        codec = CodecContext.create(self.codec.name, "r")
        assert isinstance(codec, AudioCodecContext)
        if self.codec.extradata:
            codec.extradata = self.codec.extradata
        codec.sample_rate, codec.layout = self.codec.sample_rate, self.codec.layout
        _set_up(codec)
        _decode_head(codec, self.packets)  # what is cut off the beginning is cut off only once
        return replace(self, codec=codec)

    def frames(self) -> Iterator[tuple[int, AudioFrame]]:
        """Decode all of it, passing over what is damaged.

        Yields:
            The first sample of the frame that belongs to the song, and the frame.
        """
        self.codec.flush_buffers()
        surplus = round(self.surplus * self.rate)
        for packet in (*self.packets, None):
            for frame in decoded(self.codec, packet):
                first = min(surplus, frame.samples)
                surplus -= first
                yield first, frame

    def frames_from(
        self, time: float, lead: float, *, strict: bool
    ) -> Iterator[tuple[float, AudioFrame]]:
        """Decode from `time` on as if from the start.

        Args:
            time: in seconds after the link's first sample.
            lead: seconds before it that are wanted too, but need not be quite settled.
            strict: whether to stop where the sound is not what the packets announced.

        Yields:
            When the frame begins, in seconds after the link's first sample, and the frame.

        Raises:
            Irregular: see `strict`.
        """
        self.codec.flush_buffers()
        first = self._first_packet(time, lead)
        at: float | None = None if first else -self.surplus
        for index in range(first, len(self.packets)):
            place = float(self.starts[index])
            if at is None or (index >= self.head and abs(at - place) > _TOLERANCE + 2 * self.tick):
                if strict and at is not None:
                    raise IrregularTimesError
                at = place
            frames = decoded(self.codec, self.packets[index])
            for frame in frames:
                yield at, frame
                at += frame.samples / frame.sample_rate
            if not frames and first and at == place:
                at = None  # nothing yet: the decoder still fills its memory

    def _first_packet(self, time: float, lead: float) -> int:
        memory = self.memory or _UNKNOWN
        begin = time - max(lead, memory.seconds)
        at, earlier = np.searchsorted(self.starts, (time, begin), "right") - 1
        index = min(int(at), int(earlier)) - memory.packets  # what leads up to it is settled too
        bytes_back = 0
        while index > self.head and bytes_back < memory.reservoir:
            index -= 1
            bytes_back += max(1, self.packets[index].size - _FRAME_OVERHEAD)
        return index if index >= self.head else 0


def _set_up(codec: AudioCodecContext) -> None:
    codec.thread_count = 1
    if codec.name == "flac":
        # Channels apart are mixed in half the time.
        codec.options = {"request_sample_fmt": "s16p"}


def decoded(codec: AudioCodecContext, packet: av.Packet | None) -> list[AudioFrame]:
    """Decode one packet, to nothing when it is damaged.

    None asks for what is left.
    """
    try:
        return codec.decode(packet)
    except MemoryError:
        raise
    except (av.FFmpegError, EOFError):
        return []


def _decode_head(codec: AudioCodecContext, packets: Sequence[av.Packet]) -> tuple[int, float, int]:
    """Decode until the song has begun to sound.

    Returns:
        How many packets that took, how many seconds they gave, and the rate in Hz (0: none).
    """
    seconds, rate = 0.0, 0
    for index, packet in enumerate(packets):
        for frame in decoded(codec, packet):
            rate = frame.sample_rate
            seconds += frame.samples / max(rate, 1)
        if rate and index + 1 >= _HEAD_PACKETS:
            return index + 1, seconds, rate
    return len(packets), seconds, rate


def _last_length(codec: AudioCodecContext, packet: av.Packet, rate: int) -> float:
    """Say how long a last packet sounds of which the file does not tell, as CAF; in seconds."""
    if packet.is_discard or MEMORIES.get(codec.name) != Memory():
        return 0.0
    codec.flush_buffers()
    return sum(frame.samples for frame in decoded(codec, packet)) / rate


def _lengths(packets: Sequence[av.Packet], tick: float, codec: AudioCodecContext) -> Times:
    """Say how long each packet sounds, in seconds."""
    lengths = np.array([packet.duration or 0 for packet in packets], float) * tick
    begins = np.array([packet.pts for packet in packets], float) * tick  # None becomes NaN
    steps = np.append(np.diff(begins), lengths[-1])
    # The file's clock where it differs by no more than its own rounding, or is all there is.
    believed = np.abs(steps - lengths) <= 1.5 * tick
    believed |= (lengths == 0) & (steps >= 0) & (steps < _LONGEST_PACKET)
    if codec.name == "vorbis":  # FFmpeg does not know the first of a page well
        believed |= np.abs(steps) <= _LONGEST_VORBIS / codec.sample_rate
    lengths = np.where(believed, steps, np.where(lengths < _LONGEST_PACKET, lengths, 0.0))
    discarded = np.array([packet.is_discard for packet in packets])  # cut out by an edit list
    for index in _edges(discarded):
        skipped = _skipped_samples(packets[index]) / codec.sample_rate
        if skipped:
            # What the end loses, some containers have taken off the packet's length already.
            whole = max(lengths[index], lengths[index - 1]) if index else lengths[index]
            lengths[index] = max(0.0, min(lengths[index], whole - skipped))
    lengths[discarded] = 0.0
    return lengths


def _edges(discarded: npt.NDArray[np.bool_]) -> list[int]:
    """List the packets that may be heard in part.

    They lie at both ends, and beside those that are cut out.
    """
    edges = np.zeros(len(discarded), bool)
    edges[1:] |= discarded[:-1]
    edges[:-1] |= discarded[1:]
    edges[:_HEAD_PACKETS] = edges[-_HEAD_PACKETS:] = True
    return [int(index) for index in np.flatnonzero(edges & ~discarded)]


def _skipped_samples(packet: av.Packet) -> int:
    if not packet.has_sidedata("skip_samples"):
        return 0
    start, end = struct.unpack("<II", bytes(packet.get_sidedata("skip_samples"))[:8])
    return int(start + end)
