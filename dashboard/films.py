"""A visitor's film on the Try it page: in colour beside the original, with progress, to download.

A film is coloured in a temporary folder, which is removed at the end. One is coloured at a time, of
all visitors, because it takes all cores. A visitor who leaves or changes anything stops the work.
"""

import copy
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import streamlit as st

from colornet.system import formats
from dashboard import downloads, kept, pictures
from dashboard.attempt import Given
from dashboard.page import download

SECONDS, WIDTH, HEIGHT = 30, 1920, 1080  # of a film, at most
LOOK = 1.0  # seconds between two looks whether a film that waits is still wanted
SHOWN = 0.3  # seconds between two reports of progress
# Endings -> what a browser is told; of other originals only the coloured copy is shown
PLAYED = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"}
_busy = threading.Lock()


class Film(NamedTuple):
    """A coloured film: an MP4, and what the visitor should know of it, such as "interlaced"."""

    content: bytes
    notes: tuple[str, ...]


def limits() -> str:
    """The sentence about films that the page takes."""
    return (
        f"A film may have {SECONDS} seconds and {WIDTH} x {HEIGHT} pixels; the first chosen run "
        "colours it. Longer ones: `colornet FILM`."
    )


def is_film(given: Given) -> bool:
    return formats.is_film(Path(given.name))


def show(given: Given, run: Any, network: Any, *, stamp: tuple, amount: float) -> None:
    """Shows a film beside its colours, which are computed once, and its download.

    run: what colours, with a name and a label; network: its `Colorizer`; stamp: changes with the
    network; amount: of the run's own saturation.
    """
    saturation = amount * network.saturation
    with st.container(border=True):
        st.markdown(pictures.plain(given.name))
        made = kept.once(
            (given.id, run.name, "film"),
            (stamp, saturation),
            lambda: coloured(given, network, saturation=saturation),
        )
        if isinstance(made, str):
            st.warning(f"{pictures.plain(given.name)} {made}.")
            return
        _play(given, made, run.label)
        name = downloads.file_name(given.name, run.name, ending=".mp4")
        key = f"film-{given.id}-{run.name}"
        download.button("Download film", lambda: made.content, file_name=name, key=key)


def _play(given: Given, made: Film, label: str) -> None:
    left, right = st.columns(2)
    kind = PLAYED.get(PurePath(given.name).suffix.lower())
    with left:
        if kind:
            st.video(given.read(), format=kind)
        st.caption("original" if kind else "Browsers do not play the original.")
    with right:
        st.video(made.content, format="video/mp4")
        st.caption("; ".join((f"coloured by {label}", *made.notes)))


def coloured(given: Given, network: Any, *, saturation: float) -> Film | str:
    """A film in colour, or the words, to be read after its name, why there is none.

    Shows its progress while it works.
    """
    network = copy.copy(network)  # all visitors share the other one
    network.saturation = saturation
    bar = st.progress(0.0, "The film is read …")
    with _turn(bar), tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"film{PurePath(given.name).suffix}")
        source.write_bytes(given.read())
        target = Path(folder, "coloured.mp4")
        try:
            result = network.film(
                source,
                target,
                progress=_reporter(bar),
                max_pixels=WIDTH * HEIGHT,
                max_seconds=SECONDS,
            )
        except (ValueError, OSError) as error:
            made: Film | str = str(error)
        else:
            notes = (*result.notes, *(f"without {lost}" for lost in result.not_kept))
            made = Film(target.read_bytes(), notes)
    bar.empty()
    return made


@contextmanager
def _turn(bar: Any) -> Iterator[None]:
    """Waits until no other film is being coloured."""
    while not _busy.acquire(timeout=LOOK):
        bar.progress(0.0, "Another film is being coloured; this one waits …")
    try:
        yield
    finally:
        _busy.release()


def _reporter(bar: Any) -> Callable[[int, int | None], None]:
    """What shows on a progress bar how many frames are done, how fast, and what time is left."""
    start = shown = time.monotonic()

    def report(done: int, total: int | None) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= SHOWN:
            shown = now
            bar.progress(min(1.0, done / total) if total else 0.0, words(done, total, now - start))

    return report


def words(done: int, total: int | None, seconds: float) -> str:
    """Progress in words: frames that are done and all, None if unknown; seconds so far, above 0."""
    speed = done / seconds
    of = f" of {total}" if total else ""
    left = f" · {max(0, total - done) / speed:.0f} s left" if total else ""
    return f"Frame {done}{of} · {speed:.0f} frames/s{left}"
