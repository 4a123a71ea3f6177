"""Dogs vs. Cats from Microsoft, without an account, as cat.N.jpg and dog.N.jpg as at Kaggle."""

import re
from collections.abc import Iterator
from pathlib import Path

from colornet.sources import archive
from colornet.system import download

URL = (
    "https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
    "kagglecatsanddogs_5340.zip"
)
SHA256 = "b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9"
LENGTH = 824_887_076  # bytes
# kaggle.py has the same three constants, since a source imports no other one
PICTURES = 25_000
LICENCE = "non-commercial research; not to be re-published"
LEFT_OUT = ("cat.666.jpg", "dog.11702.jpg")  # broken in this archive


def fetch(
    into: Path,
    *,
    pictures: archive.Count | None = None,
    url: str | list[str] = URL,
    sha256: download.Sha256 = SHA256,
) -> Iterator[dict[str, str]]:
    """Takes all pictures, or `pictures` of them, from the archive at `url`.

    There is no known mirror of it. Raises ValueError if the archive cannot be downloaded.
    """
    space = {into: LENGTH * min(pictures or PICTURES, PICTURES) // PICTURES}
    length = LENGTH if sha256 == SHA256 else None
    file = download.get(
        url, checksum=f"sha256:{sha256}", name="kagglecatsanddogs.zip", length=length, space=space
    )
    # A mirror of the same archive gives the same rows
    origin = URL if sha256 == SHA256 else download.public(url)
    for name in archive.extract(file, into, rename=_rename, pictures=pictures):
        yield archive.row(name, source="microsoft", url=origin, licence=LICENCE)


def _rename(member: str) -> str | None:
    found = re.fullmatch(r"(?:.*/)?(Cat|Dog)/(\d+\.jpg)", member)
    name = f"{found[1].lower()}.{found[2]}" if found else None
    return None if name in LEFT_OUT else name
