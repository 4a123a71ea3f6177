"""COCO 2017: photographs of everyday scenes from Flickr, all or the openly licensed ones.

Lin et al., "Microsoft COCO: Common Objects in Context" (arXiv:1405.0312), https://cocodataset.org
"""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from colornet.sources import archive
from colornet.system import download

HOST = "http://images.cocodataset.org"
FLICKR = "https://www.flickr.com/photo.gne?id="  # leads to the page of a photograph


class Archive(NamedTuple):
    """An archive of COCO; the checksums are those of TensorFlow Datasets. length: in bytes."""

    path: str
    sha256: str
    length: int


TEST_INFO = Archive(
    "annotations/image_info_test2017.zip",
    "e52f412dd7195ac8f98d782b44c6dd30ea10241e9f42521f67610fbe055a74f8",
    1_144_034,
)
ANNOTATIONS = Archive(
    "annotations/annotations_trainval2017.zip",
    "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
    252_907_541,
)


class Split(NamedTuple):
    """The archive of a split, and the member of another that has the licence of each picture."""

    pictures: Archive
    about: Archive
    member: str


SPLITS = {
    "val2017": Split(
        Archive(
            "zips/val2017.zip",
            "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
            815_585_330,
        ),
        ANNOTATIONS,
        "annotations/captions_val2017.json",
    ),
    "test2017": Split(
        Archive(
            "zips/test2017.zip",
            "c7908c3c9f94ba2f3340ebbeec58c25db6be8774f18d68c2f15d0e369d95baba",
            6_646_970_404,
        ),
        TEST_INFO,
        "annotations/image_info_test2017.json",
    ),
    "train2017": Split(
        Archive(
            "zips/train2017.zip",
            "69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929",
            19_336_861_798,
        ),
        ANNOTATIONS,
        "annotations/captions_train2017.json",
    ),
}
# Licences, by their address, that let everybody publish and change a photograph; COCO's others
# exclude commercial use or changes.
OPEN = frozenset(
    [
        "http://creativecommons.org/licenses/by/2.0/",
        "http://creativecommons.org/licenses/by-sa/2.0/",
        "http://flickr.com/commons/usage/",
        "http://www.usa.gov/copyright.shtml",
    ]
)


def fetch(
    into: Path,
    *,
    split: Literal["val2017", "test2017", "train2017"] = "val2017",
    licences: Literal["open", "all"] = "open",
    pictures: archive.Count | None = None,
    url: str | list[str] | None = None,
) -> Iterator[dict[str, str]]:
    """Takes the pictures of a split, or up to `pictures` of them, each with its licence.

    `licences`: only openly licensed ones (OPEN), or all. `url`: where the archive of pictures is,
    or a copy of it; the checksum is COCO's in any case. Raises ValueError if an archive cannot be
    downloaded or is not what it should be.
    """
    chosen = SPLITS[split]
    rows = {row["file"]: row for row in _rows(chosen, licences)}
    share = min(1, (pictures or len(rows)) / max(1, len(rows)))
    space = {into: int(chosen.pictures.length * share)}
    file = _download(chosen.pictures, url, space)
    members = {f"{split}/{name}": name for name in rows}
    for name in archive.extract(file, into, rename=members.get, pictures=pictures):
        yield rows[name]


def _rows(split: Split, licences: str) -> Iterator[dict[str, str]]:
    file = _download(split.about, None, {})
    try:
        with zipfile.ZipFile(file) as opened:
            about = json.loads(opened.read(split.member))
        stated = {each["id"]: each for each in about["licenses"]}
        for picture in about["images"]:
            licence = stated[picture["license"]]
            if licences == "all" or licence["url"] in OPEN:
                yield {
                    "file": picture["file_name"],
                    "photo": picture["file_name"].removesuffix(".jpg"),
                    "source": "COCO",
                    "url": _page(picture),
                    "licence": f"{licence['name']} ({licence['url']})",
                    "author": "",
                }
    except (*archive.BROKEN, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} does not describe pictures as COCO does: {error!r}.") from error


def _page(picture: dict) -> str:
    """The picture's page at Flickr; its address at COCO for test2017, whose pages are not known."""
    if "flickr_url" not in picture:
        return picture["coco_url"]
    return FLICKR + picture["flickr_url"].rsplit("/", 1)[-1].partition("_")[0]


def _download(wanted: Archive, url: str | list[str] | None, space: dict[Path, int]) -> Path:
    return download.get(
        url or f"{HOST}/{wanted.path}",
        checksum=f"sha256:{wanted.sha256}",
        name=Path(wanted.path).name,
        length=wanted.length,
        space=space,
    )
