"""What can be pressed under a portrait; it works in messages from before a restart, too.

Custom ids read `portrait:<act>:<number>:<more>`: the number is a portrait's, a page's or an icon
change's, and `more` is how many portraits the answer held.
"""

from __future__ import annotations

from enum import Enum

from discord import SelectOption

from bot.discord.ui import ID, Field, PersistentButton, PersistentSelect, choice

LABEL_LIMIT = 100  # characters of a select's option


class Act(Enum):
    """What a button under a portrait asks for."""

    AGAIN = "again"
    VARY = "vary"
    MORPH = "morph"
    EXPLAIN = "explain"
    DELETE = "delete"


class GalleryAct(Enum):
    """What a button of a gallery asks for."""

    KEEP = "keep"
    PAGE = "page"
    TAKE_OUT = "out"


class IconAct(Enum):
    """What a button about the server's icon asks for."""

    ASK = "icon"
    SET = "seticon"
    UNDO = "undo"


NUMBER = {"number": ID, "more": Field(r"[0-9]{1,2}", int)}


class PortraitButton(
    PersistentButton,
    template="portrait:{act}:{number}:{more}",
    fields={"act": choice(Act), **NUMBER},
    action="press",
):
    """A button under a portrait, answered by `AvatarCog`."""


class GalleryButton(
    PersistentButton,
    template="portrait:{act}:{number}:{more}",
    fields={"act": choice(GalleryAct), **NUMBER},
    action="press",
):
    """A button that stores a portrait or shows a gallery, answered by `GalleryCog`."""


class IconButton(
    PersistentButton,
    template="portrait:{act}:{number}:{more}",
    fields={"act": choice(IconAct), **NUMBER},
    action="press",
):
    """A button about the server's icon, answered by `IconCog`."""


class PortraitSelect(
    PersistentSelect,
    template="portrait:pick-show:{number}:{more}",
    fields=NUMBER,
    action="show",
):
    """Shows one of several portraits."""


class GallerySelect(
    PersistentSelect,
    template="portrait:pick-open:{number}:{more}",
    fields=NUMBER,
    action="open",
):
    """Opens one of a page of stored portraits."""


def option(number: int, seed: str, portrait_id: int) -> SelectOption:
    """Return the option of the `number`-th portrait of an answer."""
    return SelectOption(label=f"{number} · {seed}"[:LABEL_LIMIT], value=str(portrait_id))
