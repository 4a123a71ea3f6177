"""The picture of a TIFF file that is meant, whatever the kind of its numbers.

Pillow reads the common kinds. It reads some others wrongly, which tests/test_tiff_kinds.py lists;
those are read by colornet.images.levels.
"""

from contextlib import suppress
from typing import BinaryIO

from PIL import Image, ImageFile

from colornet.images import directories, levels, limits, pillow, segments
from colornet.images.directories import Directory
from colornet.images.limits import PhotoError

COMPRESSIONS = {
    34661: "JBIG",
    34676: "LogLuv",
    34677: "LogLuv",
    34712: "JPEG 2000",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34887: "LERC",
    34927: "WebP",
    50001: "WebP",
    34933: "PNG",
    34934: "JPEG XR",
    22610: "JPEG XR",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
# What Pillow reads, besides what `segments` reads: faxes, JPEG, old JPEG, raw of 16 bits, Thunder
READ = {2, 3, 4, 6, 7, 32771, 32809}
# EXIF of the first directory that is about the photograph and not about the stored pixels
KEPT = frozenset(
    [0x010D, 0x010E, 0x010F, 0x0110, 0x0112, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x013C]
    + [0x8298, 0x8769, 0x8825, *range(0x9C9B, 0x9CA0), 0x4746, 0x4749]
)
BELOW = frozenset([0x8769, 0x8825])  # of these, the tags that are directories: EXIF and GPS
ORIENTATION, XMP, PROFILE = 274, 700, 34675
IPTC = {"iptc": 33723, "resources": 34377}  # alone, or among Photoshop's resources


def load(
    stream: BinaryIO, found: list[Directory], *, max_pixels: int, page: int
) -> tuple[Image.Image, int]:
    """A decoded picture of a TIFF file, and how many it has; `page` counts from 1.

    found: the file's directories. Raises PhotoError.
    """
    pages = directories.pictures(found) or _largest(found)
    if not pages:
        raise PhotoError("is a damaged TIFF")
    if not 1 <= page <= len(pages):
        raise PhotoError(f"has {len(pages)} pages, and no page {page}")
    return picture(stream, found[0], pages[page - 1], max_pixels=max_pixels), len(pages)


def picture(
    stream: BinaryIO, first: Directory, chosen: Directory, *, max_pixels: int
) -> Image.Image:
    """The decoded picture that a directory describes, with the metadata of the first one."""
    limits.check_size(*chosen.size, "TIFF", max_pixels)
    compression = chosen.get(directories.COMPRESSION, 1)
    if compression not in segments.LOSSLESS | READ:
        name = COMPRESSIONS.get(compression, f"compression {compression}")
        raise PhotoError(f"is a TIFF with {name} inside, which is not read: save it as JPEG or PNG")
    opened = None
    if not _pillow_is_wrong(chosen):
        alone = stream if chosen is first else directories.beginning_at(stream, chosen)
        opened = _opened(alone, max_pixels)
    if opened is None:
        image = levels.picture(stream, chosen, max_pixels=max_pixels)
    else:
        _decode(opened, chosen)
        if chosen is first:
            return opened
        image = opened.copy()  # not a TIFF any more, whose own tags would be its EXIF
    image.info.update(metadata(stream, first, chosen, upright=opened is not None))
    return image


def _largest(found: list[Directory]) -> list[Directory]:
    # For files whose pictures all call themselves smaller copies
    every = [each for each in directories.everything(found) if each.pixels]
    return [max(every, key=lambda each: each.pixels)] if every else []


def _pillow_is_wrong(chosen: Directory) -> bool:
    bits, compression = chosen.get(directories.BITS, 1), chosen.get(directories.COMPRESSION, 1)
    samples, colours = chosen.get(directories.SAMPLES, 1), chosen.get(directories.COLOURS, 0)
    planes = samples if chosen.get(directories.PLANES, 1) == 2 else 1
    if compression not in segments.LOSSLESS:
        return False
    return (
        chosen.get(directories.FORMAT, 1) != 1
        or bits not in (1, 2, 4, 8, 16)
        or (planes > 1 and colours in levels.CHANNELS)
        or (samples == 1 and colours == directories.PALETTE)
    )


def _opened(stream: BinaryIO, max_pixels: int) -> ImageFile.ImageFile | None:
    stream.seek(0)
    try:
        with pillow.quiet():
            return Image.open(stream, formats=["TIFF"])
    except Image.DecompressionBombError as error:
        raise limits.too_large_for_pillow(max_pixels) from error
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:  # whatever Pillow raises, the file is of a kind that it does not know
        return None


def _decode(image: ImageFile.ImageFile, chosen: Directory) -> None:
    compression = chosen.get(directories.COMPRESSION, 1)
    if compression == 1 and chosen.get(directories.COLOURS, 0) == directories.YCBCR:
        # Pillow leaves them to libtiff if they are compressed only, but reads no coarser chroma
        extents = image.tile[0].extents if len(image.tile) == 1 else (0, 0, *chosen.size)
        image._mode, image.use_load_libtiff = "RGB", True  # type: ignore[attr-defined]
        offset = image.tag_v2.offset  # type: ignore[attr-defined]
        image.tile = [ImageFile._Tile("libtiff", extents, 0, ("RGBX", False, offset))]
    try:
        with pillow.quiet():  # it warns about the size of tiles
            image.load()
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
        raise PhotoError("is truncated" if cut else "is damaged") from error


def metadata(
    stream: BinaryIO, first: Directory, chosen: Directory, *, upright: bool
) -> dict[str | tuple[int, int], bytes]:
    """EXIF, XMP and IPTC of the first directory, and the chosen one's profile, as a picture's info.

    upright: the picture is turned already as the chosen directory says. What is broken is left out.
    """
    made: dict[str | tuple[int, int], bytes] = {}
    with suppress(Exception):
        main, own = directories.tags(stream, first.offset), directories.tags(stream, chosen.offset)
        profile, packet = own.get(PROFILE, main.get(PROFILE)), main.get(XMP)
        made |= {"icc_profile": profile} if isinstance(profile, bytes) else {}
        made |= {"xmp": packet} if isinstance(packet, bytes) else {}
        made |= {key: main[tag] for key, tag in IPTC.items() if isinstance(main.get(tag), bytes)}
        exif = Image.Exif()
        for tag in KEPT & set(main):
            below = tag in BELOW
            exif[tag] = dict(directories.tags(stream, main[tag])) if below else main[tag]
        turned = own.get(ORIENTATION, main.get(ORIENTATION, 1))
        exif[ORIENTATION] = 1 if upright and ORIENTATION in own else turned
        made["exif"] = exif.tobytes()
    return made
