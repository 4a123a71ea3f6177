"""Stage 2: data/raw/<dataset> -> padded squares in data/prepared/<dataset>, split in three.

Judges photographs one by one and deals them by content and seed alone; knows no source.
"""

import csv
import hashlib
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import imagehash
import numpy as np
from PIL import Image, ImageOps
from pydantic import Field
from tqdm import tqdm

from colornet import params, paths, photo
from colornet.params import UserError

INDEX = (
    "file",
    "split",
    "raw_file",
    "photo",
    "original_width",
    "original_height",
    *photo.Box._fields,
)
HASH_SIDE = 16
# Of 256 bits. In 5,529 photographs of pets and things, versions of one (re-encoded, made smaller,
# 4 % of the margin off) lay at most 52 apart, pictures of two scenes at least 78.
NEAR = 60


class Picture(NamedTuple):
    """A row of sources.csv after a look at its file."""

    file: str
    photo: str
    sha256: str
    reason: str = ""  # why it is not taken
    bits: np.ndarray | None = None  # (2, 256) bool, perceptual hashes of it and of its mirror image


def run(
    dataset: str,
    *,
    size: Annotated[int, Field(ge=32, multiple_of=8)],
    train: Annotated[int, Field(ge=1)],
    validation: Annotated[int, Field(ge=1)],
    test: Annotated[int, Field(ge=1)],
    seed: int = 0,
) -> None:
    """Fills data/prepared/<dataset> with squares of `size` pixels, so many in each split.

    Pictures of one `photo`, copies and near copies of each other never fall into two splits.
    UserError if nothing was fetched or fewer pictures are usable than the splits ask for.
    """
    section = {"size": size, "train": train, "validation": validation, "test": test, "seed": seed}
    rooms = {split: section[split] for split in paths.SPLITS}
    where, began = f"preprocess.{dataset}", time.perf_counter()
    raw, target = paths.raw(dataset), paths.prepared(dataset)
    pictures = _each(_look, [(raw, *row) for row in _sources(raw, dataset)], f"{where}: looking")
    usable = [picture for picture in pictures if not picture.reason]
    rejected = [picture for picture in pictures if picture.reason]
    taken = deal(groups(usable), rooms, seed)
    if any(len(taken[split]) < room for split, room in rooms.items()):
        raise UserError(f"{where}: {_shortage(taken, rooms, usable, rejected)}")

    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    for split in rooms:
        (part / split).mkdir(parents=True)
    try:
        tasks = [(raw, part, size, *place) for place in _names(taken)]
        index = _each(_square, tasks, f"{where}: writing")
        _write(part / "index.csv", INDEX, index)
        rows = [(picture.file, picture.reason) for picture in rejected]
        _write(part / "rejected.csv", ("file", "reason"), rows)
        params.save(section, part / "params.yaml")
        shutil.rmtree(target, ignore_errors=True)
        os.replace(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    counts = ", ".join(f"{room} {split}" for split, room in rooms.items())
    speed = len(pictures) / (time.perf_counter() - began)
    print(
        f"{where}: {counts}, {len(usable) - len(index)} not needed, {len(rejected)} rejected;"
        f" {speed:.0f} pictures/s"
    )


def groups(pictures: list[Picture]) -> list[list[Picture]]:
    """The pictures, those together that show the same: one `photo`, copies, near copies."""
    parent = list(range(len(pictures)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    first: dict[str, int] = {}
    for n, picture in enumerate(pictures):
        parent[root(n)] = root(first.setdefault(picture.photo, n))
    for n, other in near([picture.bits for picture in pictures]):
        parent[root(n)] = root(other)
    together: dict[int, list[Picture]] = {}
    for n, picture in enumerate(pictures):
        together.setdefault(root(n), []).append(picture)
    return list(together.values())


def near(bits: list[np.ndarray]) -> Iterable[tuple[int, int]]:
    """Pairs of places in a list of (2, 256) bool hashes whose pictures are near copies."""
    if not bits:
        return
    signs = np.stack(bits).astype(np.float32) * 2 - 1  # (N, 2, 256); a product counts equal bits
    for start in range(0, len(signs), 512):
        plain = signs[start : start + 512, 0]
        likeness = np.maximum(plain @ signs[start:, 0].T, plain @ signs[start:, 1].T)
        for n, other in np.argwhere(likeness >= HASH_SIDE**2 - 2 * NEAR):
            if n < other:
                yield start + int(n), start + int(other)


def deal(groups: list[list[Picture]], rooms: dict[str, int], seed: int) -> dict[str, list[Picture]]:
    """Which pictures go into which split: full ones, if the pictures suffice.

    Groups, the largest first, go where most room is left, and what finds no room there is left
    out; single pictures then fill test, validation and train, in this order.
    """

    def order(picture: Picture) -> tuple[str, str]:
        return hashlib.sha256(f"{seed} {picture.photo}".encode()).hexdigest(), picture.sha256

    ordered = sorted(
        (sorted(group, key=order) for group in groups),
        key=lambda group: (-len(group), order(group[0])),
    )
    taken: dict[str, list[Picture]] = {split: [] for split in rooms}

    def room(split: str) -> int:
        return rooms[split] - len(taken[split])

    for group in ordered:
        if len(group) > 1:
            split = max(rooms, key=room)
        else:
            split = next((split for split in reversed(rooms) if room(split)), "train")
        taken[split] += group[: room(split)]
    return taken


def _sources(raw: Path, dataset: str) -> list[tuple[str, str, str]]:
    try:
        with open(raw / "sources.csv", encoding="utf-8", newline="") as stream:
            rows = sorted(csv.DictReader(stream), key=lambda row: row["file"])
    except FileNotFoundError:
        raise UserError(
            f"There is no {raw / 'sources.csv'}: run `python -m colornet.fetch {dataset}` first."
        ) from None
    return [(row["file"], row["photo"], row["sha256"]) for row in rows]


def _each(function: Callable, tasks: list[tuple], title: str) -> list[Any]:
    # Threads: Pillow's decoding and scaling run outside the interpreter's lock, so two of them are
    # as fast as two processes, and there is no start-up
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        results = pool.map(function, tasks)
        return list(tqdm(results, desc=title, total=len(tasks), unit=" pictures"))
    finally:
        pool.shutdown(cancel_futures=True)


def _look(task: tuple[Path, str, str, str]) -> Picture:
    raw, *row = task
    try:
        image = photo.read(raw / row[0])
    except photo.PhotoError as error:
        return Picture(*row, reason=str(error))
    except OSError as error:
        return Picture(*row, reason=f"cannot be opened ({error.strerror})")
    if photo.is_grey(image):
        return Picture(*row, reason="is grey, so it cannot serve as truth")
    side = 4 * HASH_SIDE  # to which the hash goes down anyway
    small = image.convert("L").resize((side, side), Image.Resampling.LANCZOS)
    hashes = [imagehash.phash(each, HASH_SIDE).hash for each in (small, ImageOps.mirror(small))]
    return Picture(*row, bits=np.stack(hashes).reshape(2, -1))


def _square(task: tuple[Path, Path, int, str, str, Picture]) -> tuple:
    raw, part, size, file, split, picture = task
    image = photo.read(raw / picture.file)
    square, box = photo.letterbox(image, size=size)
    square.save(part / file, compress_level=3)  # 3 % larger than 6, in less than half the time
    return file, split, picture.file, picture.photo, *image.size, *box


def _names(taken: dict[str, list[Picture]]) -> list[tuple[str, str, Picture]]:
    places, used = [], Counter()
    pairs = ((split, picture) for split, pictures in taken.items() for picture in pictures)
    for split, picture in sorted(pairs, key=lambda pair: pair[1].file):
        stem = re.sub(r"[^\w.-]+", "_", str(Path(picture.file).with_suffix("")))[:100]
        used[stem.lower()] += 1
        if used[stem.lower()] > 1:
            stem = f"{stem}~{used[stem.lower()]}"  # "~" is in no name yet
        places.append((f"{split}/{stem}.png", split, picture))
    return places


def _shortage(taken: dict, rooms: dict, usable: list[Picture], rejected: list[Picture]) -> str:
    wanted = sum(rooms.values())
    sentence = f"train, validation and test ask for {wanted} pictures, but {len(usable)} are usable"
    if len(usable) >= wanted:
        dealt = sum(map(len, taken.values()))
        sentence += f" and only {dealt} can be dealt, as pictures of one scene share a split"
    if rejected:
        reasons = Counter(picture.reason.split(", ")[0] for picture in rejected).most_common()
        listed = ", ".join(f'{count} "{reason}"' for reason, count in reasons)
        sentence += f" ({len(rejected)} of {len(usable) + len(rejected)} rejected: {listed})"
    return f"{sentence}; ask for fewer or add photographs."


def _write(file: Path, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
    with open(file, "w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(columns)
        table.writerows(sorted(rows))


if __name__ == "__main__":
    params.command("preprocess", run)
