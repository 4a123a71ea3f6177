"""The samples that the Try it page offers: photographs of scikit-image and of the gallery."""

from collections.abc import Callable
from importlib import resources
from typing import NamedTuple

from colornet.sources import bundled
from dashboard import credits, files
from dashboard.attempt import Given

BUNDLED = {"chelsea": "cat", "coffee": "coffee", "astronaut": "astronaut"}
GALLERY = {"gallery_42": "vineyard", "gallery_53": "station", "gallery_71": "frog"}


class Sample(NamedTuple):
    """thing: what it shows; credit: whose it is, as Markdown."""

    thing: str
    given: Given
    credit: str


def offered() -> dict[str, Sample]:
    """Name -> sample; those of the gallery only where data/gallery is, which a clone has."""
    return {name: _bundled(name) for name in BUNDLED} | _of_the_gallery()


def _bundled(name: str) -> Sample:
    found = bundled.PHOTOGRAPHS[name]
    content = resources.files("skimage").joinpath("data", found.file).read_bytes
    return Sample(BUNDLED[name], _given(name, found.file, content), credits.words(found._asdict()))


def _of_the_gallery() -> dict[str, Sample]:
    folder, found = files.root() / "data" / "gallery", {}
    try:
        rows = credits.rows(folder / "sources.csv", key="file")
        for name, thing in GALLERY.items():
            file = f"{name}.jpg"
            if (folder / file).is_file():
                given = _given(name, file, (folder / file).read_bytes)
                found[name] = Sample(thing, given, credits.words(rows[file]))
    except (OSError, ValueError, KeyError):
        return {}
    return found


def _given(name: str, file: str, content: Callable[[], bytes]) -> Given:
    return Given(f"sample-{name}", file, content)
