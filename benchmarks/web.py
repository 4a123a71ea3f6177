"""The page of `colornet export --web` in headless Chromium, against the command line.

Photographs of the gallery, of other sizes made of them, and one of 1 megapixel are coloured by both
and kept as PNG. The page computes its network in float32. The command line does so on most
processors, but in bfloat16 where the processor has instructions for it; so it is compared twice:
as it computes here (`ab_mean`, `ab_99`), and in float32. Beyond the network nothing should differ.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image, ImageOps

from benchmarks import dashboard_server
from benchmarks.clips import GALLERY
from colornet import colorize, export
from colornet.colour import lab
from colornet.inference import graph

MEGAPIXEL = (1224, 816)
# Numbers of the gallery: landscape, portrait, square, and sides that are no multiples of anything
NUMBERS, QUICK = (0, 1, 3, 5, 13, 32, 47, 59, 66, 77), (0, 1, 59)
WAIT = 600_000  # milliseconds


def photographs(folder: Path, numbers: tuple[int, ...]) -> list[Path]:
    """Files to be coloured, in `folder`: of the gallery as they are, and three of other sizes.

    The last one has 1 megapixel.
    """
    for number in numbers:
        name = f"gallery_{number:02}.jpg"
        (folder / name).write_bytes((GALLERY / name).read_bytes())
    large = Image.open(GALLERY / "gallery_00.jpg").resize(MEGAPIXEL, Image.Resampling.LANCZOS)
    turned = large.resize((1733, 1011))
    turned.getexif()[0x0112] = 6  # stored lying, to be shown upright
    turned.save(folder / "turned.jpg", exif=turned.getexif(), quality=92)
    ImageOps.mirror(large).crop((0, 0, 1201, 67)).save(folder / "wide.webp", lossless=True)
    large.save(folder / "z_megapixel.jpg", quality=95)
    return sorted(folder.iterdir())


@contextmanager
def in_float32() -> Iterator[None]:
    """Inside the block the command line loads networks that compute in float32 on any processor."""
    parts = graph.parts

    def precise(network):
        return [part._replace(precise=True) for part in parts(network)]

    with mock.patch.object(graph, "parts", precise):
        yield


def by_command(folder: Path, output: Path) -> None:
    """Colours the files of a folder with the command line, as PNG."""
    status = colorize.main([str(folder), "--output", str(output), "--format", "png"])
    assert status == 0, status


def opened(browser, folder: Path):
    """The exported page in a context without a connection, ready, opened from the disk."""
    page = browser.new_context(offline=True, viewport={"width": 1200, "height": 900}).new_page()
    page.set_default_timeout(WAIT)
    page.goto((folder / "index.html").resolve().as_uri())
    page.get_by_text("Ready.").wait_for()
    return page


def by_page(page, photograph: Path, kind: str = "png") -> tuple[np.ndarray, float]:
    """What the page saves, (H, W, 3) uint8, and the seconds from the choice until it is shown."""
    start = time.perf_counter()
    page.locator("input[type=file]").set_input_files(photograph)
    page.get_by_text("Coloured: 1.").wait_for()
    page.wait_for_function("document.querySelector('.after').complete")
    seconds = time.perf_counter() - start
    with page.expect_download() as kept:
        page.locator(f".{kind}").click()
    with Image.open(kept.value.path()) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    page.get_by_role("button", name=f"Remove {photograph.name}").click()
    return pixels, seconds


def compared(pages: dict[str, np.ndarray], output: Path) -> dict[str, float]:
    """Units of ab between the page's pictures and the command line's PNG in a folder.

    Returns the mean, the 99 % quantile, the share of equal pixels, and the most by which the 8-bit
    grey differs.
    """
    theirs = {stem: np.asarray(Image.open(output / f"{stem}.png").convert("RGB")) for stem in pages}
    assert all(pages[stem].shape == picture.shape for stem, picture in theirs.items())
    ab = [lab.distance(lab.ab(pages[stem]), lab.ab(each)).ravel() for stem, each in theirs.items()]
    grey = [np.abs(lab.grey(pages[stem]) - lab.grey(each)).max() for stem, each in theirs.items()]
    ab = np.concatenate(ab)
    return {
        "ab_mean": float(ab.mean()),
        "ab_99": float(np.quantile(ab, 0.99)),
        "equal": float((ab == 0).mean()),
        "grey_max": int(max(grey)),
    }


def measure(place: Path, package: Path | None, numbers: tuple[int, ...]) -> dict[str, float]:
    """The figures; place: an empty folder; package: as export's --onnxruntime."""
    folders = [place / name for name in ("given", "here", "float32", "web")]
    given, here, float32, web = folders
    given.mkdir()
    named = ["--onnxruntime", str(package)] if package else []
    with redirect_stdout(sys.stderr):  # of the standard output the figures are the only line
        export.main(["--web", "--output", str(web), *named])
    files = photographs(given, numbers)
    by_command(given, here)
    with in_float32():
        by_command(given, float32)
    with dashboard_server.browser() as browser:
        start = time.perf_counter()
        page = opened(browser, web)
        ready = time.perf_counter() - start
        pages = {file.stem: by_page(page, file)[0] for file in files}
        seconds = min(by_page(page, files[-1])[1] for _ in range(3))
    figures = {
        "megabytes": sum(file.stat().st_size for file in web.rglob("*") if file.is_file()) / 1e6,
        "ready_s": ready,
        "seconds_1mp": seconds,
        **compared(pages, here),
    }
    return figures | {f"{k}_float32": v for k, v in compared(pages, float32).items()}


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer photographs")
    parser.add_argument("--onnxruntime", type=Path, help="as `colornet export --web` takes it")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as place:
        numbers = QUICK if options.quick else NUMBERS
        figures = measure(Path(place), options.onnxruntime, numbers)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
