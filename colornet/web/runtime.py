"""The files of onnxruntime-web that the page needs, from its npm package of one version.

Only npm knows where packages lie; what it brings is compared with a checksum that stands here.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from colornet import params

VERSION = "1.30.0"
SHA512 = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
PACKAGE = f"onnxruntime-web@{VERSION}"
SECONDS = 600  # for 33 MB
SCRIPT = "ort.wasm.min.js"
MODULE = "ort-wasm-simd-threaded.mjs"
CODE = "ort-wasm-simd-threaded.wasm"
OTHERWISE = (
    f"Fetch it on a machine that has npm and a connection, with `npm pack {PACKAGE}`, and name the "
    "file with --onnxruntime."
)


def files(package: Path | None = None) -> dict[str, bytes]:
    """The contents of SCRIPT, MODULE and CODE; package: the file that `npm pack` left.

    Without one npm fetches it. Raises UserError if that fails, if `package` cannot be read, or if
    it is another file than that of VERSION.
    """
    if package is not None:
        return _unpacked(package)
    with tempfile.TemporaryDirectory() as place:
        _fetch(place)
        (fetched,) = Path(place).glob("*.tgz")
        return _unpacked(fetched)


def _fetch(into: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise params.UserError(
            f"The page needs {PACKAGE}, and npm, which fetches it, is not installed. {OTHERWISE}"
        )
    try:
        done = subprocess.run(
            [npm, "pack", PACKAGE, "--ignore-scripts", "--loglevel=error"],
            cwd=into,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise params.UserError(
            f"npm did not bring {PACKAGE} in {SECONDS // 60} minutes. {OTHERWISE}"
        ) from None
    if done.returncode or not list(Path(into).glob("*.tgz")):
        said = " ".join(line.removeprefix("npm error ") for line in done.stderr.splitlines()[:3])
        raise params.UserError(f"npm cannot bring {PACKAGE} ({said}). {OTHERWISE}")


def _unpacked(package: Path) -> dict[str, bytes]:
    try:
        content = package.read_bytes()
    except OSError as error:
        raise params.UserError(f"{package} cannot be read: {error.strerror}.") from error
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != SHA512:
        raise params.UserError(
            f"{package} is not the npm package {PACKAGE}, or damaged: its sha512 differs. "
            f"`npm pack {PACKAGE}` fetches it."
        )
    with tarfile.open(package) as archive:
        return {
            name: archive.extractfile(f"package/dist/{name}").read()
            for name in (SCRIPT, MODULE, CODE)
        }
