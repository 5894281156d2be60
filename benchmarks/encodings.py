"""Whether a song is heard alike in whatever form it is posted.

    python -m benchmarks.encodings [--songs DIR...] [--count 24] [--seconds 94] [--only TEXT...]

Every song is written in each encoding and with each defect below and heard as the bot hears a
post. W is the cosine of its vector with that of FFmpeg's decode of the whole file (mono);
where that decode is no measure (opposite phase, a chain that FFmpeg gives up on) each part is
decoded by itself. C is the cosine with the clean song. The likeliest of the ten genres, the family
that is said first and the tempo are to be those of the whole decode.

The songs are those of `immich-memories-music`, and of `--songs`, cut to `--seconds`: beyond 90 s
only the seconds that are listened to are decoded. Results are kept in `--results`, so that a run
that was stopped goes on. The very same samples are heard only once.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path

import av
import immich_memories_music
import numpy as np
import numpy.typing as npt
import soundfile  # type: ignore[import-untyped]  # ships no types
import torch

from ml.audio.activity import LEAST_SECONDS_OF_SOUND
from ml.audio.decoding import read_excerpts
from ml.audio.errors import AudioError
from ml.audio.excerpts import DecodingLimits, Excerpts
from ml.music.hearing import Hearing
from ml.music.song_model import SONG_PLAN, MusicModel

RATE = 44_100  # Hz, of the clean songs
LIMITS = DecodingLimits(max_bytes=2**27)
SAME_TEMPO = 0.04
RESAMPLES = 1_000  # of the bootstrap over songs
LEAST_WHOLE = 0.98  # cosine with the whole decode; cells below are named
SUFFIXES = (".ogg", ".opus", ".mp3", ".flac", ".m4a", ".wav")

Sound = npt.NDArray[np.float32]
"""(channels, samples) at `RATE`, full scale 1."""


@dataclass(frozen=True, slots=True)
class Form:
    """How sound is written: FFmpeg's names of container, encoder, layout and sample format."""

    container: str
    codec: str
    rate: int = RATE
    layout: str = "stereo"
    bit_rate: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    encoding: Mapping[str, str] = field(default_factory=dict)
    samples: str | None = None


LOSSLESS = {
    "WAV, 16 bits": Form("wav", "pcm_s16le"),
    "WAV, 24 bits": Form("wav", "pcm_s24le"),
    "WAV, floats": Form("wav", "pcm_f32le"),
    "AIFF": Form("aiff", "pcm_s16be"),
    "AU": Form("au", "pcm_s16be"),
    "W64": Form("w64", "pcm_s16le"),
    "FLAC": Form("flac", "flac"),
    "FLAC in Ogg": Form("ogg", "flac"),
    "FLAC in Matroska": Form("matroska", "flac"),
    "FLAC at 96 kHz": Form("flac", "flac", 96_000),
    "ALAC in m4a": Form("ipod", "alac"),
    "ALAC in CAF": Form("caf", "alac"),
    "WavPack": Form("wv", "wavpack", samples="s16p"),
    "True Audio": Form("tta", "tta", samples="s16"),
    "samples in AVI": Form("avi", "pcm_s16le"),
}
LOSSY = {
    "WAV, 8 bits": Form("wav", "pcm_u8"),
    "mu-law at 8 kHz": Form("wav", "pcm_mulaw", 8_000, "mono"),
    "ADPCM (Microsoft)": Form("wav", "adpcm_ms"),
    "ADPCM (IMA)": Form("wav", "adpcm_ima_wav"),
    "G.722": Form("wav", "g722", 16_000, "mono"),
    "MP3 at 320 kbit/s": Form("mp3", "libmp3lame", bit_rate=320_000),
    "MP3 at 128 kbit/s": Form("mp3", "libmp3lame", bit_rate=128_000),
    "MP3 at 64 kbit/s": Form("mp3", "libmp3lame", bit_rate=64_000),
    "MP3 at 32 kbit/s": Form("mp3", "libmp3lame", bit_rate=32_000),
    "MP3 at 32 kbit/s, mono, 48 kHz": Form("mp3", "libmp3lame", 48_000, "mono", 32_000),
    "MP3, V9": Form("mp3", "libmp3lame", encoding={"flags": "qscale", "global_quality": "1062"}),
    "MP3 at 16 kbit/s, 22 kHz": Form("mp3", "libmp3lame", 22_050, "mono", 16_000),
    "MP3 at 16 kbit/s, 16 kHz": Form("mp3", "libmp3lame", 16_000, "mono", 16_000),
    "MP3 at 8 kbit/s, 8 kHz": Form("mp3", "libmp3lame", 8_000, "mono", 8_000),
    "MP3 without a Xing header": Form("mp3", "libmp3lame", options={"write_xing": "0"}),
    "MP3 in Matroska": Form("matroska", "libmp3lame"),
    "MP3 in AVI": Form("avi", "libmp3lame"),
    "MPEG layer II": Form("mp2", "mp2", bit_rate=192_000),
    "MPEG program stream": Form("mpeg", "mp2", bit_rate=192_000),
    "AAC at 128 kbit/s": Form("ipod", "aac", bit_rate=128_000),
    "AAC at 64 kbit/s": Form("ipod", "aac", bit_rate=64_000),
    "AAC, ADTS": Form("adts", "aac", bit_rate=128_000),
    "AAC in fragments": Form("mp4", "aac", options={"movflags": "frag_keyframe+empty_moov"}),
    "AAC in Matroska": Form("matroska", "aac"),
    "AAC in a transport stream": Form("mpegts", "aac"),
    "AAC in 3GP": Form("3gp", "aac", bit_rate=96_000),
    "AMR in 3GP": Form("3gp", "libopencore_amrnb", 8_000, "mono", 12_200),
    "AMR": Form("amr", "libopencore_amrnb", 8_000, "mono", 12_200),
    "Vorbis at 128 kbit/s": Form("ogg", "libvorbis", bit_rate=128_000),
    "Vorbis at 64 kbit/s": Form("ogg", "libvorbis", bit_rate=64_000),
    "Vorbis in WebM": Form("webm", "libvorbis"),
    "Opus at 128 kbit/s": Form("ogg", "libopus", 48_000, bit_rate=128_000),
    "Opus at 32 kbit/s": Form("ogg", "libopus", 48_000, bit_rate=32_000),
    "Opus, packets of 2.5 ms": Form("ogg", "libopus", 48_000, encoding={"frame_duration": "2.5"}),
    "Opus, a voice message": Form(
        "ogg", "libopus", 48_000, "mono", 32_000, encoding={"application": "voip"}
    ),
    "Opus as a browser records it": Form("webm", "libopus", 48_000, options={"live": "1"}),
    "Speex": Form("ogg", "libspeex", 16_000, "mono"),
    "WMA 2": Form("asf", "wmav2", bit_rate=128_000),
    "WMA 1": Form("asf", "wmav1", bit_rate=64_000),
    "AC-3": Form("ac3", "ac3", 48_000, bit_rate=192_000),
    "AC-3 in MP4": Form("mp4", "ac3", 48_000, bit_rate=192_000),
    "E-AC-3 in Matroska": Form("matroska", "eac3", 48_000, bit_rate=192_000),
    "5.1 in Opus": Form("ogg", "libopus", 48_000, "5.1"),
    "5.1 in AC-3": Form("ac3", "ac3", 48_000, "5.1", 384_000),
    "7.1 in FLAC": Form("flac", "flac", 48_000, "7.1"),
    "7.1 in AAC": Form("ipod", "aac", 48_000, "7.1"),
}

# Half of a run's time went into choices that LAME makes better when it is given time.
_QUICK = {"libmp3lame": {"compression_level": "7"}}
_MP3, _OPUS, _AAC = LOSSY["MP3 at 128 kbit/s"], LOSSY["Opus at 128 kbit/s"], LOSSY["AAC, ADTS"]
_VORBIS, _M4A = LOSSY["Vorbis at 128 kbit/s"], LOSSY["AAC at 128 kbit/s"]
CHAINS = {
    "chained Vorbis of another quality": (_VORBIS, LOSSY["Vorbis at 64 kbit/s"]),
    "chained Vorbis, stereo and mono": (_VORBIS, Form("ogg", "libvorbis", 32_000, "mono")),
    "chained Opus, stereo and mono": (_OPUS, Form("ogg", "libopus", 48_000, "mono")),
    "chained Opus and Vorbis": (_OPUS, _VORBIS),
    "joined MP3, 44.1 and 48 kHz": (_MP3, Form("mp3", "libmp3lame", 48_000, bit_rate=128_000)),
    "joined MP3, 44.1 and 22.05 kHz": (_MP3, Form("mp3", "libmp3lame", 22_050, bit_rate=64_000)),
    "joined ADTS, 44.1 and 48 kHz": (_AAC, Form("adts", "aac", 48_000)),
}  # fmt: skip


def _cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _with_a_hole(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + data[middle + 20_000 :]


def _with_zeros(data: bytes) -> bytes:
    middle, length = len(data) // 2, len(data) // 50
    return data[:middle] + bytes(length) + data[middle + length :]


def _edited(seconds: float) -> Callable[[bytes], bytes]:
    """Have the edit list of an m4a file cut its beginning off, of short songs at most half."""

    def edited(data: bytes) -> bytes:
        entry = data.index(b"elst") + 12  # past version, flags and count
        length, start = (int.from_bytes(data[at : at + 4]) for at in (entry, entry + 4))
        cut = min(seconds, length / 2_000)  # lengths are in milliseconds
        numbers = (length - round(1_000 * cut), start + round(RATE * cut))
        return data[:entry] + b"".join(n.to_bytes(4) for n in numbers) + data[entry + 8 :]

    return edited


SPOILT: dict[str, tuple[Form, Callable[[bytes], bytes]]] = {
    "MP3 cut in half": (_MP3, _cut_short),
    "FLAC cut in half": (LOSSLESS["FLAC"], _cut_short),
    "m4a cut in half": (
        Form("ipod", "aac", options={"movflags": "faststart"}, bit_rate=128_000),
        _cut_short,
    ),
    "Vorbis with a hole of 20 kB": (_VORBIS, _with_a_hole),
    "MP3 with a hole of 20 kB": (_MP3, _with_a_hole),
    "MP3 of which 2 % are zeros": (_MP3, _with_zeros),
    "m4a whose edit list cuts 3 s": (_M4A, _edited(3.0)),
    "m4a whose edit list cuts 10 s": (_M4A, _edited(10.0)),
}


def _rumbling(sound: Sound) -> Sound:
    moments = np.arange(sound.shape[1]) / RATE
    return sound + (0.05 * np.sin(2 * np.pi * 8 * moments)).astype(np.float32)


def _with_no_numbers(sound: Sound) -> Sound:
    spoilt = sound.copy()
    spoilt[:, ::5_000] = np.nan
    return spoilt


CHANGED: dict[str, Callable[[Sound], Sound]] = {
    "DC of 0.05": lambda sound: sound + np.float32(0.05),
    "rumble of 8 Hz": _rumbling,
    "one channel in opposite phase": lambda sound: sound * np.array([[1], [-1]], np.float32),
    "no numbers every 5,000 samples": _with_no_numbers,
    "10 s of silence behind it": lambda sound: np.pad(sound, ((0, 0), (0, 10 * RATE))),
    "30 s of silence before it": lambda sound: np.pad(sound, ((0, 0), (30 * RATE, 0))),
    "20 dB quieter": lambda sound: sound * np.float32(0.1),
}
_NO_WHOLE_DECODE = ("one channel in opposite phase", "no numbers every 5,000 samples")


def encode(sound: Sound, form: Form) -> bytes:
    """Write stereo sound in a form; more channels get left and right in turn."""
    # A file, as FFmpeg opens it again where an index is moved to its beginning.
    with tempfile.NamedTemporaryFile() as file:
        _encode_into(file.name, sound, form)
        return Path(file.name).read_bytes()


def _encode_into(file: str, sound: Sound, form: Form) -> None:
    with av.open(file, "w", form.container, options=dict(form.options)) as container:
        stream = container.add_stream(form.codec, rate=form.rate, layout=form.layout)
        assert isinstance(stream, av.AudioStream)
        stream.time_base = Fraction(1, form.rate)
        if form.bit_rate:
            stream.bit_rate = form.bit_rate
        stream.codec_context.options = {**_QUICK.get(form.codec, {}), **form.encoding}
        if form.samples:
            stream.codec_context.format = form.samples
        width = stream.codec_context.channels
        wide = width > len(sound)
        layout = form.layout if wide else "stereo"
        resampler = av.AudioResampler(stream.format, form.layout, form.rate)
        for first in range(0, sound.shape[1], RATE):
            block = sound[:, first : first + RATE]
            if wide:
                block = block[np.arange(width) % 2]
            packed = np.ascontiguousarray(block.T).reshape(1, -1)  # PyAV fails on planes of eight
            frame = av.AudioFrame.from_ndarray(packed, "flt", layout)
            frame.sample_rate, frame.pts = RATE, first
            for ready in resampler.resample(frame):
                container.mux(stream.encode(ready))
        for ready in resampler.resample(None):
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))


def _in_form(form: Form, spoil: Callable[[bytes], bytes], sound: Sound) -> list[bytes]:
    return [spoil(encode(sound, form))]


def _in_two(first: Form, second: Form, sound: Sound) -> list[bytes]:
    middle = sound.shape[1] // 2
    return [encode(sound[:, :middle], first), encode(sound[:, middle:], second)]


def _changed(change: Callable[[Sound], Sound], sound: Sound) -> list[bytes]:
    return [encode(change(sound), LOSSLESS["WAV, floats"])]


FORMS: dict[str, Callable[[Sound], list[bytes]]] = {
    **{name: partial(_in_form, form, bytes) for name, form in (LOSSLESS | LOSSY).items()},
    **{name: partial(_in_two, *forms) for name, forms in CHAINS.items()},
    **{name: partial(_in_form, *spoilt) for name, spoilt in SPOILT.items()},
    **{name: partial(_changed, change) for name, change in CHANGED.items()},
}
"""What makes the file of every encoding and defect, as parts to be joined."""


def whole_decode(parts: Sequence[bytes]) -> bytes:
    """Decode whole files one behind the other into one WAV file: mono."""
    rate, samples = 0, []
    for part in parts:
        with av.open(io.BytesIO(part), "r", metadata_errors="ignore") as source:
            stream = source.streams.audio[0]
            rate = rate or stream.rate
            width = stream.layout.nb_channels
            # FFmpeg mixes more than two channels past full scale, unless they are whole numbers.
            form, full_scale = ("s16p", 2**15) if width > 2 else ("fltp", 1)
            resampler = av.AudioResampler(form, "mono" if width == 1 else "stereo", rate)
            for frame in (*_frames(source, stream), None):
                pieces = [ready.to_ndarray() for ready in resampler.resample(frame)]
                samples += [piece.mean(axis=0) / full_scale for piece in pieces]
    file = io.BytesIO()
    soundfile.write(file, np.concatenate(samples), rate, "FLOAT", format="WAV")
    return file.getvalue()


def _frames(source: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    """Decode all that can be."""
    try:
        for packet in source.demux(stream):
            try:
                yield from stream.codec_context.decode(packet if packet.size else None)
            except (av.FFmpegError, EOFError):
                continue
    except av.FFmpegError:
        return


@dataclass(frozen=True, slots=True)
class Row:
    """One song in one form."""

    song: str
    form: str
    whole: float | None
    clean: float | None
    genre_kept: bool
    family_kept: bool
    tempo_kept: bool
    error: str | None = None


KEPT = ("genre_kept", "family_kept", "tempo_kept")


class Listener:
    """Hears files as the bot does."""

    def __init__(self, weights: Path | None) -> None:
        self._model = MusicModel.load(weights)
        self._heard: dict[bytes, Hearing] = {}

    def hear(self, data: bytes) -> Hearing:
        """Decode one file, and hear it unless the same samples were heard before."""
        excerpts = read_excerpts(data, SONG_PLAN, LIMITS)
        key = _digest(excerpts)
        if key not in self._heard:
            self._heard[key] = self._model.hear(excerpts)
        return self._heard[key]

    def row(self, song: str, form: str, parts: Sequence[bytes], clean: Hearing) -> Row:
        """Hold what is heard of a file against its whole decode and the clean song."""
        try:
            ours = self.hear(b"".join(parts))
        except AudioError as error:
            return Row(song, form, None, None, False, False, False, error.code)
        whole = clean if form in _NO_WHOLE_DECODE else self.hear(whole_decode(parts))
        return Row(
            song,
            form,
            float(ours.vector @ whole.vector),
            float(ours.vector @ clean.vector),
            likeliest(ours) == likeliest(whole),
            ours.verdict.family == whole.verdict.family,
            _same_tempo(ours, whole),
        )


def likeliest(hearing: Hearing) -> str:
    """Name the likeliest of the ten genres, sure or not."""
    return next(iter(hearing.genres))


def _digest(excerpts: Excerpts) -> bytes:
    """Tell excerpts apart by all that vector, verdict and tempo depend on."""
    digest = hashlib.sha256(excerpts.windows.tobytes())
    digest.update(excerpts.passage.tobytes())
    digest.update(bytes([excerpts.seconds_of_sound >= LEAST_SECONDS_OF_SOUND]))
    return digest.digest()


def _same_tempo(one: Hearing, other: Hearing) -> bool:
    tempi = [hearing.rhythm.tempo_bpm if hearing.rhythm else None for hearing in (one, other)]
    if tempi[0] is None or tempi[1] is None:
        return tempi[0] is tempi[1]
    return abs(tempi[0] / tempi[1] - 1) < SAME_TEMPO


def songs_of(folders: Sequence[Path], count: int) -> list[Path]:
    """Choose songs, those of `folders` in turn with the licensed ones."""
    licensed = Path(immich_memories_music.__file__).parent
    own = sorted(licensed.rglob("*.opus"))
    others = [p for each in folders for p in sorted(each.rglob("*")) if p.suffix in SUFFIXES]
    paths = [path for pair in zip(others, own, strict=False) for path in pair]
    paths += own[len(others) :] + others[len(own) :]
    return paths[:count]


def read(path: Path, seconds: float) -> Sound:
    """Decode the first seconds of a song to stereo."""
    resampler = av.AudioResampler("fltp", "stereo", RATE)
    pieces, length = [], 0
    with av.open(str(path), metadata_errors="ignore") as source:
        for frame in source.decode(audio=0):
            for ready in resampler.resample(frame):
                pieces.append(ready.to_ndarray())
                length += ready.samples
            if length > seconds * RATE:
                break
    return np.concatenate(pieces, axis=1)[:, : round(seconds * RATE)].astype(np.float32)


def table(rows: Sequence[Row]) -> str:
    """Write the figures as Markdown, a line a form."""
    forms: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        forms[row.form].append(row)
    lines = [
        "| form | W, least | W, median | C, median "
        "| genre kept | family said kept | tempo kept | songs |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_line(form, forms[form]) for form in FORMS if form in forms),
        _line("all", rows),
    ]
    low = [row for row in rows if row.whole is None or row.whole < LEAST_WHOLE]
    lines += [f"{row.song}, {row.form}: {row.error or f'W {row.whole:.4f}'}" for row in low]
    return "\n".join([*lines, *_summary(rows)])


def _summary(rows: Sequence[Row]) -> Iterator[str]:
    """Say what must hold of all cells."""
    cleans = [row.clean for row in rows if row.form in LOSSLESS and row.clean is not None]
    yield f"C of lossless forms, least: {min(cleans, default=float('nan')):.4f}"
    for name in KEPT:
        songs: defaultdict[str, list[bool]] = defaultdict(list)
        for row in rows:
            songs[row.song].append(getattr(row, name))
        yield f"{name}, share: {share_over([*songs.values()])}"


def share_over(songs: Sequence[Sequence[bool]]) -> str:
    """Give the mean share of what holds of songs, with its 95 % interval over them."""
    shares = np.array([np.mean(held) for held in songs])
    dice = np.random.default_rng(0)
    means = [dice.choice(shares, len(shares)).mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{shares.mean():.4f} ({low:.4f} to {high:.4f} over {len(shares)})"


def _line(form: str, rows: Sequence[Row]) -> str:
    wholes = [row.whole for row in rows if row.whole is not None]
    cleans = [row.clean for row in rows if row.clean is not None]
    if not wholes:
        return f"| {form} | not heard: {rows[0].error} | | | | | | {len(rows)} |"
    kept = [str(sum(getattr(row, name) for row in rows)) for name in KEPT]
    figures = (min(wholes), statistics.median(wholes), statistics.median(cleans))
    cells = " | ".join([*(f"{figure:.4f}" for figure in figures), *kept])
    return f"| {form} | {cells} | {len(rows)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--songs", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=94.0)
    parser.add_argument("--only", nargs="*", help="forms whose name has one of these texts")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--results", type=Path, default=Path("runs/encodings.jsonl"))
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    rows = _results(options.results)
    done = {(row.song, row.form) for row in rows}
    listener, paths = Listener(options.weights), songs_of(options.songs, options.count)

    @lru_cache(maxsize=len(paths))
    def clean(path: Path) -> tuple[Sound, Hearing]:
        sound = read(path, options.seconds)
        return sound, listener.hear(encode(sound, LOSSLESS["WAV, floats"]))

    with options.results.open("a") as results:
        for path, form in _in_rounds(paths, options.only):
            song = f"{path.parent.name}/{path.stem}"
            if (song, form) in done:
                continue
            sound, hearing = clean(path)
            row = listener.row(song, form, FORMS[form](sound), hearing)
            results.write(json.dumps({n: getattr(row, n) for n in Row.__slots__}) + "\n")
            results.flush()
    print(table(_results(options.results)))


def _in_rounds(paths: Sequence[Path], only: Sequence[str] | None) -> Iterator[tuple[Path, str]]:
    """Pair songs with forms, so that a run that is stopped has heard all forms about as often."""
    names = [name for name in FORMS if not only or any(text in name for text in only)]
    for shift in range(len(paths)):
        for place, name in enumerate(names):
            yield paths[(place + shift) % len(paths)], name


def _results(file: Path) -> list[Row]:
    if not file.exists():
        return []
    return [Row(**json.loads(line)) for line in file.read_text().splitlines()]


if __name__ == "__main__":
    main()
