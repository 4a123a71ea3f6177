"""Memory that the dashboard's server holds after visitors with large pictures, and their waiting.

In each round three visitors open Try it in browser contexts of their own, upload a photograph at
the same time, download it in colour, and leave. The server forgets a visitor two minutes later.
"""

import argparse
import io
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from skimage import data

from benchmarks import dashboard_server
from colornet import paths

VISITORS, SIZE = 3, (8000, 6000)
SMALL = 800, 600  # of a first picture, for which the networks are loaded
PATIENCE = 600  # seconds that a visitor may wait
FORGOTTEN = 150  # seconds after which Streamlit has forgotten a visitor who left


def photograph(size: tuple[int, int], *, seed: int) -> bytes:
    """A JPEG of that size: an enlarged photograph with the noise of a camera."""
    picture = Image.fromarray(data.astronaut()).resize(size, Image.Resampling.BICUBIC)
    rng, stream = np.random.default_rng(seed), io.BytesIO()
    for top in range(0, size[1], 500):  # the noise of all would take ten times the memory
        box = (0, top, size[0], min(top + 500, size[1]))
        part = np.asarray(picture.crop(box), "float32")
        part = part + 3 * rng.standard_normal(part.shape, "float32")
        picture.paste(Image.fromarray(part.clip(0, 255).astype("uint8")), box)
    picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def held(server: psutil.Popen) -> int:
    """Resident memory of the server in MB."""
    return round(server.memory_info().rss / 2**20)


def visit(chromium, address: str, files: list[bytes]) -> tuple[list, float, float]:
    """Visitors who upload a file each, at the same time.

    Returns their browser contexts, and the seconds until the last one saw and had the colours.
    """
    contexts = [chromium.new_context(viewport={"width": 1200, "height": 900}) for _ in files]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(f"{address}/try_it")
        page.locator("input[type=file]").wait_for(state="attached")
    start = time.monotonic()
    for page, content in zip(pages, files, strict=True):
        file = {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": content}
        page.locator("input[type=file]").set_input_files([file])
    for page in pages:
        page.get_by_test_id("stDownloadButton").first.wait_for()
        page.wait_for_selector("[data-test-script-state=notRunning]")
    shown = time.monotonic() - start
    start = time.monotonic()
    for page in pages:
        with page.expect_download() as download:
            page.get_by_role("button", name="Download PNG").first.click()
        download.value.delete()
    return contexts, shown, time.monotonic() - start


def forget(chromium, address: str) -> None:
    """Opens a page: Streamlit forgets visitors who left long ago when another one comes."""
    page = chromium.new_page()
    page.goto(f"{address}/try_it")
    page.wait_for_selector("[data-test-script-state=notRunning]", timeout=1000 * PATIENCE)
    page.close()


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.visitors", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, without the last wait")
    options = parser.parse_args(argv)
    files = [photograph(SIZE, seed=seed) for seed in range(VISITORS)]
    rounds, figures = 1 if options.quick else 3, {}
    with tempfile.TemporaryDirectory() as folder, dashboard_server.browser() as chromium:
        (Path(folder) / "pretrained").symlink_to(paths.PRETRAINED.resolve())
        with dashboard_server.served(Path(folder)) as (address, server, most):
            figures["before_mb"] = held(server)
            contexts, *_ = visit(chromium, address, [photograph(SMALL, seed=0)])
            contexts[0].close()
            figures["networks_mb"] = held(server)
            for number in range(1, rounds + 1):
                most[0] = 0.0
                contexts, shown, had = visit(chromium, address, files)
                figures[f"round_{number}_mb"] = held(server)
                figures[f"round_{number}_peak_mb"] = round(most[0])
                figures[f"round_{number}_s"] = [round(shown, 1), round(had, 1)]
                for context in contexts:
                    context.close()
                print(json.dumps(figures), flush=True)
            if not options.quick:
                time.sleep(FORGOTTEN)
                forget(chromium, address)
                figures["after_mb"] = held(server)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
