"""Which properties of its original's XMP a coloured copy keeps, and the mark of what coloured it.

Keywords, ratings, descriptions and everything else that describes the photograph stay. The names
are those of Adobe's "XMP specification", part 2.
"""

from colornet.cli import xmp

XMP = "http://ns.adobe.com/xap/1.0/"
TIFF, DC = "http://ns.adobe.com/tiff/1.0/", "http://purl.org/dc/elements/1.1/"
EXT, NOTE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "http://ns.adobe.com/xmp/note/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

# What holds for the pixels of the original, or for its file, and not for the copy. Whole
# namespaces: settings of raw developers, which programs would apply once more; pictures, depths and
# gains that lie within or behind the original; the parts of a long packet.
STALE_NAMESPACES = frozenset(
    [
        "http://ns.adobe.com/camera-raw-settings/1.0/",
        "http://ns.adobe.com/camera-raw-saved-settings/1.0/",
        "http://darktable.sf.net/",
        "http://ns.google.com/photos/1.0/camera/",
        "http://ns.google.com/photos/1.0/container/",
        "http://ns.google.com/photos/1.0/depthmap/",
        "http://ns.google.com/photos/1.0/image/",
        "http://ns.google.com/photos/1.0/audio/",
        "http://ns.google.com/photos/dd/1.0/device/",
        "http://ns.adobe.com/hdr-gain-map/1.0/",
        "http://ns.apple.com/HDRGainMap/1.0/",
        NOTE,
    ]
)
STALE = {
    TIFF: "ImageWidth ImageLength BitsPerSample Compression PhotometricInterpretation"
    " SamplesPerPixel PlanarConfiguration YCbCrSubSampling YCbCrPositioning YCbCrCoefficients"
    " TransferFunction WhitePoint PrimaryChromaticities ReferenceBlackWhite XResolution YResolution"
    " ResolutionUnit NativeDigest",
    "http://ns.adobe.com/exif/1.0/": "PixelXDimension PixelYDimension ColorSpace MakerNote"
    " ComponentsConfiguration CompressedBitsPerPixel NativeDigest",
    XMP: "Thumbnails",
    "http://ns.adobe.com/photoshop/1.0/": "ICCProfile ColorMode SidecarForExtension",
    "http://ns.adobe.com/xap/1.0/mm/": "DocumentID InstanceID",
    "http://purl.org/dc/terms/": "provenance",  # the signature of the original's content
}
STALE_NAMES = frozenset((uri, name) for uri, names in STALE.items() for name in names.split())
# Where faces are, in parts of the picture's sides before it is turned upright
REGIONS = [
    ("http://www.metadataworkinggroup.com/schemas/regions/", "Regions"),
    ("http://ns.microsoft.com/photo/1.2/", "RegionInfo"),
    (EXT, "ImageRegion"),
]


def kept(content: bytes, *, more: bytes | None = None) -> tuple[bytes | None, tuple[str, ...]]:
    """What a copy keeps of its original's packet, and of `more`, the second part of a long one.

    What holds for the original's pixels is removed, and the orientation becomes 1: the copy is
    upright. None where nothing is left. Also names what is lost and describes the photograph.
    Raises ValueError for a broken packet or too long a one.
    """
    packet = xmp.Packet(content)
    if more:
        packet.join(xmp.Packet(more))
    packet.remove(STALE_NAMES, STALE_NAMESPACES)
    lost: tuple[str, ...] = ()
    if packet.get(TIFF, "Orientation") not in (None, "1"):
        packet.set(TIFF, "tiff", "Orientation", "1")
        if packet.remove(REGIONS):
            lost = ("regions in XMP",)
    return packet.content() if packet else None, lost


def marked(content: bytes | None, run: str) -> bytes:
    """A packet that `kept` returned, or a new one, with the mark of colornet and a run's network.

    The digital source type is IPTC's "compositeWithTrainedAlgorithmicMedia": a photograph augmented
    by a model. "algorithmicallyEnhanced" would say too little: it stands for changes such as
    sharpening, which add nothing, and the colours are invented. CreatorTool names the first program
    that made the picture, so that of the original stays.
    """
    packet = xmp.Packet(content)
    if not packet.get(XMP, "CreatorTool"):
        packet.set(XMP, "xmp", "CreatorTool", "colornet")
    packet.set(TIFF, "tiff", "Software", "colornet")
    packet.set(EXT, "Iptc4xmpExt", "DigitalSourceType", SOURCE_TYPE)
    packet.set(EXT, "Iptc4xmpExt", "AISystemUsed", "colornet")
    packet.set(EXT, "Iptc4xmpExt", "AISystemVersionUsed", run)
    return packet.content()


def described(content: bytes | None, texts: dict[str, str]) -> bytes:
    """A packet with texts of Dublin Core, by their names: title, description, rights, creator.

    What the packet has of them stays.
    """
    packet = xmp.Packet(content)
    for name, text in texts.items():
        if not packet.get(DC, name):
            packet.set(DC, "dc", name, text, within="Seq" if name == "creator" else "Alt")
    return packet.content()
