"""The Try it page: what visitors may download, alone and in a zip."""

import io
import tempfile
import threading
import zipfile

import pytest
from PIL import Image

from colornet.images import photo
from dashboard import attempt, downloads
from dashboard.attempt import Given
from dashboard.downloads import Download, file_name
from dashboard.page import encoding
from support.pictures import colourful
from support.project import make_project, make_run
from support.try_it import (  # noqa: F401 the fixtures
    AB,
    drop,
    encoded,
    offered_downloads,
    opened,
    replaced_networks,
    said,
    sliders,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("root")]


def test_a_download_is_in_the_original_size(root, asked, offered):
    make_run(root, "one")
    drop(opened(), ("wide.png", encoded(colourful(0).resize((1500, 70)))))
    [(name, content)] = offered
    assert name == "wide-one.png" and photo.read(content()).size == (1500, 70)


def test_one_zip_holds_all_and_no_two_names_collide(root, asked, offered):
    make_project(root)
    first, second = (encoded(colourful(n).resize((50, 40))) for n in (1, 2))
    names = ("cat.jpg", "Cat.png", "../../etc/pass wd<>:*.png", "...png", "猫.png")
    page = drop(opened(), *((name, first) for name in names), ("cat.jpg", second))
    name, content = offered[-1]
    assert name == "coloured.zip"
    assert page.download_button(key="zip").label == "Download all 12 as a zip"
    with zipfile.ZipFile(io.BytesIO(content())) as archive:
        assert archive.testzip() is None
        found = archive.namelist()
        assert photo.read(archive.read("cat-one~3.png")).size == (50, 40)
    assert len({name.lower() for name in found}) == 12
    expected = ["cat-one.png", "Cat-one~2.png", "pass_wd-one.png", "picture-one.png", "猫-one.png"]
    assert found[::2] == [*expected, "cat-one~3.png"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat.jpg", "cat-new_shipped.png"),
        ("C:\\photos\\cat.jpg", "C_photos_cat-new_shipped.png"),
        ("-rf .jpg", "-rf-new_shipped.png"),
        ("a" * 300, f"{'a' * 80}-new_shipped.png"),
        ("..", "picture-new_shipped.png"),
        ("", "picture-new_shipped.png"),
        ("new\nline\0.png", "new_line-new_shipped.png"),
    ],
)
def test_names_from_visitors_are_safe(name, expected):
    assert file_name(name, "new (shipped)") == expected


def test_nothing_is_written_to_disk(root, asked, monkeypatch):
    make_run(root, "one")
    before = sorted(root.rglob("*"))

    def refused(*arguments, **options):
        raise AssertionError("a temporary file")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refused)
    page = drop(opened(), ("cat.png", encoded()))
    assert len(sliders(page)) == 1 and sorted(root.rglob("*")) == before


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (7, 1), (300, 200), (3, 400_000), (70_000, 40)])
def test_a_png_holds_every_pixel(size):
    picture = Image.merge("RGB", [Image.effect_noise(size, 90) for _ in range(3)])
    with Image.open(io.BytesIO(encoding.png(picture))) as read:
        assert read.mode == "RGB" and read.size == size
        assert read.tobytes() == picture.tobytes()


def test_a_png_is_no_larger_than_pillows_by_more_than_a_tenth():
    picture, stream = colourful(0).resize((600, 400)), io.BytesIO()
    picture.save(stream, "PNG", compress_level=3)
    assert len(encoding.png(picture)) < 1.1 * stream.tell()


def test_a_zip_is_made_by_threads_of_which_few_hold_a_picture(monkeypatch):
    together, most, now = threading.Barrier(attempt.AT_ONCE), [], []
    read = attempt.read

    def watched(given):
        now.append(given)
        most.append(len(now))
        together.wait(60)  # fails if so many pictures are never read at once
        try:
            return read(given)
        finally:
            now.remove(given)

    monkeypatch.setattr(attempt, "read", watched)
    content = encoded()
    givens = [Given(f"{n}", "cat.png", lambda: content) for n in range(3 * attempt.AT_ONCE)]
    files = [Download(f"{given.id}.png", lambda given=given: one(given), 2400) for given in givens]
    # Visitors ask at the same time
    others = [threading.Thread(target=downloads.zipped, args=(files,)) for _ in range(2)]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()
    assert max(most) == attempt.AT_ONCE and len(most) == 2 * len(files)


def one(given: Given) -> bytes:
    return downloads.original(given, AB, saturation=1.0)


def test_too_many_pixels_for_one_zip_are_offered_one_by_one(root, asked, offered, monkeypatch):
    make_project(root)
    monkeypatch.setattr("dashboard.downloads.ZIPPED", 2399)
    page = drop(opened(), ("cat.png", encoded()))
    assert [name for name, _ in offered] == ["cat-one.png", "cat-two.png"]
    assert "more than 2,399 pixels in all" in said(page) and "colornet FOLDER" in said(page)
