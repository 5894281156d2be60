"""What the bot itself can find wrong, each error carrying its facts.

BotError
├── SettingsError   variables that cannot be used; told at start, never to members
├── StartError      something needed is missing or broken at start
├── NothingToHear   a message without a song
├── FileGone        an attachment that can no longer be fetched
├── TooBusy         more songs are waiting than the host allows
└── Stopping        the bot is on its way out

Songs have their own tree in `ml.audio.errors`, models in `ml.music`.
`bot.apologies` finds the words for all of them.
"""

from __future__ import annotations


class BotError(Exception):
    """Anything below."""


class SettingsError(BotError):
    """Environment variables that cannot be used, as (variable, problem) pairs."""

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems))
        self.problems = problems


class StartError(BotError):
    """The bot cannot start; the message says what to mend."""


class NothingToHear(BotError):
    """The message has no song attached."""


class FileGone(BotError):
    """The attachment was deleted or its link expired before it could be fetched."""


class TooBusy(BotError):
    """`waiting` songs are already queued, which is as many as the host allows."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} songs are waiting")
        self.waiting = waiting


class Stopping(BotError):
    """The bot is stopping and takes no new work."""
