"""Archives on one machine: 100,000 small files; shards, the manifest, and calls that are killed.

- A tree of small files: seconds and memory until they are listed, until the first picture is there
  beside the same for a single picture, and until a call and `--verify` are over where all is done.
- Pictures/s with and without `--manifest`, with the network loaded, in turn.
- 64 shards, one after another, compared with one run, byte for byte.
- Two processes share an archive and a manifest; one after another they are killed with SIGKILL, and
  started again. Lost: sources without a whole result at the end. Doubled: those coloured twice.
"""

import argparse
import contextlib
import io
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.crops import crops
from benchmarks.process import started, whole
from colornet.cli import call, manifest
from colornet.cli.manifest import Manifest, Record
from colornet.colorizer import Colorizer, default

LIST = """
import json, os, sys, time
from pathlib import Path
from benchmarks.process import peak
from colornet.cli import jobs
def mb(): return peak(os.getpid())
before, start = mb(), time.perf_counter()
plan = jobs.find([sys.argv[1]], output=Path("out"), suffix="", wanted=None)
print(json.dumps([len(plan.jobs), time.perf_counter() - start, mb() - before]))
"""
FOLDER = 100  # files of a folder
SENTENCES = (
    "{files:,} files: listed in {listing_s:.1f} s with {listing_mb:.0f} MB;",
    "first picture after {first_picture_s:.1f} s, of one file after {first_of_one_s:.1f} s.",
    "Where all is done: {rerun_s:.1f} s, {rerun_mb:.0f} MB;",
    "--verify {verify_s:.1f} s, {verify_mb:.0f} MB.",
    "{shards} shards equal one run: {shards_equal}.",
    "{kills} kills: {lost} lost, {doubled} doubled, the same bytes: {killed_equal}.",
)
LOOK = 0.01  # seconds between two looks at what a process has written


def tree(folder: Path, count: int) -> list[str]:
    """Small pictures in folders of FOLDER files each; their paths below the folder."""
    content = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).save(content, "PNG")
    paths = [f"{n // 100 // FOLDER:03}/{n // FOLDER:05}/{n:07}.png" for n in range(count)]
    for path in paths:
        if path.endswith("00.png"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.getvalue())
    return paths


def done_before(folder: Path, paths: list[str]) -> None:
    """Results and a manifest, as a call would have left them; the results are small files."""
    shutil.copytree(folder / "tree", folder / "done")
    digest = manifest.sha256(folder / "tree" / paths[0])
    size = (folder / "tree" / paths[0]).stat().st_size
    with Manifest(folder / "done.jsonl") as into:
        for start in range(0, len(paths), 1000):
            part = paths[start : start + 1000]
            into.append(*(Record(each, size, 0, digest, each, digest, "coloured") for each in part))


def first_picture(given: Path, folder: Path) -> float:
    """Seconds from the start of the command until the first record is there; then it is killed."""
    file, start = folder / "first.jsonl", time.perf_counter()
    with started(given, "--output", folder / "first", "--manifest", file) as process:
        while not file.exists() or not file.stat().st_size:
            assert process.poll() in (None, 0)
            time.sleep(LOOK)
        seconds = time.perf_counter() - start
        process.kill()
    shutil.rmtree(folder / "first")
    file.unlink()
    return seconds


def many(folder: Path, count: int, repeats: int) -> dict:
    """Figures of a tree of small files."""
    paths = tree(folder / "tree", count)
    done_before(folder, paths)
    listed = [
        json.loads(subprocess.check_output([sys.executable, "-c", LIST, str(folder / "tree")]))
        for _ in range(repeats)
    ]
    assert {number for number, _, _ in listed} == {count}
    archive = (folder / "tree", "--output", folder / "done", "--manifest", folder / "done.jsonl")
    reruns = [whole(*archive) for _ in range(repeats)]
    verified = [whole(*archive, "--verify") for _ in range(repeats)]
    one = folder / "tree" / paths[0]
    return {
        "files": count,
        "listing_s": median(seconds for _, seconds, _ in listed),
        "listing_mb": median(mb for _, _, mb in listed),
        "first_picture_s": median(first_picture(folder / "tree", folder) for _ in range(repeats)),
        "first_of_one_s": median(first_picture(one, folder) for _ in range(repeats)),
        "rerun_s": median(seconds for seconds, _ in reruns),
        "rerun_mb": median(mb for _, mb in reruns),
        "verify_s": median(seconds for seconds, _ in verified),
        "verify_mb": median(mb for _, mb in verified),
    }


def in_process(colorizer: Callable, *arguments: object) -> float:
    """Seconds of a call in this process, with a network that is loaded. It must succeed."""
    start = time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        assert call.run([*map(str, arguments)], lambda _: colorizer) == 0
    return time.perf_counter() - start


def rates(folder: Path, count: int, repeats: int, colorizer: Callable) -> dict:
    """Pictures/s of photos/ without and with a manifest. Leaves the results in plain/."""
    seconds: dict[str, list[float]] = {"plain": [], "manifest": []}
    for _ in range(repeats):
        for name, more in (("plain", ()), ("manifest", ("--manifest", folder / "rate.jsonl"))):
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / "rate.jsonl").unlink(missing_ok=True)
            into = ("--output", folder / name)
            seconds[name].append(in_process(colorizer, folder / "photos", *into, *more))
    assert contents(folder / "manifest") == contents(folder / "plain")
    found = {name: count / median(each) for name, each in seconds.items()}
    return {"pictures_per_s": found, "manifest_share": found["manifest"] / found["plain"]}


def in_shards(folder: Path, count: int, colorizer: Callable) -> dict:
    """Whether `count` shards give what one run gave."""
    for number in range(count):
        shard = ("--shard", f"{number}/{count}")
        in_process(colorizer, folder / "photos", "--output", folder / "shards", *shard)
    same = contents(folder / "shards") == contents(folder / "plain")
    return {"shards": count, "shards_equal": same}


def killed(folder: Path, count: int, kills: int) -> dict:
    """Two processes at once, of which `kills` are killed in the middle of their work."""
    file, choose = folder / "killed.jsonl", random.Random(0)
    archive = (folder / "photos", "--output", folder / "killed", "--manifest", file)
    running = [started(*archive), started(*archive)]
    for number in range(kills):
        wanted = count * (number + 1) // (kills + 1)
        while _lines(file) < wanted:
            time.sleep(LOOK)
        time.sleep(choose.random() / 10)
        old = running.pop(0)
        old.kill()
        old.wait()
        running.append(started(*archive))
    assert [process.wait() for process in running] == [0, 0]
    whole(*archive)  # records what the killed ones had written and not recorded
    coloured = Counter(
        each.path for each in manifest.records(file) if each.status == manifest.COLOURED
    )
    recorded, results = manifest.latest(file), contents(folder / "killed")
    sound = [
        path
        for path, record in recorded.items()
        if record.done and manifest.sha256(folder / "killed" / path) == record.sha256_out
    ]
    return {
        "kills": kills,
        "lost": count - len(sound),
        "doubled": sum(coloured.values()) - len(coloured),
        "killed_equal": results == contents(folder / "plain"),
    }


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder that are not hidden."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name[0] != ".")
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def measure(folder: Path, *, quick: bool) -> dict:
    """All figures; `folder` is empty."""
    figures = many(folder, 20_000 if quick else 100_000, 1 if quick else 3)
    count, kills = (96, 3) if quick else (300, 10)
    for number, picture in enumerate(crops(count, (500, 375))):
        place = folder / "photos" / str(number % 7)
        place.mkdir(parents=True, exist_ok=True)
        picture.save(place / f"{number:03}.jpg", quality=90)
    colorizer = Colorizer(default())
    figures |= rates(folder, count, 2 if quick else 5, colorizer)
    figures |= in_shards(folder, 64, colorizer)
    return figures | killed(folder, count, kills)


def show(figures: dict) -> None:
    """Prints the figures in sentences."""
    for sentence in SENTENCES:
        print(sentence.format(**figures))
    rate = figures["pictures_per_s"]
    print(f"{rate['plain']:.1f} pictures/s, with a manifest {rate['manifest']:.1f}", end=" ")
    print(f"({figures['manifest_share']:.3f}).")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.archives", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 files, rougher, in 90 s")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), quick=options.quick)
    show(figures)
    print(json.dumps(figures, default=float))


if __name__ == "__main__":
    main()
