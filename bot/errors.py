"""What the bot itself can find wrong, each error carrying its facts.

BotError
├── SettingsError   variables that cannot be used; told at start, never to members
├── StartError      something needed is missing or broken at start
├── NothingToHear   a message without a song
├── FileGone        an attachment that can no longer be fetched
├── CannotFetch     an attachment that Discord could not give just now
├── MoreThanAnnounced   a file that goes on after more bytes than may be
├── TooBusy         more songs are waiting than the host allows
├── TooOften        a member or a server asked more often than the host allows
├── Declined        asked for what may not be done
│   ├── RememberingNotAllowed   the server does not let the bot remember songs
│   ├── NotAdministrator        only those who manage the server may do this
│   ├── NotYours                the song, import or question is somebody else's
│   ├── NeedsMessageContent     the host did not switch the message-content intent on
│   ├── NeedsPermissions        the bot lacks permissions in a channel
│   ├── AlreadyImporting        the channel is being imported
│   └── OneAtATime              several things were named, one can be done
├── NothingToForget nothing of what was named is remembered
├── PortraitError   a portrait cannot be drawn, found or shown
│   ├── NoPortraitModel      none is installed
│   ├── OtherPortraitModel   the model that drew it is no longer here
│   ├── PortraitGone         it was deleted, or so many were drawn since that it made room
│   ├── NothingToMorph       there are not two different portraits to go between
│   ├── GalleryFull          the member keeps as many as may be kept
│   ├── CannotExplain        no training drawings to compare with
│   └── TooManyPortraits     as many are being drawn as the host allows
├── IconError       the server's icon cannot be changed, or not be put back
│   ├── BotMayNotManage      the bot itself lacks the permission to
│   ├── IconOutOfReach       the old icon cannot be fetched, so it could not be put back
│   ├── NoUndoLeft           a day has passed, or it was put back already
│   └── IconChangedSince     somebody has set another since
└── Stopping        the bot is on its way out

Songs have their own tree in `ml.audio.errors`, models in `ml.music`.
`bot.i18n.error_messages` finds the words for all of them.
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


class MoreThanAnnounced(BotError):
    """The file has more bytes than Discord said, and more than `limit_bytes`."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"over {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class TooOften(BotError):
    """Asked more often than the host allows; `everybody` tells whether the whole server was."""

    def __init__(self, wait_seconds: int, *, everybody: bool) -> None:
        super().__init__(f"{'server' if everybody else 'member'} waits {wait_seconds} s")
        self.wait_seconds = wait_seconds
        self.everybody = everybody


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


class PortraitError(BotError):
    """A portrait cannot be drawn, found or shown."""


class NoPortraitModel(PortraitError):
    """No model for portraits is installed."""


class OtherPortraitModel(PortraitError):
    """The portrait was drawn by `model`, which is no longer here."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class PortraitGone(PortraitError):
    """The portrait was deleted, or made room for later ones."""


class NothingToMorph(PortraitError):
    """There are not two different portraits to go between."""


class GalleryFull(PortraitError):
    """The member keeps `limit` portraits, as many as may be kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} portraits")
        self.limit = limit


class CannotExplain(PortraitError):
    """There are no training drawings to compare the portrait with."""


class TooManyPortraits(PortraitError):
    """`waiting` portraits or pictures are under way, as many as the host allows."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} portraits are waiting")
        self.waiting = waiting


class IconError(BotError):
    """The server's icon cannot be changed, or not be put back."""


class BotMayNotManage(IconError):
    """The bot itself may not manage the server."""


class IconOutOfReach(IconError):
    """Discord could not give the old icon, which is kept so that it can be put back."""


class NoUndoLeft(IconError):
    """The time for putting the old icon back is over, or it was put back."""


class IconChangedSince(IconError):
    """Somebody has set another icon since; it stays."""


class Stopping(BotError):
    """The bot is stopping and takes no new work."""
