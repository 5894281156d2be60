"""What can go wrong with a request, each error with its facts and a stable code.

BotError
├── SettingsError   variables that cannot be used; shown at start, never to members
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

`bot.lessons.errors` goes on with it. Songs, images and the database have trees of their own in
`ml.audio.errors`, `ml.images.errors` and `storage.errors`. `bot.i18n.error_messages` words them all
by `code` and public attributes; every public attribute is a fact.
"""

from __future__ import annotations

from typing import ClassVar


class BotError(Exception):
    """Anything below; `code` names what members are answered, in `bot.i18n.error_messages`."""

    code: ClassVar[str]


class SettingsError(BotError):
    """Environment variables that cannot be used, as (variable, problem) pairs."""

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems))
        self.problems = problems


class StartError(BotError):
    """The bot cannot start; the message says what to mend."""


class NothingToHear(BotError):
    """The message has no song attached."""

    code = "nothing_to_hear"


class FileGone(BotError):
    """The attachment was deleted or its link expired before it could be fetched."""

    code = "file_gone"


class CannotFetch(BotError):
    """Discord, or the way to it, failed just now; the file may well be there."""

    code = "cannot_fetch"


class TooBusy(BotError):
    """`waiting` songs are already queued, which is as many as the host allows."""

    code = "too_busy"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} songs are waiting")
        self.waiting = waiting


class MoreThanAnnounced(BotError):
    """The file has more bytes than Discord said, and more than `limit_bytes`."""

    code = "more_than_announced"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"over {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class TooOften(BotError):
    """Asked more often than the host allows; `everybody` tells whether the whole server was."""

    code = "too_often"

    def __init__(self, wait_seconds: int, *, everybody: bool) -> None:
        super().__init__(f"{'server' if everybody else 'member'} waits {wait_seconds} s")
        self.wait_seconds = wait_seconds
        self.everybody = everybody


class Declined(BotError):
    """Asked for something that may not be done; who may, or what to change, is in the class."""


class RememberingNotAllowed(Declined):
    """The server has not said that the bot may remember songs."""

    code = "remembering_not_allowed"


class NotAdministrator(Declined):
    """Only those who may manage the server can do this."""

    code = "not_administrator"


class NotYours(Declined):
    """Somebody else's: only its owner, or an administrator, can do this."""

    code = "not_yours"


class NeedsMessageContent(Declined):
    """Without the message-content intent the files of messages cannot be seen."""

    code = "needs_message_content"


class NeedsPermissions(Declined):
    """The bot lacks permissions, named as Discord's API does, in a channel."""

    code = "needs_permissions"

    def __init__(self, channel_id: int, missing: tuple[str, ...]) -> None:
        super().__init__(f"lacks {', '.join(missing)} in {channel_id}")
        self.channel_id = channel_id
        self.missing = missing


class AlreadyImporting(Declined):
    """The channel is being imported at this moment."""

    code = "already_importing"


class OneAtATime(Declined):
    """Several things were named where one can be done."""

    code = "one_at_a_time"


class NothingToForget(BotError):
    """Nothing of what was named is remembered."""

    code = "nothing_to_forget"


class PortraitError(BotError):
    """A portrait cannot be drawn, found or shown."""


class NoPortraitModel(PortraitError):
    """No model for portraits is installed."""

    code = "no_portrait_model"


class OtherPortraitModel(PortraitError):
    """The portrait was drawn by `model`, which is no longer here."""

    code = "other_portrait_model"

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class PortraitGone(PortraitError):
    """The portrait was deleted, or made room for later ones."""

    code = "portrait_gone"


class NothingToMorph(PortraitError):
    """There are not two different portraits to go between."""

    code = "nothing_to_morph"


class GalleryFull(PortraitError):
    """The member keeps `limit` portraits, as many as may be kept."""

    code = "gallery_full"

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} portraits")
        self.limit = limit


class CannotExplain(PortraitError):
    """There are no training drawings to compare the portrait with."""

    code = "cannot_explain"


class TooManyPortraits(PortraitError):
    """`waiting` portraits or pictures are under way, as many as the host allows."""

    code = "too_many_portraits"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} portraits are waiting")
        self.waiting = waiting


class IconError(BotError):
    """The server's icon cannot be changed, or not be put back."""


class BotMayNotManage(IconError):
    """The bot itself may not manage the server."""

    code = "bot_may_not_manage"


class IconOutOfReach(IconError):
    """Discord could not give the old icon, which is kept so that it can be put back."""

    code = "icon_out_of_reach"


class NoUndoLeft(IconError):
    """The time for putting the old icon back is over, or it was put back."""

    code = "no_undo_left"


class IconChangedSince(IconError):
    """Somebody has set another icon since; it stays."""

    code = "icon_changed_since"


class Stopping(BotError):
    """The bot is stopping and takes no new work."""

    code = "stopping"
