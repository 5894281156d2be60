import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from ml.audio.decoding import read_excerpts
from ml.audio.errors import (
    EmptyFileError,
    FileTooLargeError,
    NotAudioError,
    SongDamagedError,
    SongTooLongError,
    TookTooLongError,
)
from ml.audio.excerpts import DecodingLimits, ExcerptPlan
from ml.audio.sandbox import SandboxedDecoder, open_decoder
from tests.unit.ml.audio.encoding import FORMATS, Format, encode, murmur, song

MIB = 2**20
PLAN = ExcerptPlan(60, passage_seconds=5)

needs_proc = pytest.mark.skipif(not Path("/proc").exists(), reason="finds children through /proc")


@pytest.fixture(scope="module")
def decoder() -> Iterator[SandboxedDecoder]:
    with open_decoder(2, plan=PLAN) as opened:
        yield opened


@pytest.mark.parametrize("name", FORMATS)
def test_a_child_hears_what_this_process_hears(name: str, decoder: SandboxedDecoder) -> None:
    data = song(10.5, name)
    apart, together = decoder.decode(data), read_excerpts(data, PLAN)
    assert apart.starts == together.starts
    assert apart.seconds == together.seconds
    # AAC fills bands with noise of the decoder's own, which differs from run to run.
    assert np.abs(apart.windows - together.windows).max() < 0.2
    assert np.abs(apart.passage - together.passage).max() < 0.2


def test_a_clock_that_leaps_is_corrected_in_the_child_too(decoder: SandboxedDecoder) -> None:
    recording = song(10.5, "webm as a browser records it")
    assert decoder.decode(recording * 2).seconds == pytest.approx(21, abs=0.5)


def test_a_song_of_a_third_of_a_second_is_heard(decoder: SandboxedDecoder) -> None:
    assert decoder.decode(song(0.3, "mp3")).windows.shape == (1, 22_050)


@pytest.mark.parametrize("seconds", [91.05, 91.17, 91.3])
def test_a_length_that_floats_round_up_crosses_from_the_child(seconds: float) -> None:
    """As floats, these times six by six are more than they were; so is one length in fourteen."""
    data = encode(murmur(seconds, 8_000), Format("wav", "pcm_s16le", 8_000))
    with open_decoder(1, plan=ExcerptPlan(6, passage_seconds=5, window_seconds=3)) as decoder:
        assert decoder.decode(data).seconds == pytest.approx(seconds, abs=0.001)


def test_songs_at_once_do_not_mix(decoder: SandboxedDecoder) -> None:
    songs = [song(seconds, "ogg opus") for seconds in (10.5, 61.0, 5.5)] * 3
    with ThreadPoolExecutor(4) as threads:
        heard = list(threads.map(decoder.decode, songs))
    assert [len(excerpts.windows) for excerpts in heard] == [10, 60, 5] * 3


REFUSED = {
    "nothing": (b"", EmptyFileError),
    "a text": (b"la la la " * 5_000, NotAudioError),
    "an SDP text": (b"v=0\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n", NotAudioError),
    "a header without a body": (song(2.0, "m4a")[:40], SongDamagedError),
    "too many bytes": (bytes(26 * MIB), FileTooLargeError),
}


@pytest.mark.parametrize("what", REFUSED)
def test_errors_cross_from_the_child_by_name(what: str, decoder: SandboxedDecoder) -> None:
    data, error = REFUSED[what]
    with pytest.raises(error):
        decoder.decode(data)
    assert len(decoder.decode(song(10.5, "mp3")).windows) == 10


def test_too_long_tells_the_facts() -> None:
    limits = DecodingLimits(max_seconds=9)
    with open_decoder(1, limits) as decoder, pytest.raises(SongTooLongError) as caught:
        decoder.decode(song(10.5, "wav"))
    assert caught.value.length_seconds == pytest.approx(10.5)
    assert caught.value.limit_seconds == 9


def _bomb(name: str) -> bytes:
    """Fill 10 MiB with hours of silence: a short file, over and over."""
    quiet = 1e-9 * murmur(60.0, 8_000)
    forms = {
        "mp3": Format("mp3", "libmp3lame", 8_000, "mono"),
        "flac": Format("flac", "flac", 8_000, "mono"),
        "ogg opus": Format("ogg", "libopus", 48_000, "mono"),
        "webm": Format("webm", "libopus", 48_000, "mono", {"live": "1"}),
        "raw aac": Format("adts", "aac", 8_000, "mono"),
    }
    piece = encode(quiet if forms[name].rate == 8_000 else np.tile(quiet, 6), forms[name])
    return piece * (10 * MIB // len(piece))


@pytest.mark.parametrize("name", ["mp3", "flac", "ogg opus", "webm", "raw aac"])
def test_a_bomb_is_refused_as_too_long(name: str, decoder: SandboxedDecoder) -> None:
    with pytest.raises(SongTooLongError) as caught:
        decoder.decode(_bomb(name))
    assert caught.value.length_seconds >= 3_600


def test_more_memory_than_allowed_stops_the_song_only() -> None:
    limits = DecodingLimits(max_bytes=128 * MIB, memory_bytes=16 * MIB)
    with open_decoder(2, limits) as decoder:
        with pytest.raises(TookTooLongError):
            decoder.decode(song(300.0, "wav of floats"))
        assert len(decoder.decode(song(5.5, "mp3")).windows) == 5


def test_more_processor_time_than_allowed_stops_the_song_only() -> None:
    limits = DecodingLimits(max_seconds=1e6, memory_bytes=4_096 * MIB, cpu_seconds=1)
    with open_decoder(1, limits, ExcerptPlan(windows=100_000)) as decoder:
        with pytest.raises(TookTooLongError) as caught:
            decoder.decode(_bomb("mp3"))
        assert caught.value.limit_seconds == 1
        assert len(decoder.decode(song(5.5, "mp3")).windows) == 5


@needs_proc
def test_a_child_that_hangs_is_replaced() -> None:
    with _decoder_and_children(DecodingLimits(wall_seconds=2)) as (decoder, children):
        for child in children:
            os.kill(child, signal.SIGSTOP)
        with pytest.raises(TookTooLongError) as caught:
            decoder.decode(song(10.5, "mp3"))
        assert caught.value.limit_seconds == 2
        assert len(_running(children)) == 1


@needs_proc
def test_a_child_killed_in_the_middle_of_a_song_costs_only_that_song() -> None:
    with (
        _decoder_and_children(DecodingLimits()) as (decoder, children),
        ThreadPoolExecutor(1) as thread,
    ):
        for child in children:
            os.kill(child, signal.SIGSTOP)
        song_under_way = thread.submit(decoder.decode, song(31.0, "flac"))
        time.sleep(0.2)
        for child in children:
            os.kill(child, signal.SIGKILL)
        with pytest.raises(TookTooLongError):
            song_under_way.result()
        _wait_until_gone(children)
        assert len(decoder.decode(song(10.5, "mp3")).windows) == 10


@needs_proc
def test_a_child_that_crashes_means_a_damaged_song() -> None:
    with (
        _decoder_and_children(DecodingLimits()) as (decoder, children),
        ThreadPoolExecutor(1) as thread,
    ):
        for child in children:
            os.kill(child, signal.SIGSTOP)
        song_under_way = thread.submit(decoder.decode, song(31.0, "flac"))
        time.sleep(0.2)
        for child in children:
            os.kill(child, signal.SIGSEGV)
            os.kill(child, signal.SIGCONT)
        with pytest.raises(SongDamagedError):
            song_under_way.result()


@needs_proc
def test_children_killed_while_idle_go_unnoticed() -> None:
    with _decoder_and_children(DecodingLimits()) as (decoder, children):
        for child in children:
            os.kill(child, signal.SIGKILL)
        _wait_until_gone(children)
        assert len(decoder.decode(song(10.5, "mp3")).windows) == 10


@needs_proc
def test_closing_ends_the_children_and_refuses_songs() -> None:
    with _decoder_and_children(DecodingLimits()) as (decoder, children):
        pass
    assert not _running(children)
    with pytest.raises(RuntimeError, match="closed"):
        decoder.decode(song(10.5, "mp3"))


ORPHAN_MAKER = """
from ml.audio.sandbox import open_decoder
from tests.unit.ml.audio.encoding import song
with open_decoder(2) as decoder:
    decoder.decode(song(2.0, "wav"))
    print("ready", flush=True)
    input()
"""


@needs_proc
def test_no_child_outlives_its_parent() -> None:
    root = Path(__file__).parents[4]
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN_MAKER],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        children = _children(parent.pid)
        assert len(children) == 2
        parent.kill()
    _wait_until_gone(children)


def _children(parent: int) -> set[int]:
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, owner = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended meanwhile
        if int(owner) == parent and state != "Z":
            found.add(int(status.parent.name))
    return found


def _running(processes: set[int]) -> set[int]:
    return {process for process in processes if Path(f"/proc/{process}").exists()}


def _wait_until_gone(processes: set[int]) -> None:
    until = time.monotonic() + 10
    while any(_state(process) not in "ZX" for process in processes):
        assert time.monotonic() < until, "children still run"
        time.sleep(0.02)


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


@contextmanager
def _decoder_and_children(limits: DecodingLimits) -> Iterator[tuple[SandboxedDecoder, set[int]]]:
    others = _children(os.getpid())
    with open_decoder(2, limits) as decoder:
        with ThreadPoolExecutor(2) as threads:  # both children are up once both have answered
            list(threads.map(decoder.decode, [song(10.5, "wav")] * 4))
        children = _children(os.getpid()) - others
        assert len(children) == 2
        yield decoder, children
