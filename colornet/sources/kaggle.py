"""Dogs vs. Cats from Kaggle's competition, with an account, as cat.N.jpg and dog.N.jpg.

kagglehub finds the credentials, continues transfers and keeps its own cache (KAGGLEHUB_CACHE).
"""

import functools
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from colornet.sources import archive
from colornet.system import disk, download, retry
from colornet.system.retry import HostError

COMPETITION = "dogs-vs-cats"
PAGE = f"https://www.kaggle.com/c/{COMPETITION}"
ARCHIVE = "train.zip"  # in test1.zip the names do not tell cats from dogs
LENGTH = 543_000_000  # bytes, about
# microsoft.py has the same three constants, since a source imports no other one
PICTURES = 25_000
LICENCE = "non-commercial research; not to be re-published"
# Broken in Microsoft's archive; left out here too, so that both sources give the same pictures
LEFT_OUT = ("cat.666.jpg", "dog.11702.jpg")
NO_CREDENTIALS = (
    "there are no credentials. Give them in one of these ways: KAGGLE_API_TOKEN,"
    " ~/.kaggle/access_token, KAGGLE_USERNAME with KAGGLE_KEY, ~/.kaggle/kaggle.json"
    " (KAGGLE_CONFIG_DIR names another folder), or, in a notebook, kagglehub.login() or a Colab"
    " secret. Without an account, `source: microsoft` gives the same pictures"
)


def fetch(
    into: Path,
    *,
    pictures: archive.Count | None = None,
    url: str | list[str] | None = None,
    sha256: download.Sha256 | None = None,
) -> Iterator[dict[str, str]]:
    """Takes all pictures, or `pictures` of them, from train.zip: by kagglehub, or a copy at `url`.

    kagglehub checks the file against Kaggle's checksum; `sha256`, if given, is checked too. Raises
    ValueError without credentials, if the competition's rules are not accepted, or if the file
    cannot be downloaded or is damaged.
    """
    space = {into: LENGTH * min(pictures or PICTURES, PICTURES) // PICTURES}
    if url and not sha256:
        raise ValueError(f"url needs a sha256 beside it: Kaggle publishes none for {ARCHIVE}.")
    if url:
        file = download.get(url, checksum=f"sha256:{sha256}", name=ARCHIVE, space=space)
    else:
        file = _from_kaggle(space, sha256)
    origin = download.public(url) if url else PAGE
    for name in archive.extract(file, into, rename=_rename, pictures=pictures):
        yield archive.row(name, source="kaggle", url=origin, licence=LICENCE)


def _rename(member: str) -> str | None:
    found = re.fullmatch(r"(?:.*/)?((?:cat|dog)\.\d+\.jpg)", member)
    return found[1] if found and found[1] not in LEFT_OUT else None


def _from_kaggle(space: dict[Path, int], sha256: str | None) -> Path:
    """Downloads the archive, or takes it from kagglehub's cache; a damaged one is replaced once."""
    folder = Path(os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache/kagglehub")
    part = folder / "competitions" / COMPETITION / ARCHIVE
    disk.require({folder: max(0, LENGTH - disk.size(part)), **space})
    try:
        with download.locked(download.cache() / f"kaggle-{ARCHIVE}"), _time_limit():
            for again in (False, True):
                # After a crash, kagglehub accepts any file of the right length as complete
                attempt = functools.partial(_download, again=again)
                file = retry.call(attempt, host="kaggle.com", part=part)
                fault = _fault(file, sha256)
                if not fault:
                    return file
    except HostError as reason:
        raise ValueError(f"Kaggle does not deliver {ARCHIVE}: {reason}.") from reason
    raise ValueError(f"Kaggle does not deliver {ARCHIVE}: {fault}.")


def _download(*, again: bool) -> Path:
    """One call of kagglehub, which ignores its cache if `again`. Raises HostError."""
    import kagglehub
    from kagglehub.exceptions import DataCorruptionError, KaggleApiHTTPError, UnauthenticatedError

    try:
        return Path(kagglehub.competition_download(COMPETITION, ARCHIVE, force_download=again))
    except UnauthenticatedError:
        raise HostError(NO_CREDENTIALS) from None
    except DataCorruptionError as error:
        raise HostError(" ".join(str(error).split()).rstrip("."), temporary=True) from error
    except KaggleApiHTTPError as error:
        status = error.response.status_code
        if status == requests.codes.forbidden:
            raise HostError(
                "the competition's rules are not accepted yet (403): log in, open"
                f" {PAGE}/data, choose Download All, accept them, then run the same command again"
            ) from error
        if status == requests.codes.unauthorized:
            raise HostError(
                "the credentials are not accepted (401): create new ones at"
                " https://www.kaggle.com/settings/api"
            ) from error
        raise retry.status_error(error.response) from error


@contextmanager
def _time_limit() -> Iterator[None]:
    """Gives each request a time limit: kagglesdk 0.1 waits for a silent host without end."""
    send = requests.Session.send

    def limited(session: Any, request: Any, **settings: Any) -> requests.Response:
        settings["timeout"] = settings.get("timeout") or retry.TIMEOUT
        return send(session, request, **settings)

    requests.Session.send = limited  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        requests.Session.send = send  # type: ignore[method-assign]


def _fault(file: Path, sha256: str | None) -> str:
    """Why the file is not the archive, empty if it is; reads all of it."""
    if sha256 and (found := download.digest(file, "sha256")) != sha256.lower():
        return f"{file} has the sha256 {found}, expected is {sha256}"
    try:
        with zipfile.ZipFile(file) as archive_:
            broken = archive_.testzip()
    except archive.BROKEN as error:
        return f"{file} is not a complete archive: {error}"
    return f"{file} is damaged at {broken}" if broken else ""
