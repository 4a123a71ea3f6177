"""Stage 2: data/raw/<dataset> -> padded squares in data/prepared/<dataset>, in three splits.

Checks each photograph by itself; split.py chooses the splits. Knows no source.
"""

import csv
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, Literal

from PIL import Image
from pydantic import Field
from tqdm import tqdm

from colornet import params, paths, split
from colornet.images import photo
from colornet.params import UserError
from colornet.split import Picture
from colornet.square import Box, letterbox
from colornet.system import machine, whole

INDEX = (
    "file",
    "split",
    "raw_file",
    "photo",
    "original_width",
    "original_height",
    *Box._fields,
)


def run(
    dataset: str,
    *,
    size: Annotated[int, Field(ge=32, multiple_of=32)],
    train: Annotated[int, Field(ge=0)],
    validation: Annotated[int, Field(ge=0)],
    test: Annotated[int, Field(ge=0)],
    seed: int = 0,
    fit: Literal["pad", "stretch"] = "pad",
) -> None:
    """Fills data/prepared/<dataset> with squares of `size` pixels.

    `fit`: "pad" keeps a picture's shape and pads it with black; "stretch" scales both sides to
    `size`, as published figures on COCO have it.
    `train`, `validation` and `test` are the numbers of pictures in the splits; a split may be
    empty, but not all three. Pictures with the same `photo`, copies and near copies are never in
    different splits. Raises UserError if nothing was fetched or too few pictures are usable.
    """
    counts = {"train": train, "validation": validation, "test": test}
    where, start = f"preprocess.{dataset}", time.perf_counter()
    if not any(counts.values()):
        raise UserError(f"{where}: train, validation and test are all 0; ask for pictures.")
    raw, target = paths.raw(dataset), paths.prepared(dataset)
    pictures = _each(_inspect, [(raw, *row) for row in _sources(raw, dataset)], f"{where}: reading")
    usable = [picture for picture in pictures if not picture.reason]
    rejected = [picture for picture in pictures if picture.reason]
    splits = split.assign(split.groups(usable), counts, seed)
    if any(len(splits[name]) < count for name, count in counts.items()):
        raise UserError(f"{where}: {_shortage(splits, counts, usable, rejected)}")

    with whole.folder(target) as part:
        for name in counts:
            (part / name).mkdir()
        tasks = [(raw, part, size, fit, *square) for square in _names(splits)]
        index = _each(_write_square, tasks, f"{where}: writing")
        _write(part / "index.csv", INDEX, index)
        rows = [(picture.file, picture.reason) for picture in rejected]
        _write(part / "rejected.csv", ("file", "reason"), rows)
        settings = {"size": size, **counts, "seed": seed} | ({} if fit == "pad" else {"fit": fit})
        params.save(settings, part / "params.yaml")
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    speed = len(pictures) / (time.perf_counter() - start)
    print(
        f"{where}: {listed}, {len(usable) - len(index)} not needed, {len(rejected)} rejected;"
        f" {speed:.0f} pictures/s"
    )


def _sources(raw: Path, dataset: str) -> list[tuple[str, str, str]]:
    """File, photo and sha256 of each row of sources.csv, sorted by file."""
    try:
        with open(raw / "sources.csv", encoding="utf-8", newline="") as stream:
            rows = sorted(csv.DictReader(stream), key=lambda row: row["file"])
    except FileNotFoundError:
        raise UserError(
            f"There is no {raw / 'sources.csv'}: run `python -m colornet.fetch {dataset}` first."
        ) from None
    return [(row["file"], row["photo"], row["sha256"]) for row in rows]


def _each(function: Callable, tasks: list[tuple], title: str) -> list[Any]:
    """Calls the function with each task, on all cores; returns the results in order."""
    # Pillow decodes and scales without the interpreter's lock: two threads are as fast as two
    # processes and need no start-up time
    pool = ThreadPoolExecutor(machine.cores())
    try:
        results = pool.map(function, tasks)
        return list(tqdm(results, desc=title, total=len(tasks), unit=" pictures"))
    finally:
        pool.shutdown(cancel_futures=True)


def _inspect(task: tuple[Path, str, str, str]) -> Picture:
    raw, file, scene, sha256 = task
    picture = Picture(file, scene, sha256)
    try:
        image = photo.read(raw / file)
    except photo.PhotoError as error:
        return picture._replace(reason=str(error))
    except OSError as error:
        return picture._replace(reason=f"cannot be opened ({error.strerror})")
    if photo.is_grey(image):
        return picture._replace(reason="is grey, so it cannot serve as truth")
    return picture._replace(bits=split.hashes(image))


def _write_square(task: tuple[Path, Path, int, str, str, str, Picture]) -> tuple:
    """Writes one square; returns its row of index.csv."""
    raw, part, size, fit, file, name, picture = task
    image = photo.read(raw / picture.file)
    if fit == "stretch":
        box = Box(0, 0, size, size)
        square = image.resize((size, size), Image.Resampling.LANCZOS)
    else:
        square, box = letterbox(image, size=size)
    square.save(part / file, compress_level=3)  # 3 % larger than 6, in less than half the time
    return file, name, picture.file, picture.photo, *image.size, *box


def _names(splits: dict[str, list[Picture]]) -> list[tuple[str, str, Picture]]:
    """Gives each picture a file for its square: (file, split, picture), sorted by raw file."""
    squares, used = [], Counter[str]()
    pairs = ((name, picture) for name, pictures in splits.items() for picture in pictures)
    for name, picture in sorted(pairs, key=lambda pair: pair[1].file):
        stem = re.sub(r"[^\w.-]+", "_", str(Path(picture.file).with_suffix("")))[:100]
        used[stem.lower()] += 1
        if used[stem.lower()] > 1:
            stem = f"{stem}~{used[stem.lower()]}"  # no other name has a "~", see above
        squares.append((f"{name}/{stem}.png", name, picture))
    return squares


def _shortage(
    splits: dict[str, list[Picture]],
    counts: dict[str, int],
    usable: list[Picture],
    rejected: list[Picture],
) -> str:
    """A sentence that tells why the splits could not be filled."""
    wanted = sum(counts.values())
    sentence = f"train, validation and test ask for {wanted} pictures, but {len(usable)} are usable"
    if len(usable) >= wanted:
        assigned = sum(map(len, splits.values()))
        sentence += f" and only {assigned} fit, as pictures of one scene must share a split"
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
