"""Uploads and samples -> their colours by the chosen runs, side by side; leaves none on disk."""

import functools
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from dashboard import attempt, downloads, files, films, kept, pictures, readers, samples, uploads
from dashboard.attempt import Given, Read, Small
from dashboard.downloads import Download
from dashboard.page import chooser, download, notices
from dashboard.page.before_after import before_after
from dashboard.page.strip import direction
from dashboard.readers import Run

COLUMN = 310  # pixels of width: three fill a row at 1,200 pixels


def page() -> None:
    st.title("Try it")
    st.markdown(
        "Colour your own photographs and short films: black-and-white ones, or colour ones, which "
        "are made grey first. **The colours are a guess, not a record.** They stay on this machine "
        "and are not kept."
    )
    runs, problems = readers.runs()
    notices.left_out(problems)
    if waiting := [run.label for run in runs if not run.ready]:
        st.caption(f"Without a network yet: {', '.join(waiting)}.")
    runs = [run for run in runs if run.ready]
    if not runs:
        notices.no_run("trained run")
        return

    chosen, amount = choose(runs)
    givens = uploads.given()
    offered = samples.offered()
    chosen_samples = st.session_state.get("samples", [])
    samples.show(offered, chosen_samples)
    givens += [offered[name].given for name in chosen_samples if name in offered]
    kept.only({given.id for given in givens})
    if not chosen:
        st.info("Choose at least one run.")
    elif not givens:
        st.info("Drop a photograph or add a sample above.")
    else:
        show_all(givens, chosen, amount=amount)


def choose(runs: list[Run]) -> tuple[list[Run], float]:
    """The runs that colour, and the saturation, both chosen by the visitor."""
    first = readers.default_run()
    offered = sorted(runs, key=lambda run: run.name != first)
    with st.container(horizontal=True):
        chosen = chooser.several(
            "Coloured by",
            offered,
            default=[run.name for run in offered[:2]],
            key="by",
            wrap=True,
        )
        amount = st.slider(
            "Saturation",
            0.0,
            2.0,
            1.0,
            0.05,
            key="saturation",
            help="1 is that of each run itself, 0 is grey. It acts on downloads too.",
            width=280,
        )
    return chosen, amount


def show_all(givens: list[Given], runs: list[Run], *, amount: float) -> None:
    """All pictures in colour, and what is wrong with which run, in a sentence each."""
    notes, together = st.container(), st.container()
    all_made: list[Download] = []
    broken: dict[str, str] = {}  # run -> what is wrong
    for given in (each for each in givens if not films.is_film(each)):
        working = [run for run in runs if run.name not in broken]
        made, failed = show(given, working, amount=amount)
        all_made += made
        broken |= failed
    for sentence in broken.values():
        notes.error(sentence)
    if len(all_made) > 1:
        with together:
            offer_zip(all_made)
    for given in filter(films.is_film, givens):  # last, because a film takes long
        show_film(given, runs[0], amount=amount)


def show_film(given: Given, run: Run, *, amount: float) -> None:
    """Shows a film in the colours of one run, or a sentence about a broken run."""
    try:
        stamp = files.stamp(run.folder / "model.keras")
        network = colorizer(str(run.folder), stamp)
    except (ValueError, OSError) as error:
        st.error(files.sentence(error))
        return
    films.show(given, run, network, stamp=stamp, amount=amount)


def offer_zip(made: list[Download]) -> None:
    if sum(each.pixels for each in made) > downloads.ZIPPED:
        st.caption(
            f"For one zip these are too many: {len(made)} pictures of more than "
            f"{downloads.ZIPPED:,} pixels in all. Download them one by one, or colour their folder "
            "with the command `colornet FOLDER`."
        )
        return
    download.button(
        f"Download all {len(made)} as a zip",
        functools.partial(downloads.zipped, made),
        file_name="coloured.zip",
        key="zip",
        icon=":material/folder_zip:",
    )


def show(given: Given, runs: list[Run], *, amount: float) -> tuple[list[Download], dict[str, str]]:
    """Shows a picture in the colours of each run.

    amount: of each run's own saturation. Returns the downloads, and run -> what is wrong with it.
    """
    with attempt.reading(given) as read:
        small = kept.once((given.id, "small"), None, lambda: attempt.look(read))
        if isinstance(small, str):
            st.warning(f"{pictures.plain(given.name)} {small}.")
            return [], {}
        made, broken = [], {}
        with st.container(border=True):
            st.markdown(title(given, small))
            row = st.container(horizontal=direction(*small.size) != "wide", gap="medium")
            for run in runs:
                try:
                    with row:
                        made.append(show_coloured(given, small, run, read=read, amount=amount))
                except (ValueError, OSError) as error:
                    broken[run.name] = files.sentence(error)
            if small.photograph:
                with row.container(width=width(small)):
                    show_photograph(given, small)
    return made, broken


def title(given: Given, small: Small) -> str:
    """The name and size of a picture, and in brackets how it was read and whether it scrolls."""
    notes = [*small.notes, *(["scroll to see all of it"] if direction(*small.size) else [])]
    told = f" ({'; '.join(notes)})" if notes else ""
    return f"{pictures.plain(given.name)} · {small.size[0]} x {small.size[1]}{told}"


def width(small: Small) -> int | Literal["stretch"]:
    """Pixels of width that a picture gets; a wide one that scrolls gets a row of its own."""
    return "stretch" if direction(*small.size) == "wide" else COLUMN


def show_coloured(
    given: Given, small: Small, run: Run, *, read: Callable[[], Read], amount: float
) -> Download:
    """Shows a picture in the colours of one run, and its download, which it returns.

    read: returns the picture at its own size. Raises ValueError or OSError for a broken run.
    """
    stamp = files.stamp(run.folder / "model.keras")
    network = colorizer(str(run.folder), stamp)
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
                (stamp, saturation),
                lambda: attempt.coloured(small, ab, saturation=saturation, read=read),
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
            functools.partial(downloads.original, given, ab, saturation=saturation),
            small.size[0] * small.size[1],
        )
        download.button(
            "Download PNG",
            made.content,
            file_name=made.name,
            key=f"download-{given.id}-{run.name}",
        )
    return made


@st.cache_resource(max_entries=6, show_spinner="Loading the network …")
def colorizer(folder: str, stamp: tuple) -> Any:  # noqa: ARG001 a run that is trained again is loaded again
    """A run's network, shared by all visitors."""
    from colornet.colorizer import Colorizer

    network = Colorizer(Path(folder))
    # Streamlit collects garbage after each run of a page, and all visitors wait for it. With Keras
    # loaded that takes a good part of a second, unless Keras's objects are set aside.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return network


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


page()
