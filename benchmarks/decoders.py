"""Every file of a folder by colornet's reader and by a second one: read, refused, wrong.

The second decoder is imagecodecs, for TIFF with tifffile. It applies neither orientation nor
colour profiles, and names no white of floats, so a picture counts as alike if in one of the eight
orientations its levels differ by less than 4 of 255 in the mean, or (numbers of more than 16 bits,
signed or floating) correlate by more than 0.99. Files of formats that it does not know are only
counted. Profiles and transparency are left out of the comparison.
"""

import argparse
import io
import json
import multiprocessing
import re
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from colornet.images import photo
from colornet.images.photo import PhotoError

try:
    import imagecodecs
except ImportError as error:
    raise SystemExit("benchmarks.decoders needs imagecodecs: pip install imagecodecs") from error

MEAN, CORRELATION = 4, 0.99
# What files begin with -> the second decoder's name
CODECS = {
    b"\xff\xd8\xff": "jpeg8",
    b"\x89PNG": "png",
    b"RIFF": "webp",
    b"GIF8": "gif",
    b"BM": "bmp",
    b"qoif": "qoi",
    b"\0\0\0\x0cjP": "jpeg2k",
    b"\xff\x4f\xff\x51": "jpeg2k",
}
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def ours(file: Path) -> tuple[Image.Image, np.ndarray, tuple[str, ...]]:
    """A file's picture, upright, mode "RGB", by its stored colours; its opaque pixels; notes.

    Raises PhotoError.
    """
    decoded = photo.load(file, max_pixels=photo.MAX_PIXELS, max_bytes=photo.MAX_BYTES)
    decoded.image.info.pop("icc_profile", None)
    picture, alpha = photo.split(decoded.image)
    opaque = np.asarray(alpha or Image.new("L", picture.size, 255)) == 255
    return picture, opaque, decoded.notes


def second(content: bytes, size: tuple[int, int]) -> np.ndarray | None:
    """The picture of this size, or turned, as (H, W, channels) numbers; None without a decoder.

    Raises whatever the decoder raises.
    """
    if content.startswith(TIFF):
        return _tiff(content, size)
    name = next((name for start, name in CODECS.items() if content.startswith(start)), None)
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        name = "avif"
    if name is None:
        return None
    decode = getattr(imagecodecs, f"{name}_decode")
    options = {"index": 0} if name in ("gif", "webp", "avif") else {}
    array = decode(content, **options)
    array = array[0] if array.ndim == 4 else array
    if name == "jpeg2k" and array.dtype != np.uint8:
        array = array.astype(np.int32)  # any number of bits, not told
    return _levels(array if array.ndim == 3 else array[..., None])


def _tiff(content: bytes, size: tuple[int, int]) -> np.ndarray:
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        every = [each for page in opened.pages for each in [page, *(page.pages or [])]]
        page = next(each for each in every if {each.imagewidth, each.imagelength} == set(size))
        array, colours = page.asarray(), page.photometric.name
        if page.planarconfig == 2 and page.samplesperpixel > 1:
            array = np.moveaxis(array, 0, -1)
        array = array if page.samplesperpixel > 1 else array[..., None]
        if colours == "PALETTE":
            return page.colormap.T[array[..., 0]] / 257
        levels = _levels(array, page.bitspersample)
    if colours == "CIELAB":
        from skimage.color import lab2rgb

        lab = array[..., :3].astype(np.int8).astype(float)
        lab[..., 0] = array[..., 0] / 2.55
        return lab2rgb(lab) * 255
    if colours == "YCBCR" and page.compression not in (6, 7):
        return np.asarray(Image.fromarray(array[..., :3], "YCbCr").convert("RGB"), float)
    return 255 - levels if colours == "MINISWHITE" else levels


def _levels(array: np.ndarray, bits: int | None = None) -> np.ndarray:
    bits = bits or 8 * array.dtype.itemsize
    if array.dtype.kind == "b":
        return array * 255.0
    if array.dtype.kind != "u" or bits > 16:
        return array.astype(float)  # compared by correlation
    return array * (255 / (2**bits - 1))


def alike(picture: Image.Image, opaque: np.ndarray, other: np.ndarray) -> bool:
    """Whether a picture, mode "RGB", shows what the numbers of a second decoder show."""
    given, drawn = np.asarray(picture, float), [other]
    if other.shape[-1] == 4:
        # Inks, or what they leave in Adobe's JPEGs
        drawn += [inks[..., :3] * inks[..., 3:] / 255 for inks in (other, 255 - other)]
    if other.max() > 255:
        drawn.append(other / 257)
    for each in drawn:
        each = each[..., :3] if each.shape[-1] >= 3 else each[..., :1].repeat(3, axis=-1)
        turned = [np.rot90(side, n) for side in (each, each[:, ::-1]) for n in range(4)]
        same = (_same(given[opaque], one[opaque]) for one in turned if one.shape == given.shape)
        if any(same):
            return True
    return False


def _same(given: np.ndarray, other: np.ndarray) -> bool:
    if not given.size or np.abs(given - other).mean() < MEAN:
        return True
    levels = other.min() >= 0 and 1 < other.max() <= 255
    return not levels and bool(np.corrcoef(given.ravel(), other.ravel())[0, 1] > CORRELATION)


def verdict(file: Path) -> tuple[str, str]:
    """How a file is read: "refused", "wrong", "alike" or "alone", and why or with which notes."""
    content = file.read_bytes()
    try:
        picture, opaque, notes = ours(file)
    except PhotoError as error:
        return "refused", re.sub(r"\d[\d,]*", "n", str(error))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = second(content, picture.size)
    except Exception as error:
        return "alone", f"the second decoder fails: {type(error).__name__}"
    if other is None:
        return "alone", "no second decoder"
    return ("alike" if alike(picture, opaque, other) else "wrong"), ", ".join(notes)


def apart(file: Path) -> tuple[str, str]:
    """`verdict` in a process of its own: the second decoder crashes on some damaged files."""
    receiving, sending = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")
    child = context.Process(target=lambda: sending.send(verdict(file)))
    child.start()
    sending.close()
    try:
        return receiving.recv()
    except EOFError:
        return "alone", "the second decoder crashes"
    finally:
        child.join()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decoders", description=__doc__)
    parser.add_argument("folder", type=Path, help="with picture files, also in folders below")
    folder = parser.parse_args().folder
    reasons: dict[str, list[str]] = {}
    counts: Counter = Counter()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        kind, why = apart(file)
        counts[kind] += 1
        if kind != "alike":
            reasons.setdefault(f"{kind}: {why}", []).append(str(file.relative_to(folder)))
    for reason, names in sorted(reasons.items()):
        print(f"{len(names):5} {reason}\n      {' '.join(names)}")
    read = counts["alike"] + counts["alone"] + counts["wrong"]
    print(json.dumps({"files": counts.total(), "read": read, **counts}))


if __name__ == "__main__":
    main()
