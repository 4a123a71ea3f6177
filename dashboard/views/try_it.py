"""Uploads and samples -> their colours by the chosen runs, side by side; leaves none on disk."""

import functools

import streamlit as st

from dashboard import (
    downloads,
    files,
    films,
    hints,
    kept,
    networks,
    photograph,
    pictures,
    readers,
    samples,
    uploads,
)
from dashboard.attempt import Given
from dashboard.downloads import Download
from dashboard.page import chooser, download, notices
from dashboard.readers import Run


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
    givens, hints_files = hints.parted(uploads.given())
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
        show_all(givens, chosen, hints_files=hints_files, amount=amount)
    for name, file in hints_files.items():
        if not any(hints.stem(given.name) == name for given in givens):
            st.warning(f"{pictures.plain(file.name)}: drop it together with its photograph.")


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


def show_all(
    givens: list[Given], runs: list[Run], *, hints_files: dict[str, Given], amount: float
) -> None:
    """All pictures in colour, and what is wrong with which run, in a sentence each."""
    notes, together = st.container(), st.container()
    all_made: list[Download] = []
    broken: set[str] = set()  # names of runs
    for given in (each for each in givens if not films.is_film(each)):
        working = [run for run in runs if run.name not in broken]
        file = hints_files.get(hints.stem(given.name))
        all_made += photograph.show(
            given, working, amount=amount, hints_file=file, broken=broken, notes=notes
        )
    if len(all_made) > 1:
        with together:
            offer_zip(all_made)
    for given in filter(films.is_film, givens):  # last, because a film takes long
        show_film(given, runs[0], amount=amount)


def show_film(given: Given, run: Run, *, amount: float) -> None:
    """Shows a film in the colours of one run, or a sentence about a broken run."""
    try:
        stamp = files.stamp(run.folder / "model.keras")
        network = networks.colorizer(str(run.folder), stamp)
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


page()
