"""What the database says about portraits, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

DIRECT_MESSAGES = 0  # stands for the server where there is none


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A portrait that has just been drawn, with all it takes to draw it again.

    Attributes:
        model: name and version of the model that drew it.
        seed: what was asked for, as a member typed it or could type it.
        latent: (n,) float32, finite: what the model was given.
        likeness: how much of a member's picture is in it, 0 to 1.
        source: (n,) float32, the encoded picture of a member; None without one.
    """

    model: str
    seed: str
    latent: npt.NDArray[np.float32]
    likeness: float = 0.0
    source: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A portrait the database knows.

    Attributes:
        portrait_id: its number, never given twice.
        guild_id: the server it was drawn in, or `DIRECT_MESSAGES`.
        member_id: for whom.
        sketch: what it takes to draw it again.
        drawn_at: when.
        kept_at: when it was put into the member's gallery; None: it was not.
    """

    portrait_id: int
    guild_id: int
    member_id: int
    sketch: Sketch
    drawn_at: datetime
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptPortrait:
    """A portrait of a gallery, as a member may have it handed out.

    Attributes:
        portrait_id: its number.
        model: what drew it.
        seed: what was asked for.
        likeness: how much of a member's picture is in it, 0 to 1.
        drawn_at: when it was drawn.
        kept_at: when it was kept.
        picture: WebP without losses, as large as the model drew it.
    """

    portrait_id: int
    model: str
    seed: str
    likeness: float
    drawn_at: datetime
    kept_at: datetime
    picture: bytes


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """Some portraits of a gallery, the last kept first; `total` is how many there are in all."""

    portraits: tuple[KeptPortrait, ...]
    total: int


@dataclass(frozen=True, slots=True)
class IconChange:
    """A server icon that the bot replaced, to be put back for a while.

    Attributes:
        change_id: its number.
        guild_id: the server.
        changed_by: the member who asked for it.
        changed_at: when.
        new_icon: Discord's name of the icon that was set, to see whether it is still there.
        old_icon: bytes of the icon before; None: there was none.
    """

    change_id: int
    guild_id: int
    changed_by: int
    changed_at: datetime
    new_icon: str
    old_icon: bytes | None
