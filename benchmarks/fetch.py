"""Download speed beside curl's, peak memory, and seconds to extract 200 of 7,390 photographs.

Makes archives of the size and layout of Oxford-IIIT Pet (37 breeds, 792 MB, incompressible) in a
temporary folder, which takes 4 GB, and serves them with Python's http.server on this machine. curl
and colornet download in turn; the ratio of their speeds is the median over these pairs.
"""

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from colornet import params
from colornet.sources import archive, pets
from colornet.system import download

NAMES = [f"images/{breed}_{n}.jpg" for breed in pets.BREEDS for n in range(1, 201)][:7390]


def members(megabytes: int) -> Iterator[tuple[str, bytes]]:
    """7,390 names in a random order, with incompressible contents of random lengths."""
    order, noise = random.Random(0), os.urandom(16_000_000)
    names = order.sample(NAMES, len(NAMES))
    mean = megabytes * 1_000_000 // len(names)
    for name in names:
        start, length = order.randrange(12_000_000), order.randrange(mean // 2, mean * 3 // 2)
        yield name, noise[start : start + length]


def make(folder: Path, megabytes: int) -> dict[str, Path]:
    """Writes the same photographs as a tar, a compressed tar and a zip; ending -> file."""
    files = {form: folder / f"images.{form}" for form in ("tar", "tar.gz", "zip")}
    with (
        tarfile.open(files["tar"], "w") as plain,
        tarfile.open(files["tar.gz"], "w:gz", compresslevel=1) as compressed,
        zipfile.ZipFile(files["zip"], "w") as zipped,
    ):
        for name, content in members(megabytes):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for tar in (plain, compressed):
                tar.addfile(info, io.BytesIO(content))
            zipped.writestr(name, content)
    return files


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serves a folder on this machine, at the address that it yields."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def speeds(url: str, sha256: str, size: int, rounds: int) -> dict[str, list[float]]:
    """MB/s of curl, of curl and then sha256sum, and of colornet, which checks the checksum too."""
    cache, file = download.cache(), download.cache() / "by-curl"
    cache.mkdir(parents=True, exist_ok=True)
    found = {"curl": [], "curl, then sha256sum": [], "colornet": []}
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(["curl", "-s", "-o", str(file), url], check=True)
        found["curl"].append(size / (time.perf_counter() - began) / 1e6)
        subprocess.run(["sha256sum", str(file)], check=True, stdout=subprocess.DEVNULL)
        found["curl, then sha256sum"].append(size / (time.perf_counter() - began) / 1e6)
        file.unlink()
        began = time.perf_counter()
        download.get(url, checksum=f"sha256:{sha256}", name="images.tar", length=size)
        found["colornet"].append(size / (time.perf_counter() - began) / 1e6)
        shutil.rmtree(cache)
        cache.mkdir()
    return found


def peak(url: str, sha256: str) -> float:
    """Peak memory in MB of `python -m colornet.fetch` for the complete archive."""
    params.save(
        {"fetch": {"all": {"source": "pets", "url": url, "sha256": sha256}}}, Path("params.yaml")
    )
    child = subprocess.Popen([sys.executable, "-m", "colornet.fetch", "all"])
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(child.returncode)
    return usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def select(file: Path, rounds: int) -> float:
    """Seconds to extract one breed's 200 photographs from an archive; the median of `rounds`."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as into:
            began = time.perf_counter()
            names = archive.extract(file, Path(into), rename=_siamese)
            assert len(list(names)) == 200
            found.append(time.perf_counter() - began)
    return median(found)


def _siamese(name: str) -> str | None:
    return Path(name).name if "/Siamese_" in name else None


def ratio(mine: list[float], theirs: list[float]) -> float:
    """The median of the ratios within pairs."""
    return round(median(own / other for own, other in zip(mine, theirs, strict=True)), 2)


def measure(folder: Path, *, quick: bool) -> dict:
    """All figures, which it prints too. folder: the working directory, and empty."""
    files = make(folder, 79 if quick else 792)
    size = files["tar"].stat().st_size
    sha256 = download.digest(files["tar"], "sha256")
    with served(folder) as address:
        url = f"{address}/images.tar"
        found = speeds(url, sha256, size, rounds=5 if quick else 7)
        megabytes = peak(url, sha256)
    seconds = {form: select(file, 1 if quick else 3) for form, file in files.items()}
    print(f"\n{size / 1e6:,.0f} MB from a server on this machine")
    for name, values in found.items():
        print(f"  {name:24}{median(values):8.0f} MB/s")
    print(f"  peak memory of fetch    {megabytes:8.0f} MB")
    for form, value in seconds.items():
        print(f"  200 of 7,390 of a {form:8}{value:6.2f} s")
    figures = {"curl_ratio": ratio(found["colornet"], found["curl"]), "peak_mb": round(megabytes)}
    figures["select_s"] = round(max(seconds["tar"], seconds["zip"]), 2)
    figures |= {f"select_{form}_s": round(value, 2) for form, value in seconds.items()}
    and_sum = ratio(found["colornet"], found["curl, then sha256sum"])
    return figures | {"curl_and_sum_ratio": and_sum}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fetch", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, in under 50 s")
    options = parser.parse_args(argv)
    if not shutil.which("curl"):
        sys.exit("error: this benchmark compares with curl: install it.")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ[download.CACHE] = str(Path(folder) / "cache")
        figures = measure(Path(folder), quick=options.quick)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
