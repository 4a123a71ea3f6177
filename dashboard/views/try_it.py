"""Uploads and samples -> their colours by the chosen runs, side by side; keeps none on disk."""

import functools
import gc
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import streamlit as st

from colornet.images import photo
from colornet.sources import bundled
from dashboard import attempt, pictures, readers
from dashboard.before_after import before_after

COLUMN = 310  # pixels of width: three fill a row at 1,200 pixels
SAMPLE = (168, 112)


@st.cache_resource(max_entries=6, show_spinner="Loading the network …")
def colorizer(folder: str, stamp: tuple):
    """A run's network, shared by all visitors; `stamp` lets a retrained run be loaded anew."""
    from colornet.colorizer import Colorizer

    network = Colorizer(Path(folder))
    # Where Keras is loaded Streamlit collects garbage after each run of a page, and all wait for
    # it: a good part of a second among Keras's objects, nothing when those are set aside.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return network


@st.cache_data(show_spinner=False)
def thumbnail(name: str) -> bytes:
    width, height = SAMPLE
    return attempt.thumbnail(attempt.sample(name), size=(2 * width, 2 * height))


def once(key: tuple, version: Hashable, make: Callable[[], Any]) -> Any:
    """What `make` returned for `key` (its first part a picture's id) and the newest `version`."""
    kept = st.session_state["kept"]
    if key not in kept or kept[key][0] != version:
        kept[key] = version, make()
    return kept[key][1]


def toggle(name: str) -> None:
    chosen = st.session_state.setdefault("samples", [])
    if name in chosen:
        chosen.remove(name)
    else:
        chosen.append(name)


def show_samples(chosen: list[str]) -> None:
    st.markdown("Or add a sample; runs trained on the data set `sample` may know it.")
    with st.container(horizontal=True):
        for name, thing in attempt.SAMPLES.items():
            credit = bundled.PHOTOGRAPHS[name]
            with st.container(width=SAMPLE[0], gap="xsmall"):
                st.image(thumbnail(name), alt=f"Sample: {thing}, grey", width="stretch")
                st.button(
                    f"{'Remove' if name in chosen else 'Add'} {thing}",
                    key=f"sample-{name}",
                    on_click=toggle,
                    args=(name,),
                    icon=":material/close:" if name in chosen else ":material/add:",
                    width="stretch",
                )
                st.caption(f"[{credit.author}]({credit.url}), {credit.licence}")


def show_coloured(given, small, run: readers.Run, *, row, read, amount: float) -> tuple:
    """Adds the colours by one run to `row`; returns the download: its name and what makes it.

    read: returns the picture at its own size; amount: of the run's own saturation. ValueError or
    OSError for a broken run.
    """
    stamp = readers.stamp(run.folder / "model.keras")
    with row:
        network = colorizer(str(run.folder), stamp)
    saturation = amount * network.saturation
    name = attempt.file_name(given.name, run.name)
    with row.container(width=COLUMN):
        with st.spinner(f"{run.label} colours …"):
            # A copy, as the padded square would stay with a part of it
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
        content = functools.partial(attempt.original, given, ab, saturation=saturation)
        st.download_button(
            "Download PNG",
            data=content,
            file_name=name,
            mime="image/png",
            key=f"download-{given.id}-{run.name}",
            on_click="ignore",
            icon=":material/download:",
        )
    return name, content


def show(given: attempt.Given, runs: list[readers.Run], *, amount: float, broken: dict) -> list:
    """Writes a picture with the colours by each run; returns the downloads.

    amount: of each run's own saturation; broken: what is wrong with which run, is filled.
    """
    # Read whole at most once in a run of the page, and forgotten with it
    read = functools.cache(lambda: photo.read(given.read()))
    small = once((given.id, "small"), None, lambda: attempt.look(read))
    if isinstance(small, str):
        st.warning(f"{pictures.plain(given.name)} {small}.")
        return []
    files = []
    with st.container(border=True):
        st.markdown(f"{pictures.plain(given.name)} · {small.size[0]} x {small.size[1]}")
        row = st.container(horizontal=True, gap="medium")
        for run in (run for run in runs if run.name not in broken):
            try:
                files += [show_coloured(given, small, run, row=row, read=read, amount=amount)]
            except (ValueError, OSError) as error:
                broken[run.name] = readers.sentence(error)
        if small.photograph:
            with row.container(width=COLUMN):
                st.image(small.photograph, caption="photograph", alt=f"{given.name}, photograph")
                height, width = small.truth.shape[:2]
                st.caption(f"Scores at {width} x {height} pixels; PSNR and SSIM: higher is nearer.")
    return files


st.title("Try it")
st.markdown(
    "Colour your own photographs: black-and-white ones, or colour ones, which are made grey first. "
    "**The colours are a guess, not a record.** Pictures stay on this machine and are not kept."
)

runs, problems = readers.runs()
if problems:
    st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
if waiting := [run.label for run in runs if not run.ready]:
    st.caption(f"Without a network yet: {', '.join(waiting)}.")
runs = [run for run in runs if run.ready]
if not runs:
    st.info(
        "There is no trained run yet: `make demo` trains three small ones in minutes, "
        "`dvc repro` the published ones."
    )
    st.stop()

by_name = {run.name: run for run in runs}
first = sorted(by_name, key=lambda name: name != readers.default_run())
with st.container(horizontal=True):
    names = st.multiselect(
        "Coloured by",
        first,
        default=first[:2],
        format_func=lambda name: by_name[name].label,
        key="by",
        bind="query-params",
        wrap=True,
    )
    amount = st.slider(
        "Saturation",
        0.0,
        2.0,
        1.0,
        0.05,
        key="saturation",
        help="1 is as each run ships, 0 is grey. Downloads follow it.",
        width=280,
    )
uploads = st.file_uploader("Photographs", accept_multiple_files=True, key="photographs")
samples = st.session_state.get("samples", [])
show_samples(samples)
givens = [attempt.Given(upload.file_id, upload.name, upload.getvalue) for upload in uploads]
givens += [attempt.sample(name) for name in samples]

there = {given.id for given in givens}
done = st.session_state.get("kept", {})
st.session_state["kept"] = {key: value for key, value in done.items() if key[0] in there}
if not names or not givens:
    st.info("Choose at least one run." if not names else "Drop a photograph or add a sample above.")
    st.stop()

notes, together = st.container(), st.container()
chosen, broken, files = [by_name[name] for name in names], {}, []
for given in givens:
    files += show(given, chosen, amount=amount, broken=broken)
for sentence in broken.values():
    notes.error(sentence)
if len(files) > 1:
    with together:
        st.download_button(
            f"Download all {len(files)} as a zip",
            data=functools.partial(attempt.zipped, files),
            file_name="coloured.zip",
            mime="application/zip",
            key="zip",
            on_click="ignore",
            icon=":material/folder_zip:",
        )
