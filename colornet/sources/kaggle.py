"""Dogs vs. Cats as Kaggle's competition has it, for those with an account -> cat.N.jpg, dog.N.jpg.

Credentials, download cache (KAGGLEHUB_CACHE) and going on are kagglehub's.
"""

import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from colornet.sources import archive
from colornet.system import disk, download, trouble
from colornet.system.trouble import Trouble

COMPETITION = "dogs-vs-cats"
PAGE = f"https://www.kaggle.com/c/{COMPETITION}"
ARCHIVE = "train.zip"  # test1.zip names its pictures without cat or dog
LENGTH = 543_000_000  # bytes, about
PICTURES = 25_000
LICENCE = "non-commercial research; not to be re-published"
# Broken in Microsoft's archive; taken from neither, so that both deal the same pictures
LEFT_OUT = ("cat.666.jpg", "dog.11702.jpg")
NO_CREDENTIALS = (
    "there are no credentials. Any of these serves: KAGGLE_API_TOKEN, ~/.kaggle/access_token,"
    " KAGGLE_USERNAME with KAGGLE_KEY, ~/.kaggle/kaggle.json (or the folder that KAGGLE_CONFIG_DIR"
    " names), in a notebook kagglehub.login() or a Colab secret; without an account,"
    " `source: microsoft` has the same pictures"
)


def fetch(
    into: Path,
    *,
    pictures: archive.Count | None = None,
    url: str | list[str] | None = None,
    sha256: download.Sha256 | None = None,
) -> Iterator[dict[str, str]]:
    """Takes train.zip through kagglehub, or from `url` if one has a copy of it; `pictures` of it.

    ValueError without credentials, before the competition's rules are accepted, or if what came is
    not what it should be: kagglehub holds it to Kaggle's checksum, this to `sha256`, if given.
    """
    room = {into: LENGTH * min(pictures or PICTURES, PICTURES) // PICTURES}
    if url and not sha256:
        raise ValueError(f"url needs a sha256 beside it: Kaggle states none for {ARCHIVE}.")
    if url:
        file = download.get(url, checksum=f"sha256:{sha256}", name=ARCHIVE, room=room)
    else:
        file = _from_kaggle(room, sha256)
    for name in archive.extract(file, into, rename=_rename, pictures=pictures):
        yield row(name, source="kaggle", url=download.shown(url) if url else PAGE)


def row(name: str, *, source: str, url: str) -> dict[str, str]:
    """A row of sources.csv; `photo` is the same for both sources of Dogs vs. Cats."""
    photo = name.removesuffix(".jpg")
    parts = {"file": name, "photo": photo, "source": source, "url": url}
    return parts | {"licence": LICENCE, "author": ""}


def _rename(member: str) -> str | None:
    found = re.fullmatch(r"(?:.*/)?((?:cat|dog)\.\d+\.jpg)", member)
    return found[1] if found and found[1] not in LEFT_OUT else None


def _from_kaggle(room: dict[Path, int], sha256: str | None) -> Path:
    folder = Path(os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache/kagglehub")
    part = folder / "competitions" / COMPETITION / ARCHIVE
    disk.require({folder: max(0, LENGTH - trouble.size(part)), **room})
    try:
        with download.alone(download.cache() / f"kaggle-{ARCHIVE}"), _impatience():
            for again in (False, True):
                # After a crash, kagglehub takes any file of the right length for whole
                file = trouble.patiently(
                    lambda again=again: _ask(again), host="kaggle.com", part=part
                )
                fault = _fault(file, sha256)
                if not fault:
                    return file
    except Trouble as reason:
        raise ValueError(f"Kaggle does not give {ARCHIVE}: {reason}.") from reason
    raise ValueError(f"Kaggle does not give {ARCHIVE}: {fault}.")


def _ask(again: bool) -> Path:
    import kagglehub
    from kagglehub.exceptions import DataCorruptionError, KaggleApiHTTPError, UnauthenticatedError

    try:
        return Path(kagglehub.competition_download(COMPETITION, ARCHIVE, force_download=again))
    except UnauthenticatedError:
        raise Trouble(NO_CREDENTIALS) from None
    except DataCorruptionError as error:
        raise Trouble(" ".join(str(error).split()).rstrip("."), passing=True) from error
    except KaggleApiHTTPError as error:
        status = error.response.status_code
        if status == requests.codes.forbidden:
            raise Trouble(
                "the competition's rules are not accepted yet (403): log in, open"
                f" {PAGE}/data, choose Download All and accept them, then call this again"
            ) from error
        if status == requests.codes.unauthorized:
            raise Trouble(
                "the credentials are not accepted (401): make new ones at"
                " https://www.kaggle.com/settings/api"
            ) from error
        raise trouble.refused(error.response) from error


@contextmanager
def _impatience() -> Iterator[None]:
    """Gives each request a time limit: kagglesdk 0.1 waits for a silent host without end."""
    send = requests.Session.send

    def limited(self, request, **settings):
        settings["timeout"] = settings.get("timeout") or trouble.TIMEOUT
        return send(self, request, **settings)

    requests.Session.send = limited
    try:
        yield
    finally:
        requests.Session.send = send


def _fault(file: Path, sha256: str | None) -> str:
    """Why it is not the archive, or nothing; reads all of it."""
    if sha256 and (found := download.digest(file, "sha256")) != sha256.lower():
        return f"{file} has the sha256 {found}, expected is {sha256}"
    try:
        with zipfile.ZipFile(file) as archive_:
            broken = archive_.testzip()
    except archive.BROKEN as error:
        return f"{file} is no whole archive: {error}"
    return f"{file} is damaged at {broken}" if broken else ""
