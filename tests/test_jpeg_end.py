import io
import struct

import numpy as np
import pytest
from PIL import Image

from colornet.images import jpeg, photo
from colornet.images.photo import PhotoError
from support.pictures import content, waves

END = b"\xff\xd9"
KINDS = [{}, {"progressive": True}, {"restart_marker_blocks": 3}, {"subsampling": 0}]


def segment(number: int, data: bytes) -> bytes:
    return b"\xff" + bytes([number]) + struct.pack(">H", len(data) + 2) + data


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", KINDS)
def test_a_jpeg_whose_end_marker_alone_is_missing_is_read(options, mode):
    data = content(waves(200, 150).convert(mode), "JPEG", **options)
    assert data.endswith(END)
    for cut in (1, 2):
        assert photo.read(data[:-cut]).tobytes() == photo.read(data).tobytes()


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("missing", [6, 40, 400])
def test_a_jpeg_that_lacks_pixels_is_refused(missing, options):
    data = content(waves(200, 150), "JPEG", **options)
    with pytest.raises(PhotoError, match="^is truncated: "):
        photo.read(data[:-missing])


def test_the_rows_that_are_there_are_told():
    data = content(waves(400, 400), "JPEG", quality=95)
    said = []
    for share in (0.2, 0.5, 0.9):
        with pytest.raises(PhotoError, match="^is truncated: [0-9]+ % of its rows are there$") as e:
            photo.read(data[: int(share * len(data))])
        said.append(int(str(e.value).split()[2]))
    assert np.allclose(said, (20, 50, 90), atol=12)


def test_of_a_progressive_jpeg_without_its_last_scans_it_is_told():
    data = content(waves(200, 150), "JPEG", progressive=True)
    starts = [at for marker, at, _ in jpeg.segments(data) if marker == jpeg.START_OF_SCAN]
    assert len(starts) > 5
    for cut in (starts[-1], starts[-1] + 40):  # between scans, and in one
        with pytest.raises(PhotoError, match="^is truncated: only a coarse version is there$"):
            photo.read(data[:cut])


@pytest.mark.parametrize(
    "given",
    [
        segment(0xE0, b"JFIF\0"),
        segment(0xE2, b"ICC_PROFILE\0"),
        segment(0xEE, b"Adobe"),
        segment(0xE1, b"Exif\0\0"),
        segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"),
        segment(0xE2, b"MPF\0" + bytes(40)),
        segment(0xED, b"Photoshop 3.0\08BIM" + bytes(7)),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<" * 65_000) * 30,
        segment(0xFE, b"\xff" * 65_000),
    ],
)
def test_no_metadata_keeps_a_jpeg_from_being_read(given):
    data = content(waves(), "JPEG")
    expected = photo.read(data).tobytes()
    for at in (2, 20):  # before and behind JFIF's segment
        assert photo.read(data[:at] + given + data[at:]).tobytes() == expected


def with_frame(marker: int, bits: int = 8) -> bytes:
    data = bytearray(content(waves(), "JPEG"))
    at = next(at for kind, at, _ in jpeg.segments(bytes(data)) if kind == 0xC0)
    data[at + 1], data[at + 4] = marker, bits
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (with_frame(0xC1, bits=12), "is a JPEG with 12 bits, which is not read: save it with 8"),
        (with_frame(0xC3), "is a lossless JPEG, which is not read: save it as JPEG or PNG"),
        (content(waves(), "JPEG")[:80], "is truncated"),
    ],
)
def test_a_jpeg_of_a_kind_that_is_not_read_is_named(data, said):
    with pytest.raises(PhotoError, match=f"^{said}"):
        photo.read(data)


def test_the_header_of_a_jpeg_is_found_behind_other_segments():
    data = segment(0xE1, bytes(300))
    whole = content(waves(), "JPEG")
    assert jpeg.frame(b"xx" + whole[:2] + data + whole[2:], at=2) == (0xC0, 8, 64, 48)
    assert jpeg.frame(b"\xff\xd8\xff") is None
    assert Image.open(io.BytesIO(whole)).size == (64, 48)
