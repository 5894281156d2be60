"""Sound files to spoil: songs and pictures in every format, and texts that try to get out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache

import numpy as np
from PIL import Image

from tests.unit.ml.audio.encoding import FORMATS, song

SECONDS = 1.2
SIDE = 96


@cache
def songs() -> Mapping[str, bytes]:
    """A murmur in every audio format that members may post."""
    return {name: song(SECONDS, name) for name in FORMATS}


@cache
def pictures() -> Mapping[str, bytes]:
    """A picture in every format and colour mode that members may post."""
    noise = np.random.default_rng(5).integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    picture = Image.fromarray(noise)
    frames = [picture.rotate(90 * quarter) for quarter in range(3)]
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    return {
        "png": _saved(picture, "PNG"),
        "png of 16 bits": _saved(Image.fromarray(noise[..., 0].astype(np.uint16) * 257), "PNG"),
        "png with a palette": _saved(picture.convert("P"), "PNG"),
        "png in motion": _saved(picture, "PNG", save_all=True, append_images=frames),
        "jpeg": _saved(picture.convert("RGB"), "JPEG"),
        "jpeg on its side": _saved(picture.convert("RGB"), "JPEG", exif=exif),
        "progressive jpeg": _saved(picture.convert("RGB"), "JPEG", progressive=True),
        "grey jpeg": _saved(picture.convert("L"), "JPEG"),
        "jpeg for printing": _saved(picture.convert("CMYK"), "JPEG"),
        "webp": _saved(picture, "WEBP"),
        "webp without loss": _saved(picture, "WEBP", lossless=True),
        "webp in motion": _saved(picture, "WEBP", save_all=True, append_images=frames),
        "gif": _saved(picture, "GIF"),
        "gif in motion": _saved(picture, "GIF", save_all=True, append_images=frames),
    }


def escapes(file: str, address: str) -> Mapping[str, bytes]:
    """Texts that would have a decoder open something else.

    Args:
        file: path of a file that must stay closed.
        address: "host:port" that must not be called.
    """
    host, port = address.split(":")
    texts = {
        "sdp": f"v=0\nc=IN IP4 {host}\nt=0 0\nm=audio {port} RTP/AVP 0\n",
        "hls": f"#EXTM3U\n#EXTINF:1,\nhttp://{address}/a.ts\n#EXT-X-ENDLIST\n",
        "hls of files": f"#EXTM3U\n#EXTINF:1,\nfile://{file}\n#EXT-X-ENDLIST\n",
        "hls with a key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://{address}/k"\n#EXTINF:1,\na\n',
        "concat": f"ffconcat version 1.0\nfile '{file}'\n",
        "concat of links": f"ffconcat version 1.0\nfile 'http://{address}/a.mp3'\n",
        "dash": f'<?xml version="1.0"?><MPD><BaseURL>http://{address}/</BaseURL><Period/></MPD>',
        "playlist": f"[playlist]\nFile1=http://{address}/a.mp3\nNumberOfEntries=1\n",
        "subtitles": f"[Script Info]\n; {file}\n[Events]\n",
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{address}/a.png"/></svg>',
        "entity": f'<!DOCTYPE s [<!ENTITY x SYSTEM "file://{file}">]><svg>&x;</svg>',
        "postscript": f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({file}) run\n",
        "mvg": f"push graphic-context\nimage over 0,0 0,0 'http://{address}/a.png'\n",
    }
    return {name: text.encode() for name, text in texts.items()} | {
        "mov that refers": _mov_that_refers(file.encode()),
        "mov by link": _mov_that_refers(f"http://{address}/a.mov".encode()),
    }


def _mov_that_refers(target: bytes) -> bytes:
    """A QuickTime file whose sound lies "elsewhere" (atom `dref` with an alias)."""
    whole = bytearray(song(SECONDS, "m4a"))
    at = whole.find(b"url ")
    if at >= 0:
        # Not self-contained any more (flags 0), and the name of the other file in place.
        whole[at + 4 : at + 8] = bytes(4)
        whole[at - 4 : at + 8] = (12 + len(target)).to_bytes(4, "big") + b"url " + bytes(4) + target
    return bytes(whole)


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()
