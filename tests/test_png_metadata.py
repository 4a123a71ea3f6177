import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from colornet.images import photo
from colornet.images.photo import PhotoError
from support import colour_profiles
from support.pictures import content, png_file, waves

PACKET = b"XML:com.adobe.xmp\0\1\0\0\0"
EXIF = Image.Exif()
EXIF[0x0112] = 6


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(*chunks: bytes, last: bool = False, image=None) -> bytes:
    """A PNG with chunks behind its header, or before its end."""
    data = content(image or waves(), "PNG")
    at = len(data) - 12 if last else 33
    return data[:at] + b"".join(chunks) + data[at:]


def loaded(data: bytes) -> photo.Decoded:
    return photo.load(data, max_pixels=10**6, max_bytes=10**8)


def zipped(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    ("given", "note"),
    [
        (chunk(b"iTXt", PACKET + zipped(1_600_000)), "metadata of 1.6 MB left out"),
        (chunk(b"zTXt", b"Comment\0\0" + zipped(2_000_000)), "metadata of 2.0 MB left out"),
        (chunk(b"zTXt", b"Comment\0\0" + zipped(300_000_000)), "metadata of over 16.8 MB left out"),
        (chunk(b"iCCP", b"big\0\0" + zipped(1_500_000)), "colour profile of 1.5 MB left out"),
        (chunk(b"zTXt", b"C\0\0" + zipped(10**6)) * 70, "metadata left out"),
        (chunk(b"tEXt", b"Comment\0words")[:-1] + b"!", None),  # Pillow checks the first ones
        (chunk(b"zTXt", b"Comment\0\7words"), "damaged metadata left out"),
        (chunk(b"gAMA", b"\0"), None),
        (chunk(b"pHYs", b"\0"), None),
        (chunk(b"eXIf", b"nonsense"), None),
    ],
)
def test_metadata_that_pillow_refuses_is_left_out_and_said(given, note, last):
    decoded = loaded(with_chunk(given, last=last))
    assert np.array_equal(np.asarray(decoded.image), np.asarray(waves()))
    assert note is None or decoded.notes == (note,)


def test_a_large_colour_profile_is_applied():
    profile = ImageCms.ImageCmsProfile(io.BytesIO(colour_profiles.rgb())).tobytes()
    large = profile + bytes(2_000_000)
    data = with_chunk(chunk(b"iCCP", b"wide\0\0" + zlib.compress(large)))
    expected = photo.read(content(waves(), "PNG", icc_profile=profile))
    assert photo.read(data).tobytes() == expected.tobytes() != waves().tobytes()
    assert loaded(data).notes == ()


def test_the_metadata_beside_it_stays():
    large = chunk(b"iTXt", PACKET + zipped(1_600_000))
    data = with_chunk(large, chunk(b"eXIf", EXIF.tobytes()[6:]), chunk(b"tEXt", b"Title\0Cat"))
    decoded = loaded(data)
    assert decoded.image.size == (48, 64)  # turned
    assert decoded.image.info["Title"] == "Cat"


def test_a_transparent_colour_stays_beside_metadata_that_is_left_out():
    large = chunk(b"iTXt", PACKET + zipped(1_600_000))
    shade = chunk(b"tRNS", struct.pack(">H", 77))
    image = Image.new("L", (40, 40), 77)
    assert photo.read(with_chunk(large, shade, image=image)).getpixel((9, 9)) == (255, 255, 255)


def test_pixels_that_are_damaged_are_refused():
    data = content(waves(), "PNG")
    broken = data[:60] + bytes([data[60] ^ 255]) + data[61:]
    with pytest.raises(PhotoError, match="^is (damaged|truncated)"):
        photo.read(broken)


@pytest.mark.parametrize("cut", [1, 12, 16, 17])
def test_a_png_whose_end_alone_is_missing_is_read(cut):
    assert photo.read(content(waves(), "PNG")[:-cut]).tobytes() == waves().tobytes()


def test_a_cut_interlaced_png_says_how_much_of_its_data_is_there():
    header = struct.pack(">IIBBBBB", 40, 40, 8, 0, 0, 0, 1)
    rows = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(800)))
    with pytest.raises(PhotoError, match="^is truncated: 48 % of its data are there$"):
        photo.read(b"\x89PNG\r\n\x1a\n" + rows + chunk(b"IEND", b""))


# Colour types and depths; the stored pixels: the transparent colour, one almost like it, another
@pytest.mark.parametrize(
    ("depth", "colour", "stored", "transparent"),
    [
        (16, 0, [">H", 0x1234, 0x1235, 0x9999], (0x1234,)),
        (16, 2, [">HHH", (0x1234, 0x1111, 0xFF00), (0x1234, 0x1111, 0xFF01), (1, 2, 3)], None),
        (8, 0, [">B", 0x12, 0x13, 0x99], (0x12,)),
        (8, 2, [">BBB", (1, 2, 3), (1, 2, 4), (9, 9, 9)], None),
    ],
)
def test_a_transparent_colour_is_transparent_and_no_other(depth, colour, stored, transparent):
    form, *colours = stored
    colours = [each if isinstance(each, tuple) else (each,) for each in colours]
    pixels = [struct.pack(form, *each) for each in colours]
    rows = (b"\0" + b"".join(pixels) * 20) * 40
    data = png_file(60, 40, depth, colour, rows)
    shade = chunk(b"tRNS", struct.pack(f">{len(colours[0])}H", *(transparent or colours[0])))
    decoded = photo.load(data[:33] + shade + data[33:], max_pixels=10**6, max_bytes=10**6)
    _, alpha = photo.split(decoded.image)
    assert [alpha.getpixel((x, 5)) for x in range(6)] == [0, 255, 255] * 2


@pytest.mark.parametrize(
    ("depth", "rows"), [(2, b"\0" + b"\x1b" * 10), (4, b"\0" + b"\x01\x23" * 10)]
)
def test_a_transparent_shade_of_few_bits_is_transparent(depth, rows):
    data = png_file(40, 40, depth, 0, rows * 40)
    shade = chunk(b"tRNS", struct.pack(">H", 2))
    decoded = photo.load(data[:33] + shade + data[33:], max_pixels=10**6, max_bytes=10**6)
    _, alpha = photo.split(decoded.image)
    assert [alpha.getpixel((x, 5)) for x in range(4)] == [255, 255, 0, 255]
