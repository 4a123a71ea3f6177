import io
from pathlib import Path

import numpy as np
import pytest

from colornet.images import photo
from colornet.images.photo import PhotoError
from colornet.system import formats
from support.pictures import content, png_file, waves

# Formats of the table that Pillow writes -> its options
WRITTEN = {
    "JPEG": {"quality": 95},
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 95},
    "BMP": {},
    "DIB": {},
    "MPO": {"quality": 95},
    "JPEG2000": {},
    "PPM": {},
    "TGA": {},
    "SGI": {},
    "PCX": {},
    "QOI": {},
    "ICO": {},
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_format_is_read_from_a_file_with_each_of_its_endings(kind, tmp_path):
    image = waves(64, 64)
    data = content(image, kind, **WRITTEN[kind])
    format_ = next(each for each in formats.FORMATS if each.pillow == kind)
    for ending in format_.endings:
        for name in (f"a{ending}", f"b{ending.upper()}"):
            (tmp_path / name).write_bytes(data)
            read = photo.read(tmp_path / name)
            assert np.abs(np.asarray(read, int) - np.asarray(image)).mean() < 6
            assert formats.of(tmp_path / name) is format_


def test_a_file_is_read_by_its_content_whatever_its_ending(tmp_path):
    for kind in ("PNG", "QOI", "SGI", "TIFF"):
        (tmp_path / "a.jpg").write_bytes(content(waves(), kind))
        assert photo.read(tmp_path / "a.jpg").size == (64, 48)


@pytest.mark.parametrize("kind", ["TGA", "PCX", "DIB"])
def test_formats_without_a_certain_signature_are_read_by_name_alone(kind, tmp_path):
    data = content(waves(), kind)
    (tmp_path / "a.jpg").write_bytes(data)
    for file in (data, tmp_path / "a.jpg"):
        with pytest.raises(PhotoError, match="^is no picture$"):
            photo.read(file)
    named = io.BytesIO(data)
    named.name = f"A.{kind}"
    assert photo.read(named).size == (64, 48)


def test_a_text_is_never_read_as_a_picture(tmp_path):
    for ending in formats.BY_ENDING:
        (tmp_path / f"notes{ending}").write_text("Notes on the harvest of 1967\n" * 200)
        with pytest.raises(PhotoError):
            photo.read(tmp_path / f"notes{ending}")


def test_copies_of_formats_that_are_not_written_get_an_ending_of_another_format():
    for each in formats.FORMATS:
        kept = {"JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP"}
        assert (each.copies is None) == (each.pillow in kept)
        assert each.copies in {None, ".png", ".jpg", ".bmp"}


def test_an_ending_belongs_to_one_format():
    every = [ending for each in formats.FORMATS for ending in each.endings]
    assert len(set(every)) == len(every)
    assert all(ending == ending.lower() and ending[0] == "." for ending in every)
    assert not formats.is_picture(Path("notes.txt"))


@pytest.mark.parametrize(
    ("beginning", "said"),
    [
        (b"", "is empty"),
        (b"\xff\x0a\xfa\x1f", "is a JPEG XL picture, which is not read: save it as JPEG or PNG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "is a JPEG XL picture, which is not read: save it as JPEG"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http", "is an SVG drawing, which is not read"),
        (b"\n<!DOCTYPE html><title>404</title>", "is a web page and no picture: save the picture"),
        (b"%PDF-1.7", "is a PDF document: save its pages as JPEG or PNG"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "is a video: save one of its pictures as JPEG or PNG"),
        (b"\0\0\0\x14ftypqt  ", "is a video"),
        (b"RIFF\x24\x10\0\0AVI LIST", "is a video"),
        (b"\x1a\x45\xdf\xa3\x9f", "is a video"),
        (b"PK\x03\x04", "is a ZIP archive: unpack it first"),
        (b"#?RADIANCE\n", "is a Radiance HDR picture, which is not read"),
        (b"\x76\x2f\x31\x01", "is an OpenEXR picture, which is not read"),
        (b"8BPS\0\1" + bytes(16) + b"\0\x10\0\3", "is a Photoshop picture with 16 bits, which is"),
        (b"8BPS\0\2", "is a large Photoshop picture"),
        (b"BM" + bytes(60), "is a damaged or an unusual BMP: save it as JPEG or PNG"),
        (b"II*\0" + bytes(60), "is a damaged or an unusual TIFF: save it as JPEG or PNG"),
    ],
)
def test_what_is_not_read_is_called_what_it_is(beginning, said):
    with pytest.raises(PhotoError, match=f"^{said}"):
        photo.read(beginning)


def test_a_file_of_another_format_is_named_by_its_content(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\x0a\xfa\x1f")
    with pytest.raises(PhotoError, match="^is a JPEG XL picture"):
        photo.read(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
        (20_000, 20_000, "has 400,000,000 pixels, more than the limit of 90,000,000 for AVIF"),
        (40_000, 100, "has a side longer than the 32,768 pixels that are read of AVIF"),
        (64, 48, "is truncated"),
    ],
)
def test_an_avif_beyond_the_decoders_limit_says_so(width, height, said):
    data = content(waves(), "AVIF")
    at = data.index(b"ispe") + 8
    sides = width.to_bytes(4) + height.to_bytes(4)
    with pytest.raises(PhotoError, match=f"^{said}$"):
        photo.read(data[:at] + sides + data[at + 8 : 300])


def test_of_an_icon_the_largest_picture_is_read():
    data = content(waves(200, 200), "ICO", sizes=[(32, 32), (128, 128), (64, 64)])
    assert photo.read(data).size == (128, 128)
    bitmaps = content(waves(64, 64), "ICO", sizes=[(32, 32), (64, 64)], bitmap_format="bmp")
    assert photo.read(bitmaps).tobytes() == waves(64, 64).tobytes()


def test_an_icon_that_holds_a_large_picture_is_refused_before_it_is_decoded():
    large = png_file(20_000, 20_000, 8, 2)
    head = b"\0\0\1\0\1\0" + b"\0\0\0\0\1\0\x20\0" + len(large).to_bytes(4, "little")
    with pytest.raises(PhotoError, match="^has over 178,956,970 pixels"):
        photo.read(head + (22).to_bytes(4, "little") + large)
    bitmap = (40).to_bytes(4, "little") + (20_000).to_bytes(4, "little") * 2 + bytes(28)
    head = head[:14] + len(bitmap).to_bytes(4, "little")
    with pytest.raises(PhotoError, match="^has 200,000,000 pixels, more than the limit"):
        photo.read(head + (22).to_bytes(4, "little") + bitmap)


@pytest.mark.parametrize("key", ["exif", "icc_profile", "xmp"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_no_metadata_keeps_a_picture_from_being_read(kind, key):
    given = {
        "exif": [b"Exif\0\0", b"Exif\0\0nonsense", b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"],
        "icc_profile": [b"nonsense", bytes(300), bytes(900_000)],
        "xmp": [b"<", b"\xff" * 60_000],
    }[key]
    expected = photo.read(content(waves(), kind)).tobytes()
    for value in given:
        try:
            data = content(waves(), kind, **{key: value})
        except (SyntaxError, ValueError, OSError, TypeError, UserWarning):
            continue  # Pillow does not write this one into this format
        assert photo.read(data).tobytes() == expected
