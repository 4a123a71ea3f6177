import io

import numpy as np
import pytest
from PIL import Image

from colornet.images import directories, levels, photo, segments
from colornet.images.photo import PhotoError
from support.tiffs import by_hand, written

pytest.importorskip("imagecodecs")  # with which tifffile writes the compressed ones

HEIGHT, WIDTH = 40, 50
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH] / 49
# In 0 to 1: three colours, a fourth ink or an alpha that is never 0
SHADES = np.stack([X, Y, (X + Y) / 2, 0.2 + 0.8 * X * Y], axis=-1)
CHANNELS = {"minisblack": 1, "miniswhite": 1, "rgb": 3, "separated": 4}
NUMBERS = ["u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8"]


def numbers(kind: str, channels: int) -> np.ndarray:
    """SHADES as numbers of a kind, from 0 to its largest, floats from 0 to 1."""
    top = 1 if kind[0] == "f" else np.iinfo(kind).max
    values = (SHADES[..., :channels] * top).astype(kind)
    return values[..., 0] if channels == 1 else values


def layouts(channels: int):
    """tifffile's options: byte orders, compressions, tiles, predictors and planes."""
    for planes in ("contig", "separate") if channels > 1 else (None,):
        for order in "<>":
            for compression in (None, "lzw"):
                for tile in (None, (16, 32)):
                    options = {"planarconfig": planes, "byteorder": order, "tile": tile}
                    options |= {"compression": compression, "rowsperstrip": None if tile else 7}
                    yield options
                    if compression:
                        yield options | {"compression": "zlib", "predictor": True}


def differing(data: bytes, expected: np.ndarray) -> float:
    """The largest difference of a file's picture from levels of 0 to 255."""
    return np.abs(np.asarray(photo.read(data), float) - expected).max()


@pytest.mark.parametrize("colours", CHANNELS)
@pytest.mark.parametrize("kind", NUMBERS)
def test_every_kind_of_number_in_every_layout_is_read_rightly(kind, colours):
    channels = CHANNELS[colours]
    expected = SHADES[..., :channels] * 255
    if colours == "separated":
        expected = 255 * (1 - SHADES[..., :3]) * (1 - SHADES[..., 3:])
    if colours == "miniswhite":
        expected = 255 - expected
    for options in layouts(channels):
        planes = options["planarconfig"] == "separate"
        array = numbers(kind, channels)
        array = np.ascontiguousarray(np.moveaxis(array, -1, 0)) if planes else array
        data = written(array, photometric=colours, **options)
        assert differing(data, expected) <= 4, options


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_an_alpha_channel_and_further_channels_are_known(kind):
    colours = np.dstack([numbers(kind, 3), numbers(kind, 4)[..., 3:]])
    for planes in ("contig", "separate"):
        for extra in (["unassalpha"], ["unassalpha", "unspecified"], ["unspecified"] * 2):
            more = [colours[..., 3:]] * (len(extra) - 1)
            array = np.concatenate([colours, *more], axis=-1)
            array = np.moveaxis(array, -1, 0) if planes == "separate" else array
            data = written(
                np.ascontiguousarray(array),
                photometric="rgb",
                planarconfig=planes,
                extrasamples=extra,
            )
            picture, alpha = photo.split(photo.load(data, max_pixels=10**6, max_bytes=10**6).image)
            assert np.abs(np.asarray(picture) - SHADES[..., :3] * 255).max() <= 1, extra
            assert (alpha is None) == ("unassalpha" not in extra)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_colours_that_are_multiplied_by_their_alpha_are_divided(kind):
    top = 1 if kind[0] == "f" else np.iinfo(kind).max
    alpha = SHADES[..., 3:]
    array = (np.dstack([SHADES[..., :3] * alpha, alpha]) * top).astype(kind)
    for planes in ("contig", "separate"):
        stored = np.moveaxis(array, -1, 0) if planes == "separate" else array
        stored = np.ascontiguousarray(stored)
        options = {"photometric": "rgb", "planarconfig": planes, "extrasamples": ["assocalpha"]}
        decoded = photo.load(written(stored, **options), max_pixels=10**6, max_bytes=10**6)
        picture, _ = photo.split(decoded.image)
        assert np.abs(np.asarray(picture) - SHADES[..., :3] * 255).max() <= 6, planes


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [1, 2, 4, 6, 10, 12, 14, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_numbers_of_any_bits_are_read_rightly(bits, channels, order):
    stored = np.round(SHADES[..., :channels] * (2**bits - 1)).astype(np.uint32)
    single = (stored[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    rows = single.reshape(HEIGHT, -1).astype(np.uint8)
    data = np.packbits(rows, axis=1).tobytes()
    if bits == 16 and order == "<":
        data = stored.astype("<u2").tobytes()
    tags = {256: (WIDTH,), 257: (HEIGHT,), 258: (bits,) * channels, 259: (1,), 277: (channels,)}
    tags |= {262: (2 if channels == 3 else 1,), 284: (1,)}
    assert differing(by_hand(tags, data, order), stored * 255 / (2**bits - 1)) <= 1
    if bits != 16:
        bytes_turned = np.packbits(np.unpackbits(np.frombuffer(data, np.uint8)), bitorder="little")
        turned = by_hand(tags | {266: (2,)}, bytes_turned.tobytes(), order)
        assert differing(turned, stored * 255 / (2**bits - 1)) <= 1


@pytest.mark.parametrize(("bits", "most"), [(4, 65535), (8, 65535), (8, 255), (16, 65535)])
def test_palettes_of_any_bits_are_read_rightly(bits, most):
    colours = np.random.default_rng(0).integers(0, most + 1, (3, 2**bits))
    colours[0, 0] = most
    indexes = np.round(SHADES[..., 0] * (2**bits - 1)).astype(np.uint32)
    single = (indexes[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    data = np.packbits(single.reshape(HEIGHT, -1).astype(np.uint8), axis=1).tobytes()
    tags = {256: (WIDTH,), 257: (HEIGHT,), 258: (bits,), 259: (1,), 262: (3,), 277: (1,)}
    tags[320] = tuple(colours.ravel().tolist())
    expected = colours.T[indexes] * 255 / most
    assert differing(by_hand(tags, data, ">"), expected) <= 1


@pytest.mark.parametrize("across", [1, 2])
def test_uncompressed_chroma_of_a_coarser_grid_is_read_rightly(across):
    width, height = 48, 40
    picture = Image.new("RGB", (width, height), (200, 60, 40))
    y, cb, cr = picture.convert("YCbCr").getpixel((0, 0))
    blocks = bytes([*[y] * across**2, cb, cr]) * (width * height // across**2)
    tags = {256: (width,), 257: (height,), 258: (8, 8, 8), 259: (1,), 262: (6,), 277: (3,)}
    read = photo.read(by_hand(tags | {530: (across, across)}, blocks))
    assert np.abs(np.asarray(read, int) - (200, 60, 40)).max() <= 3


def test_cie_lab_is_read_rightly():
    lab = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    lab[..., 0] = np.round(2.55 * 53.24)  # L of sRGB's red, whose a and b are 80 and 67
    lab[..., 1:] = 80, 67
    data = written(lab, photometric="cielab")
    assert np.abs(np.asarray(photo.read(data), int) - (255, 0, 0)).max() <= 12


@pytest.mark.parametrize(
    ("array", "options", "said"),
    [
        (np.zeros((40, 40), "c8"), {"photometric": "minisblack"}, "complex numbers of 64 bits"),
        (np.full((40, 40), 70_000, "u4"), {"photometric": "minisblack"}, "not say which is white"),
        (np.full((40, 40), -5, "i2"), {"photometric": "minisblack"}, "with negative numbers"),
        (np.full((40, 40), -5, "f4"), {"photometric": "minisblack"}, "with negative numbers"),
        (np.zeros((40, 40, 5), "u1"), {"photometric": "minisblack"}, "with 5 bands"),
        (np.zeros((40, 40, 3), "u2"), {"photometric": "cielab"}, "with unusual colours"),
    ],
)
def test_what_has_no_certain_levels_is_refused_with_what_to_do(array, options, said):
    if array.ndim == 3:
        options = options | {"planarconfig": "contig"}
    with pytest.raises(PhotoError, match=f"^is a TIFF .*{said}.*: save it "):
        photo.read(written(array, **options))


@pytest.mark.parametrize(
    ("codec", "name"), [("webp", "WebP"), ("jpeg2000", "JPEG 2000"), ("lerc", "LERC")]
)
def test_a_compression_that_is_not_read_is_named(codec, name):
    data = written(np.zeros((40, 40, 3), "u1"), photometric="rgb", compression=codec)
    with pytest.raises(PhotoError, match=f"^is a TIFF with {name} inside, .* save it as JPEG"):
        photo.read(data)


def test_floats_above_1_are_light_and_leave_the_picture_bright():
    array = np.full((40, 40), 0.5, "f4")
    array[0, :4] = 12
    read = photo.grey(photo.read(written(array, photometric="minisblack")))
    assert (read[20, 20], read[0, 0]) == (128, 255)


@pytest.mark.parametrize("largest", [255, 65535, 2**32 - 1])
def test_integers_of_32_bits_are_scaled_to_the_smallest_common_white(largest):
    array = np.linspace(0, largest, 50).astype("u4")[None].repeat(40, axis=0)
    read = photo.grey(photo.read(written(array, photometric="minisblack")))
    assert np.abs(read[0] - np.linspace(0, 255, 50)).max() <= 1


def test_a_cut_file_of_unusual_numbers_is_truncated():
    data = written(numbers("f8", 3), photometric="rgb")
    assert data.rfind(np.float64(1).tobytes()) < len(data)
    with pytest.raises(PhotoError, match="^is (truncated|damaged)"):
        photo.read(data[:-3000])


def test_a_picture_that_takes_too_much_memory_is_refused_before_it_is_read():
    data = written(numbers("f8", 3), photometric="rgb", compression="zlib", rowsperstrip=40)
    with pytest.raises(PhotoError, match="^takes [0-9]+ MB to read: save it with 8 bits$"):
        photo.read(data, max_pixels=WIDTH * HEIGHT)


def test_blocks_of_a_strip_leave_no_trace(monkeypatch):
    data = written(numbers("u2", 3).transpose(2, 0, 1).copy(), photometric="rgb")
    at_once = photo.read(data).tobytes()
    monkeypatch.setattr(segments, "BLOCK", 700)
    assert photo.read(data).tobytes() == at_once


def test_pillow_and_our_own_decoder_agree():
    for kind, colours in (("u1", "rgb"), ("u2", "minisblack"), ("u1", "miniswhite")):
        data = written(numbers(kind, CHANNELS[colours]), photometric=colours)
        stream = io.BytesIO(data)
        own = levels.picture(stream, directories.read(stream)[0], max_pixels=10**6)
        assert np.abs(np.asarray(own.convert("RGB"), int) - np.asarray(photo.read(data))).max() <= 1
