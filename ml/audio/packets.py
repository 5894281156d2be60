"""A song taken apart into its compressed packets, each with its place in time.

Reading all packets without decoding them costs less than seeking to sixty places, and tells what
no header can be trusted to: how long the song is and where each second of it lies. So it serves
files alike that cannot seek, announce no length, or announce a wrong one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from ml.audio.errors import Damaged, Empty, NotAudio, TooLong
from ml.audio.limits import DecodingLimits

# Names of FFmpeg's demuxers and decoders. All others, among them those that fetch what a text
# tells them to (sdp, hls, concat), are never tried.
CONTAINERS = ("mp3", "wav", "flac", "ogg", "mov", "aac", "matroska")
DECODERS = (
    *("mp3float", "mp3", "aac", "alac", "vorbis", "opus", "flac"),
    *("pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be"),
    *("pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw"),
)
_OPENING = {
    "format_whitelist": ",".join(CONTAINERS),
    "codec_whitelist": ",".join(DECODERS),
    "protocol_whitelist": "",  # the bytes are at hand: nothing may be opened
}
_BEGINNINGS = (b"ID3", b"RIFF", b"fLaC", b"OggS", b"\x1aE\xdf\xa3")  # the last is Matroska
_PACKETS_PER_SECOND = 400  # the shortest packets there are: Opus, 2.5 ms
_LONGEST_PACKET = 10.0  # seconds; the longest there are: FLAC, 65 535 samples at 8 kHz
_HEAD_PACKETS = 32  # a song has begun to sound by then, or its beginning is damaged


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """A song's packets, still compressed.

    Attributes:
        codec: decodes them; a packet may be decoded as often as one likes.
        packets: in their order in the file.
        times: (packets,) float64, when each begins, in seconds after the song's first sample.
        tick: unit of the packets' own time stamps, in seconds.
        seconds: length of the song.
    """

    codec: AudioCodecContext
    packets: Sequence[av.Packet]
    times: npt.NDArray[np.float64]
    tick: float
    seconds: float

    def frames_from(self, time: float) -> Iterator[tuple[float, AudioFrame]]:
        """Decode from the packet that sounds at `time` on, passing over what is damaged.

        Args:
            time: in seconds after the song's first sample; earlier ones mean the first packet.

        Yields:
            When the frame begins, in seconds after the song's first sample, and the frame.
        """
        self.codec.flush_buffers()
        first = max(0, int(np.searchsorted(self.times, time, "right")) - 1)
        for index in range(first, len(self.packets)):
            packet = self.packets[index]
            for frame in decoded(self.codec, packet):
                yield float(self.times[index]) + _lag(packet, frame, self.tick), frame


@contextmanager
def opened(data: bytes | bytearray, limits: DecodingLimits) -> Iterator[Packets]:
    """Take a song apart.

    Args:
        data: a whole file, as it was posted.
        limits: `max_seconds` counts here.

    Raises:
        Empty: there are no bytes or no packets.
        NotAudio: it is no container or codec of those above.
        Damaged: it begins like one, but cannot be opened.
        TooLong: it has more packets than a song within the limit.
    """
    if not data:
        raise Empty
    with _container(data) as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream) or stream.codec_context.codec.name not in DECODERS:
            raise NotAudio
        codec = stream.codec_context
        codec.thread_count = 1
        tick = float(stream.time_base or 1)
        packets = _read(container, stream, tick, limits.max_seconds)
        if not packets:
            raise Empty
        times, end = _timeline(packets, tick)
        origin = _first_sound(codec, packets, times, tick)
        seconds = end - origin
        if not seconds > 0:
            raise Empty
        if seconds > limits.max_seconds:
            raise TooLong(seconds, limits.max_seconds)
        yield Packets(codec, packets, times - origin, tick, seconds)


def decoded(codec: AudioCodecContext, packet: av.Packet) -> list[AudioFrame]:
    """Decode one packet, to nothing when it is damaged."""
    try:
        return codec.decode(packet)
    except MemoryError:
        raise
    except av.FFmpegError:
        return []


def _container(data: bytes | bytearray) -> InputContainer:
    try:
        # Titles that are not UTF-8 are common, and no reason to refuse a song.
        return av.open(io.BytesIO(data), "r", options=_OPENING, metadata_errors="ignore")
    except MemoryError:
        raise
    except av.FFmpegError as error:
        begins_well = data.startswith(_BEGINNINGS) or data[4:8] == b"ftyp"
        raise (Damaged if begins_well else NotAudio) from error


def _read(
    container: InputContainer, stream: AudioStream, tick: float, max_seconds: float
) -> list[av.Packet]:
    packets: list[av.Packet] = []
    ticks = 0
    most_ticks = max_seconds / tick
    most_packets = max_seconds * _PACKETS_PER_SECOND
    try:
        for packet in container.demux(stream):
            if not packet.size:
                continue  # PyAV's mark of the end
            packets.append(packet)
            ticks += packet.duration or 0
            if ticks > most_ticks or len(packets) > most_packets:
                announced = (container.duration or 0) / av.time_base
                raise TooLong(max(announced, max_seconds), max_seconds)
    except MemoryError:
        raise
    except av.FFmpegError:
        pass  # a file cut short is heard as far as it goes
    return packets


def _timeline(packets: Sequence[av.Packet], tick: float) -> tuple[npt.NDArray[np.float64], float]:
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


def _first_sound(
    codec: AudioCodecContext,
    packets: Sequence[av.Packet],
    times: npt.NDArray[np.float64],
    tick: float,
) -> float:
    """Find the first sample meant to be heard, which lies past the delay an encoder added."""
    for packet, time in zip(packets[:_HEAD_PACKETS], times, strict=False):
        for frame in decoded(codec, packet):
            return float(time) + _lag(packet, frame, tick)
    return float(times[0])


def _lag(packet: av.Packet, frame: AudioFrame, tick: float) -> float:
    """Seconds by which a frame begins after its packet: what the decoder cut off as delay."""
    if packet.pts is None or frame.pts is None:
        return 0.0
    return (frame.pts - packet.pts) * tick
