"""From a song's bytes to the excerpts a model hears, in this process.

For files from strangers use `ml.audio.sandbox`, which does the same in limited children.

A song is decoded from end to end where it is short, or where anything in it is unusual; otherwise
only the seconds that are listened to are, each from so far before that the decoder is in the
state in which a decode of the whole song would find it. Both give the same sound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from ml.audio.activity import (
    LEAST_SECONDS_OF_SOUND,
    SILENT_PEAK,
    active_level,
    active_share,
    block_levels,
    sounding,
)
from ml.audio.container import Track, opened
from ml.audio.errors import (
    AudioError,
    EmptyFileError,
    FileTooLargeError,
    SilentError,
    SongDamagedError,
    SongTooLongError,
)
from ml.audio.excerpts import (
    SAMPLE_RATE,
    DecodingLimits,
    ExcerptPlan,
    Excerpts,
    Layout,
    Samples,
    Span,
    lay_out,
)
from ml.audio.resampling import (
    LEAD_SECONDS,
    Resampler,
    Run,
    StereoLevels,
    Stretch,
    bounded,
    grain_of,
    mixed,
    resample,
)
from ml.audio.timeline import RATES, IrregularTimesError, Link

_WHOLE_UP_TO = 90.0  # seconds; sixty windows and the passage take as long
_WHOLE_AT_MOST = 1_200.0  # seconds; what is unusual in a longer song is passed over
_LATE = 0.1  # seconds after a span at which what was missing in it will not come any more
_CHUNK = 2**15  # samples
_HALF_SILENT = 0.5  # share of active blocks under which a window points to a pause
_COARSE_GRAIN = 0.05  # seconds; rates whose stretches cannot be cut more finely

Interval = tuple[int, int]
Asked = ParamSpec("Asked")
Found = TypeVar("Found")


def read_excerpts(
    source: bytes | Path, plan: ExcerptPlan, limits: DecodingLimits | None = None
) -> Excerpts:
    """Decode the excerpts of one song.

    Args:
        source: a whole file in memory, or the path of one.
        plan: how much of it to decode.
        limits: of them `max_bytes` and `max_seconds`; time and memory are not limited here.

    Raises:
        AudioError: any of `ml.audio.errors` but `TookTooLongError`.
        OSError: the path cannot be read.
    """
    limits = limits or DecodingLimits()
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.max_bytes:
        raise FileTooLargeError(size, limits.max_bytes)
    data = source if isinstance(source, bytes) else source.read_bytes()
    return decode(data, plan, limits)


def decode(
    data: bytes | bytearray | memoryview, plan: ExcerptPlan, limits: DecodingLimits
) -> Excerpts:
    """Decode the first track that is not silent.

    Raises:
        AudioError: what is wrong with the first track, where none can be heard.
    """
    problem: AudioError | None = None
    with opened(data) as file:
        for track in file.tracks(limits):
            try:
                excerpts = _heard(track, plan, limits)
            except (SilentError, SongDamagedError) as error:
                problem = problem or error
            else:
                return replace(excerpts, title=track.title, artist=track.artist)
    raise problem or EmptyFileError


def _heard(track: Track, plan: ExcerptPlan, limits: DecodingLimits) -> Excerpts:
    excerpts = _from_windows(track, plan) or _from_whole(decode_whole(track, limits), plan)
    broken_off = track.announced_seconds > 2 * excerpts.seconds
    if excerpts.seconds_of_sound < LEAST_SECONDS_OF_SOUND and broken_off:
        raise SongDamagedError(excerpts.seconds)
    return excerpts


def _from_windows(track: Track, plan: ExcerptPlan) -> Excerpts | None:
    """Decode only what is listened to.

    Returns:
        None when all of the song must be decoded to know what that is.
    """
    seconds = track.seconds
    strict = seconds <= _WHOLE_AT_MOST
    if strict and (seconds <= _WHOLE_UP_TO or not _plain(track)):
        return None
    layout = lay_out(round(seconds, 6), plan)  # not by a float's last bit
    try:
        heard = dict(zip(layout.spans(), _decode_spans(track, layout.spans(), strict), strict=True))
    except IrregularTimesError:
        return None
    windows, passage = _assembled(layout, heard)
    level = active_level(block_levels(np.concatenate([*windows.values(), passage])))
    shares = {window: active_share(samples, level) for window, samples in windows.items()}
    if strict and (not shares or min(shares.values()) < _HALF_SILENT or _pauses(passage, level)):
        return None
    sounds = [window for window, share in shares.items() if share >= _HALF_SILENT]
    if not sounds:
        raise SilentError if windows else SongDamagedError
    kept = sounding(passage, level)
    start = layout.passage.start + (kept[0][0] / SAMPLE_RATE if kept else 0.0)
    return _checked(
        Excerpts(
            windows=_filled([windows[window] for window in sounds], plan),
            starts=tuple(window.start for window in sounds),
            seconds=seconds,
            passage=_joined(passage, kept),
            passage_start=start,
            seconds_of_sound=seconds * (len(sounds) / len(windows)),  # not a bit above `seconds`
        )
    )


def _from_whole(song: Samples, plan: ExcerptPlan) -> Excerpts:
    """Choose windows and passage among all that sounds.

    Args:
        song: (n,) samples of the whole song.
        plan: how much of it is wanted.
    """
    if not len(song):
        raise SongDamagedError
    kept = sounding(song)
    sound = _joined(song, kept)
    if not len(sound):
        raise SilentError
    seconds = len(sound) / SAMPLE_RATE
    layout = lay_out(seconds, plan)
    passage = _cut(sound, layout.passage).copy()
    return _checked(
        Excerpts(
            windows=_filled([_cut(sound, window) for window in layout.windows], plan),
            starts=tuple(_place(window.start, kept) for window in layout.windows),
            seconds=len(song) / SAMPLE_RATE,
            passage=passage,
            passage_start=_place(layout.passage.start, kept),
            seconds_of_sound=seconds,
        )
    )


def decode_whole(track: Track, limits: DecodingLimits) -> Samples:
    """Decode a track from end to end.

    Returns:
        (n,) mono at 22 050 Hz; none where nothing can be decoded.

    Raises:
        SongTooLongError: it gives more sound than its packets announced, and than is allowed.
    """
    levels, runs = StereoLevels(), list[tuple[Resampler, Resampler | None]]()
    before: tuple[int, int] | None = None
    seconds = 0.0
    for rate, channels in _chunks(track.links):
        seconds += channels.shape[1] / rate
        if seconds > limits.max_seconds:
            raise SongTooLongError(seconds, limits.max_seconds)
        stereo = len(channels) == 2
        if before != (rate, len(channels)):
            runs.append((Resampler(rate), Resampler(rate) if stereo else None))
            before = rate, len(channels)
        middle, side = runs[-1]
        middle.add(mixed(bounded(channels), opposed=False))
        if side is not None:
            levels.add(channels)
            side.add(mixed(channels, opposed=True))
    chosen = [side if side and levels.opposed else middle for middle, side in runs]
    return np.concatenate([np.empty(0, np.float32), *(run.finish() for run in chosen)])


def _chunks(links: Sequence[Link]) -> Iterator[tuple[int, Samples]]:
    """Join frames of one rate and width to longer chunks."""
    run: Run | None = None
    for link in links:
        for first, frame in link.frames():
            if frame.sample_rate not in RATES:
                continue
            if run is None or first or not run.add(frame):
                if run is not None and run.samples:
                    yield run.rate, run.channels()
                run = Run(frame)
                run.drop(first)
            if run.samples >= _CHUNK:
                yield run.rate, run.channels()
                run = None
    if run is not None and run.samples:
        yield run.rate, run.channels()


def _plain(track: Track) -> bool:
    """Whether windows of this track can be decoded apart from each other."""
    return len(track.links) == 1 and all(
        link.memory is not None and grain_of(link.rate) <= _COARSE_GRAIN * link.rate
        for link in track.links
    )


def _decode_spans(track: Track, spans: Sequence[Span], strict: bool) -> list[Samples]:
    """Decode spans, each to mono at 22 050 Hz.

    Two threads share the work: while FFmpeg works in one, Python lets the other go on.

    Returns:
        A row for each span; shorter where the song ends or is damaged.

    Raises:
        IrregularTimesError: see `Link.frames_from`.
    """
    heard = [np.empty(0, np.float32)] * len(spans)
    rates: defaultdict[int, dict[int, Stretch]] = defaultdict(dict)
    levels = StereoLevels()
    with ThreadPoolExecutor(1) as helper:
        for index, stretch in enumerate(_stretches(track, spans, strict, helper)):
            if stretch is not None:
                if stretch.width == 2:
                    levels.add(stretch.samples)
                rates[stretch.rate][index] = stretch
        for stretches in rates.values():
            for index, samples in _resampled(stretches, levels.opposed, helper):
                heard[index] = samples
    return heard


def _stretches(
    track: Track, spans: Sequence[Span], strict: bool, helper: Executor
) -> list[Stretch | None]:
    found: list[Stretch | None] = [None] * len(spans)
    todo = iter(enumerate(spans))  # from which each thread takes the next one

    def decode_next(links: Sequence[Link]) -> None:
        for index, span in todo:
            link, offset = _link_at(links, span.start)
            found[index] = _decode_span(link, replace(span, start=span.start - offset), strict)

    twins = [twin for link in track.links if (twin := link.twin())]
    if len(twins) < len(track.links):
        decode_next(track.links)
        return found
    other = _begun(helper, decode_next, twins)
    decode_next(track.links)  # where it raises, closing `helper` waits for the other thread
    other.result()
    return found


def _begun(
    helper: Executor, work: Callable[Asked, Found], *args: Asked.args, **named: Asked.kwargs
) -> Future[Found]:
    try:
        return helper.submit(work, *args, **named)
    except RuntimeError as error:  # there is no room for another thread
        raise MemoryError from error


def _resampled(
    stretches: Mapping[int, Stretch], opposed: bool, helper: Executor
) -> list[tuple[int, Samples]]:
    """Resample stretches of one rate; gives their keys and samples."""
    ends = np.cumsum([stretch.resampled_length for stretch in stretches.values()])
    half = int(np.searchsorted(ends, ends[-1] / 2)) + 1
    both = list(stretches.values())
    other = _begun(helper, resample, both[half:], opposed)
    return list(zip(stretches, resample(both[:half], opposed) + other.result(), strict=True))


def _decode_span(link: Link, span: Span, strict: bool) -> Stretch | None:
    stretch: Stretch | None = None
    end = span.end + _LATE
    for begin, frame in link.frames_from(span.start, LEAD_SECONDS, strict=strict):
        if frame.sample_rate != link.rate:
            fits = False
        elif stretch is None:
            stretch, fits = Stretch(span, begin, frame), True
        else:
            fits = stretch.add(frame)
        if strict and not fits:
            raise IrregularTimesError
        if begin > end or (stretch is not None and stretch.full):
            break
    if stretch is not None:
        stretch.finish()
    return stretch


def _link_at(links: Sequence[Link], time: float) -> tuple[Link, float]:
    """Find the link that sounds at `time`, and when it begins."""
    offset = 0.0
    for link in links[:-1]:
        if time < offset + link.seconds:
            return link, offset
        offset += link.seconds
    return links[-1], offset


def _assembled(layout: Layout, heard: dict[Span, Samples]) -> tuple[dict[Span, Samples], Samples]:
    """Return the windows that could be decoded, and the passage.

    Windows inside the passage are cut from it.
    """
    passage = heard.get(layout.passage, np.empty(0, np.float32))
    windows = {}
    for window in layout.windows:
        if window not in heard and layout.passage.holds(window):
            inside = replace(window, start=window.start - layout.passage.start)
            windows[window] = _cut(passage, inside)
        else:
            windows[window] = heard[window]
    return {window: samples for window, samples in windows.items() if len(samples)}, passage


def _pauses(passage: Samples, level: float) -> bool:
    """Whether a passage holds silence that is no part of the music."""
    if not len(passage):
        return False
    kept = sum(last - first for first, last in sounding(passage, level))
    return len(passage) - kept > SAMPLE_RATE


def _cut(samples: Samples, span: Span) -> Samples:
    first = round(span.start * SAMPLE_RATE)
    return samples[first : first + round(span.seconds * SAMPLE_RATE)]


def _filled(windows: Sequence[Samples], plan: ExcerptPlan) -> Samples:
    """Put windows below each other, short ones padded with zeros."""
    rows = np.zeros((len(windows), plan.window_samples), np.float32)
    for row, window in zip(rows, windows, strict=True):
        row[: len(window)] = window
    return rows


def _joined(samples: Samples, kept: Sequence[Interval]) -> Samples:
    return np.concatenate([samples[:0], *(samples[first:last] for first, last in kept)])


def _place(sound_seconds: float, kept: Sequence[Interval]) -> float:
    """Place a moment of the sound in the song, both in seconds."""
    left = round(sound_seconds * SAMPLE_RATE)
    for first, last in kept:
        if left < last - first:
            break
        left -= last - first
    else:
        first, left = kept[-1][1], 0
    return (first + left) / SAMPLE_RATE


def _checked(excerpts: Excerpts) -> Excerpts:
    """Bound the samples, which filters may have driven past full scale.

    Raises:
        Silent: no window is louder than `SILENT_PEAK`.
    """
    for samples in (excerpts.windows, excerpts.passage):
        samples.clip(-1, 1, out=samples)
    if np.abs(excerpts.windows).max(initial=0) < SILENT_PEAK:
        raise SilentError
    return excerpts
