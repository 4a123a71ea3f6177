"""A zip or tar archive -> some of its members as files; the others are never written.

The archive is not trusted: a member's name only decides whether the member is taken, never where
it is written.
"""

import functools
import gzip
import hashlib
import lzma
import re
import shutil
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Annotated, NamedTuple

from pydantic import Field
from tqdm import tqdm

from colornet.system import disk

Count = Annotated[int, Field(ge=1)]

BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    RuntimeError,  # what zipfile raises for an encrypted member
    NotImplementedError,  # what zipfile raises for a compression that it does not know
)


class Member(NamedTuple):
    name: str
    size: int  # bytes
    fault: str  # why it is never taken; empty if it may be
    open: Callable[[], IO[bytes] | None]


def row(file: str, *, source: str, url: str, licence: str) -> dict[str, str]:
    """The row of sources.csv for a JPEG file: its name is its `photo`, its author is not known."""
    return {
        "file": file,
        "photo": file.removesuffix(".jpg"),
        "source": source,
        "url": url,
        "licence": licence,
        "author": "",
    }


def extract(
    file: Path, into: Path, *, rename: Callable[[str], str | None], pictures: int | None = None
) -> Iterator[str]:
    """Writes members into the folder `into`; yields their new names, in the archive's order.

    `rename` returns a member's new name, without folders, or None for a member that is not wanted;
    of two members with one new name the first is taken. `pictures` limits how many are taken; the
    hashes of the new names choose them, so the choice is the same from every archive that has them.
    Members that lead out of the archive, links and devices are skipped, with a warning. Raises
    ValueError if the archive is broken, and OSError, before anything is written, if the disk has
    too little free space.
    """
    try:
        chosen = _choose(file, rename, pictures)
        disk.require({into: sum(member.size for member in chosen.values())})
        targets = {member.name: target for target, member in chosen.items()}
        with tqdm(desc=f"unpacking {file.name}", total=len(targets), unit=" files") as bar:
            for member in _members(file):
                target = targets.pop(member.name, None) if not member.fault else None
                source = member.open() if target else None
                if target is None or source is None:
                    continue
                with source, open(into / target, "xb") as stream:
                    shutil.copyfileobj(source, stream, 1 << 18)
                bar.update()
                yield target
                if not targets:
                    return
    except BROKEN as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{file} is not a complete archive: {reason}.") from error


def _choose(
    file: Path, rename: Callable[[str], str | None], pictures: int | None
) -> dict[str, Member]:
    """New name -> member, for those that are taken."""
    chosen: dict[str, Member] = {}
    skipped = []
    for member in _members(file):
        if member.fault:
            skipped.append(f"{member.name!r} {member.fault}")
        elif target := rename(member.name):
            chosen.setdefault(target, member)
    if skipped:
        more = f" and {len(skipped) - 5} more" if len(skipped) > 5 else ""
        tqdm.write(f"{file.name}: skipped {', '.join(skipped[:5])}{more}", file=sys.stderr)
    names = sorted(chosen, key=lambda name: hashlib.sha256(name.encode()).digest())
    return {name: chosen[name] for name in names[:pictures]}


def _members(file: Path) -> Iterator[Member]:
    with open(file, "rb") as stream:
        is_zip = stream.read(2) == b"PK"
    return _zip_members(file) if is_zip else _tar_members(file)


def _zip_members(file: Path) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                kind = stat.S_IFMT(info.external_attr >> 16) or stat.S_IFREG
                fault = _fault(info.filename, stat.S_ISLNK(kind), stat.S_ISREG(kind))
                open_ = functools.partial(archive.open, info)
                yield Member(info.filename, info.file_size, fault, open_)


def _tar_members(file: Path) -> Iterator[Member]:
    with tarfile.open(file, "r:*") as archive:  # any compression, whatever the file's name
        for info in archive:
            if not info.isdir():
                fault = _fault(info.name, info.issym() or info.islnk(), info.isfile())
                open_ = functools.partial(archive.extractfile, info)
                yield Member(info.name, info.size, fault, open_)


def _fault(name: str, is_link: bool, is_file: bool) -> str:
    parts = re.split(r"[/\\]", name)
    if is_link or not is_file:
        return "is a link" if is_link else "is a device"
    if parts[0] == "" or re.match(r"[A-Za-z]:", name):
        return "has an absolute name"
    return "leads out of the archive" if ".." in parts else ""
