"""Pages and frames: the first is named, or all are coloured, in one file or in numbered ones."""

import functools
import os
from pathlib import Path

import pytest
from PIL import Image

from colornet.cli import jobs, original
from colornet.cli.batch import Batch
from colornet.cli.outcome import Outcome
from colornet.images import photo
from support.pictures import colourful, opened

COUNT = 3


@pytest.fixture
def scans(tmp_path, monkeypatch):
    """scan.tif and film.gif in the working directory, of three pages each."""
    monkeypatch.chdir(tmp_path)
    pages = [colourful(2 + 3 * number) for number in range(COUNT)]
    for name in ("scan.tif", "film.gif"):
        pages[0].save(name, save_all=True, append_images=pages[1:])
    return pages


def inverted(picture: Image.Image) -> Image.Image:
    return picture.point(lambda value: 255 - value)


def done(source, target, *, every=True, read=original.read, colorizer=inverted, **options):
    """The outcomes of one source, of all its pages or of the first alone."""
    pages = functools.partial(original.pages, mark=None) if every else None
    save = functools.partial(original.save, mark=None)
    work = Batch(colorizer, read=read, save=save, pages=pages, **options)
    (outcomes,) = work.outcomes([jobs.Job(Path(source), Path(target))])
    return outcomes


def written(file) -> list[bytes]:
    """The pixels of every page of a file."""
    with Image.open(file) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append(image.convert("RGB").tobytes())
    return found


def test_of_a_document_the_first_page_is_coloured_and_named(scans):
    (outcome,) = done("scan.tif", "out/scan.tif", every=False)
    assert (outcome.page, outcome.pages, outcome.notes) == (1, COUNT, ("page 1 of 3",))
    assert written("out/scan.tif") == [inverted(scans[0]).tobytes()]


def test_all_pages_become_one_tiff(scans):
    (outcome,) = done("scan.tif", "out/scan.tif")
    assert outcome.state == "coloured" and outcome.made_grey
    assert (outcome.page, outcome.pages, outcome.notes) == (None, COUNT, ("3 pages",))
    assert written("out/scan.tif") == [inverted(page).tobytes() for page in scans]
    assert os.listdir("out") == ["scan.tif"]


def test_all_frames_become_numbered_files_where_the_format_holds_one_picture(scans):
    outcomes = done("film.gif", "out/film.png")
    assert sorted(os.listdir("out")) == ["film-1.png", "film-2.png", "film-3.png"]
    assert [(o.target.name, o.page, o.notes) for o in outcomes] == [
        (f"film-{number}.png", number, (f"frame {number} of 3",)) for number in (1, 2, 3)
    ]


def test_numbered_files_that_are_there_are_kept(scans):
    done("film.gif", "out/film.png")
    Path("out/film-2.png").unlink()
    states = [outcome.state for outcome in done("film.gif", "out/film.png")]
    assert states == ["kept", "coloured", "kept"]
    states = [outcome.state for outcome in done("film.gif", "out/film.png", overwrite=True)]
    assert states == ["coloured"] * 3


def test_a_file_of_one_page_has_no_number(scans):
    scans[0].save("one.tif")
    (outcome,) = done("one.tif", "out/one.png")
    assert (outcome.page, outcome.pages, outcome.notes) == (1, 1, ())
    assert opened("out/one.png").size == scans[0].size


def damaged(number: int):
    """A way of reading in which page `number` is damaged."""

    def read(source, *, page=1) -> Outcome:
        if page == number:
            raise photo.PhotoError("is damaged")
        return original.read(source, page=page)

    return read


def test_one_tiff_has_all_pages_or_is_not_written(scans):
    (outcome,) = done("scan.tif", "out/scan.tif", read=damaged(2))
    assert outcome.state == "skipped"
    assert outcome.reason == "has 3 pages, and page 2 is damaged"
    assert os.listdir("out") == []


def test_of_numbered_files_a_damaged_page_is_named_and_the_others_are_coloured(scans):
    outcomes = done("film.gif", "out/film.png", read=damaged(2))
    assert [outcome.state for outcome in outcomes] == ["coloured", "skipped", "coloured"]
    assert outcomes[1].reason == "page 2 is damaged" and outcomes[1].page == 2
    assert sorted(os.listdir("out")) == ["film-1.png", "film-3.png"]


def test_a_tiff_that_cannot_be_written_is_named(scans):
    Path("out").write_text("a file")
    (outcome,) = done("scan.tif", "out/scan.tif")
    assert outcome.reason.startswith("cannot be written to out: ")


def test_compare_has_every_page_side_by_side(scans):
    done("scan.tif", "out/scan.tif", compare=True)
    assert opened("out/scan.tif").size == (2 * scans[0].width, scans[0].height)
    assert len(written("out/scan.tif")) == COUNT
