"""A decoded picture of any mode and colour profile -> its colours as 8-bit sRGB; its opacity.

Works strip by strip, so that at most two complete pictures are in memory. Knows no files.
"""

import functools
import io
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

Convert = Callable[[Image.Image], Image.Image]
STRIP = 2**20  # pixels


def split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """A picture's colours, mode "RGB" in sRGB, and its opacity, mode "L", or None if opaque.

    Transparent parts keep the colours that are stored there. ICC profiles are converted; 16 bits
    and floats are scaled to 8 bits. Raises ValueError where Pillow cannot convert them.
    """
    return _colours(image), _opacity(image)


def on_white(picture: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """A picture of mode "RGB" blended with white by its opacity (mode "L")."""
    if alpha is None:
        return picture
    laid = Image.new("RGB", picture.size)
    for box in strips(picture):
        part = picture.crop(box)
        part.putalpha(alpha.crop(box))
        white = Image.new("RGBA", part.size, "white")
        laid.paste(Image.alpha_composite(white, part).convert("RGB"), box)
    return laid


def strips(image: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom) of about STRIP pixels each that cover a picture."""
    rows = max(1, STRIP // image.width)
    for top in range(0, image.height, rows):
        yield 0, top, image.width, min(top + rows, image.height)


def _colours(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        plain = _eight_bit(image)
    else:
        mode = {"L": "L", "LA": "L", "La": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
        plain = functools.partial(_without_alpha, mode=mode)
    mode = plain(image.crop((0, 0, 1, 1))).mode
    to_srgb = _from_profile(image.info.get("icc_profile"), mode)
    picture = Image.new("RGB", image.size)
    for box in strips(image):
        picture.paste(to_srgb(plain(image.crop(box))), box)
    return picture


def _opacity(image: Image.Image) -> Image.Image | None:
    if not image.has_transparency_data:
        return None
    level = image.info.get("transparency")  # of a PNG of 16-bit greys
    grey = image.mode.startswith(("I", "F"))
    alpha = Image.new("L", image.size)
    for box in strips(image):
        part = image.crop(box)
        opaque = _differing(part, level) if grey else _rgba(part).getchannel("A")
        alpha.paste(opaque, box)
    return None if alpha.getextrema()[0] == 255 else alpha


def _differing(part: Image.Image, level: object) -> Image.Image:
    return Image.fromarray(np.where(np.asarray(part) == level, 0, 255).astype(np.uint8))


def _rgba(part: Image.Image) -> Image.Image:
    return (part.convert("LA") if part.mode == "La" else part).convert("RGBA")


def _without_alpha(part: Image.Image, mode: str) -> Image.Image:
    return (_rgba(part).convert("RGB") if part.has_transparency_data else part).convert(mode)


def _rgb(part: Image.Image) -> Image.Image:
    return part.convert("RGB")


def _eight_bit(image: Image.Image) -> Convert:
    # Pillow inverts 8-bit TIFFs whose 0 is white, but not 16-bit ones.
    white_is_0 = image.mode == "I;16" and getattr(image, "tag_v2", {}).get(262) == 0
    # These files do not name their white: the smallest common one that no value exceeds is taken
    whites = (1, 255, 65535) if image.mode == "F" else (65535,)
    top = max(float(_values(image.crop(box)).max()) for box in strips(image))
    white = next((white for white in whites if top <= white), top)

    def scaled(part: Image.Image) -> Image.Image:
        values = _values(part) * (255 / white)
        return Image.fromarray(((255 - values if white_is_0 else values) + 0.5).astype(np.uint8))

    return scaled


def _values(part: Image.Image) -> np.ndarray:
    return np.nan_to_num(np.asarray(part, np.float64)).clip(0)


def _from_profile(profile: bytes | None, mode: str) -> Convert:
    # Relative colorimetric with black point compensation. Three kinds of profiles change nothing:
    # sRGB within one step (the picture keeps its bytes), broken ones, and ones of another mode.
    if not profile:
        return _rgb
    from PIL import ImageCms

    intent, black = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(given, srgb, mode, "RGB", intent, black)
    except Exception:
        return _rgb
    name = given.profile.profile_description or ""
    same = name.startswith("sRGB IEC61966-2") or _changes_nothing(transform.apply, mode)
    return _rgb if same else transform.apply


def _changes_nothing(to_srgb: Convert, mode: str) -> bool:
    if mode == "CMYK":
        return False
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    probe = Image.fromarray(grid[..., 0] if mode == "L" else grid)
    steps = np.asarray(to_srgb(probe), np.int_) - np.asarray(probe.convert("RGB"), np.int_)
    return bool(np.abs(steps).max() <= 1)
