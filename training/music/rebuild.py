"""Turn mel pictures back into sound, so that networks that hear only sound can learn from them.

    python -m training.music.rebuild --data DIR --out DIR [--of unheard|named|heard] [--stretches N]

`unheard` are GTZAN's songs of which there is no clip, `named` the named songs of other artists, and
`heard` GTZAN's songs of which there is a clip too: with them a song's genre cannot be learned from
whether it was rebuilt. With `--stretches` only so many stretches of three seconds are rebuilt, as
long as the taggers' patches, evenly spaced, one behind the other.

A power spectrum is found whose mel spectrogram is the picture (multiplicative updates), then
phases that agree with it (Griffin and Lim, 1984, with the momentum of Perraudin, Balazs and
Søndergaard, 2013). The absolute loudness of a picture is lost, so sounds peak at 0.8.
"""

from __future__ import annotations

import argparse
import csv
import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile  # type: ignore[import-untyped]  # ships no types
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torchaudio.functional import melscale_fbanks

from training.music.ten_genres import read_ten_genres

RATE = 22_050  # Hz, of the sound that is written
PEAK = 0.8  # of the sound that is written
RANGE_DB = 80.0  # from black to white in a picture
BANDS = 128
ROUNDS = 10  # of Griffin and Lim's method
_FITTING_ROUNDS = 12  # of the power spectrum; 40 lower the mel error by less than 0.1 dB
_MOMENTUM = 0.99
_STRETCH_SECONDS = 2.976  # as the taggers' patches
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PictureLayout:
    """How a picture was made from sound.

    Attributes:
        top_hz: upper end of its 128 bands on Slaney's mel scale.
        fft: samples at `RATE` of the window that the picture was made with.
        hop: samples at `RATE` from one frame of the sound to the next.
        frames: to a column; the further ones are interpolated, in dB.
    """

    top_hz: float
    fft: int
    hop: int
    frames: int = 1


GTZAN = PictureLayout(top_hz=11_025.0, fft=2048, hop=512)
NAMED = PictureLayout(top_hz=22_050.0, fft=1024, hop=444, frames=3)  # 496 columns, 30 s


def rebuild(
    picture: npt.NDArray[np.uint8], layout: PictureLayout = GTZAN, rounds: int = ROUNDS
) -> Tensor:
    """Turn one picture into sound.

    Args:
        picture: (128, columns) grey values, high frequency first.
        layout: how the picture was made.
        rounds: of Griffin and Lim's method.

    Returns:
        (samples,) float32 at `RATE`, peak `PEAK`.
    """
    decibels = torch.from_numpy(picture[::-1].copy()).float() / 255 * RANGE_DB - RANGE_DB
    if layout.frames > 1:
        longer = functional.interpolate(decibels[None], scale_factor=layout.frames, mode="linear")
        decibels = longer[0]
    wave = _with_phases(_power(layout, decibels).sqrt(), layout, rounds)
    return wave * (PEAK / wave.abs().max().clamp(min=1e-9))


def _power(layout: PictureLayout, decibels: Tensor) -> Tensor:
    """(128, frames) dB to the (bins, frames) power whose mel spectrogram it is."""
    filters = _filters(layout)
    mel = torch.pow(10.0, decibels / 10)[: filters.shape[1]]
    power: Tensor = (_inverse(layout) @ mel).clamp(min=1e-10)
    wanted = filters @ mel + 1e-12
    for _ in range(_FITTING_ROUNDS):
        power *= wanted / (filters @ (filters.T @ power) + 1e-12)
    return power


def _with_phases(magnitudes: Tensor, layout: PictureLayout, rounds: int) -> Tensor:
    """(bins, frames) to (samples,): the sound whose spectrum is nearest."""
    dice = torch.Generator().manual_seed(0)
    phases = torch.polar(
        torch.ones_like(magnitudes), 2 * torch.pi * torch.rand(magnitudes.shape, generator=dice)
    )
    window = torch.hann_window(layout.fft)
    before = torch.zeros_like(phases)
    spectrum = magnitudes * phases
    for _ in range(rounds):
        wave = torch.istft(spectrum, layout.fft, layout.hop, window=window)
        after = torch.stft(wave, layout.fft, layout.hop, window=window, return_complex=True)
        spectrum = torch.sub(after, before, alpha=_MOMENTUM / (1 + _MOMENTUM))
        before = after
        # Complex division is slow in torch: its real parts are scaled instead.
        scale = magnitudes / (spectrum.abs() + 1e-12)
        torch.view_as_real(spectrum).mul_(scale.unsqueeze(-1))
    return torch.istft(spectrum, layout.fft, layout.hop, window=window)


@lru_cache(maxsize=2)
def _filters(layout: PictureLayout) -> Tensor:
    """(bins, bands) of Slaney's scale, of the bands that begin below half of `RATE`."""
    bins = layout.fft // 2 + 1
    wide = round((bins - 1) * layout.top_hz / (RATE / 2)) + 1
    filters: Tensor = melscale_fbanks(
        wide, 0.0, layout.top_hz, BANDS, int(2 * layout.top_hz), norm="slaney", mel_scale="slaney"
    )
    inside = filters[:bins]
    whole = inside.sum(dim=0) > 0.999 * filters.sum(dim=0)
    return inside[:, whole].contiguous()


@lru_cache(maxsize=2)
def _inverse(layout: PictureLayout) -> Tensor:
    inverse: Tensor = torch.linalg.pinv(_filters(layout)).T.contiguous()
    return inverse


@dataclass(frozen=True, slots=True)
class PicturedSong:
    """A picture to be turned into sound: its file, the name of the sound, and its layout."""

    file: Path
    name: str
    layout: PictureLayout


PICTURED = ("unheard", "named", "heard")


def stretches(
    picture: npt.NDArray[np.uint8], layout: PictureLayout, count: int
) -> npt.NDArray[np.uint8]:
    """Cut evenly spaced stretches out of a picture and join them.

    Args:
        picture: (128, columns) grey values.
        layout: how the picture was made.
        count: of stretches.

    Returns:
        (128, n) of a shorter song's picture, all of it where it is no longer than the stretches.
    """
    width = math.ceil(_STRETCH_SECONDS * RATE / (layout.hop * layout.frames))
    if picture.shape[1] <= count * width:
        return picture
    starts = np.linspace(0, picture.shape[1] - width, count).round().astype(int)
    return np.concatenate([picture[:, start : start + width] for start in starts], axis=1)


def pictured_songs(data: Path, of: str = "unheard") -> Iterator[PicturedSong]:
    """List songs of which there is a picture.

    Args:
        data: holds `gtzan/manifest.csv`, `gtzan_mels/` and `mel_images/`.
        of: one of `PICTURED`.
    """
    if of == "named":
        songs = read_ten_genres(data)
        for name in (songs.names[row] for row in songs.strangers()):
            yield PicturedSong(data / "mel_images" / f"{name[-4:]}.webp", name, NAMED)
        return
    with (data / "gtzan" / "manifest.csv").open(newline="") as manifest:
        for row in csv.DictReader(manifest):
            if row["has_mel"] == "1" and (row["has_audio"] == "1") == (of == "heard"):
                file = data / "gtzan_mels" / f"{row['track']}.webp"
                yield PicturedSong(file, row["track"], GTZAN)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write OUT/NAME.flac for each pictured song that is not there yet."""
    parser = argparse.ArgumentParser(prog="python -m training.music.rebuild")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--of", choices=PICTURED, default=PICTURED[0])
    parser.add_argument("--stretches", type=int, help="to rebuild; without it, all of a song")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    for song in pictured_songs(options.data, options.of):
        target = options.out / f"{song.name}.flac"
        if target.exists():
            continue
        picture = np.asarray(Image.open(song.file).convert("L"))
        if options.stretches:
            picture = stretches(picture, song.layout, options.stretches)
        wave = rebuild(picture, song.layout)
        soundfile.write(target, wave.numpy(), RATE, subtype="PCM_16")
        _LOG.info("%s", song.name)


if __name__ == "__main__":
    main()
