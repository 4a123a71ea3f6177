"""The names of coloured copies: the same on every call, whichever other files are given."""

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from colornet.system import formats

# Formats that a user may ask for -> the suffix of such a file
FORMATS = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif", "webp": ".webp", "avif": ".avif"}
# Endings that a copy keeps -> Pillow's name of the format
WRITTEN = {
    ending: each.pillow
    for each in formats.FORMATS
    if each.copies is None and each.pillow
    for ending in each.endings
}
# Pillow's names of formats whose files hold one picture, and of those that often hold several;
# cameras for stereo write MPO under the name of a JPEG
ONE = frozenset(["BMP", "DIB", "JPEG2000", "PPM", "TGA", "SGI", "PCX", "QOI"])
OFTEN_SEVERAL = frozenset(["TIFF", "GIF"])
Beside = Mapping[str, list[str]]  # what `beside` returns


def suffix(source: Path, wanted: str | None = None) -> str:
    """The suffix of a coloured copy: that of its source, in the same case, if it can be written.

    Others get what system/formats.py says, and .png without a known suffix. `wanted`, a key of
    FORMATS, asks for a format instead, of pictures and not of films.
    """
    own = source.suffix.lower()
    if wanted and not formats.is_film(source):
        same = WRITTEN.get(own) == WRITTEN[FORMATS[wanted]]
        return source.suffix if same else FORMATS[wanted]
    format_ = formats.of(source)
    return ".png" if format_ is None else format_.copies or source.suffix


def stem(source: Path) -> str:
    """The name without the suffix of a format: a of a.jpg, but scan.1937 of scan.1937."""
    return source.stem if formats.is_known(source) else source.name


def key(name: str) -> str:
    """The same for names that are one name on some file systems: A.jpg and a.jpg."""
    return unicodedata.normalize("NFC", name).casefold()


def beside(folder: Path) -> Beside:
    """The names of pictures and films in a folder, by the keys of their stems."""
    found = defaultdict(list)
    try:
        with os.scandir(folder) as entries:
            for each in entries:
                name = Path(each.name)
                if formats.is_known(name) and not each.name.startswith("."):
                    found[key(name.stem)].append(each.name)
    except OSError:
        return {}
    return found


def copy(source: Path, folder: Path, pictures: Beside, *, added: str, wanted: str | None) -> Path:
    """The file for a source's copy in `folder`. `added`: what each name gets, such as "-colour".

    IMG_1.heic becomes IMG_1-colour.jpg. But where `pictures`, those beside the source, have
    IMG_1.jpg, whose copy has this name, it becomes IMG_1-colour.heic.jpg. This is so even if
    IMG_1.jpg is not coloured: otherwise the name would depend on what else is coloured. Of sources
    that would share a name, first come those that keep their ending, then the alphabet decides.
    """

    def plain(name: str) -> str:
        return stem(Path(name)) + added + suffix(Path(name), wanted)

    def rank(name: str) -> tuple[bool, str]:
        return suffix(Path(name), wanted) != Path(name).suffix, name

    mine, alike = plain(source.name), pictures.get(key(stem(source)), ())
    if not set(alike) - {source.name}:  # as most are: no look at the disk for these
        return folder / mine
    here = os.path.realpath(folder) == os.path.realpath(source.parent)
    rivals = [
        name
        for name in alike
        # In the folder of the sources a picture of its own copy's name is such a copy, no source
        if key(plain(name)) == key(mine) and not (here and plain(name) == name)
    ]
    if min([source.name, *rivals], key=rank) == source.name:
        return folder / mine
    return folder / f"{stem(source)}{added}{source.suffix}{suffix(source, wanted)}"


def results(sources: Iterable[str], added: Iterable[str]) -> frozenset[tuple[str, str]]:
    """What `is_result` finds for copies of sources: their folders, and the keys of their stems."""
    added = frozenset(added) - {""}
    keys, split = [key(each) for each in added], [os.path.split(source) for source in sources]
    # Most folders hold no result, and their sources need no further look
    suspect = {folder for folder, name in split if any(each in key(name) for each in keys)}
    return frozenset(
        (folder, key(stem(file) + each + own))
        for folder, file in ((folder, Path(name)) for folder, name in split if folder in suspect)
        for each in added
        for own in ("", file.suffix)
    )


def is_result(file: str, of: frozenset[tuple[str, str]]) -> bool:
    """Whether a file is named like a copy of a source, or like one page of it."""
    folder, name = os.path.split(file)
    own = stem(Path(name))
    return any((folder, key(each)) in of for each in {own, without_number(own)})


def without_number(name: str) -> str:
    """The stem of a copy, of that of one of its pages."""
    return re.sub(r"-[0-9]+\Z", "", name)


def may_have_pages(source: Path) -> bool:
    """Whether a file of this name may hold several pictures."""
    format_ = formats.of(source)
    return format_ is None or format_.pillow not in ONE


def often_has_pages(source: Path) -> bool:
    """Whether a file of this name often holds several pictures."""
    format_ = formats.of(source)
    return format_ is not None and format_.pillow in OFTEN_SEVERAL


def holds_pages(target: Path) -> bool:
    """Whether all pages of a source become one file `target`; otherwise `page` names the files."""
    return WRITTEN.get(target.suffix.lower()) == "TIFF"


def page(target: Path, number: int, count: int) -> Path:
    """The file for one of `count` pages, which begin with 1: a-colour-01.png of a-colour.png.

    It is `target` itself for the only page.
    """
    digits = f"-{number:0{len(str(count))}}" if count > 1 else ""
    return target.with_name(f"{target.stem}{digits}{target.suffix}")
