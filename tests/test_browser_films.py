"""The Try it page in a browser with a shipped network: films of visitors."""

from pathlib import Path

import av
import numpy as np
import pytest

from colornet import paths
from support import films
from support.browser import (  # noqa: F401 the fixtures
    playwright,
    screenshot,
    see,
    served_dashboard,
    started_browser,
    watched_page,
)

pytestmark = pytest.mark.browser
# Whether a video's frames can be shown, and the second to which it has been played
READY = "video => video.readyState >= 2"
PLAYED = "video => video.currentTime > 0.2"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    (folder / "pretrained").symlink_to(paths.PRETRAINED.resolve())
    return folder


def try_it(page, address, *files: Path):
    page.goto(f"{address}/try_it")
    see(page, "A film may have 30 seconds and 1920 x 1080 pixels")
    page.locator("input[type=file]").set_input_files(files)


def test_a_film_is_played_in_colour_beside_the_original_and_downloaded(page, address, tmp_path):
    given = films.make(tmp_path / "waves.mp4", count=125, size=(320, 240), sound="aac")
    try_it(page, address, given)
    see(page, "frames/s")
    see(page, "coloured by")
    both = page.locator("video")
    playwright.expect(both).to_have_count(2)
    coloured = both.nth(1).element_handle()
    page.wait_for_function(READY, arg=coloured)
    coloured.evaluate("video => { video.muted = true; return video.play() }")
    page.wait_for_function(PLAYED, arg=coloured)
    screenshot(page, "try_it-film")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download film").click()
    assert download.value.suggested_filename == "waves-lite-photos_shipped.mp4"
    with av.open(str(download.value.path())) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(container.streams.audio) == 1
    assert len(frames) == 125 and frames[0].shape == (240, 320, 3)
    assert np.ptp(frames[30].astype(int), axis=2).max() > 8


def test_a_film_above_the_limit_and_one_that_is_none_get_a_sentence(page, address, tmp_path):
    long = films.make(tmp_path / "long.mp4", count=32 * 25)
    (tmp_path / "text.mp4").write_bytes(b"only text")
    try_it(page, address, long, tmp_path / "text.mp4")
    see(page, "lasts 0:32, longer than the limit of 0:30")
    see(page, "is no film that can be read")
    assert page.locator("video").count() == 0
