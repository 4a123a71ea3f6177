"""Small archives with the layouts of the published ones."""

import functools
import io
import tarfile
import zipfile

from support.pictures import colourful


@functools.cache
def jpeg(number: int, quality: int = 90) -> bytes:
    """A JPEG of smooth colours, the same bytes for the same numbers."""
    stream = io.BytesIO()
    colourful(number).save(stream, format="JPEG", quality=quality)
    return stream.getvalue()


def zipped(members: dict[str, bytes], *, links: tuple[str, ...] = ()) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if name in links else 0o100644) << 16
            archive.writestr(info, content)
    return stream.getvalue()


def tarred(members: dict[str, bytes], *, mode: str = "w", others: tuple = ()) -> bytes:
    """`others`: (name, tarfile type, link name) of members that are not files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, kind, link in others:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            archive.addfile(info)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def microsoft(cats: int = 10, dogs: int = 10, *, quality: int = 90) -> bytes:
    """PetImages/{Cat,Dog}/N.jpg, the two broken ones, and the other files of that archive."""
    members = {"readme[1].txt": b"read me", "MSR-LA - 3467.docx": b"licence"}
    members |= {"PetImages/Cat/Thumbs.db": b"thumbs", "PetImages/Cat/666.jpg": b""}
    members["PetImages/Dog/11702.jpg"] = b""
    members |= {f"PetImages/Cat/{n}.jpg": jpeg(n, quality) for n in range(cats)}
    members |= {f"PetImages/Dog/{n}.jpg": jpeg(1000 + n, quality) for n in range(dogs)}
    return zipped(members)


def kaggle(cats: int = 10, dogs: int = 10, *, quality: int = 90) -> bytes:
    """train/cat.N.jpg, train/dog.N.jpg; the two that Microsoft's archive breaks are not broken."""
    members = {"train/": b"", "train/cat.666.jpg": jpeg(666), "train/dog.11702.jpg": jpeg(702)}
    members |= {f"train/dog.{n}.jpg": jpeg(1000 + n, quality) for n in range(dogs)}
    members |= {f"train/cat.{n}.jpg": jpeg(n, quality) for n in range(cats)}
    return zipped(members)


def pets(siamese: int = 12, others: int = 3, *, mode: str = "w:gz") -> bytes:
    """images/Breed_N.jpg of three breeds, and a .mat file as the published archive has them."""
    members = {"images/Abyssinian_100.mat": b"matlab"}
    for start, breed in ((100, "Abyssinian"), (200, "shiba_inu")):
        members |= {f"images/{breed}_{n}.jpg": jpeg(start + n) for n in range(1, others + 1)}
    members |= {f"images/Siamese_{n}.jpg": jpeg(300 + n) for n in range(1, siamese + 1)}
    return tarred(members, mode=mode, others=[("images", tarfile.DIRTYPE, "")])
