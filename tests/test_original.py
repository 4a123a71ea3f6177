import io
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from colornet.cli import names, original
from colornet.images.photo import PhotoError
from support.command import saved
from support.pictures import HEIC, content, opened, png_file, waves


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".avif"])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_kept(suffix, mode):
    image = waves().convert(mode)
    alpha = Image.linear_gradient("L").resize(image.size)
    if mode == "P":
        image.info["transparency"] = bytes(i % 256 for i in range(0, 512, 2))
        alpha = image.convert("RGBA").getchannel("A")
    else:
        image.putalpha(alpha)
    read = original.read(content(image))
    assert (read.picture.mode, read.alpha.mode) == ("RGB", "L")
    assert np.array_equal(read.alpha, alpha)
    assert np.array_equal(read.picture, image.convert("RGBA").convert("RGB"))  # what lies below
    kept = saved(read.picture, read, suffix)
    assert kept.mode == "RGBA"
    assert np.abs(np.asarray(kept.getchannel("A"), int) - np.asarray(alpha, int)).max() <= 3


@pytest.mark.parametrize("suffix", [".jpg", ".bmp"])
def test_where_transparency_cannot_be_stored_it_becomes_white(suffix):
    read = original.read(content(Image.new("RGBA", (40, 40), (255, 0, 0, 0))))
    assert saved(read.picture, read, suffix).getpixel((9, 9)) == (255, 255, 255)


def test_an_opaque_picture_has_no_opacity():
    assert original.read(content(waves().convert("RGBA"))).alpha is None
    assert original.read(content(waves())).alpha is None


def test_a_grey_or_sepia_picture_is_not_coloured():
    grey = waves(256, 192).convert("L")
    assert original.read(content(waves(256, 192))).coloured
    assert not original.read(content(grey)).coloured
    sepia = Image.merge(
        "RGB", [grey, grey.point(lambda v: v * 0.93), grey.point(lambda v: v * 0.8)]
    )
    assert not original.read(content(sepia, "JPEG")).coloured


def test_jpeg_is_of_quality_95_and_keeps_all_colour_samples():
    read = original.read(content(waves()))
    copy = saved(read.picture, read, ".jpg")
    assert {component[1:3] for component in copy.layer} == {(1, 1)}
    at_95 = opened(io.BytesIO(content(read.picture, "JPEG", quality=95)))
    assert copy.quantization == at_95.quantization
    worse = saved(read.picture, read, ".jpg", quality=50)
    assert worse.quantization[0][5] > copy.quantization[0][5]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_lossless_formats_keep_every_pixel(suffix):
    read = original.read(content(waves()))
    assert saved(read.picture, read, suffix).tobytes() == read.picture.tobytes()


def test_a_16_bit_tiff_of_several_pages_gives_its_first(tmp_path):
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (40, 1))
    tifffile.imwrite(tmp_path / "a.tif", np.stack([ramp, 0 * ramp]), photometric="minisblack")
    read = original.read(tmp_path / "a.tif")
    assert np.abs(np.asarray(read.picture)[0, :, 0] - ramp[0] / 257).max() <= 1


def test_a_tiff_with_16_bits_a_colour_is_read(tmp_path):
    deep = (np.asarray(waves()).astype(np.uint16) * 257)[None]
    tifffile.imwrite(tmp_path / "a.tif", deep, photometric="rgb")
    assert np.array_equal(original.read(tmp_path / "a.tif").picture, waves())


def test_a_tiff_is_compressed_without_loss():
    read = original.read(content(waves(), "TIFF"))
    assert saved(read.picture, read, ".tif").info["compression"] == "tiff_adobe_deflate"


def test_heic_is_read_upright_with_its_date():
    pytest.importorskip("pi_heif")
    read = original.read(HEIC)
    assert read.picture.size == (75, 112)
    assert read.coloured
    kept = saved(read.picture, read, names.suffix(HEIC)).getexif()
    assert (kept[0x0132], kept.get(0x0112)) == ("1967:07:14 12:00:00", None)


def test_the_content_and_not_the_name_tells_the_format_of_a_source(tmp_path):
    (tmp_path / "a.jpg").write_bytes(content(waves(), "PNG"))
    read = original.read(tmp_path / "a.jpg")
    original.save(read.picture, tmp_path / "b.jpg", read, mark="x")
    with Image.open(tmp_path / "b.jpg") as copy:
        assert copy.format == "JPEG"


def test_limits_are_passed_to_the_reader():
    data = content(waves())
    with pytest.raises(PhotoError, match="3,072 pixels, more than the limit of 3,071"):
        original.read(data, max_pixels=3071)
    with pytest.raises(PhotoError, match=f"{len(data):,} bytes, more than the limit of 9$"):
        original.read(data, max_bytes=9)


def test_a_name_of_255_bytes_can_be_written(tmp_path):
    read = original.read(content(waves()))
    target = tmp_path / ("é" * 125 + "x.png")
    assert len(os.fsencode(target.name)) == 255
    original.save(read.picture, target, read, mark="x")
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interrupted_save_leaves_the_former_file_and_nothing_else(tmp_path, monkeypatch, error):
    read, target = original.read(content(waves())), tmp_path / "a.png"
    target.write_bytes(b"former")

    def half(*arguments, **_):
        arguments[1].write(b"half")
        raise error

    monkeypatch.setattr(Image.Image, "save", half)
    with pytest.raises(error):
        original.save(read.picture, target, read, mark="x")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
    assert target.read_bytes() == b"former"


def test_a_file_has_the_usual_permissions(tmp_path):
    read = original.read(content(waves()))
    original.save(read.picture, tmp_path / "a.png", read, mark="x")
    (tmp_path / "b").touch()
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "b").stat().st_mode


@pytest.mark.parametrize(
    ("suffix", "side"), [(".webp", 16_384), (".jpg", 65_501), (".avif", 32_769)]
)
def test_a_picture_too_long_for_its_format_is_refused(suffix, side):
    long = Image.new("RGB", (side, 32))
    read = original.Original(long, None, False)
    with pytest.raises(PhotoError, match=f"side longer than the {side - 1:,} pixels"):
        saved(long, read, suffix)


def test_an_unknown_suffix_is_refused():
    read = original.read(content(waves()))
    with pytest.raises(PhotoError, match="cannot be written as .xyz"):
        saved(read.picture, read, ".xyz")


def test_importing_it_loads_no_network_and_no_colour_management():
    code = (
        "import sys, colornet.cli.original; print([n for n in ('keras', 'tensorflow', 'openvino',"
    )
    code += " 'PIL.ImageCms', 'pi_heif') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_dots_are_smoothed_or_named():
    shades = Image.open(sorted(Path("data/gallery").glob("*.jpg"))[0]).convert("L")
    shades = shades.resize((shades.width * 3, shades.height * 3))
    scan = content(shades.convert("1"))
    smooth = original.read(scan)
    assert smooth.notes == ("dots smoothed",) and len(smooth.picture.getcolors(2**24)) > 50
    kept = original.read(scan, keep_dots=True)
    assert kept.notes == ("stays grey: dots of pure black and white hold no colour",)
    assert len(kept.picture.getcolors()) == 2
    assert not original.read(content(shades)).notes


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_a_transparent_colour_of_a_16_bit_grey_png_stays_transparent(suffix):
    grey = np.tile(np.linspace(0, 65535, 64).astype(">u2"), (40, 1))
    grey[:10] = 999  # this grey is transparent
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    png = png_file(64, 40, 16, 0, rows)
    chunk = b"tRNS" + (999).to_bytes(2)
    chunk = (2).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)
    read = original.read(png[:33] + chunk + png[33:])
    alpha = np.asarray(saved(read.picture, read, suffix).getchannel("A"))
    assert not alpha[:10].any() and (alpha[10:] == 255).all()


def test_each_page_of_a_file_becomes_a_page(tmp_path):
    shades = [waves().convert("L"), waves(70, 50).convert("L").rotate(180)]
    shades[0].save(tmp_path / "a.tif", save_all=True, append_images=shades[1:])
    with original.pages(tmp_path / "b.tif", 2, mark="x") as add:
        for number in (1, 2):
            read = original.read(tmp_path / "a.tif", page=number)
            assert (read.pages, add(read.picture, read)) == (2, ())
    with Image.open(tmp_path / "b.tif") as copy:
        assert copy.n_frames == 2
        copy.seek(1)
        assert np.array_equal(copy.convert("L"), shades[1])
