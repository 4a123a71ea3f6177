"""Stage 2: data/raw/<dataset> -> padded squares in data/prepared/<dataset>, split in three.

Judges photographs one by one; how they are dealt is split.py's. Knows no source.
"""

import csv
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from tqdm import tqdm

from colornet import params, paths, split
from colornet.images import photo
from colornet.square import Box, letterbox
from colornet.params import UserError
from colornet.split import Picture
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
    rooms = {name: section[name] for name in paths.SPLITS}
    where, began = f"preprocess.{dataset}", time.perf_counter()
    raw, target = paths.raw(dataset), paths.prepared(dataset)
    pictures = _each(_look, [(raw, *row) for row in _sources(raw, dataset)], f"{where}: looking")
    usable = [picture for picture in pictures if not picture.reason]
    rejected = [picture for picture in pictures if picture.reason]
    taken = split.deal(split.groups(usable), rooms, seed)
    if any(len(taken[name]) < room for name, room in rooms.items()):
        raise UserError(f"{where}: {_shortage(taken, rooms, usable, rejected)}")

    with whole.folder(target) as part:
        for name in rooms:
            (part / name).mkdir()
        tasks = [(raw, part, size, *place) for place in _names(taken)]
        index = _each(_square, tasks, f"{where}: writing")
        _write(part / "index.csv", INDEX, index)
        rows = [(picture.file, picture.reason) for picture in rejected]
        _write(part / "rejected.csv", ("file", "reason"), rows)
        params.save(section, part / "params.yaml")
    counts = ", ".join(f"{room} {name}" for name, room in rooms.items())
    speed = len(pictures) / (time.perf_counter() - began)
    print(
        f"{where}: {counts}, {len(usable) - len(index)} not needed, {len(rejected)} rejected;"
        f" {speed:.0f} pictures/s"
    )


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
    pool = ThreadPoolExecutor(machine.cores())
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
    return Picture(*row, bits=split.look(image))


def _square(task: tuple[Path, Path, int, str, str, Picture]) -> tuple:
    raw, part, size, file, where, picture = task
    image = photo.read(raw / picture.file)
    square, box = letterbox(image, size=size)
    square.save(part / file, compress_level=3)  # 3 % larger than 6, in less than half the time
    return file, where, picture.file, picture.photo, *image.size, *box


def _names(taken: dict[str, list[Picture]]) -> list[tuple[str, str, Picture]]:
    places, used = [], Counter()
    pairs = ((name, picture) for name, pictures in taken.items() for picture in pictures)
    for name, picture in sorted(pairs, key=lambda pair: pair[1].file):
        stem = re.sub(r"[^\w.-]+", "_", str(Path(picture.file).with_suffix("")))[:100]
        used[stem.lower()] += 1
        if used[stem.lower()] > 1:
            stem = f"{stem}~{used[stem.lower()]}"  # "~" is in no name yet
        places.append((f"{name}/{stem}.png", name, picture))
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
