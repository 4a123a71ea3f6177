"""The colour photographs that scikit-image carries in its package -> crops of them; offline.

Licences, authors and addresses are those that scikit-image states in skimage/data/_fetchers.py.
"""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from PIL import Image

LONGEST = 512
# Left, top, right, bottom in hundredths: the whole and four overlapping parts of other shapes.
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
    """Five PNG crops of each photograph, at most LONGEST pixels long; OSError if one is missing."""
    for photo, credit in PHOTOGRAPHS.items():
        with resources.files("skimage").joinpath("data", credit.file).open("rb") as stream:
            image = Image.open(stream).convert("RGB")
        for name, hundredths in CROPS.items():
            sides = image.size * 2
            box = [side * part // 100 for side, part in zip(sides, hundredths, strict=True)]
            crop = image.crop(box)
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
