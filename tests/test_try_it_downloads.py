"""The Try it page: what visitors may download, alone and in a zip."""

import io
import tempfile
import zipfile

import pytest

from colornet.images import photo
from dashboard.downloads import file_name
from support.pictures import colourful
from support.project import make_project, make_run
from support.try_it import (  # noqa: F401 the fixtures
    drop,
    encoded,
    offered_downloads,
    opened,
    replaced_networks,
    sliders,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("root")]


def test_a_download_is_in_the_original_size(root, asked, downloads):
    make_run(root, "one")
    drop(opened(), ("wide.png", encoded(colourful(0).resize((1500, 70)))))
    [(name, content)] = downloads
    assert name == "wide-one.png" and photo.read(content()).size == (1500, 70)


def test_one_zip_holds_all_and_no_two_names_collide(root, asked, downloads):
    make_project(root)
    first, second = (encoded(colourful(n).resize((50, 40))) for n in (1, 2))
    names = ("cat.jpg", "Cat.png", "../../etc/pass wd<>:*.png", "...png", "猫.png")
    page = drop(opened(), *((name, first) for name in names), ("cat.jpg", second))
    name, content = downloads[-1]
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
