import struct
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageOps

from colornet.cli import original
from support.command import saved
from support.pictures import content, waves

SUFFIXES = [".jpg", ".png", ".tif", ".webp", ".avif", ".bmp"]
KINDS = {".jpg": "JPEG", ".tif": "TIFF"} | {f".{k}": k.upper() for k in ("png", "webp", "avif")}
DATE, CAMERA = "1967:07:14 12:00:00", "Exakta"


def exif(orientation=1):
    made = Image.Exif()
    made[0x0112], made[0x0110], made[0x013B] = orientation, CAMERA, "Müller".encode("latin-1")
    made[0x8769] = {0x9003: DATE, 0xA001: 65535, 0xA002: 9, 0x927C: b"notes of the maker"}
    made[0x8825] = {1: "N", 2: (47.0, 1.0, 2.5)}
    return made.tobytes()


def distance(a, b):
    return np.abs(np.asarray(a.convert("RGB"), int) - np.asarray(b.convert("RGB"), int)).mean()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_and_never_again(suffix, orientation):
    asymmetric = waves(96, 64)
    asymmetric.paste("white", (0, 0, 40, 20))
    asked = asymmetric.copy()
    asked.getexif()[0x0112] = orientation
    upright = ImageOps.exif_transpose(asked)
    stored = ".png" if suffix == ".bmp" else suffix  # BMP has no EXIF
    data = content(asymmetric, KINDS[stored], exif=exif(orientation))
    read = original.read(data)
    assert distance(read.picture, upright) < 12
    copy = saved(read.picture, read, suffix)
    assert copy.size == upright.size
    assert distance(ImageOps.exif_transpose(copy), upright) < 12
    assert copy.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("source", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_date_camera_and_place_are_kept(source, suffix, tmp_path):
    (tmp_path / "a").write_bytes(content(waves(), source, exif=exif()))
    read = original.read(tmp_path / "a")
    kept = saved(read.picture, read, suffix).getexif()
    assert kept[0x0110] == CAMERA
    assert kept.get_ifd(0x8769) == {0x9003: DATE}  # without what held for the stored pixels
    assert kept.get_ifd(0x8825)[2] == (47.0, 1.0, 2.5)


def test_letters_beyond_ascii_are_kept():
    read = original.read(content(waves(), "JPEG", exif=exif()))
    for suffix in (".jpg", ".png", ".tif"):
        assert saved(read.picture, read, suffix).getexif()[0x013B] == "Müller"


def test_the_thumbnail_of_the_grey_picture_is_not_kept():
    thumbnail = content(Image.new("L", (32, 32), 99), "JPEG")
    block = b"Exif\0\0MM\0*\0\0\0\x08" + b"\0\x01" + b"\x01\x12\0\x03\0\0\0\x01\0\x01\0\0"
    block += b"\0\0\0\x1a" + b"\0\x02" + b"\x02\x01\0\x04\0\0\0\x01\0\0\0\x38"
    block += b"\x02\x02\0\x04\0\0\0\x01" + len(thumbnail).to_bytes(4) + b"\0\0\0\0" + thumbnail
    data = content(waves(), "JPEG", exif=block)
    assert data.count(b"\xff\xd8\xff") == 2
    read = original.read(data)
    copy = original.encode(read.picture, read, suffix=".jpg", mark=None)
    assert copy.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("block", [b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01", b"Exif\0\0nothing"])
def test_broken_exif_is_left_out(block):
    read = original.read(content(waves(), "JPEG", exif=block))
    assert read.metadata.exif is None
    assert not saved(read.picture, read, ".jpg").getexif()


@pytest.mark.parametrize("source", ["JPEG", "PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp"])
def test_dpi_is_kept(source, suffix):
    read = original.read(content(waves(), source, dpi=(600, 300)))
    assert np.allclose(read.metadata.dpi, (600, 300), atol=0.1)
    assert np.allclose(saved(read.picture, read, suffix).info["dpi"], (600, 300), atol=0.1)


@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_dpi_is_kept_in_exif_where_the_format_has_no_other_field(suffix):
    read = original.read(content(waves(), "JPEG", dpi=(600, 300)))
    copy = original.encode(read.picture, read, suffix=suffix, mark=None)
    assert original.read(copy).metadata.dpi == (600, 300)


@pytest.mark.parametrize("denominator", [0, 1, 2**31])
def test_a_missing_or_implausible_dpi_is_none(denominator):
    assert original.read(content(waves(), "WEBP")).metadata.dpi is None
    data = content(waves(), "TIFF", dpi=(300, 77))
    stored = struct.pack("<II", 77, 1)
    assert stored in data
    odd = data.replace(stored, struct.pack("<II", 0, denominator))  # 0/0 is not a number
    assert original.read(odd).metadata.dpi is None


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
@pytest.mark.parametrize("data", [{}, {"exif": exif()}])
def test_a_coloured_file_says_what_coloured_it(suffix, data):
    read = original.read(content(waves(), "JPEG", **data))
    said = saved(read.picture, read, suffix, mark='a "run" <&>')
    tree = ElementTree.fromstring(said.info["xmp"])
    described = {key.split("}")[1]: value for key, value in tree[0][0].attrib.items()}
    assert described["CreatorTool"] == described["Software"] == "colornet"
    assert described["AISystemVersionUsed"] == 'a "run" <&>'
    assert described["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert "xmp" not in saved(read.picture, read, suffix, mark=None).info
