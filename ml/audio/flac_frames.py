"""FLAC with frames of one size: where a second of the song lies can be guessed and made sure of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame

from ml.audio.flac_landmarks import Landmarks
from ml.audio.packets import Packets, SongFile, Times, decoded, first_sound
from ml.audio.resampling import reach
from ml.audio.windows import Span

_SETTLING = 0.005  # seconds: a frame needs no other, only resampling reaches a little further
_STREAM_INFO_BYTES = 34
_FRAME_OVERHEAD = 64  # bytes of a frame's header and footer, and of each channel's, at most


def flac_song(file: SongFile) -> FlacSong | None:
    """Look at the first and the last frame, and at some on the way between them.

    Returns:
        None when frames are of changing size, or do not count up as they should.
    """
    codec = file.stream.codec_context
    codec.options = {"request_sample_fmt": "s16p"}  # channels apart are mixed in half the time
    info = codec.extradata or b""
    if len(info) < _STREAM_INFO_BYTES or info[:2] != info[2:4]:
        return None  # the smallest and the largest block differ
    block = int.from_bytes(info[:2])
    head = next(file.packets(), None)
    if head is None or head.pos is None or head.pts is None or head.duration != block:
        return None
    most = (4 * block + _FRAME_OVERHEAD) * codec.channels + _FRAME_OVERHEAD
    landmarks = Landmarks.of(file.data, head.pos, most)
    if landmarks is None:
        return None
    last = decoded(codec, av.Packet(bytes(file.data[landmarks.offsets[-2] :])))
    if not last:
        return None
    ticks = head.pts + np.arange(landmarks.numbers[-1]) * block
    times: Times = ticks.astype(float) * file.tick
    origin = first_sound(codec, [head], times, file.tick)
    end = float(times[-1]) + last[0].samples * file.tick
    return FlacSong(file, landmarks, ticks, times - origin, end - origin)


@dataclass(frozen=True, slots=True, eq=False)
class FlacSong:
    """A song of which no more frames are found than are needed; see `ml.audio.packets.Song`.

    Attributes:
        file: all of it.
        landmarks: where its frames lie.
        ticks: (frames,) the time stamp of each.
        times: (frames,) when each begins, in seconds after the song's first sample.
        seconds: its length.
        settling: see `ml.audio.packets.Song`.
    """

    file: SongFile
    landmarks: Landmarks
    ticks: npt.NDArray[np.int64]
    times: Times
    seconds: float
    settling: float = _SETTLING

    def near(self, spans: Sequence[Span]) -> Packets:
        """Find the frames around these spans."""
        wanted = np.zeros(len(self.times), bool)
        after = reach(self.file.stream.codec_context.sample_rate)
        for span in spans:
            bounds = span.start - self.settling, span.end + after
            first, end = np.searchsorted(self.times, bounds, "right").tolist()
            wanted[max(0, first - 1) : end] = True
        edges = np.flatnonzero(np.diff(wanted, prepend=False, append=False)).reshape(-1, 2)
        found = [frame for run in edges.tolist() for frame in self.landmarks.frames(*run)]
        packets = [self._packet(*frame) for frame in found]
        times = self.times[[number for number, _, _ in found]]
        codec = self.file.stream.codec_context
        return Packets(codec, packets, times, self.file.tick, self.seconds, self.settling)

    def frames_from(self, time: float) -> Iterator[tuple[float, AudioFrame]]:
        """Decode from `time` to the end, for which all that follows is found."""
        return self.near([Span(time, self.seconds - time)]).frames_from(time)

    def _packet(self, number: int, begin: int, end: int) -> av.Packet:
        packet = av.Packet(bytes(self.file.data[begin:end]))
        packet.pts = packet.dts = int(self.ticks[number])
        return packet
