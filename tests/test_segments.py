"""Long XMP and IPTC in the parts of a JPEG."""

import io

import pytest

from colornet.cli import original, segments, xmp
from support.command import saved
from support.pictures import content, opened, waves

DC = "http://purl.org/dc/elements/1.1/"
IIM = b"\x1c\x02x\x00\x07caption\x1c\x02\x19\x00\x03Zoo"


def packet(words: int) -> bytes:
    made = xmp.Packet()
    made.set(DC, "dc", "description", "long text " * words, within="Alt")
    made.set(DC, "dc", "title", "Wien", within="Alt")
    return made.content()


def test_long_xmp_is_written_in_parts_and_read_again():
    read = original.read(content(waves(), "PNG", pnginfo=_info(packet(20_000))))
    assert len(read.metadata.xmp) > 200_000
    copy = original.encode(read.picture, read, suffix=".jpg", mark="run")
    image = opened(io.BytesIO(copy))
    parts = [data for app, data in image.applist if data.startswith(segments.XMP_PART)]
    assert len(parts) == 4
    main = xmp.Packet(image.info["xmp"])
    assert main.get(DC, "title") == "Wien" and not main.get(DC, "description")
    again = xmp.Packet(original.read(copy).metadata.xmp)
    assert again.get(DC, "description") == ("long text " * 20_000).strip()
    assert again.get(segments.NOTE, "HasExtendedXMP") is None  # written anew with each copy


def test_a_second_part_that_is_not_complete_is_left_out():
    read = original.read(content(waves(), "PNG", pnginfo=_info(packet(20_000))))
    copy = original.encode(read.picture, read, suffix=".jpg", mark=None)
    cut = copy.replace(segments.XMP_PART, b"x" * len(segments.XMP_PART), 1)
    again = xmp.Packet(original.read(cut).metadata.xmp)
    assert again.get(DC, "title") == "Wien" and not again.get(DC, "description")


def test_xmp_that_cannot_be_divided_is_named_and_the_mark_stays(tmp_path):
    made = xmp.Packet()
    made.set(DC, "dc", "source", "x" * 70_000)
    read = original.read(content(waves(), "PNG", pnginfo=_info(made.content())))
    lost = original.save(read.picture, tmp_path / "a.jpg", read, mark="run")
    assert lost == ("XMP longer than 65,502 bytes",)
    assert b"AISystemUsed" in opened(tmp_path / "a.jpg").info["xmp"]
    assert not original.save(read.picture, tmp_path / "a.png", read, mark="run")


@pytest.mark.parametrize("iptc", [IIM, IIM + b"\x1c\x02\x19\x00\x04even"])
def test_iptc_in_photoshops_resources_is_found(iptc):
    made = segments.resources_of(iptc)
    assert segments.iptc_of(made) == iptc
    before = b"8BIM\x03\xed\x03abc\0\0\0\x03xyz\0"
    assert segments.iptc_of(before + made.removeprefix(segments.PHOTOSHOP)) == iptc
    assert segments.iptc_of(before) is None


def test_too_long_iptc_and_comments_are_named(tmp_path):
    long = original.Metadata(iptc=IIM + b"x" * 70_000, comment="ü" * 40_000)
    picture = original.Original(waves(), None, False, long)
    lost = original.save(waves(), tmp_path / "a.jpg", picture, mark=None)
    assert lost == ("IPTC longer than 65,533 bytes", "comment longer than 65,533 bytes")
    assert saved(waves(), picture, ".jpg").size == waves().size


def _info(of: bytes):
    from PIL import PngImagePlugin

    made = PngImagePlugin.PngInfo()
    made.add_itxt("XML:com.adobe.xmp", of.decode())
    return made
