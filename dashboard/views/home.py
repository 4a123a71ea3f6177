"""The page that opens first: what this is, shown by a picture; what to do; what is up to date."""

import streamlit as st

from dashboard import credits, files, pictures, readers
from dashboard.page.before_after import before_after
from dashboard.pipeline import flow, stages, state
from dashboard.readers import Evaluation

PICTURE = "test/gallery_53.png"  # whose colours come out right: sky, grass and bricks
WIDE = 560  # pixels that the slider is wide


def page() -> None:
    st.title("colornet")
    st.markdown(
        "This colours black-and-white photographs with neural networks on your own machine, "
        "measures how good the colours are, and repeats a published experiment."
    )
    left, right = st.columns(2, gap="large")
    with right:
        show_ways()
        show_state()
    with left:
        show_picture()


def show_picture() -> None:
    """A picture in grey and in colour under the slider, and whose photograph it is."""
    if not (found := example()):
        st.info("There is no picture yet: `make demo` makes some in minutes.")
        return
    evaluation, file = found
    try:
        before, after = (enlarged(evaluation, file, kind) for kind in ("input", "output"))
    except OSError as error:
        st.warning(files.sentence(error))
        return
    run = evaluation.label.partition(" on ")[0]
    before_after(before, after, labels=("grey", f"coloured by {run}"), alt=file, key="example")
    st.caption(
        "Move the line. The network has never seen this photograph: the colours are a guess."
    )
    credits.show(file, evaluation)


def example() -> tuple[Evaluation, str] | None:
    """An evaluation with pictures, if there is one, and one of its files; one that ships if any."""
    evaluations, _ = readers.evaluations()
    for evaluation in sorted(evaluations, key=lambda one: not one.shipped):
        if evaluation.picture(PICTURE, "output").exists():
            return evaluation, PICTURE
        if pictures.illustrated(evaluation):
            try:
                return evaluation, str(readers.scores(evaluation)["file"].iloc[0])
            except (ValueError, OSError, IndexError):
                continue
    return None


def enlarged(evaluation: Evaluation, file: str, kind: str) -> bytes:
    picture = evaluation.picture(file, kind)
    return _enlarged(str(picture), files.stamp(picture))


@st.cache_data(max_entries=10, show_spinner=False)
def _enlarged(picture: str, stamp: tuple) -> bytes:  # noqa: ARG001 the cache's key
    return pictures.enlarged(picture, width=WIDE)


def show_ways() -> None:
    """The three things to do, a link and a line each."""
    show_way("try_it", "Try it", "Colour your own photographs and short films.", icon="colorize")
    show_way(
        "results",
        "Browse",
        "See the test pictures of each network, its scores, and what it gets wrong.",
        icon="photo_library",
    )
    show_way(
        "pipeline",
        "Reproduce",
        "Train and score small networks on photographs that come with the project, in minutes:",
        icon="account_tree",
    )
    st.code("make demo", language=None)


def show_way(view: str, name: str, line: str, *, icon: str) -> None:
    with st.container(gap="xsmall"):
        st.page_link(f"views/{view}.py", label=f"**{name}**", icon=f":material/{icon}:")
        st.markdown(line)


def show_state() -> None:
    """The state of the pipeline in a line."""
    found = state.read()
    if found.problem:
        st.warning(found.problem)
        return
    done = sum(stage.state == stages.UP_TO_DATE for stage in found.stages)
    line = f"Pipeline: {done} of {len(found.stages)} stages are up to date"
    rest = [stage for stage in found.stages if stage.state != stages.UP_TO_DATE]
    st.markdown(" · ".join([line, *flow.counted(rest)]))


page()
