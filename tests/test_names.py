"""A copy has one name, on every call."""

import os
from pathlib import Path

import pytest

from colornet.cli import jobs, names
from colornet.system import formats

DOCUMENT = Path(__file__).parents[1] / "docs/command-line.md"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def touch(*files: str) -> None:
    for file in map(Path, files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def targets(*inputs: str, output=None, suffix="-colour", wanted=None) -> dict[str, str]:
    """The targets of the sources, which have no faults."""
    output = output and Path(output)
    plan = jobs.find(inputs, output=output, suffix=suffix, wanted=wanted)
    assert not plan.wrong
    return {str(job.source): str(job.target) for job in plan.jobs}


@pytest.mark.parametrize(
    ("name", "wanted", "suffix"),
    [
        ("a.jpg", None, ".jpg"),
        ("a.JPEG", None, ".JPEG"),
        ("a.b.jfif", None, ".jfif"),
        ("a.TIFF", None, ".TIFF"),
        ("a.avif", None, ".avif"),
        ("a.gif", None, ".png"),
        ("a.ppm", None, ".png"),
        ("a.jp2", None, ".png"),
        ("DSC0001.HIF", None, ".jpg"),
        ("a.mpo", None, ".jpg"),
        ("a.dib", None, ".bmp"),
        ("a", None, ".png"),
        ("a.HEIC", None, ".jpg"),
        ("a.JPEG", "jpeg", ".JPEG"),
        ("a.png", "jpeg", ".jpg"),
        ("a.tiff", "tiff", ".tiff"),
        ("a.heic", "avif", ".avif"),
        ("a.gif", "webp", ".webp"),
    ],
)
def test_a_copy_has_its_sources_suffix_where_possible(name, wanted, suffix):
    assert names.suffix(Path(name), wanted) == suffix


def test_pictures_of_one_name_get_different_names_whichever_are_given():
    touch("IMG_1.heic", "IMG_1.jpg", "IMG_2.HIF")
    both = {"IMG_1.heic": "IMG_1-colour.heic.jpg", "IMG_1.jpg": "IMG_1-colour.jpg"}
    assert targets(".") == both | {"IMG_2.HIF": "IMG_2-colour.jpg"}
    assert targets("IMG_1.jpg", "IMG_1.heic") == both
    for source, target in both.items():
        assert targets(source) == {source: target}
    into = {"IMG_1.heic": "out/IMG_1.heic.jpg", "IMG_1.jpg": "out/IMG_1.jpg"}
    assert targets("IMG_1.heic", "IMG_1.jpg", output="out", suffix="") == into


def test_copies_of_such_pictures_are_no_inputs():
    touch("IMG_1.heic", "IMG_1.jpg", "IMG_1-colour.jpg", "IMG_1-colour.heic.jpg")
    assert sorted(targets(".")) == ["IMG_1.heic", "IMG_1.jpg"]
    assert list(targets("IMG_1-colour.heic.jpg", "IMG_1.heic")) == ["IMG_1.heic"]


def test_a_format_for_all_gives_each_a_name_too():
    touch("a.jpg", "a.png", "a.tif")
    assert targets(".", wanted="png") == {
        "a.jpg": "a-colour.jpg.png",
        "a.png": "a-colour.png",
        "a.tif": "a-colour.tif.png",
    }


@pytest.mark.skipif(os.path.exists(__file__.upper()), reason="the file system ignores case")
def test_names_that_differ_in_case_alone_stay_apart_on_every_file_system():
    touch("a.JPG", "a.jpg", "B.png", "b.png")
    found = targets(".", output="out", suffix="")
    assert len({target.casefold() for target in found.values()}) == 4
    assert found["a.JPG"] == "out/a.JPG"
    assert targets("a.jpg", output="out", suffix="") == {"a.jpg": found["a.jpg"]}


def test_a_copy_beside_its_source_changes_no_name():
    touch("a.gif", "a.png")  # the second is written by the call below
    assert targets("a.gif", output=".", suffix="") == {"a.gif": "a.png"}


def test_pages_get_numbers_that_sort_and_are_no_inputs():
    target = Path("out/scan-colour.png")
    assert names.page(target, 1, 1) == target
    assert names.page(target, 2, 3) == Path("out/scan-colour-2.png")
    assert names.page(target, 2, 12) == Path("out/scan-colour-02.png")
    touch("scan.tif", "scan-colour-1.png", "scan-colour-12.png", "scan-2.png", "x-colour-1.png")
    assert sorted(targets(".")) == ["scan-2.png", "scan.tif", "x-colour-1.png"]


def test_a_page_is_never_mixed_up_with_another_copy():
    touch("scan.tif", "scan-1.tif", "scan-2.jpg", "a.jpg", "a-1.jpg")
    options = {"output": Path("out"), "suffix": "", "wanted": "png", "pages": "all"}
    wrong, todo, *_ = jobs.find(["."], **options)
    assert [job.source.name for job in todo] == ["a-1.jpg", "a.jpg", "scan.tif"]
    assert [each.reason.split(":")[0] for each in wrong] == [
        "would overwrite a page of scan.tif, out/scan-1.png",
        "would overwrite a page of scan.tif, out/scan-2.png",
    ]
    assert len(jobs.find(["."], **options | {"wanted": "tiff"}).jobs) == 5
    assert len(jobs.find(["."], **options | {"suffix": "-colour"}).jobs) == 5


def test_the_pages_of_a_tiff_stay_one_file():
    assert names.holds_pages(Path("a.TIF")) and not names.holds_pages(Path("a.png"))
    assert names.may_have_pages(Path("a.jpg")) and not names.may_have_pages(Path("a.BMP"))


def test_the_document_lists_every_format_with_its_endings_and_its_copy():
    copies = {None: "the same, with the same ending", ".jpg": "JPEG", ".png": "PNG", ".bmp": "BMP"}
    rows = [
        f"| {each.name} | {' '.join(each.endings)} | {copies[each.copies]} |"
        for each in formats.FORMATS
        if each.name != "JPEG XL"  # which is looked for but not read
    ]
    assert "\n".join(["|---|---|---|", *rows, ""]) in DOCUMENT.read_text()


def test_no_page_replaces_an_original(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("film.gif", "film-1.png", "other.gif"):
        Path(name).touch()
    inputs = ["film.gif", "film-1.png", "other.gif"]
    options = {"output": Path(), "suffix": "", "wanted": None}
    plan = jobs.find(inputs, **options, pages="all")
    assert [job.source for job in plan.jobs] == [Path("other.gif")]
    refused = {each.source.name: each.reason for each in plan.wrong}
    assert "would overwrite the original" in refused["film.gif"]
    assert "film-1.png" in refused["film.gif"]
    first = jobs.find(inputs, **options, pages="first")
    assert Path("film.gif") in [job.source for job in first.jobs]
