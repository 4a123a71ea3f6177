"""The sentences that several pages show when something is missing or broken."""

import streamlit as st

from dashboard.files import sentence


def left_out(problems: list[str]) -> None:
    """Lists in a warning what a page leaves out, a sentence each."""
    if problems:
        st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))


def no_run(what: str = "run") -> None:
    """Names the commands that make a first run."""
    st.info(
        f"There is no {what} yet: `make demo` trains three small ones in minutes, "
        "`dvc repro` the published ones."
    )


def no_evaluation(what: str = "evaluation") -> None:
    """Names the commands that make a first evaluation."""
    st.info(
        f"There is no {what} yet: `make demo` makes three in minutes, "
        "`dvc repro` those of the published runs."
    )


def broken(error: Exception) -> None:
    """A warning about a file that is missing or broken."""
    st.warning(sentence(error))


def no_picture(what: str, *, width: int) -> None:
    """A warning in the place of a picture; width: in pixels."""
    st.warning(f"{what}: the picture is missing or broken.", width=width)
