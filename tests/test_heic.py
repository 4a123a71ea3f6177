import io
import subprocess
import sys

import pytest
from PIL import Image

from colornet.images import heic, photo
from colornet.images.photo import PhotoError
from support.pictures import HEIC, content, waves

with_heif = pytest.mark.skipif(not heic.readable(), reason="needs pi-heif")


def test_heic_is_recognized_by_its_first_bytes():
    assert heic.is_heic(HEIC.read_bytes()[:64])
    for kind in ("JPEG", "PNG", "AVIF"):
        assert not heic.is_heic(content(waves(), kind)[:64])
    assert not heic.is_heic(b"")


def test_without_pi_heif_the_reason_names_heic(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(PhotoError, match="HEIC.*save it as JPEG"):
        photo.read(HEIC.read_bytes())


@with_heif
def test_a_heic_picture_is_read():
    read = photo.read(HEIC)
    assert (read.mode, read.size) == ("RGB", (75, 112))


@with_heif
def test_a_heic_picture_that_crashes_its_decoder_is_refused():
    data = bytearray(HEIC.read_bytes())
    data[110], data[174:176] = 0, bytes([218, 90])  # found by benchmarks/fuzz.py
    with pytest.raises(PhotoError, match="^is damaged$"):
        photo.read(bytes(data))


@with_heif
def test_other_broken_heic_pictures_are_refused():
    for data in (HEIC.read_bytes()[:1500], b"\0\0\0\x18ftypheic" + bytes(40)):
        with pytest.raises(PhotoError, match="^is (no picture|damaged)$"):
            photo.read(data)
    with pytest.raises(PhotoError, match="^has 8,400 pixels, more .* 7,000 for HEIC$"):
        photo.read(HEIC, max_pixels=10_000)


@with_heif
def test_the_png_is_upright_and_keeps_exif(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # heic.py is started by its path, from any folder
    with Image.open(io.BytesIO(heic.png(HEIC.read_bytes(), max_pixels=8_400))) as image:
        assert (image.format, image.size) == ("PNG", (75, 112))
        assert image.getexif()[0x0132] == "1967:07:14 12:00:00"


@with_heif
def test_the_error_for_a_large_picture_has_its_number_of_pixels():
    with pytest.raises(heic.TooLargeError) as raised:
        heic.png(HEIC.read_bytes(), max_pixels=8_399)
    assert raised.value.pixels == 75 * 112


def test_a_picture_that_takes_too_long_is_damaged(monkeypatch):
    def slow(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(subprocess, "run", slow)
    with pytest.raises(OSError, match="^is damaged$"):
        heic.png(HEIC.read_bytes(), max_pixels=10**6)
