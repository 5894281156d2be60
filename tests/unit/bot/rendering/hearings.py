"""Plausible hearings and cards, so that a picture has something to show."""

from dataclasses import replace
from typing import Any

import numpy as np

from bot.rendering.genre_card import Fact, HearingCard, Strip
from bot.rendering.palette import GENRE_SWATCHES, mixed
from ml.music.hearing import GENRES

TAUGHT = ("Drill'n'Bass", "東方アレンジ", "民謡", "chiptune", "hardcore", "ska", "lo-fi", "gabber")
TWENTY = (*GENRES, *TAUGHT, "future funk", "vocaloid")


def strip(name: str, share: float, *, windows: int = 8, **changes: Any) -> Strip:
    """Return a strip that rises from nothing to twice its share."""
    over_time = np.linspace(0, 2 * share, windows, dtype=np.float32)
    usual = Strip(name, share, over_time, GENRE_SWATCHES.get(name.lower(), (164, 125, 86)))
    return replace(usual, **changes)


def card(title: str = "Lunatic Eyes", *, windows: int = 8, **changes: Any) -> HearingCard:
    electronic = strip("Electronic", 0.5, windows=windows)
    paler = mixed(electronic.colour, (255, 255, 255), 0.3)
    usual = HearingCard(
        title=title,
        headline="Electronic, probably techno",
        sure=True,
        strips=(
            electronic,
            strip("techno", 0.4, windows=windows, colour=paler, sure=False),
            strip("Soundtrack", 0.3, windows=windows),
        ),
        middles=tuple(((np.arange(windows) + 0.5) / windows).tolist()),
        seconds=245.0,
        heading="Through the song, from start to end",
        explanation="Higher: sounds more like it. %: whole song. Pale: a guess.",
        tags=("instrumental", "synthesizer", "danceable", "strong beat"),
        key=Fact("Key", "A minor", "Camelot 8A"),
        tempo=Fact("Tempo", "128 BPM", "busy · hardly ever repeats"),
    )
    return replace(usual, **changes)


def japanese_card() -> HearingCard:
    return card(
        "月まで届け、不死の煙",
        headline="エレクトロニック、おそらくテクノ",
        heading="曲の流れ（始めから終わりまで）",
        explanation="高いほどそのジャンルらしく、％は曲全体の値、薄い色は推測です。",
        tags=("インストゥルメンタル", "シンセサイザー", "踊れる"),
        key=Fact("キー", "Aマイナー", "Camelot 8A"),
        tempo=Fact("テンポ", "128 BPM", "細かい刻み · ほとんど繰り返さない"),
    )
