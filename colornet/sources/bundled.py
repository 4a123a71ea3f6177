"""Crops of the colour photographs in the scikit-image package; needs no network.

Licences, authors and addresses are copied from skimage/data/_fetchers.py.
"""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from PIL import Image

LONGEST = 512  # pixels
# Left, top, right, bottom in percent: the whole picture and four overlapping parts in other shapes.
CROPS = {
    "whole": (0, 0, 100, 100),
    "tall": (0, 0, 55, 90),
    "wide": (30, 0, 100, 60),
    "low": (0, 45, 80, 100),
    "corner": (40, 30, 100, 100),
}


class Credit(NamedTuple):
    file: str
    url: str
    licence: str
    author: str


_DOCS = "https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data."
PHOTOGRAPHS = {
    "astronaut": Credit(
        "astronaut.png",
        "https://flic.kr/p/r9qvLn",
        "no known copyright restrictions, released into the public domain",
        "NASA",
    ),
    "chelsea": Credit("chelsea.png", f"{_DOCS}chelsea", "CC0", "Stefan van der Walt"),
    "coffee": Credit("coffee.png", f"{_DOCS}coffee", "CC0", "Rachel Michetti"),
    "hubble": Credit(
        "hubble_deep_field.jpg",
        "http://hubblesite.org/newscenter/archive/releases/2012/37/image/a/",
        "may be freely used in the public domain",
        "NASA",
    ),
    "ihc": Credit(
        "ihc.png",
        f"{_DOCS}immunohistochemistry",
        "no known copyright restrictions",
        "Center for Microscopy And Molecular Imaging (CMMI)",
    ),
    "retina": Credit(
        "retina.jpg",
        "https://commons.wikimedia.org/wiki/File:Fundus_photograph_of_normal_left_eye.jpg",
        "CC0 1.0",
        "Mikael Häggström",
    ),
    "rocket": Credit(
        "rocket.jpg",
        "https://www.flickr.com/photos/spacexphotos/16511594820/in/photostream/",
        "released in the public domain",
        "SpaceX",
    ),
}


def fetch(into: Path) -> Iterator[dict[str, str]]:
    """Writes five PNG crops of each photograph, their longer side at most LONGEST pixels.

    Raises OSError if scikit-image lacks a photograph.
    """
    for photo, credit in PHOTOGRAPHS.items():
        with resources.files("skimage").joinpath("data", credit.file).open("rb") as stream:
            image = Image.open(stream).convert("RGB")
        width, height = image.size
        for name, (left, top, right, bottom) in CROPS.items():
            crop = image.crop(
                (width * left // 100, height * top // 100)
                + (width * right // 100, height * bottom // 100)
            )
            crop.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
            file = f"{photo}-{name}.png"
            crop.save(into / file)
            yield {
                "file": file,
                "photo": photo,
                "source": "scikit-image",
                "url": credit.url,
                "licence": credit.licence,
                "author": credit.author,
            }
