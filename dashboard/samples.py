"""The samples of the Try it page, photographs of scikit-image and of the gallery; their row."""

from collections.abc import Callable
from importlib import resources
from typing import NamedTuple

import streamlit as st

from colornet.sources import bundled
from dashboard import attempt, credits, files
from dashboard.attempt import Given

BUNDLED = {"chelsea": "cat", "coffee": "coffee", "astronaut": "astronaut"}
GALLERY = {"gallery_42": "vineyard", "gallery_53": "station", "gallery_71": "frog"}

SIZE = (158, 106)  # pixels of width and height: six fill a row at 1,200 pixels


class Sample(NamedTuple):
    """thing: what it shows; credit: whose it is, as Markdown."""

    thing: str
    given: Given
    credit: str


def offered() -> dict[str, Sample]:
    """Name -> sample; those of the gallery only where data/gallery is, which a clone has."""
    return {name: _bundled(name) for name in BUNDLED} | _of_the_gallery()


def show(offered: dict[str, Sample], chosen: list[str]) -> None:
    """The row of samples, each with a button that adds or removes it; chosen: names."""
    st.markdown("Or add a sample; runs trained on the dataset `sample` may know the first ones.")
    with st.container(horizontal=True):
        for name, sample in offered.items():
            with st.container(width=SIZE[0], gap="xsmall"):
                alt = f"Sample: {sample.thing}, grey"
                st.image(_thumbnail(name, sample), alt=alt, width="stretch")
                st.button(
                    f"{'Remove' if name in chosen else 'Add'} {sample.thing}",
                    key=f"sample-{name}",
                    on_click=_toggle,
                    args=(name,),
                    icon=":material/close:" if name in chosen else ":material/add:",
                    width="stretch",
                )
                st.caption(sample.credit)


@st.cache_data(show_spinner=False)
def _thumbnail(name: str, _sample: Sample) -> bytes:  # noqa: ARG001 the cache's key
    width, height = SIZE
    return attempt.thumbnail(_sample.given, size=(2 * width, 2 * height))


def _toggle(name: str) -> None:
    """Adds a sample, or removes it."""
    chosen = st.session_state.setdefault("samples", [])
    if name in chosen:
        chosen.remove(name)
    else:
        chosen.append(name)


def _bundled(name: str) -> Sample:
    found = bundled.PHOTOGRAPHS[name]
    content = resources.files("skimage").joinpath("data", found.file).read_bytes
    return Sample(BUNDLED[name], _given(name, found.file, content), credits.words(found._asdict()))


def _of_the_gallery() -> dict[str, Sample]:
    folder, found = files.root() / "data" / "gallery", {}
    try:
        rows = credits.rows(folder / "sources.csv", key="file")
        for name, thing in GALLERY.items():
            file = f"{name}.jpg"
            if (folder / file).is_file():
                given = _given(name, file, (folder / file).read_bytes)
                found[name] = Sample(thing, given, credits.words(rows[file]))
    except (OSError, ValueError, KeyError):
        return {}
    return found


def _given(name: str, file: str, content: Callable[[], bytes]) -> Given:
    return Given(f"sample-{name}", file, content)
