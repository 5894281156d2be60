"""From a song's bytes to the excerpts a model hears, in this process.

For files from strangers use `ml.audio.sandbox`, which does the same in limited children.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ml.audio.errors import Damaged, Silent, TooLarge
from ml.audio.excerpts import SAMPLE_RATE, WINDOW_SAMPLES, ExcerptPlan, Excerpts
from ml.audio.limits import DecodingLimits
from ml.audio.opening import opened
from ml.audio.packets import Song
from ml.audio.resampling import RATES, Samples, Stretch, resample
from ml.audio.windows import Layout, Span, lay_out

SILENCE = 10 ** (-70 / 20)  # peak: -70 dBFS, ten steps of a 16-bit recording

_LATE = 0.1  # seconds after a span at which what was missing in it will not come any more


def read_excerpts(
    source: bytes | Path, plan: ExcerptPlan, limits: DecodingLimits | None = None
) -> Excerpts:
    """Decode the excerpts of one song.

    Args:
        source: a whole file in memory, or the path of one.
        plan: how much of it to decode.
        limits: of them `max_bytes` and `max_seconds`; time and memory are not limited here.

    Raises:
        AudioError: any of `ml.audio.errors` but `TookTooLong`.
        OSError: the path cannot be read.
    """
    limits = limits or DecodingLimits()
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.max_bytes:
        raise TooLarge(size, limits.max_bytes)
    data = source if isinstance(source, bytes) else source.read_bytes()
    seconds, heard = decode_share(data, plan, limits)
    return assemble(lay_out(seconds, plan), heard)


def decode_share(
    data: bytes | bytearray | memoryview,
    plan: ExcerptPlan,
    limits: DecodingLimits,
    part: int = 0,
    parts: int = 1,
) -> tuple[float, dict[int, Samples]]:
    """Decode one share of a song's excerpts, so that several processes can divide the work.

    Returns:
        The song's length in seconds, and each span of the share by its index in
        `Layout.spans()`: mono float32 at 22 050 Hz, shorter where the song ends in it, left out
        where nothing of it can be decoded.

    Raises:
        AudioError: see `ml.audio.opening.opened`.
    """
    stretches: defaultdict[int, dict[int, Stretch]] = defaultdict(dict)
    with opened(data, limits) as song:
        layout = lay_out(round(song.seconds, 6), plan)  # not by a float's last bit
        spans, share = layout.spans(), layout.share(part, parts)
        ready = song.near([spans[index] for index in share])
        for index in share:
            stretch = _decode(ready, spans[index])
            if stretch:
                stretches[stretch.rate][index] = stretch
    heard: dict[int, Samples] = {}
    for same_rate in stretches.values():
        heard |= zip(same_rate, resample(list(same_rate.values())), strict=True)
    return layout.seconds, {index: samples for index, samples in heard.items() if len(samples)}


def assemble(layout: Layout, heard: Mapping[int, Samples]) -> Excerpts:
    """Join decoded spans into the excerpts of a song.

    Args:
        layout: where the spans lie.
        heard: samples of each span by its index in `layout.spans()`; damaged ones may be missing.
            They are copied before anything but their length is looked at, as a child may still
            write there.

    Raises:
        Damaged: no window could be decoded.
        Silent: no window is louder than `SILENCE`.
    """
    spans = layout.spans()
    found = {spans[index]: samples for index, samples in heard.items()}
    passage = found.get(layout.passage, np.empty(0, np.float32)).copy()
    for window in layout.windows:
        if layout.passage.holds(window):
            first = round((window.start - layout.passage.start) * SAMPLE_RATE)
            found[window] = passage[first : first + WINDOW_SAMPLES]
    heard_windows = [window for window in layout.windows if len(found.get(window, ()))]
    if not heard_windows:
        raise Damaged
    windows = np.zeros((len(heard_windows), WINDOW_SAMPLES), np.float32)
    for row, window in zip(windows, heard_windows, strict=True):
        row[: len(found[window])] = found[window]
    _bound(passage)
    if _bound(windows) < SILENCE:
        raise Silent
    starts = tuple(window.start for window in heard_windows)
    return Excerpts(windows, starts, layout.seconds, passage, layout.passage.start)


def _bound(samples: Samples) -> float:
    """Bring into [-1, 1], in place, what lossy and floating-point files may exceed.

    Returns:
        The peak.
    """
    peak = float(max(samples.max(initial=0), -samples.min(initial=0)))
    if peak <= 1:  # not so where there is a NaN
        return peak
    np.nan_to_num(samples, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
    samples.clip(-1, 1, out=samples)
    return float(np.abs(samples).max())


def _decode(song: Song, span: Span) -> Stretch | None:
    stretch: Stretch | None = None
    end = span.end + _LATE
    for begin, frame in song.frames_from(span.start - song.settling):
        if stretch is None:
            if frame.sample_rate not in RATES:
                return None
            stretch = Stretch(span, frame.sample_rate)
        stretch.add(begin, frame)
        if stretch.full or begin > end:
            break
    return stretch
