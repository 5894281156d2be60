"""What can go wrong with a request, each error with its facts and a stable code.

BotError
├── SettingsError                 variables that cannot be used; shown at start, never to members
├── StartError                    something needed is missing or broken at start
├── NothingToHearError            a message without a song
├── FileGoneError                 an attachment that can no longer be fetched
├── CannotFetchError              an attachment that Discord could not give just now
├── MoreThanAnnouncedError        a file that goes on after more bytes than may be
├── TooBusyError                  more songs are waiting than the host allows
├── TooOftenError                 a member or a server asked more often than the host allows
├── DeclinedError                 asked for what may not be done
│   ├── RememberingNotAllowedError  the server does not let the bot remember songs
│   ├── NotAdministratorError     only those who manage the server may do this
│   ├── NotYoursError             the song, import or question is somebody else's
│   ├── NeedsMessageContentError  the host did not switch the message-content intent on
│   ├── NeedsPermissionsError     the bot lacks permissions in a channel
│   ├── AlreadyImportingError     the channel is being imported
│   └── OneAtATimeError           several things were named, one can be done
├── NothingToForgetError          nothing of what was named is remembered
├── PortraitError                 a portrait cannot be drawn, found or shown
│   ├── NoPortraitModelError      none is installed
│   ├── OtherPortraitModelError   the model that drew it is no longer here
│   ├── PortraitGoneError         it was deleted, or so many were drawn since that it made room
│   ├── NothingToMorphError       there are not two different portraits to go between
│   ├── GalleryFullError          the member keeps as many as may be kept
│   ├── CannotExplainError        no training drawings to compare with
│   └── TooManyPortraitsError     as many are being drawn as the host allows
├── IconError                     the server's icon cannot be changed, or not be put back
│   ├── BotMayNotManageError      the bot itself lacks the permission to
│   ├── IconOutOfReachError       the old icon cannot be fetched, so it could not be put back
│   ├── NoUndoLeftError           a day has passed, or it was put back already
│   └── IconChangedSinceError     somebody has set another since
└── StoppingError                 the bot is on its way out

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


class NothingToHearError(BotError):
    """The message has no song attached."""

    code = "nothing_to_hear"


class FileGoneError(BotError):
    """The attachment was deleted or its link expired before it could be fetched."""

    code = "file_gone"


class CannotFetchError(BotError):
    """Discord, or the way to it, failed just now; the file may well be there."""

    code = "cannot_fetch"


class TooBusyError(BotError):
    """`waiting` songs are already queued, which is as many as the host allows."""

    code = "too_busy"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} songs are waiting")
        self.waiting = waiting


class MoreThanAnnouncedError(BotError):
    """The file has more bytes than Discord said, and more than `limit_bytes`."""

    code = "more_than_announced"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"over {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class TooOftenError(BotError):
    """Asked more often than the host allows; `everybody` tells whether the whole server was."""

    code = "too_often"

    def __init__(self, wait_seconds: int, *, everybody: bool) -> None:
        super().__init__(f"{'server' if everybody else 'member'} waits {wait_seconds} s")
        self.wait_seconds = wait_seconds
        self.everybody = everybody


class DeclinedError(BotError):
    """Asked for something that may not be done; who may, or what to change, is in the class."""


class RememberingNotAllowedError(DeclinedError):
    """The server has not said that the bot may remember songs."""

    code = "remembering_not_allowed"


class NotAdministratorError(DeclinedError):
    """Only those who may manage the server can do this."""

    code = "not_administrator"


class NotYoursError(DeclinedError):
    """Somebody else's: only its owner, or an administrator, can do this."""

    code = "not_yours"


class NeedsMessageContentError(DeclinedError):
    """Without the message-content intent the files of messages cannot be seen."""

    code = "needs_message_content"


class NeedsPermissionsError(DeclinedError):
    """The bot lacks permissions, named as Discord's API does, in a channel."""

    code = "needs_permissions"

    def __init__(self, channel_id: int, missing: tuple[str, ...]) -> None:
        super().__init__(f"lacks {', '.join(missing)} in {channel_id}")
        self.channel_id = channel_id
        self.missing = missing


class AlreadyImportingError(DeclinedError):
    """The channel is being imported at this moment."""

    code = "already_importing"


class OneAtATimeError(DeclinedError):
    """Several things were named where one can be done."""

    code = "one_at_a_time"


class NothingToForgetError(BotError):
    """Nothing of what was named is remembered."""

    code = "nothing_to_forget"


class PortraitError(BotError):
    """A portrait cannot be drawn, found or shown."""


class NoPortraitModelError(PortraitError):
    """No model for portraits is installed."""

    code = "no_portrait_model"


class OtherPortraitModelError(PortraitError):
    """The portrait was drawn by `model`, which is no longer here."""

    code = "other_portrait_model"

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class PortraitGoneError(PortraitError):
    """The portrait was deleted, or made room for later ones."""

    code = "portrait_gone"


class NothingToMorphError(PortraitError):
    """There are not two different portraits to go between."""

    code = "nothing_to_morph"


class GalleryFullError(PortraitError):
    """The member keeps `limit` portraits, as many as may be kept."""

    code = "gallery_full"

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} portraits")
        self.limit = limit


class CannotExplainError(PortraitError):
    """There are no training drawings to compare the portrait with."""

    code = "cannot_explain"


class TooManyPortraitsError(PortraitError):
    """`waiting` portraits or pictures are under way, as many as the host allows."""

    code = "too_many_portraits"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} portraits are waiting")
        self.waiting = waiting


class IconError(BotError):
    """The server's icon cannot be changed, or not be put back."""


class BotMayNotManageError(IconError):
    """The bot itself may not manage the server."""

    code = "bot_may_not_manage"


class IconOutOfReachError(IconError):
    """Discord could not give the old icon, which is kept so that it can be put back."""

    code = "icon_out_of_reach"


class NoUndoLeftError(IconError):
    """The time for putting the old icon back is over, or it was put back."""

    code = "no_undo_left"


class IconChangedSinceError(IconError):
    """Somebody has set another icon since; it stays."""

    code = "icon_changed_since"


class StoppingError(BotError):
    """The bot is stopping and takes no new work."""

    code = "stopping"
