"""Uploaded photographs -> their colours by the chosen runs, side by side; keeps none on disk."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from colornet import photo
from dashboard import readers

SHOWN = 640  # pixels of a picture's longer side
COLUMN = 330  # pixels of width on the page


@st.cache_resource(max_entries=6, show_spinner="Loading the network …")
def colorizer(folder: str, stamp: tuple):
    """A run's network, shared by all visitors; `stamp` lets a retrained run be loaded anew."""
    from colornet.colorizer import Colorizer  # TensorFlow: seconds and memory, only now needed

    return Colorizer(Path(folder))


def once(key: tuple, make: Callable[[], Any]) -> Any:
    """What `make` returned for `key` (its first part an upload's id), kept during the visit."""
    kept = st.session_state["kept"]
    if key not in kept:
        kept[key] = make()
    return kept[key]


def small(image: Image.Image) -> Image.Image:
    """As many pixels as the page shows; the download colours the original once more."""
    image.thumbnail((SHOWN, SHOWN))
    return image


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def grey_of(upload) -> tuple[tuple[int, int], Image.Image]:
    """Width and height of an upload, and its grey. PhotoError for what is no photograph."""

    def read() -> tuple[tuple[int, int], Image.Image]:
        image = photo.read(upload.getvalue())
        return image.size, small(Image.fromarray(photo.grey(image)))

    return once((upload.file_id, "grey"), read)


def show_coloured(upload, run: readers.Run) -> None:
    """Writes the colours by one run and its download. ValueError or OSError for a broken run."""
    stamp = readers.stamp(run.folder / "model.keras")
    network = colorizer(str(run.folder), stamp)

    def colour() -> Image.Image:
        return network(photo.read(upload.getvalue()))

    with st.spinner(f"{run.label} colours …"):
        result = once((upload.file_id, run.name, stamp), lambda: small(colour()))
    caption = f"coloured by {run.label}"
    st.image(result, caption=caption, alt=f"{upload.name}, {caption}", output_format="JPEG")
    st.download_button(
        "Download PNG",
        data=lambda: png(colour()),
        file_name=f"{Path(upload.name).stem}-{run.folder.name}.png",
        mime="image/png",
        key=f"download-{upload.file_id}-{run.name}",
        on_click="ignore",
        icon=":material/download:",
    )


def plain(name: str) -> str:
    """A visitor's file name as code, so that nothing in it acts as Markdown."""
    return f"`{' '.join(name.replace('`', chr(39)).split())}`"


st.title("Try it")
st.markdown(
    "Colour your own photographs: black-and-white ones, or colour ones, which are made grey first. "
    "**The colours are a guess, not a record.** Pictures stay on this machine and are not kept."
)

runs, problems = readers.runs()
runs = [run for run in runs if run.ready]
if problems:
    st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
if not runs:
    st.info(
        "There is no trained run yet: `make demo` trains three small ones in minutes, "
        "`dvc repro` the published ones."
    )
    st.stop()

by_name = {run.name: run for run in runs}
first = sorted(by_name, key=lambda name: name != readers.default_run())
names = st.multiselect(
    "Coloured by",
    first,
    default=first[:2],
    format_func=lambda name: by_name[name].label,
    key="by",
    bind="query-params",
)
uploads = st.file_uploader("Photographs", accept_multiple_files=True, key="photographs")
there = {upload.file_id for upload in uploads}
done = st.session_state.get("kept", {})
st.session_state["kept"] = {key: image for key, image in done.items() if key[0] in there}
if not names or not uploads:
    st.info("Choose at least one run." if not names else "Drop a photograph above.")
    st.stop()

for upload in uploads:
    called = plain(upload.name)
    try:
        (width, height), grey = grey_of(upload)
    except (photo.PhotoError, OSError) as error:
        st.warning(f"{called} {error}.")
        continue
    with st.container(border=True):
        st.markdown(f"{called} · {width} x {height}")
        row = st.container(horizontal=True, gap="medium")
    with row.container(width=COLUMN):
        st.image(grey, caption="grey input", alt=f"{upload.name}, grey", output_format="JPEG")
    for name in names:
        with row.container(width=COLUMN):
            try:
                show_coloured(upload, by_name[name])
            except (ValueError, OSError) as error:
                st.error(readers.sentence(error))
