"""Open a stranger's file with FFmpeg and read its audio tracks' packets.

FFmpeg reads the bytes from memory and may open nothing else. One thing it does not do: an Ogg or
MP3 file may be several joined ones (`links`; recorded radio and albums are). FFmpeg gives up, or
goes on with the wrong decoder, where the second is not like the first, and hears the header and the
encoder's delay of every further MP3 as silence. So each link is opened by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from ml.audio.errors import (
    AudioError,
    EmptyFileError,
    NoSoundError,
    NotAudioError,
    ProtectedError,
    SongDamagedError,
    SongTooLongError,
    UnknownFormatError,
)
from ml.audio.excerpts import DecodingLimits
from ml.audio.formats import (
    DECODERS,
    DEMUXERS,
    PROTECTED_TAGS,
    Data,
    begins_like_audio,
    is_picture,
    is_protected_asf,
    unread_format,
)
from ml.audio.timeline import Link

_OPTIONS = {
    "format_whitelist": ",".join(DEMUXERS),
    "codec_whitelist": ",".join(DECODERS),
    "protocol_whitelist": "",  # the bytes are at hand: nothing may be opened
}
_BUFFER_BYTES = 2**17  # FFmpeg asks Python for so much at a time
_TAG_CHARACTERS = 200
_PACKETS_PER_SECOND = 400  # the shortest packets there are: Opus, 2.5 ms
_FIRST_PAGE = re.compile(rb"OggS\x00[\x02\x06]")  # version 0, flag 2: a stream begins
_PAGE_HEADER_BYTES = 27
_MP3_FRAME = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")  # MPEG layer III
# What stands in a file's first frame, and how many bytes behind its beginning. Each by itself: a
# pattern of both is sought twenty times as long.
_MP3_TAGS = (re.compile(rb"Xing"), re.compile(rb"Info"))
_MP3_TAG_PLACES = (36, 21, 13)  # stereo and mono of MPEG 1, mono of MPEG 2
_ID3_BYTES = 10  # of the header of a tag that stands before the first frame


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One audio track of a file.

    Attributes:
        links: its parts, one behind the other, each with a decoder of its own; nearly always one.
        announced_seconds: how long the file says it is; not to be believed, 0 where it does not.
        title: from the file's tags, one line of at most 200 characters.
        artist: likewise.
    """

    links: tuple[Link, ...]
    announced_seconds: float
    title: str | None
    artist: str | None

    @property
    def seconds(self) -> float:
        """How long it sounds; packets are counted, headers not believed."""
        return sum(link.seconds for link in self.links)


@contextmanager
def opened(data: Data) -> Iterator[File]:
    """Open a file.

    Raises:
        AudioError: `EmptyFileError`, `NotAudioError`, `NoSoundError`, `UnknownFormatError`,
            `ProtectedError` or `SongDamagedError`.
    """
    if not data:
        raise EmptyFileError
    with ExitStack() as files:
        containers: list[InputContainer] = []
        problem: AudioError | None = None
        for piece in _pieces(data):
            try:
                containers.append(files.enter_context(_open(piece)))
            except AudioError as error:
                problem = problem or error  # a link that cannot be opened is left out
        if problem and not containers:
            raise problem
        yield File(containers)


class File:
    """An opened file."""

    def __init__(self, containers: list[InputContainer]) -> None:
        """Look for audio tracks.

        Raises:
            NoSoundError, UnknownFormatError, ProtectedError: there is none that can be decoded.
        """
        self._containers = containers
        first = containers[0]
        if not first.streams.audio:
            raise NoSoundError
        best = first.streams.best("audio")
        streams = sorted(first.streams.audio, key=lambda stream: stream is not best)
        self._ranks = [first.streams.audio.index(each) for each in streams if _readable(each)]
        if not self._ranks:
            _refuse(streams[0])

    def tracks(self, limits: DecodingLimits) -> Iterator[Track]:
        """Read the audio tracks' packets, the track that players choose first.

        Raises:
            SongTooLongError: a track has more packets than a song within `limits.max_seconds`.
            Damaged: nothing of the last track can be decoded.
            Empty: the last track has no packets.
        """
        announced = (self._containers[0].duration or 0) / av.time_base
        title, artist = self._tag("title"), self._tag("artist")
        problem: AudioError | None = None
        for place, rank in enumerate(self._ranks):
            try:
                links = self._links(rank, limits.max_seconds, again=place > 0)
            except (SongDamagedError, EmptyFileError) as error:
                problem = error
            else:
                yield Track(links, announced, title, artist)
        if problem:
            raise problem

    def _links(self, rank: int, max_seconds: float, *, again: bool) -> tuple[Link, ...]:
        """Read one track from all containers, each of which is a link."""
        links, read, seconds = [], 0, 0.0
        for container in self._containers:
            streams = container.streams.audio
            if rank >= len(streams) or not _readable(streams[rank]):
                continue
            if again:
                container.seek(0)
            packets = _packets(container, streams[rank], max_seconds - seconds, max_seconds)
            read += len(packets)
            if packets and (link := Link.of(streams[rank], packets)):
                links.append(link)
                seconds += link.seconds
        if not links:
            raise SongDamagedError if read else EmptyFileError
        if seconds > max_seconds:
            raise SongTooLongError(seconds, max_seconds)
        return tuple(links)

    def _tag(self, name: str) -> str | None:
        first = self._containers[0]
        for tags in (first.metadata, *(stream.metadata for stream in first.streams.audio)):
            for key, value in tags.items():
                if key.lower() == name and (text := " ".join(value.split())):
                    return "".join(filter(_harmless, text))[:_TAG_CHARACTERS] or None
        return None


def _harmless(character: str) -> bool:
    """Tell whether a character belongs into a line of text.

    Joiners of scripts and emoji do.
    """
    return character.isprintable() or character in "\u200c\u200d"


def _pieces(data: Data) -> Iterator[Data]:
    """Cut a file where another one was joined to it."""
    view = memoryview(data)
    if bytes(view[:4]) == b"OggS":
        cuts = _ogg_beginnings(view)
    elif bytes(view[:3]) == b"ID3" or _MP3_FRAME.match(view):
        cuts = _mp3_beginnings(view)
    else:
        yield data
        return
    cuts = cuts or [0]
    for start, stop in zip(cuts, [*cuts[1:], len(view)], strict=True):
        yield view[start:stop]


def _ogg_beginnings(view: memoryview) -> list[int]:
    """Find where streams begin."""
    cuts: list[int] = []
    end = -1
    for page in _FIRST_PAGE.finditer(view):
        start = page.start()
        if start != end:  # first pages of streams side by side follow each other
            cuts.append(start)
        header = view[start : start + _PAGE_HEADER_BYTES + 255]
        lacing = header[_PAGE_HEADER_BYTES:][: header[_PAGE_HEADER_BYTES - 1]]
        end = start + _PAGE_HEADER_BYTES + len(lacing) + sum(lacing)
    return cuts


def _mp3_beginnings(view: memoryview) -> list[int]:
    """Find the beginning, and the frames in the middle that say how long a further file is."""
    audio = 0
    while (end := _id3_end(view, audio)) > audio:
        audio = end
    found = sorted(
        {
            tag.start() - place
            for pattern in _MP3_TAGS
            for tag in pattern.finditer(view, audio)
            for place in _MP3_TAG_PLACES
            if _is_first_frame(view, tag.start(), place)
        }
    )
    if not _MP3_FRAME.match(view, audio):
        found = found[1:]  # junk stands before the first file's own
    cuts = [0]
    for start in found:
        if start > audio:
            cuts.append(_before_tags(view, start, cuts[-1]))
    return cuts


def _before_tags(view: memoryview, start: int, last: int) -> int:
    """Find where the ID3 tags begin that end at `start`; the file before begins at `last`."""
    data = bytes(view[last:start])
    end = len(data)
    while (tag := data.rfind(b"ID3", 1, end)) >= 0 and _id3_end(data, tag) == end:
        end = tag
    return last + end


def _id3_end(data: Data, start: int) -> int:
    """Find where an ID3 tag that may begin at `start` ends; `start` where there is none."""
    header = bytes(data[start : start + _ID3_BYTES])
    if header[:3] != b"ID3" or len(header) < _ID3_BYTES:
        return start
    size = sum(byte << shift for byte, shift in zip(header[6:], (21, 14, 7, 0), strict=True))
    return start + _ID3_BYTES + size


def _is_first_frame(view: memoryview, at: int, place: int) -> bool:
    """Tell whether an empty frame with such a tag at `at` begins `place` bytes before it."""
    head = bytes(view[max(0, at - place) : at])
    return len(head) == place and _MP3_FRAME.match(head) is not None and not any(head[4:])


def _open(data: Data) -> InputContainer:
    if is_picture(data):
        raise NoSoundError
    if name := unread_format(data):
        raise UnknownFormatError(name)
    try:
        # Not `options`: PyAV 16 writes past its array of them where FFmpeg finds streams late
        # (FLV, MPEG). Titles that are not UTF-8 are common, and no reason to refuse a song.
        container = av.open(
            _Reader(data),
            "r",
            container_options=_OPTIONS,
            metadata_errors="ignore",
            buffer_size=_BUFFER_BYTES,
        )
    except MemoryError:
        raise
    except av.FFmpegError as error:
        raise (SongDamagedError if begins_like_audio(data) else NotAudioError) from error
    if container.format.name == "asf" and is_protected_asf(data):
        container.close()
        raise ProtectedError
    return container


def _readable(stream: AudioStream) -> bool:
    codec = stream.codec_context
    return codec is not None and codec.codec.name in DECODERS and not _protected(stream)


def _protected(stream: AudioStream) -> bool:
    try:
        return stream.codec_context.codec_tag in PROTECTED_TAGS
    except UnicodeDecodeError:  # a number, as WAV has them, not four letters
        return False


def _refuse(stream: AudioStream) -> None:
    codec = stream.codec_context
    if codec is None:
        raise UnknownFormatError("unknown codec")
    if _protected(stream):
        raise ProtectedError
    raise UnknownFormatError(codec.codec.long_name or codec.codec.name)


def _packets(
    container: InputContainer, stream: AudioStream, max_seconds: float, limit_seconds: float
) -> list[av.Packet]:
    """Read the packets of a stream, as far as the file goes."""
    packets: list[av.Packet] = []
    ticks = 0
    most_ticks = max_seconds / float(stream.time_base or 1)
    most_packets = max_seconds * _PACKETS_PER_SECOND
    try:
        for packet in container.demux(stream):
            if not packet.size:  # PyAV marks the end so
                continue
            packets.append(packet)
            ticks += packet.duration or 0
            if ticks > most_ticks or len(packets) > most_packets:
                announced = (container.duration or 0) / av.time_base
                raise SongTooLongError(max(announced, limit_seconds), limit_seconds)
    except MemoryError:
        raise
    except av.FFmpegError:
        pass  # a file cut short is heard as far as it goes
    return packets


class _Reader:
    """A file in memory, read without a copy of the whole.

    `io.BytesIO` would make one.
    """

    def __init__(self, data: Data) -> None:
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
