"""Why a song cannot be heard, each error with the facts a reader needs.

AudioError
├── TooLarge       more bytes than allowed
├── TooLong        more seconds than allowed
├── NotAudio       no file of sound or film at all
├── NoSound        a film or picture without an audio track
├── UnknownFormat  sound in a format that is not read here
├── Protected      sound under a copy protection
├── Damaged        sound that cannot be decoded
├── Empty          no bytes, or no samples
├── Silent         samples, but nothing to hear
└── TookTooLong    decoding outran its time or memory

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
    """The song lasts longer than allowed.

    `length_seconds` is what was announced or read so far.
    """

    code = "too_long"

    def __init__(self, length_seconds: float, limit_seconds: float) -> None:
        super().__init__(f"{length_seconds:.0f} s, limit {limit_seconds:.0f} s")
        self.length_seconds = length_seconds
        self.limit_seconds = limit_seconds


class NotAudio(AudioError):
    """The file is neither sound nor film."""

    code = "not_audio"


class NoSound(AudioError):
    """The file is a film or a picture without an audio track."""

    code = "no_sound"


class UnknownFormat(AudioError):
    """The file holds sound in a format that is not read.

    `format` is its common name.
    """

    code = "unknown_format"

    def __init__(self, format_name: str) -> None:
        super().__init__(format_name)
        self.format = format_name


class Protected(AudioError):
    """The sound is encrypted: only a shop's own player can play it."""

    code = "protected"


class Damaged(AudioError):
    """The sound cannot be decoded.

    `since_seconds` is how much of it could be before.
    """

    code = "damaged"

    def __init__(self, since_seconds: float = 0.0) -> None:
        super().__init__(f"from {since_seconds:.1f} s on")
        self.since_seconds = since_seconds


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
