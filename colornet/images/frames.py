"""How many pictures a file has that Pillow opened, besides TIFF files; choosing one of them."""

from contextlib import suppress

from PIL import ImageFile

ANIMATED = frozenset(["GIF", "PNG", "WEBP", "AVIF"])
ENTRIES = 0xB002  # tag of MPO, with an entry for each picture
SEVERAL = "Multi-Frame Image"  # what entries call pictures of one scene, beside previews and depths


def places(image: ImageFile.ImageFile) -> list[int]:
    """For each picture of an opened file its number in Pillow's count; [0] for most files."""
    with suppress(Exception):  # a file whose other frames are damaged has one
        if image.format in ANIMATED:
            return list(range(image.n_frames))  # type: ignore[attr-defined]
        if image.format == "MPO":
            entries = image.mpinfo[ENTRIES]  # type: ignore[attr-defined]
            kinds = [entry["Attribute"]["MPType"] for entry in entries]
            return [n for n, kind in enumerate(kinds) if n == 0 or kind.startswith(SEVERAL)]
    return [0]
