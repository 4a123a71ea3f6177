import struct

import numpy as np
import pytest

from colornet.images import photo
from colornet.images.photo import PhotoError
from support.pictures import content, waves
from support.tiffs import pages

SENSOR = np.random.default_rng(0).integers(0, 4000, (300, 400), np.uint16)
PREVIEW, THUMBNAIL = waves(200, 150), waves(64, 48)
DNG = [(50706, 1, 4, b"\1\4\0\0", True)]
TURNED = (0x0112, 3, 1, 6, True)


def loaded(data: bytes) -> photo.Decoded:
    return photo.load(data, max_pixels=10**6, max_bytes=10**7)


def shows(decoded: photo.Decoded, expected, atol: int = 12) -> bool:
    same = decoded.image.size == expected.size
    return same and np.allclose(np.asarray(decoded.image), np.asarray(expected), atol=atol)


def raw(*previews, tags=(), **sensor) -> bytes:
    """A raw file in TIFF's form: a thumbnail first; previews and sensor data below it."""
    first = {"photometric": "rgb", "subfiletype": 1, "subifds": 1 + len(previews)}
    below = [
        (np.asarray(each), {"photometric": "rgb", "subfiletype": 1, **options})
        for each, options in previews
    ]
    data = SENSOR, {"photometric": "cfa", **sensor}
    return pages((np.asarray(THUMBNAIL), first | {"extratags": list(tags)}), data, *below)


@pytest.mark.parametrize("options", [{}, {"compression": "jpeg", "rowsperstrip": 150}])
@pytest.mark.parametrize("tags", [[], DNG])
def test_of_a_raw_file_the_largest_preview_is_taken_and_said(options, tags):
    pytest.importorskip("imagecodecs")
    decoded = loaded(raw((PREVIEW, options), tags=tags))
    assert shows(decoded, PREVIEW, atol=40)  # JPEG with coarse chroma
    assert decoded.notes == ("the embedded preview of 200 x 150",)
    assert decoded.pages == 1


def test_a_raw_file_with_a_thumbnail_alone_gives_the_thumbnail():
    assert loaded(raw()).notes == ("the embedded preview of 64 x 48",)


def test_the_orientation_and_the_camera_of_a_raw_file_are_those_of_its_preview():
    decoded = loaded(raw((PREVIEW, {}), tags=[TURNED, (0x0110, 2, 7, "Exakta", True)]))
    assert shows(decoded, PREVIEW.rotate(-90, expand=True))
    assert decoded.image.getexif()[0x0110] == "Exakta"


def embedded(*parts: bytes) -> bytes:
    """Random data with other data between."""
    noise = [np.random.default_rng(n).bytes(999).replace(b"\xff", b"\0") for n in range(9)]
    return b"".join(each for pair in zip(noise, parts, strict=False) for each in pair)


@pytest.mark.parametrize(
    "beginning",
    [
        b"FUJIFILMCCD-RAW 0201",
        b"FOVb",
        b"IIU\0\x18\0\0\0",
        b"IIRO\x08\0\0\0",
        b"\0\0\0\x18ftypcrx \0\0\0\1",
    ],
)
def test_previews_are_found_in_raw_files_of_other_forms(beginning):
    previews = [content(each, "JPEG", quality=95) for each in (THUMBNAIL, PREVIEW)]
    decoded = loaded(beginning + embedded(*previews))
    assert shows(decoded, PREVIEW, atol=40)
    assert decoded.notes == ("the embedded preview of 200 x 150",)
    with pytest.raises(PhotoError, match="^is a raw file without a preview .*: develop it to TIFF"):
        photo.read(beginning + embedded(b"", b""))


def test_a_damaged_preview_is_passed_over():
    whole, cut = content(THUMBNAIL, "JPEG"), content(PREVIEW, "JPEG")[:700]
    decoded = loaded(b"FUJIFILMCCD-RAW 0201" + embedded(whole) + cut)
    assert decoded.notes == ("the embedded preview of 64 x 48",)


def test_the_orientation_of_a_canon_raw_file_is_applied():
    block = struct.pack("<4sIHHHIII", b"II*\0", 8, 1, 0x0112, 3, 1, 6, 0)
    parts = embedded(b"CMT1" + block + bytes(8), content(PREVIEW, "JPEG", quality=95))
    decoded = loaded(b"\0\0\0\x18ftypcrx \0\0\0\1" + parts)
    assert shows(decoded, PREVIEW.rotate(-90, expand=True), atol=40)


def test_jpegs_of_the_sensor_data_are_no_previews():
    pytest.importorskip("imagecodecs")
    lossy = np.asarray(waves(400, 304))
    linear = lossy, {"photometric": 34892, "compression": "jpeg", "rowsperstrip": 304}
    first = np.asarray(THUMBNAIL), {"photometric": "rgb", "subfiletype": 1, "subifds": 1}
    decoded = loaded(pages(first, linear))
    assert decoded.notes == ("the embedded preview of 64 x 48",)


def test_sensor_data_alone_are_refused_and_never_shown():
    with pytest.raises(PhotoError, match="^is a raw file without a preview that can be read"):
        photo.read(pages((SENSOR, {"photometric": "cfa"})))


def test_a_preview_that_is_too_large_is_refused():
    with pytest.raises(PhotoError, match="^has 30,000 pixels, more than the limit of 20,000$"):
        photo.load(raw((PREVIEW, {})), max_pixels=20_000, max_bytes=10**7)
