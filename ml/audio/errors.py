"""Everything that can be wrong with a song, each error carrying its facts.

AudioError
├── TooLarge      more bytes than allowed
├── TooLong       more seconds than allowed
├── NotAudio      no decodable audio in an allowed container
├── Damaged       audio began, but cannot be decoded
├── Empty         no bytes, or no samples
├── Silent        samples, but nothing to hear
└── TookTooLong   decoding outran its time or memory

`code` is stable: the command line prints it and the catalogues of words are keyed by it.
"""

from __future__ import annotations

from typing import ClassVar


class AudioError(Exception):
    """A song that cannot be heard."""

    code: ClassVar[str] = "audio"


class TooLarge(AudioError):
    """The file has more bytes than allowed."""

    code = "too_large"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(f"{size_bytes} bytes, limit {limit_bytes}")
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class TooLong(AudioError):
    """The song lasts longer than allowed; `seconds` is what was announced or decoded so far."""

    code = "too_long"

    def __init__(self, seconds: float, limit_seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s, limit {limit_seconds:.0f} s")
        self.seconds = seconds
        self.limit_seconds = limit_seconds


class NotAudio(AudioError):
    """Nothing in the file is audio in a container we open."""

    code = "not_audio"


class Damaged(AudioError):
    """The file announces audio that cannot be decoded."""

    code = "damaged"


class Empty(AudioError):
    """The file holds no bytes or no samples."""

    code = "empty"


class Silent(AudioError):
    """The song is silent wherever we listened."""

    code = "silent"


class TookTooLong(AudioError):
    """Decoding was stopped because it outran its time, processor or memory limit."""

    code = "took_too_long"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"stopped after {limit_seconds:.0f} s")
        self.limit_seconds = limit_seconds
