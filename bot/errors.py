"""What the bot itself can find wrong, each error carrying its facts.

BotError
├── SettingsError   variables that cannot be used; told at start, never to members
├── StartError      something needed is missing or broken at start
├── NothingToHear   a message without a song
├── FileGone        an attachment that can no longer be fetched
├── CannotFetch     an attachment that Discord could not give just now
├── TooBusy         more songs are waiting than the host allows
├── Declined        asked for what may not be done
│   ├── RememberingNotAllowed   the server does not let the bot remember songs
│   ├── NotAdministrator        only those who manage the server may do this
│   ├── NotYours                the song, import or question is somebody else's
│   ├── NeedsMessageContent     the host did not switch the message-content intent on
│   ├── NeedsPermissions        the bot lacks permissions in a channel
│   ├── AlreadyImporting        the channel is being imported
│   └── OneAtATime              several things were named, one can be done
├── NothingToForget nothing of what was named is remembered
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


class CannotFetch(BotError):
    """Discord, or the way to it, failed just now; the file may well be there."""


class TooBusy(BotError):
    """`waiting` songs are already queued, which is as many as the host allows."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} songs are waiting")
        self.waiting = waiting


class Declined(BotError):
    """Asked for something that may not be done; who may, or what to change, is in the class."""


class RememberingNotAllowed(Declined):
    """The server has not said that the bot may remember songs."""


class NotAdministrator(Declined):
    """Only those who may manage the server can do this."""


class NotYours(Declined):
    """Somebody else's: only its owner, or an administrator, can do this."""


class NeedsMessageContent(Declined):
    """Without the message-content intent the files of messages cannot be seen."""


class NeedsPermissions(Declined):
    """The bot lacks permissions, named as Discord's API does, in a channel."""

    def __init__(self, channel_id: int, missing: tuple[str, ...]) -> None:
        super().__init__(f"lacks {', '.join(missing)} in {channel_id}")
        self.channel_id = channel_id
        self.missing = missing


class AlreadyImporting(Declined):
    """The channel is being imported at this moment."""


class OneAtATime(Declined):
    """Several things were named where one can be done."""


class NothingToForget(BotError):
    """Nothing of what was named is remembered."""


class Stopping(BotError):
    """The bot is stopping and takes no new work."""
