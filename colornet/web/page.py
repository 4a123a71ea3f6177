"""A network in ONNX and onnxruntime-web -> a folder whose index.html colours photographs.

A browser that opens a page from a disk loads scripts beside it, and no other files. So the network
and the program of onnxruntime-web lie in scripts, compressed and in base64.
"""

import base64
import gzip
import html
import json
from pathlib import Path
from typing import Any

from colornet import params
from colornet.web import runtime

HERE = Path(__file__).parent
# In the order in which they use each other
SCRIPTS = ("resample.js", "lab.js", "fullsize.js", "network.js", "photograph.js", "page.js")
FILES = {"index.html", "model.js", "onnxruntime"}


def check(folder: Path, settings: dict[str, Any]) -> None:
    """Raises UserError if the page cannot compute what a run's network takes.

    settings: its params.yaml. Of the class scores it knows zeros, which need no classifier.
    """
    if settings["train"].get("class_scores") not in (None, "zeros"):
        raise params.UserError(
            f"{folder} needs a classifier's scores of each photograph, which the page cannot "
            "compute: export a run of the networks lite or beta."
        )


def write(folder: Path, model: bytes, onnxruntime: dict[str, bytes], facts: dict[str, Any]) -> None:
    """Writes FILES into a folder that exists.

    model: an ONNX file; onnxruntime: as `runtime.files` returns it; facts: `run`, `licence`,
    `size`, `saturation` and `padded` of the run.
    """
    (folder / "onnxruntime").mkdir()
    beside = folder / "onnxruntime"
    (beside / runtime.SCRIPT).write_bytes(onnxruntime[runtime.SCRIPT])
    (beside / "module.js").write_bytes(_script("module", onnxruntime[runtime.MODULE]))
    (beside / "wasm.js").write_bytes(_script("wasm", onnxruntime[runtime.CODE]))
    # The package names its licence and brings no file of it
    (beside / "LICENSE").write_text(_text("onnxruntime.txt"), encoding="utf-8", newline="\n")
    (folder / "model.js").write_bytes(_script("model", model))
    (folder / "index.html").write_text(index(facts), encoding="utf-8", newline="\n")


def index(facts: dict[str, Any]) -> str:
    """The page, with its style and its own scripts inside; facts: as `write` takes them."""
    style, template = (_text(name) for name in ("page.css", "index.html"))
    settings = json.dumps({key: facts[key] for key in ("size", "saturation", "padded")})
    before, script, after = template.partition("SCRIPT")
    values = {"STYLE": style, "SETTINGS": settings}
    values |= {"NAME": html.escape(facts["run"]), "LICENCE": html.escape(facts["licence"])}
    for name, value in values.items():
        before = before.replace(name, value, 1)
    return before + "".join(_text(name) for name in SCRIPTS) + after


def _text(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def _script(name: str, content: bytes) -> bytes:
    """A script that leaves a file for `bytesOf` in network.js."""
    letters = base64.b64encode(gzip.compress(content, 6, mtime=0))
    return b'(globalThis.colornetFiles ??= {}).%s = "%s"\n' % (name.encode(), letters)
