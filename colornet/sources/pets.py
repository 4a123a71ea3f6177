"""Oxford-IIIT Pet: photographs of 37 breeds of cats and dogs, all or some, as Breed_N.jpg.

Parkhi, Vedaldi, Zisserman, Jawahar: Cats and Dogs, CVPR 2012,
https://www.robots.ox.ac.uk/~vgg/data/pets/
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from colornet.sources import archive
from colornet.system import download

URLS = [
    "https://thor.robots.ox.ac.uk/~vgg/data/pets/images.tar.gz",
    "https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
]
SHA256 = "67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d"
LENGTH = 791_918_971  # bytes
PICTURES = 7_390
LICENCE = "CC BY-SA 4.0 (the data set); the photographs stay their owners'"
CATS = (
    "Abyssinian Bengal Birman Bombay British_Shorthair Egyptian_Mau Maine_Coon Persian Ragdoll"
    " Russian_Blue Siamese Sphynx"
).split()
DOGS = (
    "american_bulldog american_pit_bull_terrier basset_hound beagle boxer chihuahua"
    " english_cocker_spaniel english_setter german_shorthaired great_pyrenees havanese"
    " japanese_chin keeshond leonberger miniature_pinscher newfoundland pomeranian pug"
    " saint_bernard samoyed scottish_terrier shiba_inu staffordshire_bull_terrier wheaten_terrier"
    " yorkshire_terrier"
).split()
BREEDS = CATS + DOGS


def fetch(
    into: Path,
    *,
    breeds: Annotated[list[str], Field(min_length=1)] | None = None,
    without: list[str] | None = None,
    pictures: archive.Count | None = None,
    url: str | list[str] = URLS,
    sha256: download.Sha256 = SHA256,
) -> Iterator[dict[str, str]]:
    """Takes the photographs of `breeds` (of all if None), except of those in `without`.

    `pictures` limits how many. Raises ValueError for a breed that is not one of the 37, if no breed
    is left, or if the archive cannot be downloaded from `url`.
    """
    for name, chosen in {"breeds": breeds or (), "without": without or ()}.items():
        if unknown := [breed for breed in chosen if breed not in BREEDS]:
            listed = ", ".join(map(repr, unknown))
            raise ValueError(f"{name} contains {listed}; legal are {', '.join(BREEDS)}.")
    wanted = [breed for breed in breeds or BREEDS if breed not in (without or ())]
    if not wanted:
        raise ValueError("without excludes all breeds: none is left to fetch.")
    count = min(pictures or PICTURES, PICTURES * len(wanted) // len(BREEDS))
    length = LENGTH if sha256 == SHA256 else None
    space = {into: LENGTH * count // PICTURES}
    file = download.get(
        url, checksum=f"sha256:{sha256}", name="images.tar.gz", length=length, space=space
    )

    def rename(member: str) -> str | None:
        found = re.fullmatch(r"(?:.*/)?((\w+)_\d+\.jpg)", member)
        return found[1] if found and found[2] in wanted else None

    # A mirror of the same archive gives the same rows
    origin = URLS[0] if sha256 == SHA256 else download.public(url)
    for name in archive.extract(file, into, rename=rename, pictures=pictures):
        yield archive.row(name, source="Oxford-IIIT Pet", url=origin, licence=LICENCE)
