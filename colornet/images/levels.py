"""The numbers of a TIFF file of any kind -> a picture of 8 bits.

The files often do not say which number is white. Integers without sign up to 16 bits take their
largest number, as TIFF defines it; others the smallest common white that no number exceeds.
"""

from typing import BinaryIO

import numpy as np
from PIL import Image

from colornet.images import directories, segments
from colornet.images.directories import Directory
from colornet.images.limits import PhotoError
from colornet.images.segments import Layout

CHANNELS = {
    directories.WHITE_IS_0: 1,
    directories.BLACK_IS_0: 1,
    directories.RGB: 3,
    directories.PALETTE: 1,
    directories.CMYK: 4,
}
MODES = {1: "L", 2: "LA", 3: "RGB"}  # of channels with alpha
PREMULTIPLIED, STRAIGHT = 1, 2  # kinds of alpha
WHITES = {
    "u32": (255, 65535, 2**32 - 1),
    "i8": (127,),
    "i16": (255, 2**15 - 1),
    "i32": (255, 65535, 2**31 - 1),
}
DARKEST = 4  # pictures whose largest integer is below their white by this factor name no white
BRIGHTEST = 16  # the largest float that may be light above a white of 1
BYTES = 10  # of memory for each pixel of the limit
SAMPLE = 1_000_000  # numbers that are looked at for the white of floats


def picture(stream: BinaryIO, directory: Directory, *, max_pixels: int) -> Image.Image:
    """The picture that a directory of a TIFF file describes: mode L, LA, RGB, RGBA or CMYK.

    Raises PhotoError for one that is damaged, of an unusual kind, or needs too much memory.
    """
    colours = directory.get(directories.COLOURS, directories.WHITE_IS_0)
    channels = CHANNELS.get(colours)
    layout = segments.layout(stream, directory)
    if channels is None:
        raise PhotoError("is a TIFF with unusual colours: save it as RGB with 8 or 16 bits")
    if channels == 1 and layout.samples > 2:
        raise PhotoError(f"is a TIFF with {layout.samples} bands: save it as RGB")
    if layout.samples < channels:
        raise PhotoError("is a damaged TIFF")
    alpha = directory.get(directories.EXTRA, 0) if layout.samples > channels else 0
    has_alpha = alpha in (PREMULTIPLIED, STRAIGHT) and colours in (0, 1, 2)
    kept = channels + has_alpha
    needed = layout.width * layout.height * kept + layout.memory
    if needed > BYTES * max_pixels:
        raise PhotoError(f"takes {needed / 1e6:,.0f} MB to read: save it with 8 bits")
    if colours == directories.PALETTE:
        return Image.fromarray(_looked_up(stream, layout))
    pixels = _scaled(stream, layout, kept)
    if colours == directories.WHITE_IS_0:
        pixels[..., 0] ^= 255
    if alpha == PREMULTIPLIED and has_alpha:
        _divide(pixels)
    mode = "CMYK" if colours == directories.CMYK else MODES.get(kept, "RGBA")
    return Image.frombuffer(mode, (layout.width, layout.height), pixels, "raw", mode, 0, 1)


def _scaled(stream: BinaryIO, layout: Layout, kept: int) -> np.ndarray:
    pixels = np.zeros((layout.height, layout.width, kept), np.uint8)
    if layout.number == "u" and layout.bits <= 16:
        white = float(2**layout.bits - 1)
    else:
        white = _white(stream, layout, kept)
    for values, top, left, sample in segments.parts(stream, layout, kept):
        numbers = np.nan_to_num(values.astype(np.float32), posinf=white) * (255 / white)
        rows, columns, count = values.shape
        part = pixels[top : top + rows, left : left + columns, sample : sample + count]
        part[...] = (numbers + 0.5).clip(0, 255)
    return pixels


def _white(stream: BinaryIO, layout: Layout, kept: int) -> float:
    step = max(1, layout.width * layout.height * kept // SAMPLE)
    low, high, sample = np.inf, -np.inf, []
    for part in segments.parts(stream, layout, kept):
        low, high = min(low, float(part.values.min())), max(high, float(part.values.max()))
        sample.append(part.values.ravel()[::step].astype(np.float64))
    if layout.number == "f":
        return _white_of_floats(np.concatenate(sample))
    if low < 0:
        raise PhotoError("is a TIFF with negative numbers: save it with 8 or 16 bits, without sign")
    white = next(white for white in WHITES[f"{layout.number}{layout.bits}"] if high <= white)
    if 0 < high * DARKEST < white:
        numbers = (
            f"numbers of {layout.bits} bits up to {high:,.0f}, and does not say which is white"
        )
        raise PhotoError(f"is a TIFF with {numbers}: save it with 8 or 16 bits")
    return float(white)


def _white_of_floats(sample: np.ndarray) -> float:
    finite = sample[np.isfinite(sample)]
    low, top = np.percentile(finite, (1, 99)) if finite.size else (0.0, 1.0)
    if -low > 0.1 * max(top, 0):
        raise PhotoError("is a TIFF with negative numbers: save it with 8 or 16 bits, without sign")
    if 1 < top <= BRIGHTEST:
        return float(top)
    return next((float(white) for white in (1, 255, 65535) if top <= white), float(top))


def _looked_up(stream: BinaryIO, layout: Layout) -> np.ndarray:
    count = 2**layout.bits
    if layout.number != "u" or layout.bits > 16 or len(layout.palette) != 3 * count:
        raise PhotoError("is a damaged TIFF")
    table = np.array(layout.palette).reshape(3, count).T
    # Some programs write colours of 8 bits
    table = (table if table.max() < 256 else table >> 8).astype(np.uint8)
    pixels = np.zeros((layout.height, layout.width, 3), np.uint8)
    for values, top, left, _ in segments.parts(stream, layout, 1):
        rows, columns, _ = values.shape
        pixels[top : top + rows, left : left + columns] = table[values[..., 0]]
    return pixels


def _divide(pixels: np.ndarray) -> None:
    # Colours that are multiplied by their alpha -> colours, row by row
    for row in pixels:
        alpha = np.maximum(row[:, -1:].astype(np.float32), 1)
        row[:, :-1] = (row[:, :-1] * (255 / alpha) + 0.5).clip(0, 255)
