"""Files of pictures are opened as a viewer shows them; what is none, or a bomb, is refused."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from privaudit.errors import ReadError
from privaudit.screenshots.open_picture import open_picture
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.words.catalogues import Note

ALONE = [[30, 30], [80, 40], [130, 35], [35, 90], [90, 100], [140, 95]]
RED = (214, 39, 40)


def drawn(size=(170, 130)):
    """Six red dots, drawn by another program."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for x, y in ALONE:
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=RED)
    return image


def where(image):
    """Return the middles of its dots, from top to bottom."""
    at = picture_dots(image).pixel
    return at[np.argsort(at[:, 1])]


TRUE = np.array(sorted(ALONE, key=lambda dot: dot[1])) + 0.5


def png_header(width, height):
    """A PNG file that announces its size, and holds nothing."""

    def chunk(kind, data):
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(30_000, 30_000), (30_000, 10), (9_000, 9_000), (60_000, 60_000)])
def test_a_bomb_is_refused_by_its_header(tmp_path, size):
    file = tmp_path / "shot.png"
    file.write_bytes(png_header(*size))
    with pytest.raises(
        ReadError, match=r"20,000 pixels a side and 50,000,000 in all|at most 50,000,000 pixels"
    ):
        open_picture(file)


def test_files_that_are_no_picture(tmp_path):
    file = tmp_path / "shot.png"
    for content in (b"", b"x,y\n1,2\n", png_header(10, 10), b"<svg></svg>"):
        file.write_bytes(content)
        with pytest.raises(ReadError, match=r"does not open as one|is cut short"):
            open_picture(file)
    with pytest.raises(ReadError, match="no such file"):
        open_picture(tmp_path / "none.png")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGBA", "png"), ("P", "png"), ("RGB", "png"), ("P", "gif"), ("RGB", "webp"), ("RGB", "bmp"),
     ("RGB", "tiff"), ("CMYK", "jpg"), ("CMYK", "tiff"), ("RGB", "jpg")],
)  # fmt: skip
def test_other_kinds_of_pixels_become_three_colours(tmp_path, mode, kind):
    file = tmp_path / f"shot.{kind}"
    drawn().convert(mode).save(file, **({"quality": 90} if kind == "jpg" else {}))
    image, notes = open_picture(file)
    assert notes == []
    assert image.shape == (130, 170, 3)
    assert image.dtype == np.uint8
    assert np.abs(where(image) - TRUE).max() < 0.5


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16"])
def test_grey_pictures_have_no_red_dot(tmp_path, mode):
    file = tmp_path / "shot.png"
    if mode == "I;16":
        # 46,000 of 65,535 is 179 of 255.
        grey = np.full((130, 170), 65_535, np.uint16)
        grey[drawn().convert("L").point(lambda level: 255 * (level < 128)) == 255] = 0
        grey[20:30, 20:30] = 46_000
        Image.fromarray(grey).save(file)
        assert open_picture(file)[0][25, 25].tolist() == [178, 178, 178]
        return
    drawn().convert(mode).save(file)
    image, _ = open_picture(file)
    assert (image[..., 0] == image[..., 2]).all()


def test_a_palette_with_a_transparent_colour_is_white_there(tmp_path):
    file = tmp_path / "shot.png"
    flat = drawn().quantize(8)
    flat.save(file, transparency=flat.getpixel((0, 0)))
    image, _ = open_picture(file)
    assert (image[0, 0] == 255).all()
    assert np.abs(where(image) - TRUE).max() < 0.1


@pytest.mark.parametrize(
    ("orientation", "undone"),
    [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90),
     (8, Image.Transpose.ROTATE_270), (2, Image.Transpose.FLIP_LEFT_RIGHT)],
)  # fmt: skip
def test_a_photo_is_turned_by_its_exif_orientation(tmp_path, orientation, undone):
    # The standard: 6 is to be turned a quarter to the right to be seen, 8 to the left.
    exif = Image.Exif()
    exif[0x0112] = orientation
    drawn().transpose(undone).save(tmp_path / "shot.jpg", exif=exif, quality=95)
    image, notes = open_picture(tmp_path / "shot.jpg")
    assert image.shape == (130, 170, 3)
    assert np.abs(where(image) - TRUE).max() < 0.5
    assert notes[0] == Note("picture_turned")


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_the_first_of_several_pictures_is_read_with_a_note(tmp_path, kind):
    file = tmp_path / f"shot.{kind}"
    second = Image.new("RGB", (170, 130), "white")
    drawn().save(file, save_all=True, append_images=[second, drawn()])
    image, notes = open_picture(file)
    assert np.abs(where(image) - TRUE).max() < 0.5
    assert notes == [Note("picture_first_of_several")]


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "gif", "bmp"])
def test_a_file_that_is_cut_short_is_refused(tmp_path, kind):
    file = tmp_path / f"shot.{kind}"
    drawn().save(file)
    content = file.read_bytes()
    for share in (0.3, 0.6, 0.9):
        file.write_bytes(content[: int(share * len(content))])
        with pytest.raises(ReadError, match=r"does not open as one|is cut short"):
            open_picture(file)


def test_the_message_names_the_file_and_not_its_folder(tmp_path):
    file = tmp_path / "leak.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"secret" * 9)
    with pytest.raises(ReadError, match=r"leak\.png") as caught:
        open_picture(file)
    assert str(tmp_path) not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_transparent_ground_is_white(tmp_path):
    layer = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    layer.save(tmp_path / "shot.png")
    assert (open_picture(tmp_path / "shot.png")[0] == 255).all()
