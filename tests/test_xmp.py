"""XMP is edited: what is not known stays, and what is broken or dangerous is refused."""

from xml.etree import ElementTree

import pytest

from colornet.cli import properties, xmp

LIGHTROOM = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:own="urn:our-archive"
    xmp:CreatorTool="VueScan" xmp:Rating="5" tiff:Orientation="6" exif:PixelXDimension="9"
    crs:Exposure2012="+1.00" photoshop:ICCProfile="Dot Gain 20%" own:Shelf="4 &amp; 5&#xA;left"
    photoshop:Instructions="&lt;none&gt;">
   <xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"/></rdf:Alt></xmp:Thumbnails>
   <dc:subject><rdf:Bag><rdf:li>Müller</rdf:li><rdf:li>Wien</rdf:li></rdf:Bag></dc:subject>
   <crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurve>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC, TIFF = "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/tiff/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"


def description(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content).find(f".//{RDF}Description")


def test_what_describes_the_photograph_stays_and_what_describes_its_pixels_goes():
    content, lost = properties.kept(LIGHTROOM)
    found = description(content)
    named = {key.split("}")[1]: value for key, value in found.items()}
    assert named == {
        "about": "",
        "CreatorTool": "VueScan",
        "Rating": "5",
        "Orientation": "1",
        "Shelf": "4 & 5\nleft",
        "Instructions": "<none>",
    }
    assert [child.tag for child in found] == [f"{{{DC}}}subject"]
    assert [each.text for each in found.iter(f"{RDF}li")] == ["Müller", "Wien"]
    assert b" xmp:Rating=" in content and not lost  # with the prefixes of the original


def test_the_mark_joins_the_original_properties():
    content, _ = properties.kept(LIGHTROOM)
    marked = properties.marked(content, "a\0 <run>\udcff")
    packet = xmp.Packet(marked)
    assert packet.get(XMP, "CreatorTool") == "VueScan"
    assert packet.get(TIFF, "Software") == "colornet"
    assert packet.get(properties.EXT, "AISystemVersionUsed") == "a <run>"
    assert packet.get(DC, "subject") == "MüllerWien"
    assert len(ElementTree.fromstring(marked).findall(f".//{RDF}Description")) == 1
    # Again: the copy of a copy has one mark, not two
    assert properties.marked(marked, "other").count(b"AISystemVersionUsed=") == 1


def test_a_prefix_that_means_something_else_is_not_taken():
    odd = LIGHTROOM.replace(b"tiff:", b"t:").replace(b":tiff=", b":t=")
    odd = odd.replace(b"own:", b"tiff:").replace(b":own=", b":tiff=").replace(b" t:Or", b" tiff:Or")
    packet = xmp.Packet(properties.marked(odd, "run"))
    assert packet.get(TIFF, "Software") == "colornet"
    assert packet.get("urn:our-archive", "Orientation") == "6"


def test_texts_are_added_where_there_are_none():
    content = properties.described(LIGHTROOM, {"title": "Wien", "creator": "A. Müller"})
    content = properties.described(content, {"title": "another"})
    packet = xmp.Packet(content)
    assert (packet.get(DC, "title"), packet.get(DC, "creator")) == ("Wien", "A. Müller")
    assert description(content).find(f"{{{DC}}}title/{RDF}Alt/{RDF}li") is not None


def test_a_packet_without_anything_for_a_copy_is_left_out():
    only = LIGHTROOM[: LIGHTROOM.index(b"xmp:CreatorTool")] + b'exif:PixelXDimension="9"/>'
    assert properties.kept(only + b"</rdf:RDF></x:xmpmeta>") == (None, ())
    assert properties.kept(b"".join(LIGHTROOM.partition(b"<rdf:RDF")[1:]).split(b"</x:")[0])[0]


def test_regions_of_a_turned_picture_are_lost():
    region = b"<m:Regions xmlns:m='http://www.metadataworkinggroup.com/schemas/regions/'/>"
    turned = LIGHTROOM.replace(b"<dc:subject>", region + b"<dc:subject>")
    content, lost = properties.kept(turned)
    assert lost == ("regions in XMP",) and b"Regions" not in content
    content, lost = properties.kept(turned.replace(b'Orientation="6"', b'Orientation="1"'))
    assert not lost and b"Regions" in content


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"nothing",
        b"<a/>",
        LIGHTROOM[:-60],
        LIGHTROOM.replace(b"xmlns:x", b"a='1' a='2' xmlns:x"),
        LIGHTROOM.replace(b"?>", b"?>" + BOMB, 1).replace(b"Wien", b"&b;"),
        LIGHTROOM.replace(b"Wien", b"<a>" * 1000 + b"</a>" * 1000),
        LIGHTROOM.replace(b"Wien", b"<a/>" * 200_000),
        LIGHTROOM.replace(b"Wien", b"Wien" * 1_000_000),
    ],
    ids=["text", "other XML", "cut", "twice", "entities", "deep", "many", "long"],
)
def test_a_broken_packet_is_refused(content):
    with pytest.raises(ValueError, match="XMP packet"):
        properties.kept(content)
