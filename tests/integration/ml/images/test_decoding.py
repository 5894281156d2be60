"""Members' pictures: what is taken, what is refused, and that no bomb gets through."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from PIL import Image

from ml.images.decoding import Picture, PictureDecoder, picture_job
from ml.images.errors import (
    NotAPictureError,
    PictureDamagedError,
    PictureError,
    PictureLimits,
    PictureTooCostlyError,
    PictureTooLargeError,
    TooManyPixelsError,
)
from ml.sandbox.pool import Sandbox
from tests.helpers.images import huge_png, picture

LIMITS = PictureLimits(max_bytes=2**20, max_pixels=4_000_000, side=128)


@cache
def shared() -> Sandbox:
    return Sandbox(1, [picture_job(LIMITS)])


def decode(data: bytes, limits: PictureLimits = LIMITS) -> Picture:
    if limits is LIMITS:
        return PictureDecoder(shared(), limits).decode(data)
    with Sandbox(1, [picture_job(limits)]) as sandbox:
        return PictureDecoder(sandbox, limits).decode(data)


@pytest.fixture(scope="module", autouse=True)
def _close_the_sandbox() -> Iterator[None]:
    yield
    shared().close()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_format_is_decoded_and_made_small(kind: str) -> None:
    seen = decode(picture(300, kind=kind), LIMITS)
    assert seen.shape == (128, 128, 3)
    expected = decode(picture(128), LIMITS).astype(int)
    assert np.abs(seen - expected).mean() < 8


def test_of_an_animation_the_first_frame_is_taken() -> None:
    red, blue = (Image.new("RGB", (32, 32), colour) for colour in ("red", "blue"))
    moving = saved(red, "GIF", save_all=True, append_images=[blue])
    assert decode(moving, LIMITS)[16, 16].tolist() == [255, 0, 0]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_that_begins_blank_shows_a_frame_with_something_on_it(kind: str) -> None:
    blank, drawn = Image.new("RGB", (32, 32), "white"), Image.new("RGB", (32, 32), "white")
    drawn.paste("black", (8, 8, 24, 24))
    moving = saved(blank, kind, save_all=True, append_images=[blank, drawn, blank])
    assert decode(moving)[16, 16].tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_without_anything_on_it_is_its_first_frame(kind: str) -> None:
    white = Image.new("RGB", (32, 32), "white")
    assert decode(saved(white, kind, save_all=True, append_images=[white])).min() == 255


def test_sixteen_bits_of_grey_are_scaled() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (64, 1))
    narrow = saved(Image.fromarray(ramp[:, :128]), "PNG")
    wide = saved(Image.fromarray(ramp[:, :128].astype(np.uint16) * 257), "PNG")
    assert np.abs(decode(wide).astype(int) - decode(narrow)).max() <= 1


def test_sixteen_bits_of_grey_keep_their_way_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    lying = saved(Image.fromarray(np.zeros((32, 64), np.uint16)), "PNG", exif=exif)
    assert decode(lying).shape == (64, 32, 3)


def test_comments_do_not_refuse_a_picture() -> None:
    plain = saved(Image.new("RGB", (32, 32), "red"), "PNG")
    comment = b"zTXtComment\0\0" + zlib.compress(bytes(30_000_000))
    sound = len(comment) - 4, comment, zlib.crc32(comment)
    for size, chunk, checksum in (
        sound,
        (sound[0], comment, 7),
        (12, b"tEXtComment\0\xff\xff\xff\xff", 0),
    ):
        spoilt = size.to_bytes(4) + chunk + checksum.to_bytes(4)
        assert decode(plain[:33] + spoilt + plain[33:])[16, 16].tolist() == [255, 0, 0]


def test_a_spoilt_exif_block_leaves_the_picture_as_it_lies() -> None:
    lying = saved(Image.new("RGB", (64, 32)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    assert decode(lying).shape == (32, 64, 3)


def test_what_is_transparent_becomes_white_and_what_lies_is_stood_up() -> None:
    clear = saved(Image.new("RGBA", (32, 32), (255, 0, 0, 0)), "PNG")
    assert decode(clear, LIMITS).min() == 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    lying = saved(Image.new("RGB", (64, 32)), "JPEG", exif=exif)
    assert decode(lying, LIMITS).shape == (64, 32, 3)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", NotAPictureError),
        (b"these are words, not a picture " * 50, NotAPictureError),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPictureError),
        (saved(Image.new("RGB", (8, 8)), "BMP"), NotAPictureError),
        (saved(Image.new("RGB", (8, 8)), "TIFF"), NotAPictureError),
        (picture(200)[:2_000], PictureDamagedError),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), NotAPictureError),
        (bytes(2**20 + 1), PictureTooLargeError),
        (huge_png(30_000, 30_016), TooManyPixelsError),
    ],
    ids=["empty", "words", "svg", "bmp", "tiff", "cut off", "only a head", "large", "bomb"],
)  # fmt: skip
def test_everything_else_is_refused_by_name(data: bytes, error: type[PictureError]) -> None:
    with pytest.raises(error):
        decode(data, LIMITS)


@pytest.mark.parametrize(
    "limit", [{"memory_bytes": 2**23}, {"cpu_seconds": 0}, {"wall_seconds": 0.0}], ids=str
)
def test_a_bomb_within_the_pixels_allowed_is_stopped_by_what_it_costs(
    limit: dict[str, int],
) -> None:
    generous = {"max_bytes": 2**23, "max_pixels": 10**9, "memory_bytes": 2**34}
    with pytest.raises(PictureTooCostlyError):
        decode(huge_png(24_960, 24_960), PictureLimits(**{**generous, **limit}))
