"""Whatever the picture: a release or one line that refuses it, in bounded memory."""

import io
import struct
import tracemalloc
import warnings
import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from privaudit.errors import PrivauditError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.release.release import Release
from privaudit.screenshots.open_picture import MOST_PIXELS, MOST_SIDE, open_picture
from privaudit.screenshots.read_screenshot import read_screenshot
from privaudit.words.catalogues import Note

MARKER = b"Zxqv"
KINDS = {
    "png": ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"],
    "jpg": ["RGB", "L", "CMYK"],
    "gif": ["P", "L", "1"],
    "bmp": ["RGB", "L", "P", "1"],
    "tiff": ["RGB", "RGBA", "CMYK", "LAB", "YCbCr", "I;16", "F", "1"],
    "webp": ["RGB", "RGBA"],
}
BEGINNINGS = {
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
    "gif": b"GIF89a",
    "bmp": b"BM",
    "tiff": b"II*\x00",
    "webp": b"RIFF\xff\x00\x00\x00WEBPVP8 ",
}
few = settings(max_examples=12)
kinds = st.sampled_from(sorted(KINDS))


def place() -> AddressBase:
    xy = np.random.default_rng(1).uniform(0, 60, (30, 2))
    frame = pd.DataFrame({"id": [str(i) for i in range(30)], "x": xy[:, 0], "y": xy[:, 1]})
    return AddressBase(
        frame.assign(number="1", street="rue", commune="Bourg", station=""), real=False
    )


BASE = place()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures")


def outcome(file) -> Release | str:
    """Return the release or the message; anything else that is raised fails the test."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return read_screenshot(file, addresses=BASE, bbox=(0, 0, 60, 60))
    except PrivauditError as error:
        message = str(error)
        assert len(message.splitlines()) == 1
        assert MARKER.decode() not in message
        return message


def drawn(seed: int, width: int, height: int, mode: str) -> Image.Image:
    """Draw some discs, or noise where the seed is even, in one of the kinds of pixels."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), "white")
    if seed % 2 == 0:
        image = Image.fromarray(rng.integers(0, 256, (height, width, 3)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for x, y in rng.random((5, 2)) * [width, height]:
        pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(214, 39, 40) if x > y else (128, 128, 128))
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        return Image.merge("LAB", image.split())
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **more) -> bytes:
    held = io.BytesIO()
    image.save(held, {"jpg": "JPEG", "tiff": "TIFF"}.get(kind, kind.upper()), **more)
    return held.getvalue()


@few
@given(kind=kinds, data=st.binary(max_size=200))
def test_random_bytes_after_a_good_beginning(folder, kind, data):
    file = folder / f"noise.{kind}"
    file.write_bytes(BEGINNINGS[kind] + MARKER + data)
    assert isinstance(outcome(file), str)
    file.write_bytes(BEGINNINGS[kind] + data)
    outcome(file)


@pytest.mark.heavy
@given(
    kind=kinds, which=st.integers(0, 7), seed=st.integers(0, 999),
    width=st.integers(1, 60), height=st.integers(1, 60), orientation=st.integers(0, 12),
)  # fmt: skip
def test_every_kind_of_pixels(folder, kind, which, seed, width, height, orientation):
    mode = KINDS[kind][which % len(KINDS[kind])]
    more = {}
    if kind in ("jpg", "png", "webp"):
        exif = Image.Exif()
        exif[0x0112] = orientation
        more["exif"] = exif
    file = folder / f"drawn.{kind}"
    file.write_bytes(saved(drawn(seed, width, height, mode), kind, **more))
    try:
        with Image.open(file) as written:
            written.load()
    except OSError:
        assume(False)  # Pillow 11.0 writes a TIFF of one YCbCr pixel that it cannot read itself.
    image, _ = open_picture(file)
    turned = kind in ("jpg", "png", "webp") and orientation in (5, 6, 7, 8)
    assert image.shape == ((width, height, 3) if turned else (height, width, 3))
    assert image.dtype == np.uint8
    found = outcome(file)
    assert isinstance(found, Release) or "dots" in found


@pytest.mark.heavy
@few
@example(kind="bmp", seed=93, share=0.0, flip=2)
@example(kind="webp", seed=98, share=0.0, flip=155)
@given(kind=kinds, seed=st.integers(0, 99), share=st.floats(0, 1), flip=st.integers(0, 10_000))
def test_cut_and_damaged_pictures(folder, kind, seed, share, flip):
    whole = saved(drawn(seed, 40, 30, KINDS[kind][0]), kind)
    file = folder / f"cut.{kind}"
    file.write_bytes(whole[: int(share * len(whole))])
    outcome(file)
    damaged = bytearray(whole)
    damaged[flip % len(whole)] ^= 0xFF
    file.write_bytes(bytes(damaged))
    outcome(file)


@few
@given(kind=st.sampled_from(["png", "gif", "webp", "tiff"]), seed=st.integers(0, 99))
def test_of_moving_pictures_the_first_is_read(folder, kind, seed):
    first, second = drawn(2 * seed + 1, 40, 30, "RGB"), Image.new("RGB", (40, 30), "blue")
    file = folder / f"moving.{kind}"
    file.write_bytes(saved(first, kind, save_all=True, append_images=[second, first]))
    _, notes = open_picture(file)
    assert notes == [Note("picture_first_of_several")]


def interlaced(image: np.ndarray) -> bytes:
    """Write a PNG in the seven passes of Adam7, as the standard has them (ISO 15948, 8.2)."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]  # fmt: skip
    rows = b""
    for x, y, across, down in passes:
        part = image[y::down, x::across]
        if part.size:
            rows += b"".join(b"\x00" + row.tobytes() for row in part)
    height, width = image.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


@few
@given(seed=st.integers(0, 99), width=st.integers(1, 40), height=st.integers(1, 40))
def test_interlaced_pictures(folder, seed, width, height):
    image = np.asarray(drawn(seed, width, height, "RGB"))
    file = folder / "interlaced.png"
    file.write_bytes(interlaced(image))
    assert (open_picture(file)[0] == image).all()


@few
@given(
    width=st.integers(0, 2**31 - 1), height=st.integers(0, 2**31 - 1),
    depth=st.sampled_from([1, 2, 4, 8, 16]), colour=st.sampled_from([0, 2, 3, 4, 6]),
)  # fmt: skip
def test_huge_headers_are_refused_before_anything_is_decoded(folder, width, height, depth, colour):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\x00" * 1_000)
    file = folder / "huge.png"
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
            for part in (header, body, b"IEND")
        )
    )
    tracemalloc.start()
    try:
        said = outcome(file)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    too_large = max(width, height) > MOST_SIDE or width * height > MOST_PIXELS
    assert isinstance(said, str)
    if too_large:
        # What is refused by its size costs nothing: a hundredth of what the bound allows.
        assert most < 3 * MOST_PIXELS / 100


def test_a_picture_of_one_pixel_has_no_dot(folder):
    file = folder / "one.png"
    for colour in ("white", "red", "grey", "black"):
        Image.new("RGB", (1, 1), colour).save(file)
        with pytest.raises(ReadError, match="needs red or grey dots"):
            read_screenshot(file, addresses=BASE, bbox=(0, 0, 60, 60))
