"""Uploads and samples -> their colours by the chosen runs, side by side; keeps none on disk."""

import functools
import gc
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from PIL import Image

from colornet.images import photo
from dashboard import attempt, files, pictures, readers, samples
from dashboard.attempt import Given, Small
from dashboard.page import chooser, download, notices
from dashboard.page.before_after import before_after
from dashboard.readers import Run
from dashboard.samples import Sample

COLUMN = 310  # pixels of width: three fill a row at 1,200 pixels
SAMPLE = (158, 106)  # pixels of width and height: six fill a row at 1,200 pixels


class Download(NamedTuple):
    """A file's name, and what makes its content."""

    name: str
    content: Callable[[], bytes]


def page() -> None:
    st.title("Try it")
    st.markdown(
        "Colour your own photographs: black-and-white ones, or colour ones, which are made grey "
        "first. **The colours are a guess, not a record.** Pictures stay on this machine and are "
        "not kept."
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
    uploads = st.file_uploader("Photographs", accept_multiple_files=True, key="photographs")
    offered = samples.offered()
    chosen_samples = st.session_state.get("samples", [])
    show_samples(offered, chosen_samples)
    givens = [Given(upload.file_id, upload.name, upload.getvalue) for upload in uploads]
    givens += [offered[name].given for name in chosen_samples if name in offered]
    forget_others(givens)
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


def show_samples(offered: dict[str, Sample], chosen: list[str]) -> None:
    st.markdown("Or add a sample; runs trained on the dataset `sample` may know the first ones.")
    with st.container(horizontal=True):
        for name, sample in offered.items():
            with st.container(width=SAMPLE[0], gap="xsmall"):
                alt = f"Sample: {sample.thing}, grey"
                st.image(thumbnail(name, sample), alt=alt, width="stretch")
                st.button(
                    f"{'Remove' if name in chosen else 'Add'} {sample.thing}",
                    key=f"sample-{name}",
                    on_click=toggle,
                    args=(name,),
                    icon=":material/close:" if name in chosen else ":material/add:",
                    width="stretch",
                )
                st.caption(sample.credit)


@st.cache_data(show_spinner=False)
def thumbnail(name: str, _sample: Sample) -> bytes:  # noqa: ARG001 the cache's key
    width, height = SAMPLE
    return attempt.thumbnail(_sample.given, size=(2 * width, 2 * height))


def toggle(name: str) -> None:
    """Adds a sample, or removes it."""
    chosen = st.session_state.setdefault("samples", [])
    if name in chosen:
        chosen.remove(name)
    else:
        chosen.append(name)


def forget_others(givens: list[Given]) -> None:
    """Keeps the results of these pictures only."""
    ids = {given.id for given in givens}
    kept = st.session_state.get("kept", {})
    st.session_state["kept"] = {key: value for key, value in kept.items() if key[0] in ids}


def once(key: tuple, version: Hashable, make: Callable[[], Any]) -> Any:
    """The result of `make`, which is called only for a new `key` or `version`.

    key: its first part is the id of a picture. The results of an older version are forgotten.
    """
    kept = st.session_state["kept"]
    if key not in kept or kept[key][0] != version:
        kept[key] = version, make()
    return kept[key][1]


def show_all(givens: list[Given], runs: list[Run], *, amount: float) -> None:
    """All pictures in colour, and what is wrong with which run, in a sentence each."""
    notes, together = st.container(), st.container()
    downloads: list[Download] = []
    broken: dict[str, str] = {}  # run -> what is wrong
    for given in givens:
        working = [run for run in runs if run.name not in broken]
        made, failed = show(given, working, amount=amount)
        downloads += made
        broken |= failed
    for sentence in broken.values():
        notes.error(sentence)
    if len(downloads) > 1:
        with together:
            download.button(
                f"Download all {len(downloads)} as a zip",
                functools.partial(attempt.zipped, downloads),
                file_name="coloured.zip",
                key="zip",
                icon=":material/folder_zip:",
            )


def show(given: Given, runs: list[Run], *, amount: float) -> tuple[list[Download], dict[str, str]]:
    """Shows a picture in the colours of each run.

    amount: of each run's own saturation. Returns the downloads, and run -> what is wrong with it.
    """
    # Decoded at most once while the page runs, and then forgotten
    read = functools.cache(lambda: photo.read(given.read()))
    small = once((given.id, "small"), None, lambda: attempt.look(read))
    if isinstance(small, str):
        st.warning(f"{pictures.plain(given.name)} {small}.")
        return [], {}
    downloads, broken = [], {}
    with st.container(border=True):
        st.markdown(f"{pictures.plain(given.name)} · {small.size[0]} x {small.size[1]}")
        row = st.container(horizontal=True, gap="medium")
        for run in runs:
            try:
                with row:
                    downloads.append(show_coloured(given, small, run, read=read, amount=amount))
            except (ValueError, OSError) as error:
                broken[run.name] = files.sentence(error)
        if small.photograph:
            with row.container(width=COLUMN):
                show_photograph(given, small)
    return downloads, broken


def show_coloured(
    given: Given, small: Small, run: Run, *, read: Callable[[], Image.Image], amount: float
) -> Download:
    """Shows a picture in the colours of one run, and its download, which it returns.

    read: returns the picture at its own size. Raises ValueError or OSError for a broken run.
    """
    stamp = files.stamp(run.folder / "model.keras")
    network = colorizer(str(run.folder), stamp)
    saturation = amount * network.saturation
    with st.container(width=COLUMN):
        with st.spinner(f"{run.label} colours …"):
            # A copy, because a view would keep the padded square in memory too
            ab = once((given.id, run.name, "ab"), stamp, lambda: network.colours(read()).copy())
            after, scores = once(
                (given.id, run.name, "coloured"),
                (stamp, saturation),
                lambda: attempt.coloured(small, ab, saturation=saturation),
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
            attempt.file_name(given.name, run.name),
            functools.partial(attempt.original, given, ab, saturation=saturation),
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
    st.image(small.photograph, caption="photograph", alt=f"{given.name}, photograph")
    height, width = small.truth.shape[:2]
    st.caption(f"Scores at {width} x {height} pixels; for PSNR and SSIM higher is better.")


page()
