"""Damaged picture files: how many are read, how many refused with a sentence, how many do harm.

Each damaged file is read by original.read and, if that succeeds, encoded by original.encode in its
own format and in four others, in a process of its own. Harm is: the process ends by a signal, takes
more than a minute or 1 GB of memory, or raises an exception other than PhotoError and OSError.
"""

import argparse
import io
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import time
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageCms

from colornet.cli import names, original
from colornet.images.photo import PhotoError

SECONDS, MEGABYTES = 60, 1000
COLUMNS = ("read", "refused", "foreign", "crash", "hang", "memory")
HEIC = Path(__file__).parents[1] / "tests" / "data" / "chelsea.heic"
# Values of sizes, counts and offsets that programs often handle wrongly
EDGES = (0, 1, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 9_000)


def pictures() -> dict[str, bytes]:
    """Name -> content of small files, one of each kind that colornet reads."""
    y, x = np.mgrid[0:48, 0:64] / 48
    waves = np.stack([128 + 120 * np.sin(9 * x), 255 * y, 128 + 120 * np.cos(7 * x)], axis=-1)
    colour = Image.fromarray(waves.astype(np.uint8))
    deep = Image.fromarray((waves[..., 0] * 250).astype(np.uint16))
    veiled = colour.copy()
    veiled.putalpha(deep.point(lambda v: v * (1 / 256)).convert("L"))
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Exakta"
    exif[0x8769] = {0x9003: "1967:07:14 12:00:00"}
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tagged = {"exif": exif.tobytes(), "icc_profile": icc, "dpi": (300, 300)}
    made = {
        "plain.jpg": (colour, "JPEG", tagged),
        "progressive.jpg": (colour, "JPEG", {"progressive": True}),
        "inks.jpg": (colour.convert("CMYK"), "JPEG", {}),
        "plain.png": (veiled, "PNG", tagged),
        "deep.png": (deep, "PNG", {}),
        "palette.png": (colour.quantize(32), "PNG", {"transparency": 3}),
        "lzw.tif": (colour, "TIFF", {"compression": "tiff_lzw"}),
        "deep.tif": (deep, "TIFF", {"dpi": (300, 300)}),
        "jpeg.tif": (colour, "TIFF", {"compression": "jpeg"}),
        "plain.webp": (veiled, "WEBP", tagged),
        "plain.bmp": (colour, "BMP", {}),
        "plain.gif": (colour.quantize(32), "GIF", {}),
        "plain.avif": (colour, "AVIF", {"exif": exif.tobytes()}),
        "plain.jp2": (colour, "JPEG2000", {}),
        "plain.ppm": (colour, "PPM", {}),
        "floats.tif": (deep.convert("F"), "TIFF", {"compression": "tiff_lzw"}),
        "icon.ico": (veiled, "ICO", {"sizes": [(48, 48)], "bitmap_format": "bmp"}),
        "plain.qoi": (colour, "QOI", {}),
        "plain.sgi": (colour, "SGI", {}),
        "stereo.mpo": (colour, "MPO", {"save_all": True, "append_images": [colour]}),
    }
    files = {}
    for name, (image, kind, options) in made.items():
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        files[name] = stream.getvalue()
    return files | raw_files(waves.astype(np.uint8)) | {"phone.heic": HEIC.read_bytes()}


def raw_files(picture: np.ndarray) -> dict[str, bytes]:
    """A TIFF of planes of 16 bits, and one as cameras write raw files: a thumbnail comes first."""
    planes, raw = io.BytesIO(), io.BytesIO()
    deep = np.moveaxis(picture.astype(np.uint16) * 257, -1, 0)
    tifffile.imwrite(planes, np.ascontiguousarray(deep), photometric="rgb")
    with tifffile.TiffWriter(raw) as writer:
        writer.write(picture[:32, :32], photometric="rgb", subfiletype=1, subifds=2)
        writer.write(deep[0], photometric="cfa")
        writer.write(picture, photometric="rgb", subfiletype=1)
    return {"planes.tif": planes.getvalue(), "camera.dng": raw.getvalue()}


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Makes one to four changes: flips a bit, overwrites, repeats, removes or cuts off bytes."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if not changed:
            break
        # Half of all changes are in the first 200 bytes, where the sizes are
        end = len(changed) if chance.random() < 0.5 else min(200, len(changed))
        at, length = chance.randrange(end), chance.choice((1, 2, 4, 16, 64, 256))
        match chance.randrange(7):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at : at + length] = chance.randbytes(length)
            case 2:
                changed[at : at + length] = bytes([chance.choice((0, 255))]) * length
            case 3:
                width = chance.choice((2, 4))
                value = chance.choice(EDGES) % 256**width
                order = chance.choice(("big", "little"))
                changed[at : at + width] = value.to_bytes(width, order)
            case 4:
                changed[at:at] = changed[at : at + length] * chance.choice((1, 2, 50))
            case 5:
                del changed[at : at + length]
            case 6:
                del changed[chance.randrange(len(changed)) :]
    # Most PNGs get correct checksums again: with wrong ones the rest of the file is not read
    return with_sums(changed) if data[1:4] == b"PNG" and chance.random() < 0.7 else bytes(changed)


def with_sums(png: bytearray) -> bytes:
    """A PNG with the correct checksum in each chunk, up to the first wrong size of a chunk."""
    at = 8
    while at + 12 <= len(png):
        end = at + 8 + int.from_bytes(png[at : at + 4])
        png[end : end + 4] = zlib.crc32(png[at + 4 : end]).to_bytes(4)
        at = end + 4
    return bytes(png)


def outcome(name: str, data: bytes) -> str:
    """Reads and encodes a file: "read", "refused: " + the sentence, or "foreign: " + the error."""
    try:
        read = original.read(data)
        for ending in {names.suffix(Path(name)), ".jpg", ".png", ".tif", ".webp"}:
            original.encode(read.picture, read, suffix=ending, mark="fuzz")
    except (PhotoError, OSError) as error:
        return "refused: " + re.sub(r"\d+(,\d+)*", "n", str(error))
    except BaseException as error:
        return f"foreign: {type(error).__name__}: {error}"
    return "read"


def alone(name: str, data: bytes) -> tuple[str, float, float]:
    """`outcome` in a process of its own: what it returned, seconds, and MB of memory it took.

    If the process ended by a signal, it is "hang", or "crash: " and the signal. If it took more
    than MEGABYTES, "memory: " stands before the outcome.
    """
    began, (receiving, sending) = time.perf_counter(), os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # stops code in C too
        signal.alarm(SECONDS)
        os.close(receiving)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff prints warnings
        forked = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(sending, f"{forked}\n".encode())
        os.write(sending, outcome(name, data).encode()[:4000])
        os._exit(0)
    os.close(sending)
    with open(receiving, "rb") as pipe:
        forked, said = pipe.readline(), pipe.read().decode(errors="replace")
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    megabytes = (usage.ru_maxrss - int(forked)) / (1024 if sys.platform == "linux" else 1024**2)
    if os.WIFSIGNALED(status):
        slow = os.WTERMSIG(status) == signal.SIGALRM
        said = "hang" if slow else f"crash: {signal.Signals(os.WTERMSIG(status)).name}"
    elif megabytes > MEGABYTES:
        said = f"memory: {said}"
    return said, seconds, megabytes


def _one(job: tuple[str, int]) -> tuple[str, int, str, float, float]:
    name, seed = job
    data = mutate(FILES[name], random.Random(f"{name} {seed}"))
    return name, seed, *alone(name, data)


def bad(said: str) -> bool:
    """Whether an outcome is neither "read" nor "refused"."""
    return said != "read" and not said.startswith("refused: ")


def show(found: list[tuple]) -> Counter:
    """Prints how often each outcome occurred, for each file and in all; returns the latter."""
    table: dict[str, Counter] = {name: Counter() for name in FILES}
    for name, _, said, *_ in found:
        table[name][said.split(":")[0]] += 1
    print(f"{'file':18}" + "".join(f"{column:>9}" for column in COLUMNS))
    for name, counts in table.items():
        print(f"{name:18}" + "".join(f"{counts[column]:9}" for column in COLUMNS))
    print()
    for said, number in Counter(said for *_, said, _, _ in found).most_common():
        print(f"{number:6} {said}")
    return sum(table.values(), Counter())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200 files, in under 50 s")
    parser.add_argument(
        "--mutations", type=int, default=2_000, help="how many files (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the changes (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="the folder for files that do harm")
    options = parser.parse_args()
    count = 200 if options.quick else options.mutations
    names = list(FILES)
    jobs = [(names[n % len(names)], options.seed + n // len(names)) for n in range(count)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.map(_one, jobs, chunksize=8)

    total = show(found)
    for name, seed, said, *_ in found:
        if bad(said):
            print(f"bad: {name} {seed}: {said}")
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                data = mutate(FILES[name], random.Random(f"{name} {seed}"))
                (options.keep / f"{seed}-{name}").write_bytes(data)
    figures = {"mutations": count, "formats": len(names)}
    figures |= {column: total[column] for column in COLUMNS}
    figures["slowest_s"] = round(max(seconds for *_, seconds, _ in found), 1)
    figures["peak_mb"] = round(max(megabytes for *_, megabytes in found))
    print(json.dumps(figures))


FILES = pictures()

if __name__ == "__main__":
    main()
