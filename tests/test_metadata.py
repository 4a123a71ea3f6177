import io
import re
import struct
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageOps, IptcImagePlugin, PngImagePlugin

from colornet.cli import original, segments, xmp
from support.command import saved
from support.pictures import content, opened, waves

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


IIM = b"\x1c\x02x\x00\x0bGrandma, 42\x1c\x02\x19\x00\x06family"
COMMENT = "scanned by hand, Düsseldorf"
DC = "http://purl.org/dc/elements/1.1/"


def described(kind: str) -> bytes:
    """A file with a keyword in XMP and, where the format holds them, IPTC and a comment."""
    packet = xmp.Packet()
    packet.set(DC, "dc", "subject", "family", within="Seq")
    text, options = packet.content(), {"xmp": packet.content()}
    app13 = segments.segment(segments.APP13, segments.resources_of(IIM))
    if kind == "JPEG":
        options |= {"extra": app13, "comment": COMMENT.encode()}
    if kind == "TIFF":
        options = {"tiffinfo": {700: text, 33723: IIM}}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", text.decode())
        info.add_text("Comment", COMMENT)
        options = {"pnginfo": info}
    return content(waves(), kind, **options)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
@pytest.mark.parametrize("source", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("mark", ["run", None])
def test_keywords_stay_beside_the_mark_and_without_it(source, suffix, mark):
    read = original.read(described(source))
    packet = xmp.Packet(saved(read.picture, read, suffix, mark=mark).info["xmp"])
    assert packet.get(DC, "subject") == "family"
    assert (b"AISystemUsed" in packet.content()) == (mark is not None)


@pytest.mark.parametrize("source", ["JPEG", "TIFF"])
@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png"])
def test_iptc_is_kept(source, suffix, tmp_path):
    read = original.read(described(source))
    lost = original.save(read.picture, tmp_path / f"a{suffix}", read, mark="x")
    assert "IPTC" not in lost
    assert original.read(tmp_path / f"a{suffix}").metadata.iptc == IIM
    if suffix != ".png":  # of which Pillow reads no IPTC
        with Image.open(tmp_path / f"a{suffix}") as image:
            found = IptcImagePlugin.getiptcinfo(image)
        assert found == {(2, 120): b"Grandma, 42", (2, 25): b"family"}


@pytest.mark.parametrize("tags", [{33723: IIM}, {34377: segments.resources_of(IIM)}])
def test_iptc_of_a_tiff_is_that_of_all_its_pages(tags):
    more = {"save_all": True, "append_images": [waves(80)]}
    tiff = content(waves(), "TIFF", tiffinfo=tags | {0x4746: 3}, **more)
    for page in (1, 2):
        assert original.read(tiff, page=page).metadata.iptc == IIM


def test_a_comment_is_kept():
    read = original.read(described("JPEG"))
    assert saved(read.picture, read, ".jpg").info["comment"] == COMMENT.encode()
    assert saved(read.picture, read, ".png").text["Comment"] == COMMENT
    assert original.read(described("PNG")).metadata.comment == COMMENT
    gif = original.read(content(waves(), "GIF", comment=b"caf\xe9"))
    assert saved(gif.picture, gif, ".png").text["Comment"] == "caf\u00e9"
    for suffix in (".webp", ".avif"):  # without comments: a picture without description gets one
        assert COMMENT.encode() in saved(read.picture, read, suffix).info["exif"]
    copy = original.encode(read.picture, read, suffix=".tif", mark=None)
    assert original.read(copy).metadata.exif.count(b"scanned by hand") == 1


@pytest.mark.parametrize(
    ("suffix", "lost"),
    [
        (".jpg", ()),
        (".png", ()),
        (".tif", ("comment",)),
        (".webp", ("comment", "IPTC")),
        (".avif", ("comment", "IPTC")),
        (".bmp", ("EXIF", "XMP", "IPTC", "comment")),
    ],
)
def test_what_a_format_cannot_hold_is_named(suffix, lost, tmp_path):
    data = described("JPEG")
    made = Image.Exif()
    made[0x010E] = "Grandma"  # a description of its own, so that the comment has no place
    block = segments.segment(segments.APP1, made.tobytes())
    read = original.read(data[:2] + block + data[2:])
    assert original.save(read.picture, tmp_path / f"a{suffix}", read, mark="x") == lost


def test_the_texts_of_a_png_are_kept_or_named(tmp_path):
    texts = {"Title": "Wien", "Author": "Ü", "Source": "box 4", "Comment": "c"}
    stale = {"Thumb::URI": "a", "date:create": "today", "tiff:endian": "lsb"}
    info = PngImagePlugin.PngInfo()
    for key, value in (texts | stale).items():
        info.add_text(key, value)
    read = original.read(content(waves(), "PNG", pnginfo=info))
    assert not original.save(read.picture, tmp_path / "a.png", read, mark=None)
    assert opened(tmp_path / "a.png").text == texts
    assert original.save(read.picture, tmp_path / "a.jpg", read, mark=None) == ("text Source",)
    packet = xmp.Packet(opened(tmp_path / "a.jpg").info["xmp"])
    assert (packet.get(DC, "title"), packet.get(DC, "creator")) == ("Wien", "Ü")


def test_the_segments_of_a_jpeg_are_in_order_and_single():
    read = original.read(described("JPEG"))
    data = original.encode(read.picture, read, suffix=".jpg", mark="x")
    at, found = 2, []
    while data[at + 1] != 0xDB:
        size = int.from_bytes(data[at + 2 : at + 4])
        found.append((data[at + 1], re.match(rb"[A-Za-z:/. 0-9-]*", data[at + 4 :])[0][:13]))
        at += 2 + size
    kinds = [(0xE0, b"JFIF"), (0xE1, b"http://ns.ado"), (0xED, b"Photoshop 3.0")]
    assert found == [*kinds, (0xFE, b"scanned by ha")]


def test_broken_xmp_is_left_out_and_named(tmp_path):
    read = original.read(content(waves(), "JPEG", xmp=b"<x:xmpmeta><cut"))
    assert original.save(read.picture, tmp_path / "a.jpg", read, mark="x") == ("broken XMP",)
    assert b"AISystemUsed" in opened(tmp_path / "a.jpg").info["xmp"]


def test_ratings_in_exif_are_kept():
    made = Image.Exif()
    made[0x4746], made[0x4749] = 4, 75
    read = original.read(content(waves(), "JPEG", exif=made))
    for suffix in (".jpg", ".tif", ".webp"):
        kept = saved(read.picture, read, suffix).getexif()
        assert (kept[0x4746], kept[0x4749]) == (4, 75)


def test_a_tiff_with_a_date_is_compressed_too():
    read = original.read(content(waves(), "JPEG", exif=exif()))
    copy = original.encode(read.picture, read, suffix=".tif", mark="x")
    image = opened(io.BytesIO(copy))
    assert image.info["compression"] == "tiff_adobe_deflate"
    assert image.getexif().get_ifd(0x8769) == {0x9003: DATE}
