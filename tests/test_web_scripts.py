"""The scripts of the exported page compute what Pillow and colornet compute, run by node."""

import json
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from colornet.colour import lab
from colornet.inference import fullsize
from colornet.square import rounded
from colornet.web import page

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(not NODE, reason="node is not installed")


def computed(script: str, **given: object):
    """What a script returns that follows those of the page that need no browser."""
    scripts = [(page.HERE / name).read_text("utf-8") for name in page.SCRIPTS[:4]]
    begin = "const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n"
    script = f"{begin}console.log(JSON.stringify((() => {{ {script} }})()))"
    done = subprocess.run(
        [NODE, "-e", "\n".join([*scripts, script])],
        input=json.dumps(given),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def photograph(width: int, height: int) -> Image.Image:
    """Grey: smooth, with noise and hard edges."""
    down, across = np.mgrid[:height, :width]
    values = 128 + 90 * np.sin(across / 17) * np.cos(down / 23)
    values += np.random.default_rng(width).normal(0, 20, values.shape)
    values[height // 3 :, : width // 4] = 0
    values[: height // 4, width // 2 :] = 255
    return Image.fromarray(np.clip(values, 0, 255).astype("uint8"))


def given_plane(grey: Image.Image) -> dict:
    return {"width": grey.width, "height": grey.height, "data": np.asarray(grey).ravel().tolist()}


# The last one is taken apart at whole rows only after a division by three
SIZES = [(200, 301), (401, 97), (1030, 700), (33, 32), (20, 90), (75, 200)]
GREY = "const grey = {...given.grey, data: Uint8ClampedArray.from(given.grey.data)};"


@pytest.mark.parametrize("size", SIZES)
def test_a_photograph_gets_the_size_and_the_pixels_that_the_network_sees(size):
    grey = photograph(*size)
    script = (
        GREY
        + """
        const place = placed(grey, {size: 96, padded: false})
        const small = resized(grey, place.width, place.height, LANCZOS)
        return [small.width, small.height, Array.from(small.data)]"""
    )
    width, height, pixels = computed(script, grey=given_plane(grey))
    assert (width, height) == rounded(*size, 96)
    # Along the rows first: Pillow 13 takes the columns of some tall pictures first
    lanczos = Image.Resampling.LANCZOS
    expected = grey.resize((width, grey.height), lanczos).resize((width, height), lanczos)
    np.testing.assert_array_equal(np.reshape(pixels, (height, width)), np.asarray(expected))


@pytest.mark.parametrize("size", SIZES)
def test_the_small_grey_of_the_upsampling_is_pillows_box_with_reduction(size):
    grey = photograph(*size)
    script = GREY + "return Array.from(averaged(grey, 48, 32).data)"
    pixels = computed(script, grey=given_plane(grey))
    expected = fullsize.small_grey(grey, np.zeros((32, 48, 2), "float32")) * 255
    np.testing.assert_array_equal(np.reshape(pixels, (32, 48)), expected.round())


@pytest.mark.parametrize("saturation", [1, 0.6, 1.7])
@pytest.mark.parametrize("size", [(75, 100), (161, 47)])
def test_the_full_size_has_the_pixels_of_the_command_line(size, saturation):
    grey = photograph(*size)
    ab = np.random.default_rng(2).normal(0.05, 0.25, (16, 24, 2)).clip(-1, 1).astype("float32")
    channels = [ab[..., n].ravel().tolist() for n in range(2)]
    script = (
        GREY
        + """
        const channels = given.channels.map((data) =>
            ({width: 24, height: 16, data: Float32Array.from(data)}))
        const lines = linesOf(grey, saturate(channels, given.saturation))
        const pixels = []
        for (let top = 0; top < grey.height; top += BAND) {
          const rgba = new Uint8ClampedArray(
            4 * grey.width * Math.min(BAND, grey.height - top))
          coloured(grey, lines, top, rgba)
          pixels.push(...rgba)
        }
        return pixels"""
    )
    found = computed(script, grey=given_plane(grey), channels=channels, saturation=saturation)
    found = np.reshape(found, (size[1], size[0], 4))
    expected = np.asarray(fullsize.finish(grey, ab, saturation=saturation))
    # A colour at the edge of sRGB may keep 1/256 of its chroma more or less
    off = np.abs(found[..., :3] - expected)
    assert (found[..., 3] == 255).all()
    assert (off.max(axis=2) == 0).mean() > 0.995 and np.quantile(off, 0.9999) <= 4


def test_the_grey_and_the_lightness_are_those_of_colornet():
    colours = np.random.default_rng(4).integers(0, 256, (1000, 3))
    script = "return [Array.from(LIGHTNESS), given.colours.map((rgb) => greyOf(...rgb))]"
    lightness, greys = computed(script, colours=colours.tolist())
    np.testing.assert_allclose(lightness, lab.LIGHTNESS, rtol=0, atol=1e-7)
    np.testing.assert_array_equal(greys, lab.grey(colours)[:, 0])


def test_colours_inside_and_outside_srgb_become_the_same_8_bits():
    random = np.random.default_rng(3)
    grey = random.integers(0, 256, 3000)
    ab = random.uniform(-0.9, 0.9, (3000, 2)).astype("float32")
    script = "return given.grey.map((value, n) => rgbOf(value, ...given.ab[n]))"
    found = np.array(computed(script, grey=grey.tolist(), ab=ab.tolist()))
    found = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    lightness = lab.lightness(grey)[:, None]
    expected = lab.rgb(lightness, lab.fit(lightness, ab)).astype(int)
    off = np.abs(found - expected).max(axis=1)
    assert (off == 0).mean() > 0.98 and off.max() <= 4


def test_a_padded_picture_lies_where_it_lay_in_training():
    from colornet.square import box_of

    sizes = [(300, 200), (64, 640), (7, 500), (255, 256), (33, 32)]
    script = "return given.sizes.map(([width, height]) => placed({width, height}, given))"
    places = computed(script, sizes=sizes, size=128, padded=True)
    for size, place in zip(sizes, places, strict=True):
        found = tuple(place[key] for key in ("left", "top", "width", "height"))
        assert found == box_of(*size, 128)
        assert (place["across"], place["down"]) == (128, 128)


def test_all_scripts_together_are_one_module_without_mistakes_of_syntax(tmp_path):
    file = tmp_path / "page.mjs"
    text = "".join((page.HERE / name).read_text("utf-8") for name in page.SCRIPTS)
    file.write_text(text, "utf-8")
    done = subprocess.run([NODE, "--check", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
