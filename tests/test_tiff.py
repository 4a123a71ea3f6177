"""TIFF files of one page and of several."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from colornet.cli import original, tiff
from colornet.cli.metadata import Metadata
from support.pictures import content, opened, waves

DATE = "1967:07:14 12:00:00"


def numbered(number: int) -> original.Original:
    """A page with its number as its width's, its camera's and its resolution's difference."""
    exif = Image.Exif()
    exif[0x0110], exif[0x8769], exif[0x8825] = f"camera {number}", {0x9003: DATE}, {1: "N"}
    about = Metadata(exif=exif.tobytes(), dpi=(300 + number, 300 + number), iptc=b"\x1c\x02x\0\1a")
    return original.Original(waves(64 + number), None, False, about)


@pytest.mark.parametrize("big", [False, True])
def test_each_page_keeps_its_pixels_and_its_metadata(tmp_path, monkeypatch, big):
    if big:  # above 4 GB the offsets need 64 bits
        monkeypatch.setattr(tiff, "LARGEST", 10_000)
    with original.pages(tmp_path / "a.tif", 3, mark="run") as add:
        for number in range(3):
            assert add(numbered(number).picture, numbered(number)) == ()
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert (len(file.pages), file.is_bigtiff) == (3, big)
    with Image.open(tmp_path / "a.tif") as image:
        for number in range(3):
            image.seek(number)
            assert np.array_equal(image, waves(64 + number))
            tags = image.getexif()
            assert (tags[0x0110], image.info["dpi"]) == (f"camera {number}", (300 + number,) * 2)
            assert (tags.get_ifd(0x8769), tags.get_ifd(0x8825)) == ({0x9003: DATE}, {1: "N"})
            assert b"AISystemUsed" in image.info["xmp"] and tags[33723] == b"\x1c\x02x\0\1a"


def test_transparent_and_opaque_pages_may_take_turns(tmp_path):
    alpha = Image.linear_gradient("L").resize((64, 48))
    clear = original.Original(waves(), alpha, False)
    with original.pages(tmp_path / "a.tif", 2, mark=None) as add:
        add(waves(), clear)
        add(waves(), original.Original(waves(), None, False))
    with Image.open(tmp_path / "a.tif") as image:
        assert image.mode == "RGBA" and np.array_equal(image.getchannel("A"), alpha)
        image.seek(1)
        assert image.mode == "RGB" and np.array_equal(image, waves())


def test_a_file_that_is_not_complete_does_not_appear(tmp_path):
    with pytest.raises(ZeroDivisionError), original.pages(tmp_path / "a.tif", 2, mark="x") as add:
        add(waves(), numbered(0))
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [(33, 200), (3000, 32), (32, 32)])
def test_strips_of_any_size_are_read_by_libtiff(size, tmp_path):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (*size[::-1], 3), np.uint8))
    read = original.read(content(noise))
    original.save(read.picture, tmp_path / "a.tif", read, mark="x")
    assert np.array_equal(opened(tmp_path / "a.tif"), noise)
