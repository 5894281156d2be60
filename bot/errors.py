"""What can go wrong with a request, each error with its facts and a stable code.

BotError
├── SettingsError                 variables that cannot be used; shown at start, never to members
├── StartError                    something needed is missing or broken at start
├── NothingToHearError            a message without a song
├── NoSongHereError               no song among a channel's last messages, or they cannot be seen
├── OutsideLinkError              a link to another site, from which the bot fetches nothing
├── NotALinkError                 words where a link belongs
├── UnreadableLinkError           a message that the asker cannot read, or that is not there
├── FileGoneError                 an attachment that can no longer be fetched
├── CannotFetchError              an attachment that Discord could not give just now
├── MoreThanAnnouncedError        a file that goes on after more bytes than may be
├── TooShortError                 too little sound to compare a song with others
├── TooBusyError                  more songs are waiting than the host allows
├── WorkersAwayError              no worker answers that could listen or draw
├── TooOftenError                 a member or a server asked more often than the host allows
├── DeclinedError                 asked for what may not be done
│   ├── RememberingNotAllowedError  the server does not let the bot remember songs
│   ├── NotAdministratorError     only those who manage the server may do this
│   ├── NotYoursError             the song, import or question is somebody else's
│   ├── NeedsMessageContentError  the host did not switch the message-content intent on
│   ├── NeedsPermissionsError     the bot lacks permissions in a channel
│   ├── AlreadyImportingError     the channel is being imported
│   ├── OneAtATimeError           several things were named, one can be done
│   ├── OneSourceError            a file was given and something else beside it
│   └── StrengthAloneError        how closely to follow a picture, but no picture
├── NothingToForgetError          nothing of what was named is remembered
├── PortraitError                 a portrait cannot be drawn, found or shown
│   ├── NoPortraitModelError      none is installed
│   ├── OtherPortraitModelError   the model that drew it is no longer here
│   ├── PortraitGoneError         it was deleted, or so many were drawn since that it made room
│   ├── ChoiceUnavailableError    the model cannot be told what was chosen
│   ├── NothingToMorphError       there are not two different portraits to go between
│   ├── GalleryFullError          the member keeps as many as may be kept
│   ├── CannotExplainError        no training drawings to compare with
│   └── TooManyPortraitsError     as many are being drawn as the host allows
├── IconError                     the server's icon cannot be changed, or not be put back
│   ├── BotMayNotManageError      the bot itself lacks the permission to
│   ├── IconUnavailableError       the old icon cannot be fetched, so it could not be put back
│   ├── NoUndoLeftError           a day has passed, or it was put back already
│   └── IconChangedSinceError     somebody has set another since
└── StoppingError                 the bot is on its way out

`bot.lessons.errors` goes on with it. Songs, images and the database have trees of their own in
`ml.audio.errors`, `ml.images.errors` and `storage.errors`. `bot.i18n.error_messages` words them all
by `code` and public attributes; every public attribute is a fact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


class BotError(Exception):
    """Anything below; `code` names what members are answered, in `bot.i18n.error_messages`.

    An error with facts is a dataclass, compared by identity as every exception; the log has the
    facts, by name, where a message would be.
    """

    code: ClassVar[str]

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return facts or super().__str__()


@dataclass(eq=False)
class SettingsError(BotError):
    """Environment variables that cannot be used, as (variable, problem) pairs."""

    problems: tuple[tuple[str, str], ...]


class StartError(BotError):
    """The bot cannot start; the message says what to mend."""


class NothingToHearError(BotError):
    """The message has no song attached."""

    code = "nothing_to_hear"


@dataclass(eq=False)
class NoSongHereError(BotError):
    """No song is among the last `messages` of a channel; `seen`: whether their files show."""

    code = "no_song_here"
    messages: int
    seen: bool = field(kw_only=True)


@dataclass(eq=False)
class OutsideLinkError(BotError):
    """What was pasted leads to `site`, not to a message here; `streams`: one known for songs."""

    code = "outside_link"
    site: str
    streams: bool


class NotALinkError(BotError):
    """What was typed where a link belongs is none."""

    code = "not_a_link"


class UnreadableLinkError(BotError):
    """The message is of another server, deleted, or in a channel that the asker cannot read."""

    code = "unreadable_link"


class FileGoneError(BotError):
    """The attachment was deleted or its link expired before it could be fetched."""

    code = "file_gone"


class CannotFetchError(BotError):
    """Discord, or the way to it, failed just now; the file may well be there."""

    code = "cannot_fetch"


@dataclass(eq=False)
class TooShortError(BotError):
    """The file has less than `needed_seconds` of sound: its vector says too little."""

    code = "too_short"
    needed_seconds: float


@dataclass(eq=False)
class TooBusyError(BotError):
    """`waiting` songs are already queued, which is as many as the host allows."""

    code = "too_busy"
    waiting: int


class WorkersAwayError(BotError):
    """Songs and portraits are worked on elsewhere, and nothing there answers."""

    code = "workers_away"


@dataclass(eq=False)
class MoreThanAnnouncedError(BotError):
    """The file has more bytes than Discord said, and more than `limit_bytes`."""

    code = "more_than_announced"
    limit_bytes: int


@dataclass(eq=False)
class TooOftenError(BotError):
    """Asked more often than the host allows; `everybody` tells whether the whole server was."""

    code = "too_often"
    wait_seconds: int
    everybody: bool = field(kw_only=True)


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


@dataclass(eq=False)
class NeedsPermissionsError(DeclinedError):
    """The bot lacks permissions, named as Discord's API does, in a channel."""

    code = "needs_permissions"
    channel_id: int
    missing: tuple[str, ...]


class AlreadyImportingError(DeclinedError):
    """The channel is being imported at this moment."""

    code = "already_importing"


class OneAtATimeError(DeclinedError):
    """Several things were named where one can be done."""

    code = "one_at_a_time"


class OneSourceError(DeclinedError):
    """A file was given and a song or link beside it; only one can be answered."""

    code = "one_source"


class StrengthAloneError(DeclinedError):
    """It was said how closely to follow a picture, but no picture was given."""

    code = "strength_alone"


class NothingToForgetError(BotError):
    """Nothing of what was named is remembered."""

    code = "nothing_to_forget"


class PortraitError(BotError):
    """A portrait cannot be drawn, found or shown."""


class NoPortraitModelError(PortraitError):
    """No model for portraits is installed."""

    code = "no_portrait_model"


@dataclass(eq=False)
class OtherPortraitModelError(PortraitError):
    """The portrait was drawn by `model`, which is no longer here."""

    code = "other_portrait_model"
    model: str


class PortraitGoneError(PortraitError):
    """The portrait was deleted, or made room for later ones."""

    code = "portrait_gone"


class NothingToMorphError(PortraitError):
    """There are not two different portraits to go between."""

    code = "nothing_to_morph"


@dataclass(eq=False)
class GalleryFullError(PortraitError):
    """The member keeps `limit` portraits, as many as may be kept."""

    code = "gallery_full"
    limit: int


class CannotExplainError(PortraitError):
    """There are no training drawings to compare the portrait with."""

    code = "cannot_explain"


@dataclass(eq=False)
class ChoiceUnavailableError(PortraitError):
    """The model that draws here knows nothing of `group`: `style`, `mood`, `ears` or `scene`."""

    code = "choice_unavailable"
    group: str


@dataclass(eq=False)
class TooManyPortraitsError(PortraitError):
    """`waiting` portraits or pictures are under way, as many as the host allows."""

    code = "too_many_portraits"
    waiting: int


class IconError(BotError):
    """The server's icon cannot be changed, or not be put back."""


class BotMayNotManageError(IconError):
    """The bot itself may not manage the server."""

    code = "bot_may_not_manage"


class IconUnavailableError(IconError):
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
