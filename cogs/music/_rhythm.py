"""How a song's rhythm reads in a line, and what its bars look like."""

from __future__ import annotations

from bot.words import Say
from ml.music.rhythm import Rhythm

SPARSE, DENSE = 0.15, 0.35  # of a bar's thirty-seconds: below plain eighths, above plain sixteenths
LOOPED, NEW = 0.05, 0.17  # variety: loops read about 0.02, live bands 0.1, breaks cut by hand 0.25
DRILL_N_BASS = 0.5
FULL_HEIGHT = 0.4  # novelty of a bar as new as bars after the first get


def rhythm_line(rhythm: Rhythm, say: Say) -> str:
    """Describe the rhythm: tempo, how busy it is, how much it repeats itself."""
    if rhythm.tempo_bpm is None:
        return say("rhythm-none")
    words = [say("rhythm-tempo", bpm=round(rhythm.tempo_bpm)), _density(rhythm, say)]
    if rhythm.variety is not None:
        words.append(_variety(rhythm.variety, say))
    if rhythm.drill_n_bass >= DRILL_N_BASS:
        words.append(say("rhythm-drill"))
    return " · ".join(words)


def bar_heights(rhythm: Rhythm | None) -> tuple[float, ...]:
    """Scale each bar's novelty to 0..1 for the picture; empty without bars."""
    if rhythm is None:
        return ()
    return tuple(min(1.0, novelty / FULL_HEIGHT) for novelty in rhythm.bars)


def _density(rhythm: Rhythm, say: Say) -> str:
    if rhythm.break_density < SPARSE:
        return say("rhythm-sparse")
    return say("rhythm-dense" if rhythm.break_density > DENSE else "rhythm-steady")


def _variety(variety: float, say: Say) -> str:
    if variety < LOOPED:
        return say("rhythm-looped")
    return say("rhythm-new" if variety > NEW else "rhythm-varied")
