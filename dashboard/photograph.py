"""One photograph on the Try it page: in the colours of each run, with the visitor's hints.

A changed hint runs this part of the page again, and nothing else. Hints belong to the photograph
and act on the colours of every run. The picture to click on appears when the visitor asks for it.
"""

import functools
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from colornet.colour.colourfulness import saturate
from dashboard import attempt, downloads, files, hints, kept, networks, pictures, suggestions
from dashboard.attempt import Given, Read, Small
from dashboard.downloads import Download
from dashboard.hints import History
from dashboard.page import download
from dashboard.page.before_after import before_after
from dashboard.page.hints import editor
from dashboard.page.strip import direction
from dashboard.readers import Run

COLUMN = 310  # pixels of width: three fill a row at 1,200 pixels
HELP = (
    "Click on the picture and choose a colour: it spreads over what belongs together. Its lightness"
    " never changes. The hints act on all runs and on the downloads. A saved file of hints is taken"
    " again when it is dropped together with its photograph."
)


class Coloured(NamedTuple):
    """A picture in a run's colours.

    stamp: changes with the network; ab: what `Colorizer.colours` returns; after: a JPEG, with the
    hints.
    """

    run: Run
    stamp: tuple
    saturation: float
    ab: np.ndarray
    after: bytes
    made: Download


@st.fragment
def show(
    given: Given,
    runs: list[Run],
    *,
    amount: float,
    hints_file: Given | None,
    broken: set[str],
    notes: DeltaGenerator,
) -> list[Download]:
    """Shows a picture in the colours of each run, and returns its downloads.

    amount: of each run's own saturation. Names of broken runs are added to `broken`, and what is
    wrong with them to the container `notes`.
    """
    # Always made, because a fragment that runs again may only fill what it made before
    sentences = notes.container()
    with attempt.reading(given) as read:
        small = kept.once((given.id, "small"), None, lambda: attempt.look(read))
        if isinstance(small, str):
            st.warning(f"{pictures.plain(given.name)} {small}.")
            return []
        history = told(given, hints_file)
        found = []
        with st.container(border=True):
            st.markdown(title(given, small))
            row = st.container(horizontal=direction(*small.size) != "wide", gap="medium")
            for run in runs:
                try:
                    with row:
                        found.append(coloured(given, small, run, history, read=read, amount=amount))
                except (ValueError, OSError) as error:
                    broken.add(run.name)
                    sentences.error(files.sentence(error))
            if small.photograph:
                with row.container(width=width(small)):
                    show_photograph(given, small)
            if found:
                ask(given, small, found, history)
    return [each.made for each in found]


def told(given: Given, file: Given | None) -> History:
    """The hints that the visitor has given, by clicks or in a file that was dropped with it."""
    history = kept.once((given.id, "hints"), None, History)
    if file:
        found = kept.once((given.id, "hints file"), file.id, lambda: hints.opened(file))
        if isinstance(found, str):
            st.warning(f"{pictures.plain(file.name)}: {found}.")
        elif file.id != history.file:
            history.file = file.id
            history.put(found)
    return history


def title(given: Given, small: Small) -> str:
    """The name and size of a picture, and in brackets how it was read and whether it scrolls."""
    notes = [*small.notes, *(["scroll to see all of it"] if direction(*small.size) else [])]
    told = f" ({'; '.join(notes)})" if notes else ""
    return f"{pictures.plain(given.name)} · {small.size[0]} x {small.size[1]}{told}"


def width(small: Small) -> int | Literal["stretch"]:
    """Pixels of width that a picture gets; a wide one that scrolls gets a row of its own."""
    return "stretch" if direction(*small.size) == "wide" else COLUMN


def coloured(
    given: Given,
    small: Small,
    run: Run,
    history: History,
    *,
    read: Callable[[], Read],
    amount: float,
) -> Coloured:
    """Shows a picture in the colours of one run, and its download.

    read: returns the picture at its own size. Raises ValueError or OSError for a broken run.
    """
    stamp = files.stamp(run.folder / "model.keras")
    network = networks.colorizer(str(run.folder), stamp)
    saturation = amount * network.saturation
    with st.container(width=width(small)):
        with st.spinner(f"{run.label} colours …"):
            # A copy, because a view would keep the padded square in memory too
            ab = kept.once(
                (given.id, run.name, "ab"),
                stamp,
                lambda: network.colours(read().picture).copy(),
            )
            after, scores = kept.once(
                (given.id, run.name, "coloured"),
                (stamp, saturation, history.now),
                lambda: _after(given, small, ab, history, saturation=saturation, read=read),
            )
        before_after(
            small.before,
            after,
            labels=("grey", f"coloured by {run.label}"),
            alt=given.name,
            key=f"slider-{given.id}-{run.name}",
        )
        if scores:
            st.caption(attempt.words(small, scores))
        made = Download(
            downloads.file_name(given.name, run.name),
            functools.partial(downloads.original, given, ab, history, saturation=saturation),
            small.size[0] * small.size[1],
        )
        download.button(
            "Download PNG",
            made.content,
            file_name=made.name,
            key=f"download-{given.id}-{run.name}",
        )
    return Coloured(run, stamp, saturation, ab, after, made)


def _after(
    given: Given,
    small: Small,
    ab: np.ndarray,
    history: History,
    *,
    saturation: float,
    read: Callable[[], Read],
) -> tuple[bytes, tuple | None]:
    """What `attempt.coloured` returns, with the hints."""
    if history.now:
        ab, saturation = saturate(ab, saturation), 1
        ab = _spread(given, small, ab)(ab, history.now)
    return attempt.coloured(small, ab, saturation=saturation, read=read)


def _spread(given: Given, small: Small, ab: np.ndarray) -> Any:
    """What spreads the hints of a picture, made once for a visitor and a size of `ab`."""
    key = (given.id, "spread", ab.shape)
    return kept.once(key, None, lambda: attempt.spread(small.grey, ab))


def show_photograph(given: Given, small: Small) -> None:
    if direction(*small.size):
        before_after(
            small.before,
            small.photograph,
            labels=("grey", "photograph"),
            alt=given.name,
            key=f"photograph-{given.id}",
        )
    else:
        st.image(small.photograph, caption="photograph", alt=f"{given.name}, photograph")
    height, width = small.truth.shape[:2]
    st.caption(f"Scores at {width} x {height} pixels; for PSNR and SSIM higher is better.")


def ask(given: Given, small: Small, found: list[Coloured], history: History) -> None:
    """Lets the visitor tell colours, on the picture as the first of the runs colours it."""
    if not st.toggle("Tell it a colour", key=f"hinting-{given.id}", help=HELP):
        return
    first = found[0]
    likely = kept.once(
        (given.id, first.run.name, "likely"),
        (first.stamp, first.saturation),
        lambda: suggestions.likely(first.ab, saturation=first.saturation),
    )
    editor(first.after, history, likely=likely, alt=given.name, key=f"hints-{given.id}")
    if history.now:
        name = hints.file_name(given.name)
        download.button("Download hints", history.text, file_name=name, key=f"text-{given.id}")
    for each in found:  # now, while the visitor looks for the first place
        _spread(given, small, each.ab)
