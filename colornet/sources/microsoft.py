"""Dogs vs. Cats as Microsoft gives it, without an account -> cat.N.jpg, dog.N.jpg as at Kaggle."""

import re
from collections.abc import Iterator
from pathlib import Path

from colornet.sources import archive, kaggle
from colornet.system import download

URL = (
    "https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
    "kagglecatsanddogs_5340.zip"
)
SHA256 = "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9"
LENGTH = 824_887_076  # bytes


def fetch(
    into: Path,
    *,
    pictures: archive.Count | None = None,
    url: str | list[str] = URL,
    sha256: download.Sha256 = SHA256,
) -> Iterator[dict[str, str]]:
    """Takes all pictures, or `pictures` of them, out of the archive at `url`, or a copy of it.

    Microsoft's archive has no mirror that is known. ValueError if it can't be had.
    """
    room = {into: LENGTH * min(pictures or kaggle.PICTURES, kaggle.PICTURES) // kaggle.PICTURES}
    length = LENGTH if sha256 == SHA256 else None
    file = download.get(
        url, checksum=f"sha256:{sha256}", name="kagglecatsanddogs.zip", length=length, room=room
    )
    # The same archive from elsewhere leaves the same rows
    stated = URL if sha256 == SHA256 else download.shown(url)
    for name in archive.extract(file, into, rename=_rename, pictures=pictures):
        yield kaggle.row(name, source="microsoft", url=stated)


def _rename(member: str) -> str | None:
    found = re.fullmatch(r"(?:.*/)?(Cat|Dog)/(\d+\.jpg)", member)
    name = f"{found[1].lower()}.{found[2]}" if found else None
    return None if name in kaggle.LEFT_OUT else name
