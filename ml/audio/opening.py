"""Opening a stranger's file: what is tried at all, and which way its packets are reached.

Where a container tells by itself where everything lies, only the packets that are listened to are
read; wherever anything is unusual, all of them are. Either way the song's length comes from what
is in the file, never from what a header announces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from ml.audio.errors import Damaged, Empty, NotAudio, TooLong
from ml.audio.flac_frames import flac_song
from ml.audio.limits import DecodingLimits
from ml.audio.mpeg_frames import mpeg_packets
from ml.audio.ogg_pages import ogg_song
from ml.audio.packets import Song, SongFile, all_packets
from ml.audio.sample_table import sought_song

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

# Ways to a song that leave most of its packets alone, by the first of FFmpeg's names for the
# container. Each gives None where a file is not as plain as it should be.
QUICK_WAYS: dict[str, Callable[[SongFile], Song | None]] = {
    "mp3": mpeg_packets,
    "flac": flac_song,
    "ogg": ogg_song,
    "mov": sought_song,
}


@contextmanager
def opened(data: bytes | bytearray | memoryview, limits: DecodingLimits) -> Iterator[Song]:
    """Open a song.

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
    with ExitStack() as files:
        song = _quickly(files.enter_context(_file(data)))
        if song is None:
            song = all_packets(files.enter_context(_file(data)), limits.max_seconds)
        if not song.seconds > 0:
            raise Empty
        if song.seconds > limits.max_seconds:
            raise TooLong(song.seconds, limits.max_seconds)
        yield song


def _quickly(file: SongFile) -> Song | None:
    way = QUICK_WAYS.get(file.container.format.name.split(",")[0])
    try:
        return way(file) if way else None
    except MemoryError:
        raise
    except av.FFmpegError:
        return None


@contextmanager
def _file(data: bytes | bytearray | memoryview) -> Iterator[SongFile]:
    with _container(data) as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream) or stream.codec_context.codec.name not in DECODERS:
            raise NotAudio
        stream.codec_context.thread_count = 1
        tick = float(stream.time_base or 1)
        yield SongFile(memoryview(data), container, stream, tick, reopened=_file)


def _container(data: bytes | bytearray | memoryview) -> InputContainer:
    try:
        # Titles that are not UTF-8 are common, and no reason to refuse a song.
        return av.open(_Reader(data), "r", options=_OPENING, metadata_errors="ignore")
    except MemoryError:
        raise
    except av.FFmpegError as error:
        beginning = bytes(data[:8])
        begins_well = beginning.startswith(_BEGINNINGS) or beginning[4:8] == b"ftyp"
        raise (Damaged if begins_well else NotAudio) from error


class _Reader:
    """A file in memory, read without a copy of the whole, which `io.BytesIO` would make."""

    def __init__(self, data: bytes | bytearray | memoryview) -> None:
        self._data = memoryview(data)
        self._at = 0

    def read(self, size: int) -> bytes:
        piece = bytes(self._data[self._at : self._at + size])
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, (0, self._at, len(self._data))[whence] + offset)
        return self._at

    def tell(self) -> int:
        return self._at
