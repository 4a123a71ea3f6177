"""How many pictures a file has that Pillow opened, besides TIFF files."""

from PIL import ImageFile

ANIMATED = frozenset(["GIF", "PNG", "WEBP", "AVIF"])
ENTRIES = 0xB002  # MPO's tag with an entry for each picture
# What entries call pictures of one scene. Previews have kinds of their own; maps of depth or
# brightness are "Undefined", as are pictures of programs that set no kind.
SEVERAL, UNDEFINED = "Multi-Frame Image", "Undefined"


def places(image: ImageFile.ImageFile) -> list[int]:
    """For each picture of an opened file its number in Pillow's count; [0] for most files."""
    try:
        if image.format in ANIMATED:
            return list(range(image.n_frames))  # type: ignore[attr-defined]
        if image.format == "MPO":
            return _pictures(image)
    except Exception:  # whatever is damaged in the others, the first may be read
        image.seek(0)
    return [0]


def _pictures(image: ImageFile.ImageFile) -> list[int]:
    first, found = (image.size, image.mode), [0]
    entries = image.mpinfo[ENTRIES]  # type: ignore[attr-defined]
    for n, entry in enumerate(entries[1:], start=1):
        kind = entry["Attribute"]["MPType"]
        if kind == UNDEFINED:
            image.seek(n)
            kind = SEVERAL if (image.size, image.mode) == first else kind
        if kind.startswith(SEVERAL):
            found.append(n)
    image.seek(0)
    return found
